/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "loader/stream/fields.h"
#include "loader/verify/compare.h"

unsigned int compare_run(const struct comparison *c, unsigned int classes)
{
	static const struct {
		enum event_type type;
		void (*run)(const struct comparison *); /* NULL: that it comes is all */
		unsigned int field; /* whose facts decide whether it comes at all */
	} all[] = {
		{ EVENT_FORK, compare_fork, FIELD_START },
		{ EVENT_THREAD, compare_thread, FIELD_START },
		{ EVENT_EXEC, compare_exec, FIELD_START },
		{ EVENT_EXIT, compare_exit, FIELD_EXIT_CODE },
		{ EVENT_CREDENTIALS, compare_credentials, FIELD_CREDENTIALS_AFTER },
		{ EVENT_NAMESPACES, compare_namespaces, FIELD_NAMESPACES_AFTER },
		{ EVENT_FILE, compare_file, FIELD_FILE_STAT },
		{ EVENT_MEMFD, compare_memfd, FIELD_MEMFD_OBJECT },
		{ EVENT_SOCKET, compare_socket, FIELD_SOCKET_ADDRESSES },
		{ EVENT_DNS, compare_dns, FIELD_START },
		{ EVENT_MOUNT, compare_mount, FIELD_MOUNT_PATH },
		{ EVENT_CHROOT, compare_chroot, FIELD_CHROOT_PATH },
		{ EVENT_PTRACE, compare_ptrace, FIELD_ACTION_TARGET },
		{ EVENT_PROCESS_ACCESS, compare_access, FIELD_ACTION_TARGET },
		{ EVENT_SIGNAL, compare_signal, FIELD_ACTION_TARGET },
		{ EVENT_TERMINAL, compare_terminal, FIELD_TERMINAL_TTY },
		{ EVENT_EXEC_FAILED, NULL, FIELD_START },
		{ EVENT_BPF, NULL, FIELD_START },
	};
	unsigned int missing = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!(classes & (1U << all[i].type)))
			continue;
		if (c->sample->seen & (1U << all[i].type)) {
			if (all[i].run)
				all[i].run(c);
			continue;
		}
		missing |= 1U << all[i].type;
		differences_missing(c->differences, all[i].type, all[i].field);
	}
	return missing;
}
