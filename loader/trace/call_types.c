/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <string.h>

#include "loader/trace/call_types.h"
#include "loader/trace/call_words.h"

/* clang-format off */
/* Structs as 64-bit programs have them: arch/x86/include/uapi/asm/stat.h, include/uapi/linux. */
static const struct call_member stat_members[] = {
	{ "st_dev", 0, 8, FORM_HEX, NULL }, { "st_ino", 8, 8, FORM_UNSIGNED, NULL },
	{ "st_mode", 24, 4, FORM_OCTAL, NULL }, { "st_nlink", 16, 8, FORM_UNSIGNED, NULL },
	{ "st_uid", 28, 4, FORM_UNSIGNED, NULL }, { "st_gid", 32, 4, FORM_UNSIGNED, NULL },
	{ "st_rdev", 40, 8, FORM_HEX, NULL }, { "st_size", 48, 8, FORM_DECIMAL, NULL },
	{ "st_mtime", 88, 8, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member statx_members[] = {
	{ "stx_mask", 0, 4, FORM_FLAGS, words_statx_mask }, { "stx_mode", 28, 2, FORM_OCTAL, NULL },
	{ "stx_ino", 32, 8, FORM_UNSIGNED, NULL }, { "stx_size", 40, 8, FORM_UNSIGNED, NULL },
	{ "stx_uid", 20, 4, FORM_UNSIGNED, NULL }, { "stx_gid", 24, 4, FORM_UNSIGNED, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member timespec_members[] = {
	{ "tv_sec", 0, 8, FORM_DECIMAL, NULL }, { "tv_nsec", 8, 8, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member timeval_members[] = {
	{ "tv_sec", 0, 8, FORM_DECIMAL, NULL }, { "tv_usec", 8, 8, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member itimerspec_members[] = {
	{ "it_interval.tv_sec", 0, 8, FORM_DECIMAL, NULL }, { "it_interval.tv_nsec", 8, 8, FORM_DECIMAL, NULL },
	{ "it_value.tv_sec", 16, 8, FORM_DECIMAL, NULL }, { "it_value.tv_nsec", 24, 8, FORM_DECIMAL, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member rlimit_members[] = {
	{ "rlim_cur", 0, 8, FORM_UNSIGNED, NULL }, { "rlim_max", 8, 8, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member sigaction_members[] = {
	{ "sa_handler", 0, 8, FORM_WORD, words_signal_handler }, { "sa_flags", 8, 8, FORM_FLAGS, words_sigaction_flags },
	{ "sa_mask", 24, 8, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member epoll_event_members[] = {
	{ "events", 0, 4, FORM_FLAGS, words_epoll_events }, { "data", 4, 8, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member pollfd_members[] = {
	{ "fd", 0, 4, FORM_DECIMAL, NULL }, { "events", 4, 2, FORM_FLAGS, words_poll_events },
	{ "revents", 6, 2, FORM_FLAGS, words_poll_events }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member open_how_members[] = {
	{ "flags", 0, 8, FORM_FLAGS, words_open_flags }, { "mode", 8, 8, FORM_OCTAL, NULL },
	{ "resolve", 16, 8, FORM_FLAGS, words_resolve_flags }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member clone_args_members[] = {
	{ "flags", 0, 8, FORM_FLAGS, words_clone_flags }, { "exit_signal", 32, 8, FORM_SIGNAL, words_signal },
	{ "stack", 40, 8, FORM_HEX, NULL }, { "stack_size", 48, 8, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member utsname_members[] = {
	{ "sysname", 0, 65, FORM_TEXT, NULL }, { "nodename", 65, 65, FORM_TEXT, NULL },
	{ "release", 130, 65, FORM_TEXT, NULL }, { "version", 195, 65, FORM_TEXT, NULL },
	{ "machine", 260, 65, FORM_TEXT, NULL }, { NULL, 0, 0, 0, NULL },
};

static const struct call_member rusage_members[] = {
	{ "ru_utime.tv_sec", 0, 8, FORM_DECIMAL, NULL }, { "ru_utime.tv_usec", 8, 8, FORM_DECIMAL, NULL },
	{ "ru_stime.tv_sec", 16, 8, FORM_DECIMAL, NULL }, { "ru_stime.tv_usec", 24, 8, FORM_DECIMAL, NULL },
	{ "ru_maxrss", 32, 8, FORM_DECIMAL, NULL }, { "ru_minflt", 64, 8, FORM_DECIMAL, NULL },
	{ "ru_majflt", 72, 8, FORM_DECIMAL, NULL }, { "ru_nvcsw", 128, 8, FORM_DECIMAL, NULL },
	{ "ru_nivcsw", 136, 8, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
/* struct siginfo: what all have, and what has more of a child (waitid) or of the sender (sigqueue). */
static const struct call_member siginfo_members[] = {
	{ "si_signo", 0, 4, FORM_SIGNAL, words_signal }, { "si_code", 8, 4, FORM_WORD, words_siginfo_code }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member siginfo_child_members[] = {
	{ "si_signo", 0, 4, FORM_SIGNAL, words_signal }, { "si_code", 8, 4, FORM_WORD, words_child_code },
	{ "si_pid", 16, 4, FORM_DECIMAL, NULL }, { "si_uid", 20, 4, FORM_UNSIGNED, NULL },
	{ "si_status", 24, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member siginfo_queue_members[] = {
	{ "si_signo", 0, 4, FORM_SIGNAL, words_signal }, { "si_code", 8, 4, FORM_WORD, words_siginfo_code },
	{ "si_pid", 16, 4, FORM_DECIMAL, NULL }, { "si_uid", 20, 4, FORM_UNSIGNED, NULL },
	{ "si_value", 24, 8, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member mmsghdr_members[] = {
	{ "msg_iovlen", 24, 8, FORM_UNSIGNED, NULL }, { "msg_controllen", 40, 8, FORM_UNSIGNED, NULL },
	{ "msg_flags", 48, 4, FORM_FLAGS, words_msg_flags }, { "msg_len", 56, 4, FORM_UNSIGNED, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member file_handle_members[] = {
	{ "handle_bytes", 0, 4, FORM_UNSIGNED, NULL }, { "handle_type", 4, 4, FORM_DECIMAL, NULL },
	{ "f_handle", 8, 128, FORM_COUNTED, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member itimerval_members[] = {
	{ "it_interval.tv_sec", 0, 8, FORM_DECIMAL, NULL }, { "it_interval.tv_usec", 8, 8, FORM_DECIMAL, NULL },
	{ "it_value.tv_sec", 16, 8, FORM_DECIMAL, NULL }, { "it_value.tv_usec", 24, 8, FORM_DECIMAL, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member statfs_members[] = {
	{ "f_type", 0, 8, FORM_HEX, NULL }, { "f_bsize", 8, 8, FORM_DECIMAL, NULL },
	{ "f_blocks", 16, 8, FORM_UNSIGNED, NULL }, { "f_bfree", 24, 8, FORM_UNSIGNED, NULL },
	{ "f_bavail", 32, 8, FORM_UNSIGNED, NULL }, { "f_files", 40, 8, FORM_UNSIGNED, NULL },
	{ "f_ffree", 48, 8, FORM_UNSIGNED, NULL }, { "f_namelen", 64, 8, FORM_DECIMAL, NULL },
	{ "f_flags", 80, 8, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member stack_members[] = {
	{ "ss_sp", 0, 8, FORM_POINTER, NULL }, { "ss_flags", 8, 4, FORM_HEX, NULL },
	{ "ss_size", 16, 8, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member cap_header_members[] = {
	{ "version", 0, 4, FORM_HEX, NULL }, { "pid", 4, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member sysinfo_members[] = {
	{ "uptime", 0, 8, FORM_DECIMAL, NULL }, { "totalram", 32, 8, FORM_UNSIGNED, NULL },
	{ "freeram", 40, 8, FORM_UNSIGNED, NULL }, { "totalswap", 64, 8, FORM_UNSIGNED, NULL },
	{ "freeswap", 72, 8, FORM_UNSIGNED, NULL }, { "procs", 80, 2, FORM_UNSIGNED, NULL },
	{ "mem_unit", 104, 4, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
/* What fcntl is about: include/uapi/asm-generic/fcntl.h. */
static const struct call_member flock_members[] = {
	{ "l_type", 0, 2, FORM_WORD, words_lock_type }, { "l_whence", 2, 2, FORM_WORD, words_seek_whence },
	{ "l_start", 8, 8, FORM_DECIMAL, NULL }, { "l_len", 16, 8, FORM_DECIMAL, NULL },
	{ "l_pid", 24, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member flock_32_members[] = {
	{ "l_type", 0, 2, FORM_WORD, words_lock_type }, { "l_whence", 2, 2, FORM_WORD, words_seek_whence },
	{ "l_start", 4, 4, FORM_DECIMAL, NULL }, { "l_len", 8, 4, FORM_DECIMAL, NULL },
	{ "l_pid", 12, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member flock64_32_members[] = {
	{ "l_type", 0, 2, FORM_WORD, words_lock_type }, { "l_whence", 2, 2, FORM_WORD, words_seek_whence },
	{ "l_start", 4, 8, FORM_DECIMAL, NULL }, { "l_len", 12, 8, FORM_DECIMAL, NULL },
	{ "l_pid", 20, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member f_owner_ex_members[] = {
	{ "type", 0, 4, FORM_DECIMAL, NULL }, { "pid", 4, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};

/* What requests of ioctl are about: struct ifreq (include/uapi/linux/if.h) has a union behind the name. */
static const struct call_member winsize_members[] = {
	{ "ws_row", 0, 2, FORM_UNSIGNED, NULL }, { "ws_col", 2, 2, FORM_UNSIGNED, NULL },
	{ "ws_xpixel", 4, 2, FORM_UNSIGNED, NULL }, { "ws_ypixel", 6, 2, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member termios_members[] = {
	{ "c_iflag", 0, 4, FORM_HEX, NULL }, { "c_oflag", 4, 4, FORM_HEX, NULL }, { "c_cflag", 8, 4, FORM_HEX, NULL },
	{ "c_lflag", 12, 4, FORM_HEX, NULL }, { "c_line", 16, 1, FORM_UNSIGNED, NULL }, { "c_cc", 17, 19, FORM_BYTES, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member termios2_members[] = {
	{ "c_iflag", 0, 4, FORM_HEX, NULL }, { "c_oflag", 4, 4, FORM_HEX, NULL }, { "c_cflag", 8, 4, FORM_HEX, NULL },
	{ "c_lflag", 12, 4, FORM_HEX, NULL }, { "c_line", 16, 1, FORM_UNSIGNED, NULL }, { "c_cc", 17, 19, FORM_BYTES, NULL },
	{ "c_ispeed", 36, 4, FORM_UNSIGNED, NULL }, { "c_ospeed", 40, 4, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member termio_members[] = {
	{ "c_iflag", 0, 2, FORM_HEX, NULL }, { "c_oflag", 2, 2, FORM_HEX, NULL }, { "c_cflag", 4, 2, FORM_HEX, NULL },
	{ "c_lflag", 6, 2, FORM_HEX, NULL }, { "c_line", 8, 1, FORM_UNSIGNED, NULL }, { "c_cc", 9, 8, FORM_BYTES, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member ifreq_name_members[] = {
	{ "ifr_name", 0, 16, FORM_TEXT, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member ifreq_addr_members[] = {
	{ "ifr_name", 0, 16, FORM_TEXT, NULL }, { "ifr_addr", 16, 16, FORM_SOCKADDR, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member ifreq_hwaddr_members[] = {
	{ "ifr_name", 0, 16, FORM_TEXT, NULL }, { "ifr_hwaddr.sa_family", 16, 2, FORM_UNSIGNED, NULL },
	{ "ifr_hwaddr.sa_data", 18, 14, FORM_BYTES, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member ifreq_flags_members[] = {
	{ "ifr_name", 0, 16, FORM_TEXT, NULL }, { "ifr_flags", 16, 2, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member ifreq_index_members[] = {
	{ "ifr_name", 0, 16, FORM_TEXT, NULL }, { "ifr_ifindex", 16, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member ifreq_mtu_members[] = {
	{ "ifr_name", 0, 16, FORM_TEXT, NULL }, { "ifr_mtu", 16, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member ifreq_newname_members[] = {
	{ "ifr_name", 0, 16, FORM_TEXT, NULL }, { "ifr_newname", 16, 16, FORM_TEXT, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member ifconf_members[] = {
	{ "ifc_len", 0, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};

/*
 * Structs as programs of 32 bits have them. The kernel (6.18) has them in include/linux/compat.h
 * (rusage, sigaction, siginfo, sysinfo, sigaltstack), include/net/compat.h (msghdr, mmsghdr),
 * include/vdso/time32.h (old_timespec32 and its like), include/asm-generic/compat.h and
 * arch/x86/include/asm/compat.h (stat, statfs), arch/x86/include/uapi/asm/stat.h (stat64).
 */
static const struct call_member stat_32_members[] = {
	{ "st_dev", 0, 4, FORM_HEX, NULL }, { "st_ino", 4, 4, FORM_UNSIGNED, NULL },
	{ "st_mode", 8, 2, FORM_OCTAL, NULL }, { "st_nlink", 10, 2, FORM_UNSIGNED, NULL },
	{ "st_uid", 12, 2, FORM_UNSIGNED, NULL }, { "st_gid", 14, 2, FORM_UNSIGNED, NULL },
	{ "st_rdev", 16, 4, FORM_HEX, NULL }, { "st_size", 20, 4, FORM_UNSIGNED, NULL },
	{ "st_mtime", 40, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member stat64_32_members[] = {
	{ "st_dev", 0, 8, FORM_HEX, NULL }, { "st_ino", 88, 8, FORM_UNSIGNED, NULL },
	{ "st_mode", 16, 4, FORM_OCTAL, NULL }, { "st_nlink", 20, 4, FORM_UNSIGNED, NULL },
	{ "st_uid", 24, 4, FORM_UNSIGNED, NULL }, { "st_gid", 28, 4, FORM_UNSIGNED, NULL },
	{ "st_rdev", 32, 8, FORM_HEX, NULL }, { "st_size", 44, 8, FORM_DECIMAL, NULL },
	{ "st_mtime", 72, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member timespec_32_members[] = {
	{ "tv_sec", 0, 4, FORM_DECIMAL, NULL }, { "tv_nsec", 4, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member timeval_32_members[] = {
	{ "tv_sec", 0, 4, FORM_DECIMAL, NULL }, { "tv_usec", 4, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member itimerspec_32_members[] = {
	{ "it_interval.tv_sec", 0, 4, FORM_DECIMAL, NULL }, { "it_interval.tv_nsec", 4, 4, FORM_DECIMAL, NULL },
	{ "it_value.tv_sec", 8, 4, FORM_DECIMAL, NULL }, { "it_value.tv_nsec", 12, 4, FORM_DECIMAL, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member itimerval_32_members[] = {
	{ "it_interval.tv_sec", 0, 4, FORM_DECIMAL, NULL }, { "it_interval.tv_usec", 4, 4, FORM_DECIMAL, NULL },
	{ "it_value.tv_sec", 8, 4, FORM_DECIMAL, NULL }, { "it_value.tv_usec", 12, 4, FORM_DECIMAL, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member rlimit_32_members[] = {
	{ "rlim_cur", 0, 4, FORM_UNSIGNED, NULL }, { "rlim_max", 4, 4, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member sigaction_32_members[] = {
	{ "sa_handler", 0, 4, FORM_WORD, words_signal_handler }, { "sa_flags", 4, 4, FORM_FLAGS, words_sigaction_flags },
	{ "sa_mask", 12, 8, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
/* struct compat_old_sigaction. */
static const struct call_member old_sigaction_32_members[] = {
	{ "sa_handler", 0, 4, FORM_WORD, words_signal_handler }, { "sa_flags", 8, 4, FORM_FLAGS, words_sigaction_flags },
	{ "sa_mask", 4, 4, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member rusage_32_members[] = {
	{ "ru_utime.tv_sec", 0, 4, FORM_DECIMAL, NULL }, { "ru_utime.tv_usec", 4, 4, FORM_DECIMAL, NULL },
	{ "ru_stime.tv_sec", 8, 4, FORM_DECIMAL, NULL }, { "ru_stime.tv_usec", 12, 4, FORM_DECIMAL, NULL },
	{ "ru_maxrss", 16, 4, FORM_DECIMAL, NULL }, { "ru_minflt", 32, 4, FORM_DECIMAL, NULL },
	{ "ru_majflt", 36, 4, FORM_DECIMAL, NULL }, { "ru_nvcsw", 64, 4, FORM_DECIMAL, NULL },
	{ "ru_nivcsw", 68, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
#define siginfo_32_members siginfo_members
static const struct call_member siginfo_child_32_members[] = {
	{ "si_signo", 0, 4, FORM_SIGNAL, words_signal }, { "si_code", 8, 4, FORM_WORD, words_child_code },
	{ "si_pid", 12, 4, FORM_DECIMAL, NULL }, { "si_uid", 16, 4, FORM_UNSIGNED, NULL },
	{ "si_status", 20, 4, FORM_DECIMAL, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member siginfo_queue_32_members[] = {
	{ "si_signo", 0, 4, FORM_SIGNAL, words_signal }, { "si_code", 8, 4, FORM_WORD, words_siginfo_code },
	{ "si_pid", 12, 4, FORM_DECIMAL, NULL }, { "si_uid", 16, 4, FORM_UNSIGNED, NULL },
	{ "si_value", 20, 4, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member mmsghdr_32_members[] = {
	{ "msg_iovlen", 12, 4, FORM_UNSIGNED, NULL }, { "msg_controllen", 20, 4, FORM_UNSIGNED, NULL },
	{ "msg_flags", 24, 4, FORM_FLAGS, words_msg_flags }, { "msg_len", 28, 4, FORM_UNSIGNED, NULL },
	{ NULL, 0, 0, 0, NULL },
};
static const struct call_member statfs_32_members[] = {
	{ "f_type", 0, 4, FORM_HEX, NULL }, { "f_bsize", 4, 4, FORM_DECIMAL, NULL },
	{ "f_blocks", 8, 4, FORM_UNSIGNED, NULL }, { "f_bfree", 12, 4, FORM_UNSIGNED, NULL },
	{ "f_bavail", 16, 4, FORM_UNSIGNED, NULL }, { "f_files", 20, 4, FORM_UNSIGNED, NULL },
	{ "f_ffree", 24, 4, FORM_UNSIGNED, NULL }, { "f_namelen", 36, 4, FORM_DECIMAL, NULL },
	{ "f_flags", 44, 4, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member statfs64_32_members[] = {
	{ "f_type", 0, 4, FORM_HEX, NULL }, { "f_bsize", 4, 4, FORM_DECIMAL, NULL },
	{ "f_blocks", 8, 8, FORM_UNSIGNED, NULL }, { "f_bfree", 16, 8, FORM_UNSIGNED, NULL },
	{ "f_bavail", 24, 8, FORM_UNSIGNED, NULL }, { "f_files", 32, 8, FORM_UNSIGNED, NULL },
	{ "f_ffree", 40, 8, FORM_UNSIGNED, NULL }, { "f_namelen", 56, 4, FORM_DECIMAL, NULL },
	{ "f_flags", 64, 4, FORM_HEX, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member stack_32_members[] = {
	{ "ss_sp", 0, 4, FORM_POINTER, NULL }, { "ss_flags", 4, 4, FORM_HEX, NULL },
	{ "ss_size", 8, 4, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
static const struct call_member sysinfo_32_members[] = {
	{ "uptime", 0, 4, FORM_DECIMAL, NULL }, { "totalram", 16, 4, FORM_UNSIGNED, NULL },
	{ "freeram", 20, 4, FORM_UNSIGNED, NULL }, { "totalswap", 32, 4, FORM_UNSIGNED, NULL },
	{ "freeswap", 36, 4, FORM_UNSIGNED, NULL }, { "procs", 40, 2, FORM_UNSIGNED, NULL },
	{ "mem_unit", 52, 4, FORM_UNSIGNED, NULL }, { NULL, 0, 0, 0, NULL },
};
#define timespec64_members timespec_members
#define rlimit64_members   rlimit_members

#define NUMBER(name, form, bits)   { name, form, bits, NULL, CALL_VALUE, (bits) / 8, NULL }
#define WORD(name)                 { #name, FORM_WORD, 32, words_##name, CALL_VALUE, 0, NULL }
#define FLAGS(name, bits)          { #name, FORM_FLAGS, bits, words_##name, CALL_VALUE, 0, NULL }
#define STRUCT(name, size)         { #name, FORM_STRUCT, 64, NULL, CALL_BYTES, size, name##_members }

static const struct call_type types[] = {
	NUMBER("int", FORM_DECIMAL, 64), NUMBER("int32", FORM_DECIMAL, 32), NUMBER("int64", FORM_DECIMAL, 64),
	NUMBER("uint32", FORM_UNSIGNED, 32), NUMBER("size", FORM_UNSIGNED, 64), NUMBER("hex", FORM_HEX, 64),
	NUMBER("pointer", FORM_POINTER, 64), NUMBER("mode", FORM_OCTAL, 32), NUMBER("pid", FORM_DECIMAL, 32),
	NUMBER("uid", FORM_ID, 32), NUMBER("gid", FORM_ID, 32), NUMBER("fd", FORM_FD, 32),
	NUMBER("dirfd", FORM_FD, 32), NUMBER("wait_status", FORM_HEX, 32), NUMBER("sigset", FORM_HEX, 64),
	NUMBER("loff", FORM_DECIMAL, 64), NUMBER("int64_32", FORM_DECIMAL, 32), NUMBER("old_sigset", FORM_HEX, 32),
	NUMBER("hex32", FORM_HEX, 32), NUMBER("uid_32", FORM_ID, 16), NUMBER("gid_32", FORM_ID, 16),
	{ "signal", FORM_SIGNAL, 32, words_signal, CALL_VALUE, 0, NULL },
	{ "path", FORM_TEXT, 64, NULL, CALL_STRING, 1, NULL },
	{ "string", FORM_TEXT, 64, NULL, CALL_STRING, 1, NULL },
	{ "strings", FORM_STRINGS, 64, NULL, CALL_STRINGS, 8, NULL },
	{ "iovec", FORM_VECTOR, 64, NULL, CALL_VECTOR, 16, NULL },
	{ "iovec_32", FORM_VECTOR, 64, NULL, CALL_VECTOR, 8, NULL },
	{ "msghdr", FORM_MESSAGE, 64, NULL, CALL_MESSAGE, 56, NULL },
	{ "msghdr_32", FORM_MESSAGE, 64, NULL, CALL_MESSAGE, 28, NULL },
	{ "bytes", FORM_BYTES, 64, NULL, CALL_BYTES, 1, NULL },
	{ "text", FORM_TEXT, 64, NULL, CALL_BYTES, 1, NULL },
	{ "sockaddr", FORM_SOCKADDR, 64, NULL, CALL_BYTES, 1, NULL },
	{ "fds", FORM_NUMBERS, 32, NULL, CALL_BYTES, 4, NULL },
	{ "uids", FORM_ID, 32, NULL, CALL_BYTES, 4, NULL },
	{ "uids_32", FORM_ID, 16, NULL, CALL_BYTES, 2, NULL },
	{ "fd_set", FORM_FD_SET, 64, NULL, CALL_BYTES, 128, NULL },
	{ "dirents", FORM_DIRENTS, 64, NULL, CALL_BYTES, 1, NULL },
	{ "ioctl_arg", FORM_HEX, 64, NULL, CALL_REQUEST, CALL_OF_IOCTL, NULL },
	{ "fcntl_arg", FORM_HEX, 64, NULL, CALL_REQUEST, CALL_OF_FCNTL, NULL },
	{ "fcntl_arg_32", FORM_HEX, 64, NULL, CALL_REQUEST, CALL_OF_FCNTL_32, NULL },
	{ "clone_call", FORM_CLONE, 64, words_clone_flags, CALL_VALUE, 0, NULL },
	WORD(bpf_cmd), WORD(clock), WORD(epoll_op), WORD(fcntl_cmd), WORD(futex_op), WORD(ioctl_cmd),
	WORD(madvise_advice), WORD(prctl_option), WORD(ptrace_request), WORD(rlimit_resource), WORD(seek_whence),
	WORD(shutdown_how), WORD(sigmask_how), WORD(socket_family), WORD(socket_level), WORD(wait_id),
	WORD(arch_prctl), WORD(fadvise_advice), WORD(rusage_who), WORD(socket_option),
	FLAGS(clock_flags, 32), FLAGS(epoll_flags, 32), FLAGS(eventfd_flags, 32), FLAGS(faccess_flags, 32), FLAGS(fallocate_mode, 32),
	FLAGS(inotify_flags, 32), FLAGS(inotify_mask, 32), FLAGS(mremap_flags, 64), FLAGS(msync_flags, 32), FLAGS(random_flags, 32),
	FLAGS(signalfd_flags, 32), FLAGS(splice_flags, 32), FLAGS(statx_mask, 32), FLAGS(timerfd_flags, 32),
	FLAGS(timerfd_set_flags, 32), FLAGS(xattr_flags, 32),
	FLAGS(access_mode, 32), FLAGS(at_flags, 32), FLAGS(clone_flags, 64), FLAGS(fd_flags, 32), FLAGS(flock_cmd, 32), FLAGS(memfd_flags, 32),
	FLAGS(mmap_flags, 64), FLAGS(mmap_prot, 64), FLAGS(mount_flags, 64), FLAGS(msg_flags, 32), FLAGS(open_flags, 32),
	FLAGS(rename_flags, 32), FLAGS(socket_flags, 32), FLAGS(socket_type, 32), FLAGS(umount_flags, 32), FLAGS(wait_options, 32),
	STRUCT(stat, 144), STRUCT(statx, 256), STRUCT(timespec, 16), STRUCT(timeval, 16), STRUCT(itimerspec, 32),
	STRUCT(rlimit, 16), STRUCT(sigaction, 32), STRUCT(epoll_event, 12), STRUCT(pollfd, 8), STRUCT(open_how, 24),
	STRUCT(clone_args, 64), STRUCT(utsname, 390), STRUCT(rusage, 144), STRUCT(siginfo, 128), STRUCT(siginfo_child, 128),
	STRUCT(siginfo_queue, 128), STRUCT(mmsghdr, 64), STRUCT(file_handle, 136), STRUCT(itimerval, 32), STRUCT(statfs, 120),
	STRUCT(stack, 24), STRUCT(cap_header, 8), STRUCT(sysinfo, 112), STRUCT(timespec64, 16), STRUCT(rlimit64, 16),
	STRUCT(flock, 32), STRUCT(flock_32, 16), STRUCT(flock64_32, 24), STRUCT(f_owner_ex, 8),
	STRUCT(winsize, 8), STRUCT(termios, 36), STRUCT(termios2, 44), STRUCT(termio, 18), STRUCT(ifreq_name, 16),
	STRUCT(ifreq_addr, 32), STRUCT(ifreq_hwaddr, 32), STRUCT(ifreq_flags, 18), STRUCT(ifreq_index, 20), STRUCT(ifreq_mtu, 20),
	STRUCT(ifreq_newname, 32), STRUCT(ifconf, 4),
	STRUCT(stat_32, 64), STRUCT(stat64_32, 96), STRUCT(timespec_32, 8), STRUCT(timeval_32, 8), STRUCT(itimerspec_32, 16),
	STRUCT(itimerval_32, 16), STRUCT(rlimit_32, 8), STRUCT(sigaction_32, 20), STRUCT(old_sigaction_32, 16), STRUCT(rusage_32, 72),
	STRUCT(siginfo_32, 128), STRUCT(siginfo_child_32, 128), STRUCT(siginfo_queue_32, 128), STRUCT(mmsghdr_32, 32),
	STRUCT(statfs_32, 64), STRUCT(statfs64_32, 84), STRUCT(stack_32, 12), STRUCT(sysinfo_32, 64),
	{ NULL, 0, 0, NULL, 0, 0, NULL },
};
/* clang-format on */

const struct call_type *call_type_find(const char *name, unsigned int size)
{
	const struct call_type *type;

	for (type = types; type->name; type++)
		if (strlen(type->name) == size && !strncmp(type->name, name, size))
			return type;
	return NULL;
}

int64_t call_id(uint64_t value, unsigned int bits)
{
	return value == (1ULL << bits) - 1 ? -1 : (int64_t)value;
}

unsigned int call_counted(const struct call_member *member, const char *bytes)
{
	uint32_t count;

	memcpy(&count, bytes, sizeof(count));
	return count < member->bytes ? count : member->bytes;
}
