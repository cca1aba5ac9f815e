/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The catalogue: every fact about a kernel that a probe reads, one line each. Some
 * facts have no probe yet: lkccb reads them, so that databases have them.
 *
 *	FACT(id, type, members, why)
 *
 * id		LAYOUT_<id> is the index into struct layout (layout.h).
 * members	names of the member through kernel history, separated by '|';
 *		a kernel has at most one of them. A name may step through
 *		embedded and anonymous structs and unions and through array
 *		elements ("ns.inum", "pids[0].pid"), never through a pointer.
 *
 * Not all facts are members. The type says what the others are:
 *
 *	type		members			offset		size
 *	task_struct	"pid"			bytes		of the member
 *	task_struct	"sizeof"		0		of the struct or union
 *	enum pid_type	"PIDTYPE_PGID"		the value	of the enum
 *	ptrace_attach()	"task"			position, from 0, among the
 *						parameters	of the parameter
 *	.symtab		"acct_process"		0		0
 *	.symtab		"acct_process.isra"	3, if the symbol is
 *						acct_process.isra.3	0
 *
 * A kernel that lacks a fact has LAYOUT_ABSENT there; the probe then uses other
 * facts, or reports the field as unread. If kernels encode a value differently
 * (start times), its size says which encoding it is.
 *
 * This header is shared with BPF programs: names and numbers only.
 */
#ifndef OFFSETS_CATALOGUE_H
#define OFFSETS_CATALOGUE_H

/*
 * A function's symbol. The compiler may have made a variant of it, which can
 * have other parameters.
 */
#define FUNCTION(id, name, why) FACT(id, .symtab, name "|" name ".isra|" name ".constprop", why)

