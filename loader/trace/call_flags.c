/* SPDX-License-Identifier: BSD-2-Clause */
/* More constants: include/uapi of Linux 6.1. Of flags that contain others, those stand first. */
#include <stddef.h>

#include "loader/trace/call_words.h"

/* clang-format off */
const struct call_word words_arch_prctl[] = {
	{ 0x1001, "ARCH_SET_GS" },
	{ 0x1002, "ARCH_SET_FS" },
	{ 0x1003, "ARCH_GET_FS" },
	{ 0x1004, "ARCH_GET_GS" },
	{ 0x1011, "ARCH_GET_CPUID" },
	{ 0x1012, "ARCH_SET_CPUID" },
	{ 0x1021, "ARCH_GET_XCOMP_SUPP" },
	{ 0x1022, "ARCH_GET_XCOMP_PERM" },
	{ 0x1023, "ARCH_REQ_XCOMP_PERM" },
	{ 0x2001, "ARCH_MAP_VDSO_X32" },
	{ 0x2002, "ARCH_MAP_VDSO_32" },
	{ 0x2003, "ARCH_MAP_VDSO_64" },
	{ 0x3001, "ARCH_CET_STATUS" },
	{ 0, NULL },
};

const struct call_word words_clock_flags[] = {
	{ 0x1, "TIMER_ABSTIME" },
	{ 0, NULL },
};

const struct call_word words_epoll_flags[] = {
	{ 0x80000, "EPOLL_CLOEXEC" },
	{ 0, NULL },
};

const struct call_word words_eventfd_flags[] = {
	{ 0x1, "EFD_SEMAPHORE" },
	{ 0x800, "EFD_NONBLOCK" },
	{ 0x80000, "EFD_CLOEXEC" },
	{ 0, NULL },
};

const struct call_word words_faccess_flags[] = {
	{ 0x100, "AT_SYMLINK_NOFOLLOW" },
	{ 0x200, "AT_EACCESS" },
	{ 0x1000, "AT_EMPTY_PATH" },
	{ 0, NULL },
};

const struct call_word words_fadvise_advice[] = {
	{ 0x0, "POSIX_FADV_NORMAL" },
	{ 0x1, "POSIX_FADV_RANDOM" },
	{ 0x2, "POSIX_FADV_SEQUENTIAL" },
	{ 0x3, "POSIX_FADV_WILLNEED" },
	{ 0x4, "POSIX_FADV_DONTNEED" },
	{ 0x5, "POSIX_FADV_NOREUSE" },
	{ 0, NULL },
};

const struct call_word words_fallocate_mode[] = {
	{ 0x1, "FALLOC_FL_KEEP_SIZE" },
	{ 0x2, "FALLOC_FL_PUNCH_HOLE" },
	{ 0x4, "FALLOC_FL_NO_HIDE_STALE" },
	{ 0x8, "FALLOC_FL_COLLAPSE_RANGE" },
	{ 0x10, "FALLOC_FL_ZERO_RANGE" },
	{ 0x20, "FALLOC_FL_INSERT_RANGE" },
	{ 0x40, "FALLOC_FL_UNSHARE_RANGE" },
	{ 0, NULL },
};

const struct call_word words_fd_cloexec[] = {
	{ 0x1, "FD_CLOEXEC" },
	{ 0, NULL },
};

const struct call_word words_inotify_flags[] = {
	{ 0x800, "IN_NONBLOCK" },
	{ 0x80000, "IN_CLOEXEC" },
	{ 0, NULL },
};

