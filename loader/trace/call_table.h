/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls of x86-64 and i386, one a line: numbers (arch/x86/entry/syscalls of Linux
 * 6.18; -1: there is none), name, what the result is, and the parameters as the kernel names
 * them (SYSCALL_DEFINE), each with its type. call_types.h has the types. A type of what a
 * parameter points to ends with _in (read when the call begins) or _out (when it returns);
 * in square brackets stands the number of items: a number, the name of the parameter with it,
 * * before it if that is a pointer to it, or = for the result. "?": not known.
 *
 *	CALL(number, number of i386, name, result, parameters)
 *
 * On i386 a type has the layout of the type NAME_32, if there is one; but in a call that only
 * i386 has, the type is the one that is named. Calls of both that have other parameters on i386
 * are in CALLS_32:
 *
 *	CALL(name, parameters)
 */
#ifndef LOADER_TRACE_CALL_TABLE_H
#define LOADER_TRACE_CALL_TABLE_H

/* clang-format off */
#define CALLS(CALL) \
	CALL(0, 3, "read", NUMBER, "fd:fd buf:out[=] count:size") \
	CALL(1, 4, "write", NUMBER, "fd:fd buf:in[count] count:size") \
	CALL(2, 5, "open", FD, "filename:path flags:open_flags mode:mode") \
	CALL(3, 6, "close", NUMBER, "fd:fd") \
	CALL(4, 106, "stat", NUMBER, "filename:path statbuf:stat_out") \
	CALL(5, 108, "fstat", NUMBER, "fd:fd statbuf:stat_out") \
	CALL(6, 107, "lstat", NUMBER, "filename:path statbuf:stat_out") \
	CALL(7, 168, "poll", NUMBER, "ufds:pollfd_inout[nfds] nfds:size timeout_msecs:int32") \
	CALL(8, 19, "lseek", NUMBER, "fd:fd offset:int whence:seek_whence") \
	CALL(9, 90, "mmap", POINTER, "addr:pointer len:size prot:mmap_prot flags:mmap_flags fd:fd off:hex") \
	CALL(10, 125, "mprotect", NUMBER, "start:pointer len:size prot:mmap_prot") \
	CALL(11, 91, "munmap", NUMBER, "addr:pointer len:size") \
	CALL(12, 45, "brk", POINTER, "brk:pointer") \
	CALL(13, 174, "rt_sigaction", NUMBER, "sig:signal act:sigaction_in oact:sigaction_out sigsetsize:size") \
	CALL(14, 175, "rt_sigprocmask", NUMBER, "how:sigmask_how nset:sigset_in oset:sigset_out sigsetsize:size") \
	CALL(15, 173, "rt_sigreturn", NUMBER, "") \
	CALL(16, 54, "ioctl", NUMBER, "fd:fd cmd:ioctl_cmd arg:ioctl_arg[cmd]") \
	CALL(17, 180, "pread64", NUMBER, "fd:fd buf:out[=] count:size pos:int") \
	CALL(18, 181, "pwrite64", NUMBER, "fd:fd buf:in[count] count:size pos:int") \
	CALL(19, 145, "readv", NUMBER, "fd:fd vec:iovec_out[vlen] vlen:size") \
	CALL(20, 146, "writev", NUMBER, "fd:fd vec:iovec_in[vlen] vlen:size") \
	CALL(21, 33, "access", NUMBER, "filename:path mode:access_mode") \
	CALL(22, 42, "pipe", NUMBER, "fildes:fds_out[2]") \
	CALL(23, 82, "select", NUMBER, "n:int32 inp:fd_set_inout outp:fd_set_inout exp:fd_set_inout tvp:timeval_in") \
	CALL(24, 158, "sched_yield", NUMBER, "") \
	CALL(25, 163, "mremap", POINTER, "addr:pointer old_len:hex new_len:hex flags:mremap_flags new_addr:pointer") \
	CALL(26, 144, "msync", NUMBER, "start:pointer len:size flags:msync_flags") \
	CALL(27, 218, "mincore", NUMBER, "start:pointer len:size vec:pointer") \
	CALL(28, 219, "madvise", NUMBER, "start:pointer len_in:size behavior:madvise_advice") \
	CALL(29, 395, "shmget", NUMBER, "key:hex size:size shmflg:hex") \
	CALL(30, 397, "shmat", POINTER, "shmid:int32 shmaddr:pointer shmflg:hex") \
	CALL(31, 396, "shmctl", NUMBER, "shmid:int32 cmd:hex buf:pointer") \
	CALL(32, 41, "dup", FD, "fildes:fd") \
	CALL(33, 63, "dup2", FD, "oldfd:fd newfd:fd") \
	CALL(34, 29, "pause", NUMBER, "") \
	CALL(35, 162, "nanosleep", NUMBER, "rqtp:timespec_in rmtp:pointer") \
	CALL(36, 105, "getitimer", NUMBER, "which:int32 value:itimerval_out") \
	CALL(37, 27, "alarm", NUMBER, "seconds:uint32") \
	CALL(38, 104, "setitimer", NUMBER, "which:int32 value:itimerval_in ovalue:itimerval_out") \
	CALL(39, 20, "getpid", PID, "") \
	CALL(40, 187, "sendfile", NUMBER, "out_fd:fd in_fd:fd offset:int64_in count:size") \
	CALL(41, 359, "socket", FD, "family:socket_family type:socket_type protocol:int32") \
	CALL(42, 362, "connect", NUMBER, "fd:fd uservaddr:sockaddr_in[addrlen] addrlen:int32") \
	CALL(43, -1, "accept", FD, "fd:fd upeer_sockaddr:sockaddr_out[*upeer_addrlen] upeer_addrlen:int32_inout") \
	CALL(44, 369, "sendto", NUMBER, "fd:fd buff:in[len] len:size flags:msg_flags addr:sockaddr_in[addr_len] addr_len:int32") \
	CALL(45, 371, "recvfrom", NUMBER, "fd:fd ubuf:out[=] size:size flags:msg_flags addr:sockaddr_out[*addr_len] addr_len:int32_inout") \
	CALL(46, 370, "sendmsg", NUMBER, "fd:fd msg:msghdr_in flags:msg_flags") \
	CALL(47, 372, "recvmsg", NUMBER, "fd:fd msg:msghdr_out flags:msg_flags") \
	CALL(48, 373, "shutdown", NUMBER, "fd:fd how:shutdown_how") \
	CALL(49, 361, "bind", NUMBER, "fd:fd umyaddr:sockaddr_in[addrlen] addrlen:int32") \
	CALL(50, 363, "listen", NUMBER, "fd:fd backlog:int32") \
	CALL(51, 367, "getsockname", NUMBER, "fd:fd usockaddr:sockaddr_out[*usockaddr_len] usockaddr_len:int32_inout") \
	CALL(52, 368, "getpeername", NUMBER, "fd:fd usockaddr:sockaddr_out[*usockaddr_len] usockaddr_len:int32_inout") \
	CALL(53, 360, "socketpair", NUMBER, "family:socket_family type:socket_type protocol:int32 usockvec:fds_out[2]") \
	CALL(54, 366, "setsockopt", NUMBER, "fd:fd level:socket_level optname:socket_option optval:in[optlen] optlen:int32") \
	CALL(55, 365, "getsockopt", NUMBER, "fd:fd level:socket_level optname:socket_option optval:out[*optlen] optlen:int32_inout") \
	CALL(56, 120, "clone", PID, "clone_flags:clone_call newsp:pointer parent_tidptr:int32_out child_tidptr:pointer tls:hex") \
	CALL(57, 2, "fork", PID, "") \
	CALL(58, 190, "vfork", PID, "") \
	CALL(59, 11, "execve", NUMBER, "filename:path argv:strings envp:pointer") \
	CALL(60, 1, "exit", NUMBER, "error_code:int32") \
	CALL(61, 114, "wait4", PID, "upid:pid stat_addr:wait_status_out options:wait_options ru:rusage_out") \
	CALL(62, 37, "kill", NUMBER, "pid:pid sig:signal") \
	CALL(63, 122, "uname", NUMBER, "name:utsname_out") \
	CALL(64, 393, "semget", NUMBER, "key:hex nsems:int32 semflg:hex") \
	CALL(65, -1, "semop", NUMBER, "semid:int32 tsops:pointer nsops:uint32") \
	CALL(66, 394, "semctl", NUMBER, "semid:int32 semnum:int32 cmd:hex arg:hex") \
	CALL(67, 398, "shmdt", NUMBER, "shmaddr:pointer") \
	CALL(68, 399, "msgget", NUMBER, "key:hex msgflg:hex") \
	CALL(69, 400, "msgsnd", NUMBER, "msqid:int32 msgp:pointer msgsz:size msgflg:hex") \
	CALL(70, 401, "msgrcv", NUMBER, "msqid:int32 msgp:pointer msgsz:size msgtyp:int msgflg:hex") \
	CALL(71, 402, "msgctl", NUMBER, "msqid:int32 cmd:hex buf:pointer") \
	CALL(72, 55, "fcntl", NUMBER, "fd:fd cmd:fcntl_cmd arg:fcntl_arg[cmd]") \
	CALL(73, 143, "flock", NUMBER, "fd:fd cmd:flock_cmd") \
	CALL(74, 118, "fsync", NUMBER, "fd:fd") \
	CALL(75, 148, "fdatasync", NUMBER, "fd:fd") \
	CALL(76, 92, "truncate", NUMBER, "path:path length:size") \
	CALL(77, 93, "ftruncate", NUMBER, "fd:fd length:size") \
	CALL(78, 141, "getdents", NUMBER, "fd:fd dirent:pointer count:size") \
	CALL(79, 183, "getcwd", NUMBER, "buf:text_out[=] size:size") \
	CALL(80, 12, "chdir", NUMBER, "filename:path") \
	CALL(81, 133, "fchdir", NUMBER, "fd:fd") \
	CALL(82, 38, "rename", NUMBER, "oldname:path newname:path") \
	CALL(83, 39, "mkdir", NUMBER, "pathname:path mode:mode") \
	CALL(84, 40, "rmdir", NUMBER, "pathname:path") \
	CALL(85, 8, "creat", FD, "pathname:path mode:mode") \
	CALL(86, 9, "link", NUMBER, "oldname:path newname:path") \
	CALL(87, 10, "unlink", NUMBER, "pathname:path") \
	CALL(88, 83, "symlink", NUMBER, "oldname:string newname:path") \
	CALL(89, 85, "readlink", NUMBER, "path:path buf:out[=] bufsiz:size") \
	CALL(90, 15, "chmod", NUMBER, "filename:path mode:mode") \
	CALL(91, 94, "fchmod", NUMBER, "fd:fd mode:mode") \
	CALL(92, 182, "chown", NUMBER, "filename:path user:uid group:gid") \
	CALL(93, 95, "fchown", NUMBER, "fd:fd user:uid group:gid") \
	CALL(94, 16, "lchown", NUMBER, "filename:path user:uid group:gid") \
	CALL(95, 60, "umask", NUMBER, "mask:mode") \
	CALL(96, 78, "gettimeofday", NUMBER, "tv:timeval_out tz:pointer") \
	CALL(97, 76, "getrlimit", NUMBER, "resource:rlimit_resource rlim:rlimit_out") \
	CALL(98, 77, "getrusage", NUMBER, "who:rusage_who ru:rusage_out") \
	CALL(99, 116, "sysinfo", NUMBER, "info:sysinfo_out") \
	CALL(100, 43, "times", NUMBER, "tbuf:pointer") \
	CALL(101, 26, "ptrace", NUMBER, "request:ptrace_request pid:pid addr:hex data:hex") \
	CALL(102, 24, "getuid", NUMBER, "") \
	CALL(103, 103, "syslog", NUMBER, "type:int32 buf:pointer len:int32") \
	CALL(104, 47, "getgid", NUMBER, "") \
	CALL(105, 23, "setuid", NUMBER, "uid:uid") \
	CALL(106, 46, "setgid", NUMBER, "gid:gid") \
	CALL(107, 49, "geteuid", NUMBER, "") \
	CALL(108, 50, "getegid", NUMBER, "") \
	CALL(109, 57, "setpgid", NUMBER, "pid:pid pgid:pid") \
	CALL(110, 64, "getppid", PID, "") \
	CALL(111, 65, "getpgrp", PID, "") \
	CALL(112, 66, "setsid", PID, "") \
	CALL(113, 70, "setreuid", NUMBER, "ruid:uid euid:uid") \
	CALL(114, 71, "setregid", NUMBER, "rgid:gid egid:gid") \
	CALL(115, 80, "getgroups", NUMBER, "gidsetsize:int32 grouplist:uids_out[=]") \
	CALL(116, 81, "setgroups", NUMBER, "gidsetsize:int32 grouplist:uids_in[gidsetsize]") \
	CALL(117, 164, "setresuid", NUMBER, "ruid:uid euid:uid suid:uid") \
	CALL(118, 165, "getresuid", NUMBER, "ruidp:uid_out euidp:uid_out suidp:uid_out") \
	CALL(119, 170, "setresgid", NUMBER, "rgid:gid egid:gid sgid:gid") \
	CALL(120, 171, "getresgid", NUMBER, "rgidp:gid_out egidp:gid_out sgidp:gid_out") \
	CALL(121, 132, "getpgid", PID, "pid:pid") \
	CALL(122, 138, "setfsuid", NUMBER, "uid:uid") \
	CALL(123, 139, "setfsgid", NUMBER, "gid:gid") \
	CALL(124, 147, "getsid", PID, "pid:pid") \
	CALL(125, 184, "capget", NUMBER, "header:cap_header_in dataptr:pointer") \
	CALL(126, 185, "capset", NUMBER, "header:cap_header_in data:pointer") \
	CALL(127, 176, "rt_sigpending", NUMBER, "uset:sigset_out sigsetsize:size") \
	CALL(128, 177, "rt_sigtimedwait", NUMBER, "uthese:sigset_in uinfo:siginfo_out uts:timespec_in sigsetsize:size") \
	CALL(129, 178, "rt_sigqueueinfo", NUMBER, "pid:pid sig:signal uinfo:siginfo_queue_in") \
	CALL(130, 179, "rt_sigsuspend", NUMBER, "unewset:sigset_in sigsetsize:size") \
	CALL(131, 186, "sigaltstack", NUMBER, "uss:stack_in uoss:stack_out") \
	CALL(132, 30, "utime", NUMBER, "filename:path times:pointer") \
	CALL(133, 14, "mknod", NUMBER, "filename:path mode:mode dev:uint32") \
	CALL(134, 86, "uselib", NUMBER, "library:path") \
	CALL(135, 136, "personality", NUMBER, "personality:uint32") \
	CALL(136, 62, "ustat", NUMBER, "dev:uint32 ubuf:pointer") \
	CALL(137, 99, "statfs", NUMBER, "pathname:path buf:statfs_out") \
	CALL(138, 100, "fstatfs", NUMBER, "fd:fd buf:statfs_out") \
	CALL(139, 135, "sysfs", NUMBER, "option:int32 arg1:hex arg2:hex") \
	CALL(140, 96, "getpriority", NUMBER, "which:int32 who:int32") \
	CALL(141, 97, "setpriority", NUMBER, "which:int32 who:int32 niceval:int32") \
	CALL(142, 154, "sched_setparam", NUMBER, "pid:pid param:int32_in") \
	CALL(143, 155, "sched_getparam", NUMBER, "pid:pid param:int32_out") \
	CALL(144, 156, "sched_setscheduler", NUMBER, "pid:pid policy:int32 param:int32_in") \
	CALL(145, 157, "sched_getscheduler", NUMBER, "pid:pid") \
	CALL(146, 159, "sched_get_priority_max", NUMBER, "policy:int32") \
	CALL(147, 160, "sched_get_priority_min", NUMBER, "policy:int32") \
	CALL(148, 161, "sched_rr_get_interval", NUMBER, "pid:pid interval:timespec_out") \
	CALL(149, 150, "mlock", NUMBER, "start:pointer len:size") \
	CALL(150, 151, "munlock", NUMBER, "start:pointer len:size") \
	CALL(151, 152, "mlockall", NUMBER, "flags:hex") \
	CALL(152, 153, "munlockall", NUMBER, "") \
	CALL(153, 111, "vhangup", NUMBER, "") \
	CALL(154, 123, "modify_ldt", NUMBER, "func:int32 ptr:pointer bytecount:hex") \
	CALL(155, 217, "pivot_root", NUMBER, "new_root:path put_old:path") \
	CALL(156, 149, "_sysctl", NUMBER, "?") \
	CALL(157, 172, "prctl", NUMBER, "option:prctl_option arg2:hex arg3:hex arg4:hex arg5:hex") \
	CALL(158, 384, "arch_prctl", NUMBER, "option:arch_prctl arg2:hex") \
	CALL(159, 124, "adjtimex", NUMBER, "txc_p:pointer") \
	CALL(160, 75, "setrlimit", NUMBER, "resource:rlimit_resource rlim:rlimit_in") \
	CALL(161, 61, "chroot", NUMBER, "filename:path") \
	CALL(162, 36, "sync", NUMBER, "") \
	CALL(163, 51, "acct", NUMBER, "name:path") \
	CALL(164, 79, "settimeofday", NUMBER, "tv:timeval_in tz:pointer") \
	CALL(165, 21, "mount", NUMBER, "dev_name:string dir_name:path type:string flags:mount_flags data:pointer") \
	CALL(166, 52, "umount2", NUMBER, "name:path flags:umount_flags") \
	CALL(167, 87, "swapon", NUMBER, "specialfile:path swap_flags:hex") \
	CALL(168, 115, "swapoff", NUMBER, "specialfile:path") \
	CALL(169, 88, "reboot", NUMBER, "magic1:hex magic2:hex cmd:hex arg:pointer") \
	CALL(170, 74, "sethostname", NUMBER, "name:in[len] len:int32") \
	CALL(171, 121, "setdomainname", NUMBER, "name:in[len] len:int32") \
	CALL(172, 110, "iopl", NUMBER, "level:uint32") \
	CALL(173, 101, "ioperm", NUMBER, "from:hex num:hex turn_on:int32") \
	CALL(174, 127, "create_module", NUMBER, "?") \
	CALL(175, 128, "init_module", NUMBER, "umod:pointer len:size uargs:string") \
	CALL(176, 129, "delete_module", NUMBER, "name_user:string flags:fd_flags") \
	CALL(177, 130, "get_kernel_syms", NUMBER, "?") \
	CALL(178, 167, "query_module", NUMBER, "?") \
	CALL(179, 131, "quotactl", NUMBER, "cmd:hex special:path id:uint32 addr:pointer") \
	CALL(180, 169, "nfsservctl", NUMBER, "?") \
	CALL(181, 188, "getpmsg", NUMBER, "?") \
	CALL(182, 189, "putpmsg", NUMBER, "?") \
	CALL(183, 137, "afs_syscall", NUMBER, "?") \
	CALL(184, -1, "tuxcall", NUMBER, "?") \
	CALL(185, -1, "security", NUMBER, "?") \
	CALL(186, 224, "gettid", PID, "") \
	CALL(187, 225, "readahead", NUMBER, "fd:fd offset:int count:size") \
	CALL(188, 226, "setxattr", NUMBER, "pathname:path name:string value:in[size] size:size flags:xattr_flags") \
	CALL(189, 227, "lsetxattr", NUMBER, "pathname:path name:string value:in[size] size:size flags:xattr_flags") \
	CALL(190, 228, "fsetxattr", NUMBER, "fd:fd name:string value:in[size] size:size flags:xattr_flags") \
	CALL(191, 229, "getxattr", NUMBER, "pathname:path name:string value:out[=] size:size") \
	CALL(192, 230, "lgetxattr", NUMBER, "pathname:path name:string value:out[=] size:size") \
	CALL(193, 231, "fgetxattr", NUMBER, "fd:fd name:string value:out[=] size:size") \
	CALL(194, 232, "listxattr", NUMBER, "pathname:path list:out[=] size:size") \
	CALL(195, 233, "llistxattr", NUMBER, "pathname:path list:out[=] size:size") \
	CALL(196, 234, "flistxattr", NUMBER, "fd:fd list:out[=] size:size") \
	CALL(197, 235, "removexattr", NUMBER, "pathname:path name:string") \
	CALL(198, 236, "lremovexattr", NUMBER, "pathname:path name:string") \
	CALL(199, 237, "fremovexattr", NUMBER, "fd:fd name:string") \
	CALL(200, 238, "tkill", NUMBER, "pid:pid sig:signal") \
	CALL(201, 13, "time", NUMBER, "tloc:int64_out") \
	CALL(202, 240, "futex", NUMBER, "uaddr:pointer op:futex_op val:uint32 utime:pointer uaddr2:pointer val3:uint32") \
	CALL(203, 241, "sched_setaffinity", NUMBER, "pid:pid len:uint32 user_mask_ptr:pointer") \
	CALL(204, 242, "sched_getaffinity", NUMBER, "pid:pid len:uint32 user_mask_ptr:pointer") \
	CALL(205, 243, "set_thread_area", NUMBER, "u_info:pointer") \
	CALL(206, 245, "io_setup", NUMBER, "nr_events:uint32 ctxp:pointer") \
	CALL(207, 246, "io_destroy", NUMBER, "ctx:int") \
	CALL(208, 247, "io_getevents", NUMBER, "ctx_id:int min_nr:int nr:int events:pointer timeout:timespec_in") \
	CALL(209, 248, "io_submit", NUMBER, "ctx_id:hex nr:int iocbpp:pointer") \
	CALL(210, 249, "io_cancel", NUMBER, "ctx_id:int iocb:pointer result:pointer") \
	CALL(211, 244, "get_thread_area", NUMBER, "u_info:pointer") \
	CALL(212, 253, "lookup_dcookie", NUMBER, "cookie64:hex buf:out[=] len:size") \
	CALL(213, 254, "epoll_create", FD, "size:int32") \
	CALL(214, -1, "epoll_ctl_old", NUMBER, "?") \
	CALL(215, -1, "epoll_wait_old", NUMBER, "?") \
	CALL(216, 257, "remap_file_pages", NUMBER, "start:pointer size:size prot:hex pgoff:hex flags:hex") \
	CALL(217, 220, "getdents64", NUMBER, "fd:fd dirent:dirents_out[=] count:size") \
	CALL(218, 258, "set_tid_address", PID, "tidptr:pointer") \
	CALL(219, 0, "restart_syscall", NUMBER, "") \
	CALL(220, -1, "semtimedop", NUMBER, "semid:int32 tsops:pointer nsops:uint32 timeout:timespec_in") \
	CALL(221, 250, "fadvise64", NUMBER, "fd:fd offset:int len:size advice:fadvise_advice") \
	CALL(222, 259, "timer_create", NUMBER, "which_clock:clock timer_event_spec:pointer created_timer_id:int32_out") \
	CALL(223, 260, "timer_settime", NUMBER, "timer_id:int32 flags:clock_flags new_setting:itimerspec_in old_setting:itimerspec_out") \
	CALL(224, 261, "timer_gettime", NUMBER, "timer_id:int32 setting:itimerspec_out") \
	CALL(225, 262, "timer_getoverrun", NUMBER, "timer_id:int32") \
	CALL(226, 263, "timer_delete", NUMBER, "timer_id:int32") \
	CALL(227, 264, "clock_settime", NUMBER, "which_clock:clock tp:timespec_in") \
	CALL(228, 265, "clock_gettime", NUMBER, "which_clock:clock tp:timespec_out") \
	CALL(229, 266, "clock_getres", NUMBER, "which_clock:clock tp:timespec_out") \
	CALL(230, 267, "clock_nanosleep", NUMBER, "which_clock:clock flags:clock_flags rqtp:timespec_in rmtp:pointer") \
	CALL(231, 252, "exit_group", NUMBER, "error_code:int32") \
	CALL(232, 256, "epoll_wait", NUMBER, "epfd:fd events:epoll_event_out[=] maxevents:int32 timeout:int32") \
	CALL(233, 255, "epoll_ctl", NUMBER, "epfd:fd op:epoll_op fd:fd event:epoll_event_in") \
	CALL(234, 270, "tgkill", NUMBER, "tgid:pid pid:pid sig:signal") \
	CALL(235, 271, "utimes", NUMBER, "filename:path utimes:timeval_in[2]") \
	CALL(236, 273, "vserver", NUMBER, "?") \
	CALL(237, 274, "mbind", NUMBER, "start:pointer len:size mode:hex nmask:pointer maxnode:hex flags:hex") \
	CALL(238, 276, "set_mempolicy", NUMBER, "mode:int32 nmask:pointer maxnode:hex") \
	CALL(239, 275, "get_mempolicy", NUMBER, "policy:pointer nmask:pointer maxnode:hex addr:pointer flags:hex") \
	CALL(240, 277, "mq_open", FD, "u_name:string oflag:open_flags mode:mode u_attr:pointer") \
	CALL(241, 278, "mq_unlink", NUMBER, "u_name:string") \
	CALL(242, 279, "mq_timedsend", NUMBER, "mqdes:fd u_msg_ptr:in[msg_len] msg_len:size msg_prio:uint32 u_abs_timeout:timespec_in") \
	CALL(243, 280, "mq_timedreceive", NUMBER, "mqdes:fd u_msg_ptr:out[=] msg_len:size u_msg_prio:int32_out u_abs_timeout:timespec_in") \
	CALL(244, 281, "mq_notify", NUMBER, "mqdes:fd u_notification:pointer") \
	CALL(245, 282, "mq_getsetattr", NUMBER, "mqdes:fd u_mqstat:pointer u_omqstat:pointer") \
	CALL(246, 283, "kexec_load", NUMBER, "entry:pointer nr_segments:size segments:pointer flags:hex") \
	CALL(247, 284, "waitid", NUMBER, "which:wait_id upid:pid infop:siginfo_child_out options:wait_options ru:rusage_out") \
	CALL(248, 286, "add_key", NUMBER, "_type:string _description:string _payload:in[plen] plen:size ringid:int32") \
	CALL(249, 287, "request_key", NUMBER, "_type:string _description:string _callout_info:string destringid:int32") \
	CALL(250, 288, "keyctl", NUMBER, "option:int32 arg2:hex arg3:hex arg4:hex arg5:hex") \
	CALL(251, 289, "ioprio_set", NUMBER, "which:int32 who:int32 ioprio:int32") \
	CALL(252, 290, "ioprio_get", NUMBER, "which:int32 who:int32") \
	CALL(253, 291, "inotify_init", FD, "") \
	CALL(254, 292, "inotify_add_watch", NUMBER, "fd:fd pathname:path mask:inotify_mask") \
	CALL(255, 293, "inotify_rm_watch", NUMBER, "fd:fd wd:int32") \
	CALL(256, 294, "migrate_pages", NUMBER, "pid:pid maxnode:hex old_nodes:pointer new_nodes:pointer") \
	CALL(257, 295, "openat", FD, "dfd:dirfd filename:path flags:open_flags mode:mode") \
	CALL(258, 296, "mkdirat", NUMBER, "dfd:dirfd pathname:path mode:mode") \
	CALL(259, 297, "mknodat", NUMBER, "dfd:dirfd filename:path mode:mode dev:uint32") \
	CALL(260, 298, "fchownat", NUMBER, "dfd:dirfd filename:path user:uid group:gid flag:at_flags") \
	CALL(261, 299, "futimesat", NUMBER, "dfd:dirfd filename:path utimes:timeval_in[2]") \
	CALL(262, -1, "newfstatat", NUMBER, "dfd:dirfd filename:path statbuf:stat_out flag:at_flags") \
	CALL(263, 301, "unlinkat", NUMBER, "dfd:dirfd pathname:path flag:at_flags") \
	CALL(264, 302, "renameat", NUMBER, "olddfd:dirfd oldname:path newdfd:dirfd newname:path") \
	CALL(265, 303, "linkat", NUMBER, "olddfd:dirfd oldname:path newdfd:dirfd newname:path flags:at_flags") \
	CALL(266, 304, "symlinkat", NUMBER, "oldname:string newdfd:dirfd newname:path") \
	CALL(267, 305, "readlinkat", NUMBER, "dfd:dirfd pathname:path buf:out[=] bufsiz:size") \
	CALL(268, 306, "fchmodat", NUMBER, "dfd:dirfd filename:path mode:mode") \
	CALL(269, 307, "faccessat", NUMBER, "dfd:dirfd filename:path mode:access_mode") \
	CALL(270, 308, "pselect6", NUMBER, "n:int32 inp:fd_set_inout outp:fd_set_inout exp:fd_set_inout tsp:timespec_in sig:pointer") \
	CALL(271, 309, "ppoll", NUMBER, "ufds:pollfd_inout[nfds] nfds:size tsp:timespec_in sigmask:sigset_in sigsetsize:size") \
	CALL(272, 310, "unshare", NUMBER, "unshare_flags:clone_flags") \
	CALL(273, 311, "set_robust_list", NUMBER, "head:pointer len:size") \
	CALL(274, 312, "get_robust_list", NUMBER, "pid:pid head_ptr:pointer len_ptr:pointer") \
	CALL(275, 313, "splice", NUMBER, "fd_in:fd off_in:loff_in fd_out:fd off_out:loff_in len:size flags:splice_flags") \
	CALL(276, 315, "tee", NUMBER, "fdin:fd fdout:fd len:size flags:splice_flags") \
	CALL(277, 314, "sync_file_range", NUMBER, "fd:fd offset:int nbytes:int flags:hex") \
	CALL(278, 316, "vmsplice", NUMBER, "fd:fd uiov:iovec_in[nr_segs] nr_segs:size flags:splice_flags") \
	CALL(279, 317, "move_pages", NUMBER, "pid:pid nr_pages:hex pages:pointer nodes:pointer status:pointer flags:hex") \
	CALL(280, 320, "utimensat", NUMBER, "dfd:dirfd filename:path utimes:timespec_in[2] flags:at_flags") \
	CALL(281, 319, "epoll_pwait", NUMBER, "epfd:fd events:epoll_event_out[=] maxevents:int32 timeout:int32 sigmask:sigset_in sigsetsize:size") \
	CALL(282, 321, "signalfd", FD, "ufd:fd user_mask:sigset_in sizemask:size") \
	CALL(283, 322, "timerfd_create", FD, "clockid:clock flags:timerfd_flags") \
	CALL(284, 323, "eventfd", FD, "count:uint32") \
	CALL(285, 324, "fallocate", NUMBER, "fd:fd mode:fallocate_mode offset:int len:size") \
	CALL(286, 325, "timerfd_settime", NUMBER, "ufd:fd flags:timerfd_set_flags utmr:itimerspec_in otmr:itimerspec_out") \
	CALL(287, 326, "timerfd_gettime", NUMBER, "ufd:fd otmr:itimerspec_out") \
	CALL(288, 364, "accept4", FD, "fd:fd upeer_sockaddr:sockaddr_out[*upeer_addrlen] upeer_addrlen:int32_inout flags:socket_flags") \
	CALL(289, 327, "signalfd4", FD, "ufd:fd user_mask:sigset_in sizemask:size flags:signalfd_flags") \
	CALL(290, 328, "eventfd2", FD, "count:uint32 flags:eventfd_flags") \
	CALL(291, 329, "epoll_create1", FD, "flags:epoll_flags") \
	CALL(292, 330, "dup3", FD, "oldfd:fd newfd:fd flags:fd_flags") \
	CALL(293, 331, "pipe2", NUMBER, "fildes:fds_out[2] flags:fd_flags") \
	CALL(294, 332, "inotify_init1", FD, "flags:inotify_flags") \
	CALL(295, 333, "preadv", NUMBER, "fd:fd vec:iovec_out[vlen] vlen:size pos_l:int pos_h:int") \
	CALL(296, 334, "pwritev", NUMBER, "fd:fd vec:iovec_in[vlen] vlen:size pos_l:int pos_h:int") \
	CALL(297, 335, "rt_tgsigqueueinfo", NUMBER, "tgid:pid pid:pid sig:signal uinfo:siginfo_queue_in") \
	CALL(298, 336, "perf_event_open", FD, "attr_uptr:pointer pid:pid cpu:int32 group_fd:fd flags:hex") \
	CALL(299, 337, "recvmmsg", NUMBER, "fd:fd mmsg:mmsghdr_out[=] vlen:uint32 flags:msg_flags timeout:timespec_in") \
	CALL(300, 338, "fanotify_init", FD, "flags:hex event_f_flags:hex") \
	CALL(301, 339, "fanotify_mark", NUMBER, "fanotify_fd:fd flags:hex mask:hex dfd:dirfd pathname:path") \
	CALL(302, 340, "prlimit64", NUMBER, "pid:pid resource:rlimit_resource new_rlim:rlimit64_in old_rlim:rlimit64_out") \
	CALL(303, 341, "name_to_handle_at", NUMBER, "dfd:dirfd name:path handle:file_handle_out mnt_id:int32_out flag:at_flags") \
	CALL(304, 342, "open_by_handle_at", FD, "mountdirfd:dirfd handle:file_handle_in flags:open_flags") \
	CALL(305, 343, "clock_adjtime", NUMBER, "which_clock:clock utx:pointer") \
	CALL(306, 344, "syncfs", NUMBER, "fd:fd") \
	CALL(307, 345, "sendmmsg", NUMBER, "fd:fd mmsg:mmsghdr_out[=] vlen:uint32 flags:msg_flags") \
	CALL(308, 346, "setns", NUMBER, "fd:fd flags:clone_flags") \
	CALL(309, 318, "getcpu", NUMBER, "cpup:pointer nodep:pointer unused:pointer") \
	CALL(310, 347, "process_vm_readv", NUMBER, "pid:pid lvec:iovec_out[liovcnt] liovcnt:size rvec:pointer riovcnt:size flags:hex") \
	CALL(311, 348, "process_vm_writev", NUMBER, "pid:pid lvec:iovec_in[liovcnt] liovcnt:size rvec:pointer riovcnt:size flags:hex") \
	CALL(312, 349, "kcmp", NUMBER, "pid1:pid pid2:pid type:int32 idx1:hex idx2:hex") \
	CALL(313, 350, "finit_module", NUMBER, "fd:fd uargs:string flags:hex") \
	CALL(314, 351, "sched_setattr", NUMBER, "pid:pid uattr:pointer flags:hex") \
	CALL(315, 352, "sched_getattr", NUMBER, "pid:pid uattr:pointer usize:uint32 flags:hex") \
	CALL(316, 353, "renameat2", NUMBER, "olddfd:dirfd oldname:path newdfd:dirfd newname:path flags:rename_flags") \
	CALL(317, 354, "seccomp", NUMBER, "op:hex flags:hex uargs:pointer") \
	CALL(318, 355, "getrandom", NUMBER, "ubuf:out[=] len:size flags:random_flags") \
	CALL(319, 356, "memfd_create", FD, "uname:string flags:memfd_flags") \
	CALL(320, -1, "kexec_file_load", NUMBER, "kernel_fd:fd initrd_fd:fd cmdline_len:size cmdline_ptr:string flags:hex") \
	CALL(321, 357, "bpf", NUMBER, "cmd:bpf_cmd uattr:pointer size:size") \
	CALL(322, 358, "execveat", NUMBER, "fd:dirfd filename:path argv:strings envp:pointer flags:at_flags") \
	CALL(323, 374, "userfaultfd", FD, "flags:hex") \
	CALL(324, 375, "membarrier", NUMBER, "cmd:hex flags:hex cpu_id:int32") \
	CALL(325, 376, "mlock2", NUMBER, "start:pointer len:size flags:hex") \
	CALL(326, 377, "copy_file_range", NUMBER, "fd_in:fd off_in:loff_in fd_out:fd off_out:loff_in len:size flags:hex") \
	CALL(327, 378, "preadv2", NUMBER, "fd:fd vec:iovec_out[vlen] vlen:size pos_l:int pos_h:int flags:hex") \
	CALL(328, 379, "pwritev2", NUMBER, "fd:fd vec:iovec_in[vlen] vlen:size pos_l:int pos_h:int flags:hex") \
	CALL(329, 380, "pkey_mprotect", NUMBER, "start:pointer len:size prot:mmap_prot pkey:int32") \
	CALL(330, 381, "pkey_alloc", NUMBER, "flags:hex init_val:hex") \
	CALL(331, 382, "pkey_free", NUMBER, "pkey:int32") \
	CALL(332, 383, "statx", NUMBER, "dfd:dirfd filename:path flags:at_flags mask:statx_mask buffer:statx_out") \
	CALL(333, 385, "io_pgetevents", NUMBER, "ctx_id:int min_nr:int nr:int events:pointer timeout:timespec_in usig:pointer") \
	CALL(334, 386, "rseq", NUMBER, "rseq:pointer rseq_len:uint32 flags:hex sig:signal") \
	CALL(424, 424, "pidfd_send_signal", NUMBER, "pidfd:fd sig:signal info:siginfo_queue_in flags:hex") \
	CALL(425, 425, "io_uring_setup", FD, "entries:uint32 params:pointer") \
	CALL(426, 426, "io_uring_enter", NUMBER, "fd:fd to_submit:uint32 min_complete:uint32 flags:hex argp:pointer argsz:size") \
	CALL(427, 427, "io_uring_register", NUMBER, "fd:fd opcode:uint32 arg:pointer nr_args:uint32") \
	CALL(428, 428, "open_tree", FD, "dfd:dirfd filename:path flags:hex") \
	CALL(429, 429, "move_mount", NUMBER, "from_dfd:dirfd from_pathname:path to_dfd:dirfd to_pathname:path flags:hex") \
	CALL(430, 430, "fsopen", FD, "_fs_name:string flags:hex") \
	CALL(431, 431, "fsconfig", NUMBER, "fd:fd cmd:hex _key:string _value:pointer aux:int32") \
	CALL(432, 432, "fsmount", FD, "fs_fd:fd flags:hex attr_flags:hex") \
	CALL(433, 433, "fspick", FD, "dfd:dirfd path:path flags:hex") \
	CALL(434, 434, "pidfd_open", FD, "pid:pid flags:hex") \
	CALL(435, 435, "clone3", PID, "uargs:clone_args_in size:size") \
	CALL(436, 436, "close_range", NUMBER, "fd:fd max_fd:fd flags:hex") \
	CALL(437, 437, "openat2", FD, "dfd:dirfd filename:path how:open_how_in usize:size") \
	CALL(438, 438, "pidfd_getfd", FD, "pidfd:fd fd:fd flags:hex") \
	CALL(439, 439, "faccessat2", NUMBER, "dfd:dirfd filename:path mode:access_mode flags:faccess_flags") \
	CALL(440, 440, "process_madvise", NUMBER, "pidfd:fd vec:pointer vlen:size behavior:madvise_advice flags:hex") \
	CALL(441, 441, "epoll_pwait2", NUMBER, "epfd:fd events:epoll_event_out[=] maxevents:int32 timeout:timespec64_in sigmask:pointer sigsetsize:size") \
	CALL(442, 442, "mount_setattr", NUMBER, "dfd:dirfd path:path flags:hex uattr:pointer usize:size") \
	CALL(443, 443, "quotactl_fd", NUMBER, "fd:fd cmd:hex id:uint32 addr:pointer") \
	CALL(444, 444, "landlock_create_ruleset", FD, "attr:pointer size:size flags:hex") \
	CALL(445, 445, "landlock_add_rule", NUMBER, "ruleset_fd:fd rule_type:int rule_attr:pointer flags:hex") \
	CALL(446, 446, "landlock_restrict_self", NUMBER, "ruleset_fd:fd flags:hex") \
	CALL(447, 447, "memfd_secret", FD, "flags:hex") \
	CALL(448, 448, "process_mrelease", NUMBER, "pidfd:fd flags:hex") \
	CALL(449, 449, "futex_waitv", NUMBER, "waiters:pointer nr_futexes:uint32 flags:hex timeout:timespec64_in clockid:clock") \
	CALL(450, 450, "set_mempolicy_home_node", NUMBER, "start:pointer len:size home_node:hex flags:hex") \
	CALL(451, 451, "cachestat", NUMBER, "fd:fd cstat_range:pointer cstat:pointer flags:hex") \
	CALL(452, 452, "fchmodat2", NUMBER, "dfd:dirfd filename:path mode:mode flags:at_flags") \
	CALL(453, 453, "map_shadow_stack", NUMBER, "addr:pointer size:size flags:hex") \
	CALL(454, 454, "futex_wake", NUMBER, "uaddr:pointer mask:hex nr:int32 flags:hex") \
	CALL(455, 455, "futex_wait", NUMBER, "uaddr:pointer val:hex mask:hex flags:hex timeout:timespec64_in clockid:clock") \
	CALL(456, 456, "futex_requeue", NUMBER, "waiters:pointer flags:hex nr_wake:int32 nr_requeue:int32") \
	CALL(457, 457, "statmount", NUMBER, "req:pointer buf:pointer bufsize:size flags:hex") \
	CALL(458, 458, "listmount", NUMBER, "req:pointer mnt_ids:pointer nr_mnt_ids:size flags:hex") \
	CALL(459, 459, "lsm_get_self_attr", NUMBER, "attr:hex ctx:pointer size:pointer flags:hex") \
	CALL(460, 460, "lsm_set_self_attr", NUMBER, "attr:hex ctx:pointer size:uint32 flags:hex") \
	CALL(461, 461, "lsm_list_modules", NUMBER, "ids:pointer size:pointer flags:hex") \
	CALL(462, 462, "mseal", NUMBER, "start:pointer len:size flags:hex") \
	CALL(463, 463, "setxattrat", NUMBER, "dfd:dirfd pathname:path at_flags:hex name:string uargs:pointer usize:size") \
	CALL(464, 464, "getxattrat", NUMBER, "dfd:dirfd pathname:path at_flags:hex name:string uargs:pointer usize:size") \
	CALL(465, 465, "listxattrat", NUMBER, "dfd:dirfd pathname:path at_flags:hex list:pointer size:size") \
	CALL(466, 466, "removexattrat", NUMBER, "dfd:dirfd pathname:path at_flags:hex name:string") \
	CALL(467, 467, "open_tree_attr", FD, "dfd:dirfd filename:path flags:hex uattr:pointer usize:size") \
	CALL(468, 468, "file_getattr", NUMBER, "dfd:dirfd filename:path ufattr:pointer usize:size at_flags:hex") \
	CALL(469, 469, "file_setattr", NUMBER, "dfd:dirfd filename:path ufattr:pointer usize:size at_flags:hex") \
	CALL(-1, 7, "waitpid", NUMBER, "pid:pid stat_addr:wait_status_out options:wait_options") \
	CALL(-1, 17, "break", NUMBER, "?") \
	CALL(-1, 18, "oldstat", NUMBER, "?") \
	CALL(-1, 22, "umount", NUMBER, "name:path") \
	CALL(-1, 25, "stime", NUMBER, "tptr:int32_in") \
	CALL(-1, 28, "oldfstat", NUMBER, "?") \
	CALL(-1, 31, "stty", NUMBER, "?") \
	CALL(-1, 32, "gtty", NUMBER, "?") \
	CALL(-1, 34, "nice", NUMBER, "increment:int32") \
	CALL(-1, 35, "ftime", NUMBER, "?") \
	CALL(-1, 44, "prof", NUMBER, "?") \
	CALL(-1, 48, "signal", NUMBER, "sig:signal handler:pointer") \
	CALL(-1, 53, "lock", NUMBER, "?") \
	CALL(-1, 56, "mpx", NUMBER, "?") \
	CALL(-1, 58, "ulimit", NUMBER, "?") \
	CALL(-1, 59, "oldolduname", NUMBER, "?") \
	CALL(-1, 67, "sigaction", NUMBER, "sig:signal act:old_sigaction_32_in oact:old_sigaction_32_out") \
	CALL(-1, 68, "sgetmask", NUMBER, "?") \
	CALL(-1, 69, "ssetmask", NUMBER, "?") \
	CALL(-1, 72, "sigsuspend", NUMBER, "unused1:int32 unused2:int32 mask:hex") \
	CALL(-1, 73, "sigpending", NUMBER, "uset:old_sigset_out") \
	CALL(-1, 84, "oldlstat", NUMBER, "?") \
	CALL(-1, 89, "readdir", NUMBER, "fd:fd dirent:pointer count:uint32") \
	CALL(-1, 98, "profil", NUMBER, "?") \
	CALL(-1, 102, "socketcall", NUMBER, "call:int32 args:pointer") \
	CALL(-1, 109, "olduname", NUMBER, "?") \
	CALL(-1, 112, "idle", NUMBER, "?") \
	CALL(-1, 113, "vm86old", NUMBER, "?") \
	CALL(-1, 117, "ipc", NUMBER, "call:int32 first:int32 second:hex third:hex ptr:pointer fifth:hex") \
	CALL(-1, 119, "sigreturn", NUMBER, "") \
	CALL(-1, 126, "sigprocmask", NUMBER, "how:sigmask_how nset:old_sigset_in oset:old_sigset_out") \
	CALL(-1, 134, "bdflush", NUMBER, "?") \
	CALL(-1, 140, "_llseek", NUMBER, "fd:fd offset_high:uint32 offset_low:uint32 result:loff_out whence:seek_whence") \
	CALL(-1, 142, "_newselect", NUMBER, "n:int32 inp:fd_set_inout outp:fd_set_inout exp:fd_set_inout tvp:timeval_32_in") \
	CALL(-1, 166, "vm86", NUMBER, "?") \
	CALL(-1, 191, "ugetrlimit", NUMBER, "resource:rlimit_resource rlim:rlimit_32_out") \
	CALL(-1, 192, "mmap2", NUMBER, "addr:pointer len:size prot:mmap_prot flags:mmap_flags fd:fd pgoff:hex") \
	CALL(-1, 193, "truncate64", NUMBER, "path:path offset_low:uint32 offset_high:uint32") \
	CALL(-1, 194, "ftruncate64", NUMBER, "fd:fd offset_low:uint32 offset_high:uint32") \
	CALL(-1, 195, "stat64", NUMBER, "filename:path statbuf:stat64_32_out") \
	CALL(-1, 196, "lstat64", NUMBER, "filename:path statbuf:stat64_32_out") \
	CALL(-1, 197, "fstat64", NUMBER, "fd:fd statbuf:stat64_32_out") \
	CALL(-1, 198, "lchown32", NUMBER, "filename:path user:uid group:gid") \
	CALL(-1, 199, "getuid32", NUMBER, "") \
	CALL(-1, 200, "getgid32", NUMBER, "") \
	CALL(-1, 201, "geteuid32", NUMBER, "") \
	CALL(-1, 202, "getegid32", NUMBER, "") \
	CALL(-1, 203, "setreuid32", NUMBER, "ruid:uid euid:uid") \
	CALL(-1, 204, "setregid32", NUMBER, "rgid:gid egid:gid") \
	CALL(-1, 205, "getgroups32", NUMBER, "gidsetsize:int32 grouplist:uids_out[=]") \
	CALL(-1, 206, "setgroups32", NUMBER, "gidsetsize:int32 grouplist:uids_in[gidsetsize]") \
	CALL(-1, 207, "fchown32", NUMBER, "fd:fd user:uid group:gid") \
	CALL(-1, 208, "setresuid32", NUMBER, "ruid:uid euid:uid suid:uid") \
	CALL(-1, 209, "getresuid32", NUMBER, "ruidp:uid_out euidp:uid_out suidp:uid_out") \
	CALL(-1, 210, "setresgid32", NUMBER, "rgid:gid egid:gid sgid:gid") \
	CALL(-1, 211, "getresgid32", NUMBER, "rgidp:gid_out egidp:gid_out sgidp:gid_out") \
	CALL(-1, 212, "chown32", NUMBER, "filename:path user:uid group:gid") \
	CALL(-1, 213, "setuid32", NUMBER, "uid:uid") \
	CALL(-1, 214, "setgid32", NUMBER, "gid:gid") \
	CALL(-1, 215, "setfsuid32", NUMBER, "uid:uid") \
	CALL(-1, 216, "setfsgid32", NUMBER, "gid:gid") \
	CALL(-1, 221, "fcntl64", NUMBER, "fd:fd cmd:fcntl_cmd arg:fcntl_arg_32[cmd]") \
	CALL(-1, 239, "sendfile64", NUMBER, "out_fd:fd in_fd:fd offset:loff_in count:size") \
	CALL(-1, 268, "statfs64", NUMBER, "pathname:path sz:size buf:statfs64_32_out") \
	CALL(-1, 269, "fstatfs64", NUMBER, "fd:fd sz:size buf:statfs64_32_out") \
	CALL(-1, 272, "fadvise64_64", NUMBER, "fd:fd offset_low:uint32 offset_high:uint32 len_low:uint32 len_high:uint32 advice:fadvise_advice") \
	CALL(-1, 300, "fstatat64", NUMBER, "dfd:dirfd filename:path statbuf:stat64_32_out flag:at_flags") \
	CALL(-1, 403, "clock_gettime64", NUMBER, "which_clock:clock tp:timespec_out") \
	CALL(-1, 404, "clock_settime64", NUMBER, "which_clock:clock tp:timespec_in") \
	CALL(-1, 405, "clock_adjtime64", NUMBER, "which_clock:clock utx:pointer") \
	CALL(-1, 406, "clock_getres_time64", NUMBER, "which_clock:clock tp:timespec_out") \
	CALL(-1, 407, "clock_nanosleep_time64", NUMBER, "which_clock:clock flags:clock_flags rqtp:timespec_in rmtp:pointer") \
	CALL(-1, 408, "timer_gettime64", NUMBER, "timer_id:int32 setting:itimerspec_out") \
	CALL(-1, 409, "timer_settime64", NUMBER, "timer_id:int32 flags:clock_flags new_setting:itimerspec_in old_setting:itimerspec_out") \
	CALL(-1, 410, "timerfd_gettime64", NUMBER, "ufd:fd otmr:itimerspec_out") \
	CALL(-1, 411, "timerfd_settime64", NUMBER, "ufd:fd flags:timerfd_set_flags utmr:itimerspec_in otmr:itimerspec_out") \
	CALL(-1, 412, "utimensat_time64", NUMBER, "dfd:dirfd filename:path utimes:timespec_in[2] flags:at_flags") \
	CALL(-1, 413, "pselect6_time64", NUMBER, "n:int32 inp:fd_set_inout outp:fd_set_inout exp:fd_set_inout tsp:timespec_in sig:pointer") \
	CALL(-1, 414, "ppoll_time64", NUMBER, "ufds:pollfd_inout[nfds] nfds:size tsp:timespec_in sigmask:sigset_in sigsetsize:size") \
	CALL(-1, 416, "io_pgetevents_time64", NUMBER, "ctx_id:int min_nr:int nr:int events:pointer timeout:timespec_in usig:pointer") \
	CALL(-1, 417, "recvmmsg_time64", NUMBER, "fd:fd mmsg:mmsghdr_32_out[=] vlen:uint32 flags:msg_flags timeout:timespec_in") \
	CALL(-1, 418, "mq_timedsend_time64", NUMBER, "mqdes:fd u_msg_ptr:in[msg_len] msg_len:size msg_prio:uint32 u_abs_timeout:timespec_in") \
	CALL(-1, 419, "mq_timedreceive_time64", NUMBER, "mqdes:fd u_msg_ptr:out[=] msg_len:size u_msg_prio:int32_out u_abs_timeout:timespec_in") \
	CALL(-1, 420, "semtimedop_time64", NUMBER, "semid:int32 tsops:pointer nsops:uint32 timeout:timespec_in") \
	CALL(-1, 421, "rt_sigtimedwait_time64", NUMBER, "uthese:sigset_in uinfo:siginfo_32_out uts:timespec_in sigsetsize:size") \
	CALL(-1, 422, "futex_time64", NUMBER, "uaddr:pointer op:futex_op val:uint32 utime:pointer uaddr2:pointer val3:uint32") \
	CALL(-1, 423, "sched_rr_get_interval_time64", NUMBER, "pid:pid interval:timespec_out")

#define CALLS_32(CALL) \
	CALL("clone", "clone_flags:clone_call newsp:pointer parent_tidptr:int32_out tls:hex child_tidptr:pointer") \
	CALL("pread64", "fd:fd buf:out[=] count:size pos_low:uint32 pos_high:uint32") \
	CALL("pwrite64", "fd:fd buf:in[count] count:size pos_low:uint32 pos_high:uint32") \
	CALL("readahead", "fd:fd offset_low:uint32 offset_high:uint32 count:size") \
	CALL("fadvise64", "fd:fd offset_low:uint32 offset_high:uint32 len:size advice:fadvise_advice") \
	CALL("fallocate", "fd:fd mode:fallocate_mode offset_low:uint32 offset_high:uint32 len_low:uint32 len_high:uint32")
/* clang-format on */

#endif
