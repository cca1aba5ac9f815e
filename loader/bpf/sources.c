/* SPDX-License-Identifier: BSD-2-Clause */
/* The classes and their lists of sources. */
#include "loader/bpf/sources.h"

/*
 * Namespaces before credentials: until 4.15 (e87c6bc3852b) a tracepoint takes
 * one program, and setns(2) and unshare(2) are about namespaces first.
 */
const struct class_sources class_sources[] = {
	{ EVENT_EXEC, exec_sources },
	{ EVENT_FORK, fork_sources },
	{ EVENT_THREAD, fork_sources },
	{ EVENT_EXIT, exit_sources },
	{ EVENT_NAMESPACES, namespaces_sources },
	{ EVENT_CREDENTIALS, credentials_sources },
	{ EVENT_PTRACE, ptrace_sources },
	{ EVENT_PROCESS_ACCESS, process_access_sources },
	{ EVENT_SIGNAL, signal_sources },
	{ EVENT_MEMFD, memfd_sources },
	{ EVENT_BPF, bpf_sources },
	{ EVENT_EXEC_FAILED, exec_failed_sources },
	{ EVENT_MODULE, module_sources },
	{ EVENT_FILE, file_sources },
	{ EVENT_MOUNT, mount_sources },
	{ EVENT_SOCKET, socket_sources },
	{ EVENT_DNS, dns_sources },
};

const size_t class_sources_count = sizeof(class_sources) / sizeof(class_sources[0]);

_Static_assert(sizeof(class_sources) / sizeof(class_sources[0]) == EVENT_TYPES,
               "each class has sources");