const struct call_word words_inotify_mask[] = {
	{ 0x1, "IN_ACCESS" },
	{ 0x2, "IN_MODIFY" },
	{ 0x4, "IN_ATTRIB" },
	{ 0x8, "IN_CLOSE_WRITE" },
	{ 0x10, "IN_CLOSE_NOWRITE" },
	{ 0x20, "IN_OPEN" },
	{ 0x40, "IN_MOVED_FROM" },
	{ 0x80, "IN_MOVED_TO" },
	{ 0x100, "IN_CREATE" },
	{ 0x200, "IN_DELETE" },
	{ 0x400, "IN_DELETE_SELF" },
	{ 0x800, "IN_MOVE_SELF" },
	{ 0x2000, "IN_UNMOUNT" },
	{ 0x4000, "IN_Q_OVERFLOW" },
	{ 0x8000, "IN_IGNORED" },
	{ 0x1000000, "IN_ONLYDIR" },
	{ 0x2000000, "IN_DONT_FOLLOW" },
	{ 0x4000000, "IN_EXCL_UNLINK" },
	{ 0x10000000, "IN_MASK_CREATE" },
	{ 0x20000000, "IN_MASK_ADD" },
	{ 0x40000000, "IN_ISDIR" },
	{ 0x80000000, "IN_ONESHOT" },
	{ 0, NULL },
};

const struct call_word words_ip_option[] = {
	{ 0x1, "IP_TOS" },
	{ 0x2, "IP_TTL" },
	{ 0x3, "IP_HDRINCL" },
	{ 0x4, "IP_OPTIONS" },
	{ 0x6, "IP_RECVOPTS" },
	{ 0x8, "IP_PKTINFO" },
	{ 0x9, "IP_PKTOPTIONS" },
	{ 0xa, "IP_MTU_DISCOVER" },
	{ 0xb, "IP_RECVERR" },
	{ 0xc, "IP_RECVTTL" },
	{ 0xd, "IP_RECVTOS" },
	{ 0xe, "IP_MTU" },
	{ 0xf, "IP_FREEBIND" },
	{ 0x13, "IP_TRANSPARENT" },
	{ 0x20, "IP_MULTICAST_IF" },
	{ 0x21, "IP_MULTICAST_TTL" },
	{ 0x22, "IP_MULTICAST_LOOP" },
	{ 0x23, "IP_ADD_MEMBERSHIP" },
	{ 0x24, "IP_DROP_MEMBERSHIP" },
	{ 0, NULL },
};

const struct call_word words_ipv6_option[] = {
	{ 0x1, "IPV6_ADDRFORM" },
	{ 0x7, "IPV6_CHECKSUM" },
	{ 0x10, "IPV6_UNICAST_HOPS" },
	{ 0x11, "IPV6_MULTICAST_IF" },
	{ 0x12, "IPV6_MULTICAST_HOPS" },
	{ 0x13, "IPV6_MULTICAST_LOOP" },
	{ 0x17, "IPV6_MTU_DISCOVER" },
	{ 0x18, "IPV6_MTU" },
	{ 0x19, "IPV6_RECVERR" },
	{ 0x1a, "IPV6_V6ONLY" },
	{ 0x31, "IPV6_RECVPKTINFO" },
	{ 0x32, "IPV6_PKTINFO" },
	{ 0x33, "IPV6_RECVHOPLIMIT" },
	{ 0x43, "IPV6_TCLASS" },
	{ 0x4b, "IPV6_TRANSPARENT" },
	{ 0x4e, "IPV6_FREEBIND" },
	{ 0, NULL },
};

const struct call_word words_mremap_flags[] = {
	{ 0x1, "MREMAP_MAYMOVE" },
	{ 0x2, "MREMAP_FIXED" },
	{ 0x4, "MREMAP_DONTUNMAP" },
	{ 0, NULL },
};

const struct call_word words_msync_flags[] = {
	{ 0x1, "MS_ASYNC" },
	{ 0x2, "MS_INVALIDATE" },
	{ 0x4, "MS_SYNC" },
	{ 0, NULL },
};

const struct call_word words_random_flags[] = {
	{ 0x1, "GRND_NONBLOCK" },
	{ 0x2, "GRND_RANDOM" },
	{ 0x4, "GRND_INSECURE" },
	{ 0, NULL },
};

