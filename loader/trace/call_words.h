/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of constants, as the kernel's headers have them. */
#ifndef LOADER_TRACE_CALL_WORDS_H
#define LOADER_TRACE_CALL_WORDS_H

#include <stdint.h>

struct call_word {
	uint64_t value;
	const char *name; /* NULL ends the list */
};

/* clang-format off */
#define CALL_WORDS(LIST) \
	LIST(access_mode) LIST(at_flags) LIST(bpf_cmd) LIST(child_code) LIST(clock) LIST(clone_flags) LIST(control_type) LIST(dirent_type) \
	LIST(epoll_events) LIST(epoll_op) LIST(fd_flags) LIST(fcntl_cmd) LIST(flock_cmd) LIST(futex_op) \
	LIST(ioctl_cmd) LIST(lock_type) LIST(madvise_advice) LIST(memfd_flags) LIST(mmap_flags) LIST(mmap_prot) \
	LIST(mount_flags) LIST(msg_flags) LIST(open_flags) LIST(poll_events) LIST(prctl_option) \
	LIST(ptrace_request) LIST(rename_flags) LIST(rlimit_resource) LIST(seek_whence) \
	LIST(shutdown_how) LIST(sigmask_how) LIST(signal) LIST(signal_handler) LIST(socket_family) LIST(socket_flags) \
	LIST(socket_level) LIST(socket_type) LIST(umount_flags) LIST(wait_id) LIST(wait_options) \
	LIST(arch_prctl) LIST(clock_flags) LIST(epoll_flags) LIST(eventfd_flags) LIST(faccess_flags) LIST(fadvise_advice) \
	LIST(fallocate_mode) LIST(fd_cloexec) LIST(inotify_flags) LIST(inotify_mask) LIST(ip_option) LIST(ipv6_option) \
	LIST(mremap_flags) LIST(msync_flags) LIST(random_flags) LIST(resolve_flags) LIST(rusage_who) LIST(sigaction_flags) \
	LIST(siginfo_code) LIST(signalfd_flags) LIST(socket_option) LIST(splice_flags) LIST(statx_mask) LIST(tcp_option) \
	LIST(timerfd_flags) LIST(timerfd_set_flags) LIST(xattr_flags)
/* clang-format on */

#define CALL_WORDS_DECLARE(list) extern const struct call_word words_##list[];
CALL_WORDS(CALL_WORDS_DECLARE)

/* The name of an error number: "ENOENT"; NULL: it has none. */
const char *call_error_name(int error);

#endif