/* One fact, one line. */
/* clang-format off */
#define CATALOGUE(FACT) \
	/* task_struct */ \
	FACT(TASK_PID, task_struct, "pid", "thread id; child task is the one we think") \
	FACT(TASK_TGID, task_struct, "tgid", "process id of parents") \
	FACT(TASK_REAL_PARENT, task_struct, "real_parent", "parent process") \
	FACT(TASK_GROUP_LEADER, task_struct, "group_leader", "identity of a process is its leader's start") \
	FACT(TASK_CHILDREN, task_struct, "children", "newest child, for fork from task_newtask") \
	FACT(TASK_SIBLING, task_struct, "sibling", "newest child") \
	FACT(TASK_THREAD_NODE, task_struct, "thread_node", "newest thread") \
	FACT(TASK_COMM, task_struct, "comm", "name of the parent") \
	FACT(TASK_FLAGS, task_struct, "flags", "PF_KTHREAD") \
	FACT(TASK_START_BOOTTIME, task_struct, "start_boottime|real_start_time", "start, CLOCK_BOOTTIME; 16 bytes: struct timespec (before 3.17), 8 bytes: ns (ccbf62d8a284)") \
	FACT(TASK_START_TIME, task_struct, "start_time", "start, CLOCK_MONOTONIC; encoded as start_boottime") \
	FACT(TASK_MM, task_struct, "mm", "argv, executable; NULL in kernel threads") \
	FACT(TASK_FS, task_struct, "fs", "working directory, root") \
	FACT(TASK_FILES, task_struct, "files", "open files") \
	FACT(TASK_CRED, task_struct, "cred", "effective (subjective) credentials") \
	FACT(TASK_REAL_CRED, task_struct, "real_cred", "objective credentials") \
	FACT(TASK_SIGNAL, task_struct, "signal", "threads alive, group exit code, tty") \
	FACT(TASK_NSPROXY, task_struct, "nsproxy", "namespaces") \
	FACT(TASK_CGROUPS, task_struct, "cgroups", "cgroup") \
	FACT(TASK_THREAD_PID, task_struct, "thread_pid|pids[0].pid", "struct pid; pids[] until 4.19 (2c4704756cab)") \
	FACT(TASK_EXIT_CODE, task_struct, "exit_code", "exit code and signal of one thread") \
	FACT(TASK_EXIT_SIGNAL, task_struct, "exit_signal", "signal that the parent gets") \
	FACT(TASK_LOGINUID, task_struct, "loginuid", "login uid, with CONFIG_AUDIT") \
	FACT(TASK_SESSIONID, task_struct, "sessionid", "audit session, with CONFIG_AUDIT") \
	FACT(TASK_AUDIT, task_struct, "audit", "kernels with audit_task_info: way to loginuid") \
	FACT(TASK_IN_EXECVE, task_struct, "in_execve", "bit-field: exec under way") \
	FACT(TASK_SUM_EXEC_RUNTIME, task_struct, "se.sum_exec_runtime", "CPU time of a thread, ns") \
	/* audit_task_info: loginuid moved out of task_struct on some kernels */ \
	FACT(AUDIT_LOGINUID, audit_task_info, "loginuid", "login uid") \
	FACT(AUDIT_SESSIONID, audit_task_info, "sessionid", "audit session") \
	/* thread_info: the way to the task where no helper gives it (4.4) */ \
	FACT(THREAD_INFO_TASK, thread_info, "task", "current from the stack pointer, until 4.9 (15f4eae70d36)") \
	FACT(THREAD_UNION_SIZE, thread_union, "sizeof", "THREAD_SIZE: where the stack begins") \
	/* cred */ \
	FACT(CRED_UID, cred, "uid", "real user id") \
	FACT(CRED_GID, cred, "gid", "real group id") \
	FACT(CRED_SUID, cred, "suid", "saved user id") \
	FACT(CRED_SGID, cred, "sgid", "saved group id") \
	FACT(CRED_EUID, cred, "euid", "effective user id") \
	FACT(CRED_EGID, cred, "egid", "effective group id") \
	FACT(CRED_FSUID, cred, "fsuid", "user id for files") \
	FACT(CRED_FSGID, cred, "fsgid", "group id for files") \
	FACT(CRED_CAP_INHERITABLE, cred, "cap_inheritable", "capabilities") \
	FACT(CRED_CAP_PERMITTED, cred, "cap_permitted", "capabilities") \
	FACT(CRED_CAP_EFFECTIVE, cred, "cap_effective", "capabilities") \
	FACT(CRED_CAP_BSET, cred, "cap_bset", "capabilities") \
	FACT(CRED_CAP_AMBIENT, cred, "cap_ambient", "capabilities, from 4.3 (58319057b784)") \
	FACT(CRED_USER_NS, cred, "user_ns", "user namespace") \
	/* signal_struct, tty_struct */ \
	FACT(SIGNAL_LIVE, signal_struct, "live", "threads that have not begun to exit") \
	FACT(SIGNAL_FLAGS, signal_struct, "flags", "SIGNAL_GROUP_EXIT") \
	FACT(SIGNAL_GROUP_EXIT_CODE, signal_struct, "group_exit_code", "exit code of the process") \
	FACT(SIGNAL_THREAD_HEAD, signal_struct, "thread_head", "newest thread, from 3.14 (0c740d0afc3b)") \
	FACT(SIGNAL_TTY, signal_struct, "tty", "controlling terminal") \
	FACT(SIGNAL_PIDS, signal_struct, "pids", "group and session: struct pid pointers, from 4.19 (2c4704756cab)") \
	FACT(SIGNAL_SUM_SCHED_RUNTIME, signal_struct, "sum_sched_runtime", "CPU time of the threads that have ended, ns") \
	FACT(TTY_NAME, tty_struct, "name", "controlling terminal") \
	/* mm_struct, linux_binprm */ \
	FACT(MM_EXE_FILE, mm_struct, "exe_file", "executable") \
	FACT(MM_ARG_START, mm_struct, "arg_start", "argv") \
	FACT(MM_ARG_END, mm_struct, "arg_end", "argv") \
	FACT(MM_ENV_START, mm_struct, "env_start", "environment") \
	FACT(MM_ENV_END, mm_struct, "env_end", "environment") \
	FACT(BINPRM_FILE, linux_binprm, "file", "script and interpreter chain") \
	FACT(BINPRM_FILENAME, linux_binprm, "filename", "name as executed") \
	FACT(BINPRM_INTERP, linux_binprm, "interp", "interpreter name") \
	/* paths */ \
	FACT(FS_PWD, fs_struct, "pwd", "working directory: struct path") \
	FACT(FS_ROOT, fs_struct, "root", "root directory: struct path") \
	FACT(FS_UMASK, fs_struct, "umask", "umask in exec") \
	/* from a descriptor to its file, where no function can be hooked */ \
	FACT(FILES_FDT, files_struct, "fdt", "open files") \
	FACT(FDTABLE_MAX, fdtable, "max_fds", "open files") \
	FACT(FDTABLE_FD, fdtable, "fd", "open files") \
	FACT(FILE_PATH, file, "f_path", "open file: struct path") \
	FACT(FILE_INODE, file, "f_inode", "inode, from 3.9 (dd37978c50bc)") \
	FACT(FILE_MODE, file, "f_mode", "FMODE_WRITE") \
	FACT(FILE_FLAGS, file, "f_flags", "O_TRUNC, O_APPEND") \
	FACT(PATH_MNT, path, "mnt", "vfsmount of a path") \
	FACT(PATH_DENTRY, path, "dentry", "dentry of a path") \
	FACT(DENTRY_PARENT, dentry, "d_parent", "path walk") \
	FACT(DENTRY_NAME, dentry, "d_name", "path walk: struct qstr") \
	FACT(DENTRY_INODE, dentry, "d_inode", "inode of a name") \
	FACT(QSTR_NAME, qstr, "name", "path walk") \
	FACT(QSTR_LEN, qstr, "len", "length of a name") \
	FACT(QSTR_HASH_LEN, qstr, "hash_len", "key of peer-style maps") \
	FACT(VFSMOUNT_ROOT, vfsmount, "mnt_root", "path walk across mounts") \
	FACT(VFSMOUNT_SB, vfsmount, "mnt_sb", "file system of a mount") \
	FACT(MOUNT_MNT, mount, "mnt", "vfsmount inside its mount") \
	FACT(MOUNT_PARENT, mount, "mnt_parent", "path walk across mounts") \
	FACT(MOUNT_MOUNTPOINT, mount, "mnt_mountpoint", "path walk across mounts") \
	FACT(MOUNT_DEVNAME, mount, "mnt_devname", "what is mounted") \
	FACT(MOUNT_INSTANCE, mount, "mnt_next_for_sb|mnt_instance", "a mount of a file system; 8 bytes: the next mount, from 6.18, 16 bytes: struct list_head") \
	FACT(MOUNT_NS, mount, "mnt_ns", "mount namespace of a mount") \
	/* inodes and devices */ \
	FACT(INODE_INO, inode, "i_ino", "inode number") \
	FACT(INODE_SB, inode, "i_sb", "file system") \
	FACT(INODE_MODE, inode, "i_mode", "file type and mode") \
	FACT(INODE_UID, inode, "i_uid", "file owner") \
	FACT(INODE_GID, inode, "i_gid", "file group") \
	FACT(INODE_NLINK, inode, "i_nlink", "deleted executables") \
	FACT(INODE_SIZE, inode, "i_size", "truncate") \
	FACT(INODE_RDEV, inode, "i_rdev", "mknod") \
	FACT(SB_MOUNTS, super_block, "s_mounts", "mounts of a file system; encoded as mnt_next_for_sb: 8 bytes: the first mount, 16 bytes: struct list_head") \
	FACT(SB_DEV, super_block, "s_dev", "device") \
	FACT(SB_MAGIC, super_block, "s_magic", "file system type") \
	FACT(SB_TYPE, super_block, "s_type", "file system type") \
	FACT(FILE_SYSTEM_TYPE_NAME, file_system_type, "name", "file system type") \
	FACT(MODULE_NAME, module, "name", "modules where no tracepoint program can be") \
	/* btrfs.ko: st_dev is the subvolume's */ \
	FACT(BTRFS_INODE_VFS_INODE, btrfs_inode, "vfs_inode", "inode inside its btrfs_inode") \
	FACT(BTRFS_INODE_ROOT, btrfs_inode, "root", "subvolume") \
	FACT(BTRFS_ROOT_ANON_DEV, btrfs_root, "anon_dev", "device that stat shows") \
	/* overlay.ko: the inode below is the one that holds the data */ \
	FACT(OVL_INODE_VFS_INODE, ovl_inode, "vfs_inode", "inode inside its ovl_inode, from 4.13 (13cf199d0088)") \
	FACT(OVL_INODE_UPPER, ovl_inode, "__upperdentry", "upper file") \
	FACT(OVL_INODE_LOWER, ovl_inode, "lower|lowerpath.dentry", "lower file; oe from 6.5 (0af950f57fef)") \
	/* namespaces and pids */ \
	FACT(NSPROXY_UTS, nsproxy, "uts_ns", "UTS namespace") \
	FACT(NSPROXY_IPC, nsproxy, "ipc_ns", "IPC namespace") \
	FACT(NSPROXY_MNT, nsproxy, "mnt_ns", "mount namespace") \
	FACT(NSPROXY_PID_FOR_CHILDREN, nsproxy, "pid_ns_for_children|pid_ns", "pid namespace of children; renamed in 3.11 (c2b1df2eb426)") \
	FACT(NSPROXY_NET, nsproxy, "net_ns", "network namespace") \
	FACT(NSPROXY_CGROUP, nsproxy, "cgroup_ns", "cgroup namespace, from 4.6 (a79a908fd2b0)") \
	FACT(UTS_NS_INUM, uts_namespace, "ns.inum|proc_inum", "number; ns_common from 3.19 (435d5f4bb2cc)") \
	FACT(IPC_NS_INUM, ipc_namespace, "ns.inum|proc_inum", "number") \
	FACT(MNT_NS_INUM, mnt_namespace, "ns.inum|proc_inum", "number") \
	FACT(PID_NS_INUM, pid_namespace, "ns.inum|proc_inum", "number") \
	FACT(NET_NS_INUM, net, "ns.inum|proc_inum", "number") \
	FACT(USER_NS_INUM, user_namespace, "ns.inum|proc_inum", "number") \
	FACT(CGROUP_NS_INUM, cgroup_namespace, "ns.inum", "number") \
	FACT(PID_LEVEL, pid, "level", "depth of the pid namespace") \
	FACT(PID_NUMBERS, pid, "numbers", "struct upid per level") \
	FACT(UPID_NR, upid, "nr", "pid inside the namespace; element size is that of upid") \
	FACT(UPID_NS, upid, "ns", "pid namespace") \
	FACT(UPID_SIZE, upid, "sizeof", "step of pid.numbers") \
	FACT(PID_LINK_SIZE, pid_link, "sizeof", "step of task_struct.pids: from one pids[].pid to the next, until 4.19") \
	FACT(PIDTYPE_PGID, enum pid_type, "PIDTYPE_PGID", "process group: index of pids") \
	FACT(PIDTYPE_SID, enum pid_type, "PIDTYPE_SID", "session: index of pids") \
	/* cgroups */ \
	FACT(CSS_SET_SUBSYS, css_set, "subsys", "cgroup v1, per controller") \
	FACT(CSS_SET_DFL_CGRP, css_set, "dfl_cgrp", "cgroup v2") \
	FACT(CSS_CGROUP, cgroup_subsys_state, "cgroup", "cgroup of a controller") \
	FACT(CGROUP_KN, cgroup, "kn", "name, from 3.15 (2bd59d48ebfb)") \
	FACT(CGROUP_NAME, cgroup, "name", "name, until 3.15: struct cgroup_name") \
	FACT(CGROUP_PARENT, cgroup, "parent", "path, until 3.16") \
	FACT(KERNFS_NAME, kernfs_node, "name", "cgroup name") \
	FACT(KERNFS_PARENT, kernfs_node, "parent|__parent", "cgroup path; __parent from 6.15 (633488947ef6)") \
	FACT(CGROUP_ID_MEMORY, enum cgroup_subsys_id, "memory_cgrp_id|mem_cgroup_subsys_id", "cgroup v1: index of subsys; renamed in 3.15 (073219e995b4)") \
	FACT(CGROUP_ID_PIDS, enum cgroup_subsys_id, "pids_cgrp_id", "cgroup v1: index of subsys, from 4.3 (49b786ea146f)") \
	FACT(CGROUP_ID_CPU, enum cgroup_subsys_id, "cpu_cgrp_id|cpu_cgroup_subsys_id", "cgroup v1: index of subsys") \
	/* sockets */ \
	FACT(SOCKET_SK, socket, "sk", "sock of a socket") \
	FACT(SOCKET_TYPE, socket, "type", "stream, datagram") \
	FACT(SOCK_SOCKET, sock, "sk_socket", "socket of a sock") \
	FACT(SOCK_FAMILY, sock, "__sk_common.skc_family", "IPv4, IPv6, Unix") \
	FACT(SOCK_STATE, sock, "__sk_common.skc_state", "TCP state") \
	FACT(SOCK_NET, sock, "__sk_common.skc_net", "network namespace; possible_net_t, which is the pointer alone, from 4.1 (0c5c9fb55106)") \
	FACT(SOCK_BOUND_DEV, sock, "__sk_common.skc_bound_dev_if", "interface bound to") \
	FACT(SOCK_DPORT, sock, "__sk_common.skc_dport", "remote port, network order") \
	FACT(SOCK_NUM, sock, "__sk_common.skc_num", "local port, host order") \
	FACT(SOCK_DADDR, sock, "__sk_common.skc_daddr", "remote address, IPv4") \
	FACT(SOCK_RCV_SADDR, sock, "__sk_common.skc_rcv_saddr", "local address, IPv4") \
	FACT(SOCK_V6_DADDR, sock, "__sk_common.skc_v6_daddr", "remote address, from 3.13 (efe4208f47f9)") \
	FACT(SOCK_V6_RCV_SADDR, sock, "__sk_common.skc_v6_rcv_saddr", "local address, from 3.13 (efe4208f47f9)") \
	FACT(SOCK_PROTOCOL, sock, "sk_protocol", "IPPROTO_*; a bit-field before 5.6 (bf9765145b85)") \
	FACT(SOCK_TYPE, sock, "sk_type", "stream, datagram; a bit-field before 5.6") \
	FACT(SOCK_ERR, sock, "sk_err", "why a connection failed") \
	FACT(INET_SPORT, inet_sock, "inet_sport", "local port, network order") \
	FACT(INET_SADDR, inet_sock, "inet_saddr", "source address, IPv4") \
	FACT(INET_PINET6, inet_sock, "pinet6", "IPv6 part, where skc_v6_* is not") \
	FACT(PINFO_SADDR, ipv6_pinfo, "saddr", "source address, IPv6") \
	FACT(PINFO_RCV_SADDR, ipv6_pinfo, "rcv_saddr", "local address, until 3.13") \
	FACT(PINFO_DADDR, ipv6_pinfo, "daddr", "remote address, until 3.13") \
	FACT(TCP_BYTES_RECEIVED, tcp_sock, "bytes_received", "bytes of a connection, from 4.1 (bdd1f9edacb5)") \
	FACT(TCP_BYTES_ACKED, tcp_sock, "bytes_acked", "bytes of a connection, from 4.1 (0df48c26d841)") \
	FACT(TCP_COPIED_SEQ, tcp_sock, "copied_seq", "bytes of a connection, modulo 2^32") \
	FACT(TCP_RCV_NXT, tcp_sock, "rcv_nxt", "bytes of a connection, modulo 2^32") \
	FACT(TCP_SND_UNA, tcp_sock, "snd_una", "bytes of a connection, modulo 2^32") \
	FACT(TCP_WRITE_SEQ, tcp_sock, "write_seq", "bytes of a connection, modulo 2^32") \
	FACT(MPTCP_FIRST, mptcp_sock, "first", "the TCP connection by which an MPTCP connection was accepted, from 5.6 on") \
	FACT(UNIX_SOCK_ADDR, unix_sock, "addr", "name of a Unix socket") \
	FACT(UNIX_SOCK_PATH, unix_sock, "path", "file of a Unix socket") \
	FACT(UNIX_ADDRESS_LEN, unix_address, "len", "of the name") \
	FACT(UNIX_ADDRESS_NAME, unix_address, "name", "struct sockaddr_un") \
	FACT(MSGHDR_NAME, msghdr, "msg_name", "where a datagram goes") \
	FACT(SKB_HEAD, sk_buff, "head", "headers of a packet") \
	FACT(SKB_DATA, sk_buff, "data", "packet") \
	FACT(SKB_LEN, sk_buff, "len", "bytes of a packet") \
	FACT(SKB_DATA_LEN, sk_buff, "data_len", "bytes of a packet that are not behind its head") \
	FACT(SKB_NETWORK_HEADER, sk_buff, "network_header", "addresses of a datagram that has come") \
	FACT(SKB_TRANSPORT_HEADER, sk_buff, "transport_header", "ports of a datagram that has come") \
	/* functions that are hooked */ \
	FUNCTION(PROC_EXEC_CONNECTOR, "proc_exec_connector", "exec") \
	FUNCTION(UPROBE_COPY_PROCESS, "uprobe_copy_process", "fork") \
	FACT(UPROBE_COPY_PROCESS_T, uprobe_copy_process(), "t", "the child") \
	FACT(UPROBE_COPY_PROCESS_FLAGS, uprobe_copy_process(), "flags", "clone flags") \
	FUNCTION(ACCT_PROCESS, "acct_process", "exit") \
	FUNCTION(COMMIT_CREDS, "commit_creds", "credentials") \
	FACT(COMMIT_CREDS_NEW, commit_creds(), "new", "the new credentials") \
	FUNCTION(SWITCH_TASK_NAMESPACES, "switch_task_namespaces", "setns, unshare") \
	FACT(SWITCH_TASK_NAMESPACES_TASK, switch_task_namespaces(), "p|tsk", "whose namespaces") \
	FACT(SWITCH_TASK_NAMESPACES_NEW, switch_task_namespaces(), "new", "the new namespaces") \
	FUNCTION(PTRACE_ATTACH, "ptrace_attach", "ptrace") \
	FACT(PTRACE_ATTACH_TASK, ptrace_attach(), "task", "the target") \
	FACT(PTRACE_ATTACH_REQUEST, ptrace_attach(), "request", "attach or seize") \
	FUNCTION(SECURITY_PTRACE_ACCESS_CHECK, "security_ptrace_access_check", "ptrace, process_vm_writev") \
	FUNCTION(SECURITY_TASK_KILL, "security_task_kill", "signals to others") \
	FUNCTION(SECURITY_SB_MOUNT, "security_sb_mount", "mount") \
	FUNCTION(SECURITY_SB_UMOUNT, "security_sb_umount", "umount") \
	FUNCTION(SECURITY_BPF_PROG_ALLOC, "security_bpf_prog_alloc|security_bpf_prog_load", "program loads") \
	FACT(VFS_SETXATTR_DENTRY, vfs_setxattr(), "dentry", "whose attribute; not the first from 5.12 (c7c7a1a18af4)") \
	FACT(VFS_SETXATTR_NAME, vfs_setxattr(), "name", "name of the attribute") \
	FACT(UDP_SENDMSG_SK, udp_sendmsg(), "sk", "not the first until 4.1 (1b784140474e)") \
	FACT(UDP_SENDMSG_MSG, udp_sendmsg(), "msg", "not the second until 4.1") \
	FACT(UDPV6_SENDMSG_SK, udpv6_sendmsg(), "sk", "not the first until 4.1") \
	FACT(UDPV6_SENDMSG_MSG, udpv6_sendmsg(), "msg", "not the second until 4.1") \
	FACT(UDP_RECVMSG_SK, udp_recvmsg(), "sk", "not the first until 4.1") \
	FACT(UDPV6_RECVMSG_SK, udpv6_recvmsg(), "sk", "not the first until 4.1") \
	FACT(NOTIFY_CHANGE_DENTRY, notify_change(), "dentry", "whose mode or owner; not the first from 5.12 (2f221d6f7b88)")

/* clang-format on */

#endif