const struct call_word words_resolve_flags[] = {
	{ 0x1, "RESOLVE_NO_XDEV" },
	{ 0x2, "RESOLVE_NO_MAGICLINKS" },
	{ 0x4, "RESOLVE_NO_SYMLINKS" },
	{ 0x8, "RESOLVE_BENEATH" },
	{ 0x10, "RESOLVE_IN_ROOT" },
	{ 0x20, "RESOLVE_CACHED" },
	{ 0, NULL },
};

const struct call_word words_rusage_who[] = {
	{ 0x0, "RUSAGE_SELF" },
	{ 0xffffffff, "RUSAGE_CHILDREN" },
	{ 0x1, "RUSAGE_THREAD" },
	{ 0, NULL },
};

const struct call_word words_sigaction_flags[] = {
	{ 0x1, "SA_NOCLDSTOP" },
	{ 0x2, "SA_NOCLDWAIT" },
	{ 0x4, "SA_SIGINFO" },
	{ 0x4000000, "SA_RESTORER" },
	{ 0x8000000, "SA_ONSTACK" },
	{ 0x10000000, "SA_RESTART" },
	{ 0x40000000, "SA_NODEFER" },
	{ 0x80000000, "SA_RESETHAND" },
	{ 0, NULL },
};

const struct call_word words_siginfo_code[] = {
	{ 0x0, "SI_USER" },
	{ 0x80, "SI_KERNEL" },
	{ 0xffffffff, "SI_QUEUE" },
	{ 0xfffffffe, "SI_TIMER" },
	{ 0xfffffffd, "SI_MESGQ" },
	{ 0xfffffffc, "SI_ASYNCIO" },
	{ 0xfffffffb, "SI_SIGIO" },
	{ 0xfffffffa, "SI_TKILL" },
	{ 0xffffffc4, "SI_ASYNCNL" },
	{ 0, NULL },
};

const struct call_word words_signalfd_flags[] = {
	{ 0x800, "SFD_NONBLOCK" },
	{ 0x80000, "SFD_CLOEXEC" },
	{ 0, NULL },
};

const struct call_word words_socket_option[] = {
	{ 0x1, "SO_DEBUG" },
	{ 0x2, "SO_REUSEADDR" },
	{ 0x3, "SO_TYPE" },
	{ 0x4, "SO_ERROR" },
	{ 0x5, "SO_DONTROUTE" },
	{ 0x6, "SO_BROADCAST" },
	{ 0x7, "SO_SNDBUF" },
	{ 0x8, "SO_RCVBUF" },
	{ 0x9, "SO_KEEPALIVE" },
	{ 0xa, "SO_OOBINLINE" },
	{ 0xb, "SO_NO_CHECK" },
	{ 0xc, "SO_PRIORITY" },
	{ 0xd, "SO_LINGER" },
	{ 0xe, "SO_BSDCOMPAT" },
	{ 0xf, "SO_REUSEPORT" },
	{ 0x10, "SO_PASSCRED" },
	{ 0x11, "SO_PEERCRED" },
	{ 0x12, "SO_RCVLOWAT" },
	{ 0x13, "SO_SNDLOWAT" },
	{ 0x14, "SO_RCVTIMEO_OLD" },
	{ 0x15, "SO_SNDTIMEO_OLD" },
	{ 0x19, "SO_BINDTODEVICE" },
	{ 0x1a, "SO_ATTACH_FILTER" },
	{ 0x1b, "SO_DETACH_FILTER" },
	{ 0x1c, "SO_PEERNAME" },
	{ 0x1d, "SO_TIMESTAMP_OLD" },
	{ 0x1e, "SO_ACCEPTCONN" },
	{ 0x1f, "SO_PEERSEC" },
	{ 0x20, "SO_SNDBUFFORCE" },
	{ 0x21, "SO_RCVBUFFORCE" },
	{ 0x22, "SO_PASSSEC" },
	{ 0x24, "SO_MARK" },
	{ 0x26, "SO_PROTOCOL" },
	{ 0x27, "SO_DOMAIN" },
	{ 0x28, "SO_RXQ_OVFL" },
	{ 0x2a, "SO_PEEK_OFF" },
	{ 0x2c, "SO_LOCK_FILTER" },
	{ 0x2e, "SO_BUSY_POLL" },
	{ 0x2f, "SO_MAX_PACING_RATE" },
	{ 0x31, "SO_INCOMING_CPU" },
	{ 0x32, "SO_ATTACH_BPF" },
	{ 0x37, "SO_MEMINFO" },
	{ 0x39, "SO_COOKIE" },
	{ 0x3b, "SO_PEERGROUPS" },
	{ 0x3c, "SO_ZEROCOPY" },
	{ 0x3d, "SO_TXTIME" },
	{ 0x3e, "SO_BINDTOIFINDEX" },
	{ 0, NULL },
};

const struct call_word words_splice_flags[] = {
	{ 0x1, "SPLICE_F_MOVE" },
	{ 0x2, "SPLICE_F_NONBLOCK" },
	{ 0x4, "SPLICE_F_MORE" },
	{ 0x8, "SPLICE_F_GIFT" },
	{ 0, NULL },
};

const struct call_word words_statx_mask[] = {
	{ 0x7ff, "STATX_BASIC_STATS" },
	{ 0x1, "STATX_TYPE" },
	{ 0x2, "STATX_MODE" },
	{ 0x4, "STATX_NLINK" },
	{ 0x8, "STATX_UID" },
	{ 0x10, "STATX_GID" },
	{ 0x20, "STATX_ATIME" },
	{ 0x40, "STATX_MTIME" },
	{ 0x80, "STATX_CTIME" },
	{ 0x100, "STATX_INO" },
	{ 0x200, "STATX_SIZE" },
	{ 0x400, "STATX_BLOCKS" },
	{ 0x800, "STATX_BTIME" },
	{ 0x1000, "STATX_MNT_ID" },
	{ 0x2000, "STATX_DIOALIGN" },
	{ 0, NULL },
};

const struct call_word words_tcp_option[] = {
	{ 0x1, "TCP_NODELAY" },
	{ 0x2, "TCP_MAXSEG" },
	{ 0x3, "TCP_CORK" },
	{ 0x4, "TCP_KEEPIDLE" },
	{ 0x5, "TCP_KEEPINTVL" },
	{ 0x6, "TCP_KEEPCNT" },
	{ 0x7, "TCP_SYNCNT" },
	{ 0x8, "TCP_LINGER2" },
	{ 0x9, "TCP_DEFER_ACCEPT" },
	{ 0xa, "TCP_WINDOW_CLAMP" },
	{ 0xb, "TCP_INFO" },
	{ 0xc, "TCP_QUICKACK" },
	{ 0xd, "TCP_CONGESTION" },
	{ 0xe, "TCP_MD5SIG" },
	{ 0x12, "TCP_USER_TIMEOUT" },
	{ 0x13, "TCP_REPAIR" },
	{ 0x17, "TCP_FASTOPEN" },
	{ 0x18, "TCP_TIMESTAMP" },
	{ 0x19, "TCP_NOTSENT_LOWAT" },
	{ 0x1b, "TCP_SAVE_SYN" },
	{ 0x1c, "TCP_SAVED_SYN" },
	{ 0x1f, "TCP_ULP" },
	{ 0x1e, "TCP_FASTOPEN_CONNECT" },
	{ 0, NULL },
};

const struct call_word words_timerfd_flags[] = {
	{ 0x800, "TFD_NONBLOCK" },
	{ 0x80000, "TFD_CLOEXEC" },
	{ 0, NULL },
};

const struct call_word words_timerfd_set_flags[] = {
	{ 0x1, "TFD_TIMER_ABSTIME" },
	{ 0x2, "TFD_TIMER_CANCEL_ON_SET" },
	{ 0, NULL },
};

const struct call_word words_xattr_flags[] = {
	{ 0x1, "XATTR_CREATE" },
	{ 0x2, "XATTR_REPLACE" },
	{ 0, NULL },
};
/* clang-format on */
