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
 *		Behind a name and ':' are the types that the probes can read,
 *		separated by ','. A member of another type is absent, as its
 *		name may stay while its meaning changes:
 *
 *		4		an integer or enum of 4 bytes, of either sign
 *		*mount		a pointer to struct or union mount
 *		*1, **file	to bytes; to a pointer to struct file
 *		list_head	a struct or union list_head
 *		[]*pid		an array of pointers to struct pid
 *		*		any pointer
 *
 *		A struct that has another one as its only contents (kuid_t,
 *		atomic_t, possible_net_t) may stand around each of them.
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
	FACT(TASK_PID, task_struct, "pid:4", "thread id; child task is the one we think") \
	FACT(TASK_TGID, task_struct, "tgid:4", "process id of parents") \
	FACT(TASK_REAL_PARENT, task_struct, "real_parent:*task_struct", "parent process") \
	FACT(TASK_GROUP_LEADER, task_struct, "group_leader:*task_struct", "identity of a process is its leader's start") \
	FACT(TASK_CHILDREN, task_struct, "children:list_head", "newest child, for fork from task_newtask") \
	FACT(TASK_SIBLING, task_struct, "sibling:list_head", "newest child") \
	FACT(TASK_THREAD_NODE, task_struct, "thread_node:list_head", "newest thread") \
	FACT(TASK_COMM, task_struct, "comm:[]1", "name of the parent") \
	FACT(TASK_FLAGS, task_struct, "flags:4", "PF_KTHREAD") \
	FACT(TASK_START_BOOTTIME, task_struct, "start_boottime:8|real_start_time:8,timespec", "start, CLOCK_BOOTTIME; 16 bytes: struct timespec (before 3.17), 8 bytes: ns (ccbf62d8a284)") \
	FACT(TASK_START_TIME, task_struct, "start_time:8,timespec", "start, CLOCK_MONOTONIC; encoded as start_boottime") \
	FACT(TASK_MM, task_struct, "mm:*mm_struct", "argv, executable; NULL in kernel threads") \
	FACT(TASK_FS, task_struct, "fs:*fs_struct", "working directory, root") \
	FACT(TASK_FILES, task_struct, "files:*files_struct", "open files") \
	FACT(TASK_CRED, task_struct, "cred:*cred", "effective (subjective) credentials") \
	FACT(TASK_REAL_CRED, task_struct, "real_cred:*cred", "objective credentials") \
	FACT(TASK_SIGNAL, task_struct, "signal:*signal_struct", "threads alive, group exit code, tty") \
	FACT(TASK_NSPROXY, task_struct, "nsproxy:*nsproxy", "namespaces") \
	FACT(TASK_CGROUPS, task_struct, "cgroups:*css_set", "cgroup") \
	FACT(TASK_THREAD_PID, task_struct, "thread_pid:*pid|pids[0].pid:*pid", "struct pid; pids[] until 4.19 (2c4704756cab)") \
	FACT(TASK_EXIT_CODE, task_struct, "exit_code:4", "exit code and signal of one thread") \
	FACT(TASK_EXIT_SIGNAL, task_struct, "exit_signal:4", "signal that the parent gets") \
	FACT(TASK_LOGINUID, task_struct, "loginuid:4", "login uid, with CONFIG_AUDIT") \
	FACT(TASK_SESSIONID, task_struct, "sessionid:4", "audit session, with CONFIG_AUDIT") \
	FACT(TASK_AUDIT, task_struct, "audit:*audit_task_info", "kernels with audit_task_info: way to loginuid") \
	FACT(TASK_IN_EXECVE, task_struct, "in_execve:4", "bit-field: exec under way") \
	FACT(TASK_SUM_EXEC_RUNTIME, task_struct, "se.sum_exec_runtime:8", "CPU time of a thread, ns") \
	/* audit_task_info: loginuid moved out of task_struct on some kernels */ \
	FACT(AUDIT_LOGINUID, audit_task_info, "loginuid:4", "login uid") \
	FACT(AUDIT_SESSIONID, audit_task_info, "sessionid:4", "audit session") \
	/* thread_info: the way to the task where no helper gives it (4.4) */ \
	FACT(THREAD_INFO_TASK, thread_info, "task:*task_struct", "current from the stack pointer, until 4.9 (15f4eae70d36)") \
	FACT(THREAD_UNION_SIZE, thread_union, "sizeof", "THREAD_SIZE: where the stack begins") \
	/* cred */ \
	FACT(CRED_UID, cred, "uid:4", "real user id") \
	FACT(CRED_GID, cred, "gid:4", "real group id") \
	FACT(CRED_SUID, cred, "suid:4", "saved user id") \
	FACT(CRED_SGID, cred, "sgid:4", "saved group id") \
	FACT(CRED_EUID, cred, "euid:4", "effective user id") \
	FACT(CRED_EGID, cred, "egid:4", "effective group id") \
	FACT(CRED_FSUID, cred, "fsuid:4", "user id for files") \
	FACT(CRED_FSGID, cred, "fsgid:4", "group id for files") \
	FACT(CRED_CAP_INHERITABLE, cred, "cap_inheritable:[]4,8", "capabilities") \
	FACT(CRED_CAP_PERMITTED, cred, "cap_permitted:[]4,8", "capabilities") \
	FACT(CRED_CAP_EFFECTIVE, cred, "cap_effective:[]4,8", "capabilities") \
	FACT(CRED_CAP_BSET, cred, "cap_bset:[]4,8", "capabilities") \
	FACT(CRED_CAP_AMBIENT, cred, "cap_ambient:[]4,8", "capabilities, from 4.3 (58319057b784)") \
	FACT(CRED_USER_NS, cred, "user_ns:*user_namespace", "user namespace") \
	/* signal_struct, tty_struct */ \
	FACT(SIGNAL_LIVE, signal_struct, "live:4", "threads that have not begun to exit") \
	FACT(SIGNAL_FLAGS, signal_struct, "flags:4", "SIGNAL_GROUP_EXIT") \
	FACT(SIGNAL_GROUP_EXIT_CODE, signal_struct, "group_exit_code:4", "exit code of the process") \
	FACT(SIGNAL_THREAD_HEAD, signal_struct, "thread_head:list_head", "newest thread, from 3.14 (0c740d0afc3b)") \
	FACT(SIGNAL_TTY, signal_struct, "tty:*tty_struct", "controlling terminal") \
	FACT(SIGNAL_PIDS, signal_struct, "pids:[]*pid", "group and session: struct pid pointers, from 4.19 (2c4704756cab)") \
	FACT(SIGNAL_SUM_SCHED_RUNTIME, signal_struct, "sum_sched_runtime:8", "CPU time of the threads that have ended, ns") \
	FACT(TTY_NAME, tty_struct, "name:[]1", "controlling terminal") \
	/* mm_struct, linux_binprm */ \
	FACT(MM_EXE_FILE, mm_struct, "exe_file:*file", "executable") \
	FACT(MM_ARG_START, mm_struct, "arg_start:8", "argv") \
	FACT(MM_ARG_END, mm_struct, "arg_end:8", "argv") \
	FACT(MM_ENV_START, mm_struct, "env_start:8", "environment") \
	FACT(MM_ENV_END, mm_struct, "env_end:8", "environment") \
	FACT(BINPRM_FILE, linux_binprm, "file:*file", "script and interpreter chain") \
	FACT(BINPRM_FILENAME, linux_binprm, "filename:*1", "name as executed") \
	FACT(BINPRM_INTERP, linux_binprm, "interp:*1", "interpreter name") \
	/* paths */ \
	FACT(FS_PWD, fs_struct, "pwd:path", "working directory: struct path") \
	FACT(FS_ROOT, fs_struct, "root:path", "root directory: struct path") \
	FACT(FS_UMASK, fs_struct, "umask:4", "umask in exec") \
	/* from a descriptor to its file, where no function can be hooked */ \
	FACT(FILES_FDT, files_struct, "fdt:*fdtable", "open files") \
	FACT(FDTABLE_MAX, fdtable, "max_fds:4", "open files") \
	FACT(FDTABLE_FD, fdtable, "fd:**file", "open files") \
	FACT(FILE_PATH, file, "f_path:path", "open file: struct path") \
	FACT(FILE_INODE, file, "f_inode:*inode", "inode, from 3.9 (dd37978c50bc)") \
	FACT(FILE_MODE, file, "f_mode:4", "FMODE_WRITE") \
	FACT(FILE_FLAGS, file, "f_flags:4", "O_TRUNC, O_APPEND") \
	FACT(PATH_MNT, path, "mnt:*vfsmount", "vfsmount of a path") \
	FACT(PATH_DENTRY, path, "dentry:*dentry", "dentry of a path") \
	FACT(DENTRY_PARENT, dentry, "d_parent:*dentry", "path walk") \
	FACT(DENTRY_NAME, dentry, "d_name:qstr", "path walk: struct qstr") \
	FACT(DENTRY_INODE, dentry, "d_inode:*inode", "inode of a name") \
	FACT(QSTR_NAME, qstr, "name:*1", "path walk") \
	FACT(QSTR_LEN, qstr, "len:4", "length of a name") \
	FACT(QSTR_HASH_LEN, qstr, "hash_len:8", "key of peer-style maps") \
	FACT(VFSMOUNT_ROOT, vfsmount, "mnt_root:*dentry", "path walk across mounts") \
	FACT(VFSMOUNT_SB, vfsmount, "mnt_sb:*super_block", "file system of a mount") \
	FACT(MOUNT_MNT, mount, "mnt:vfsmount", "vfsmount inside its mount") \
	FACT(MOUNT_PARENT, mount, "mnt_parent:*mount", "path walk across mounts") \
	FACT(MOUNT_MOUNTPOINT, mount, "mnt_mountpoint:*dentry", "path walk across mounts") \
	FACT(MOUNT_DEVNAME, mount, "mnt_devname:*1", "what is mounted") \
	FACT(MOUNT_INSTANCE, mount, "mnt_next_for_sb:*mount|mnt_instance:list_head", "a mount of a file system; 8 bytes: the next mount, from 6.18, 16 bytes: struct list_head") \
	FACT(MOUNT_NS, mount, "mnt_ns:*mnt_namespace", "mount namespace of a mount") \
	/* inodes and devices */ \
	FACT(INODE_INO, inode, "i_ino:8", "inode number") \
	FACT(INODE_SB, inode, "i_sb:*super_block", "file system") \
	FACT(INODE_MODE, inode, "i_mode:2", "file type and mode") \
	FACT(INODE_UID, inode, "i_uid:4", "file owner") \
	FACT(INODE_GID, inode, "i_gid:4", "file group") \
	FACT(INODE_NLINK, inode, "i_nlink:4", "deleted executables") \
	FACT(INODE_SIZE, inode, "i_size:8", "truncate") \
	FACT(INODE_RDEV, inode, "i_rdev:4", "mknod") \
	FACT(SB_MOUNTS, super_block, "s_mounts:*mount,list_head", "mounts of a file system; encoded as mnt_next_for_sb: 8 bytes: the first mount, 16 bytes: struct list_head") \
	FACT(SB_DEV, super_block, "s_dev:4", "device") \
	FACT(SB_MAGIC, super_block, "s_magic:8", "file system type") \
	FACT(SB_TYPE, super_block, "s_type:*file_system_type", "file system type") \
	FACT(FILE_SYSTEM_TYPE_NAME, file_system_type, "name:*1", "file system type") \
	FACT(MODULE_NAME, module, "name:[]1", "modules where no tracepoint program can be") \
	/* btrfs.ko: st_dev is the subvolume's */ \
	FACT(BTRFS_INODE_VFS_INODE, btrfs_inode, "vfs_inode:inode", "inode inside its btrfs_inode") \
	FACT(BTRFS_INODE_ROOT, btrfs_inode, "root:*btrfs_root", "subvolume") \
	FACT(BTRFS_ROOT_ANON_DEV, btrfs_root, "anon_dev:4", "device that stat shows") \
	/* overlay.ko: the inode below is the one that holds the data */ \
	FACT(OVL_INODE_VFS_INODE, ovl_inode, "vfs_inode:inode", "inode inside its ovl_inode, from 4.13 (13cf199d0088)") \
	FACT(OVL_INODE_UPPER, ovl_inode, "__upperdentry:*dentry", "upper file") \
	FACT(OVL_INODE_LOWER, ovl_inode, "lower:*inode|lowerpath.dentry:*dentry", "lower file; oe from 6.5 (0af950f57fef)") \
	/* namespaces and pids */ \
	FACT(NSPROXY_UTS, nsproxy, "uts_ns:*uts_namespace", "UTS namespace") \
	FACT(NSPROXY_IPC, nsproxy, "ipc_ns:*ipc_namespace", "IPC namespace") \
	FACT(NSPROXY_MNT, nsproxy, "mnt_ns:*mnt_namespace", "mount namespace") \
	FACT(NSPROXY_PID_FOR_CHILDREN, nsproxy, "pid_ns_for_children:*pid_namespace|pid_ns:*pid_namespace", "pid namespace of children; renamed in 3.11 (c2b1df2eb426)") \
	FACT(NSPROXY_NET, nsproxy, "net_ns:*net", "network namespace") \
	FACT(NSPROXY_CGROUP, nsproxy, "cgroup_ns:*cgroup_namespace", "cgroup namespace, from 4.6 (a79a908fd2b0)") \
	FACT(UTS_NS_INUM, uts_namespace, "ns.inum:4|proc_inum:4", "number; ns_common from 3.19 (435d5f4bb2cc)") \
	FACT(IPC_NS_INUM, ipc_namespace, "ns.inum:4|proc_inum:4", "number") \
	FACT(MNT_NS_INUM, mnt_namespace, "ns.inum:4|proc_inum:4", "number") \
	FACT(PID_NS_INUM, pid_namespace, "ns.inum:4|proc_inum:4", "number") \
	FACT(NET_NS_INUM, net, "ns.inum:4|proc_inum:4", "number") \
	FACT(USER_NS_INUM, user_namespace, "ns.inum:4|proc_inum:4", "number") \
	FACT(CGROUP_NS_INUM, cgroup_namespace, "ns.inum:4", "number") \
	FACT(PID_LEVEL, pid, "level:4", "depth of the pid namespace") \
	FACT(PID_NUMBERS, pid, "numbers:[]upid", "struct upid per level") \
	FACT(UPID_NR, upid, "nr:4", "pid inside the namespace; element size is that of upid") \
	FACT(UPID_NS, upid, "ns:*pid_namespace", "pid namespace") \
	FACT(UPID_SIZE, upid, "sizeof", "step of pid.numbers") \
	FACT(PID_LINK_SIZE, pid_link, "sizeof", "step of task_struct.pids: from one pids[].pid to the next, until 4.19") \
	FACT(PIDTYPE_PGID, enum pid_type, "PIDTYPE_PGID", "process group: index of pids") \
	FACT(PIDTYPE_SID, enum pid_type, "PIDTYPE_SID", "session: index of pids") \
	/* cgroups */ \
	FACT(CSS_SET_SUBSYS, css_set, "subsys:[]*cgroup_subsys_state", "cgroup v1, per controller") \
	FACT(CSS_SET_DFL_CGRP, css_set, "dfl_cgrp:*cgroup", "cgroup v2") \
	FACT(CSS_CGROUP, cgroup_subsys_state, "cgroup:*cgroup", "cgroup of a controller") \
	FACT(CGROUP_KN, cgroup, "kn:*kernfs_node", "name, from 3.15 (2bd59d48ebfb)") \
	FACT(CGROUP_NAME, cgroup, "name:*cgroup_name", "name, until 3.15: struct cgroup_name") \
	FACT(CGROUP_PARENT, cgroup, "parent:*cgroup", "path, until 3.16") \
	FACT(KERNFS_NAME, kernfs_node, "name:*1", "cgroup name") \
	FACT(KERNFS_PARENT, kernfs_node, "parent:*kernfs_node|__parent:*kernfs_node", "cgroup path; __parent from 6.15 (633488947ef6)") \
	FACT(CGROUP_ID_MEMORY, enum cgroup_subsys_id, "memory_cgrp_id|mem_cgroup_subsys_id", "cgroup v1: index of subsys; renamed in 3.15 (073219e995b4)") \
	FACT(CGROUP_ID_PIDS, enum cgroup_subsys_id, "pids_cgrp_id", "cgroup v1: index of subsys, from 4.3 (49b786ea146f)") \
	FACT(CGROUP_ID_CPU, enum cgroup_subsys_id, "cpu_cgrp_id|cpu_cgroup_subsys_id", "cgroup v1: index of subsys") \
	/* sockets */ \
	FACT(SOCKET_SK, socket, "sk:*sock", "sock of a socket") \
	FACT(SOCKET_TYPE, socket, "type:2", "stream, datagram") \
	FACT(SOCK_SOCKET, sock, "sk_socket:*socket", "socket of a sock") \
	FACT(SOCK_FAMILY, sock, "__sk_common.skc_family:2", "IPv4, IPv6, Unix") \
	FACT(SOCK_STATE, sock, "__sk_common.skc_state:1", "TCP state") \
	FACT(SOCK_NET, sock, "__sk_common.skc_net:*net", "network namespace; possible_net_t, which is the pointer alone, from 4.1 (0c5c9fb55106)") \
	FACT(SOCK_BOUND_DEV, sock, "__sk_common.skc_bound_dev_if:4", "interface bound to") \
	FACT(SOCK_DPORT, sock, "__sk_common.skc_dport:2", "remote port, network order") \
	FACT(SOCK_NUM, sock, "__sk_common.skc_num:2", "local port, host order") \
	FACT(SOCK_DADDR, sock, "__sk_common.skc_daddr:4", "remote address, IPv4") \
	FACT(SOCK_RCV_SADDR, sock, "__sk_common.skc_rcv_saddr:4", "local address, IPv4") \
	FACT(SOCK_V6_DADDR, sock, "__sk_common.skc_v6_daddr:in6_addr", "remote address, from 3.13 (efe4208f47f9)") \
	FACT(SOCK_V6_RCV_SADDR, sock, "__sk_common.skc_v6_rcv_saddr:in6_addr", "local address, from 3.13 (efe4208f47f9)") \
	FACT(SOCK_PROTOCOL, sock, "sk_protocol:1,2,4", "IPPROTO_*; a bit-field before 5.6 (bf9765145b85)") \
	FACT(SOCK_TYPE, sock, "sk_type:2,4", "stream, datagram; a bit-field before 5.6") \
	FACT(SOCK_FLAGS, sock, "__sk_common.skc_flags:8|sk_flags:8", "whether the other side has ended a connection; not in sock_common in RHEL 7") \
	FACT(SOCK_ERR, sock, "sk_err:4", "why a connection failed") \
	FACT(INET_SPORT, inet_sock, "inet_sport:2", "local port, network order") \
	FACT(INET_SADDR, inet_sock, "inet_saddr:4", "source address, IPv4") \
	FACT(INET_PINET6, inet_sock, "pinet6:*ipv6_pinfo", "IPv6 part, where skc_v6_* is not") \
	FACT(PINFO_SADDR, ipv6_pinfo, "saddr:in6_addr", "source address, IPv6") \
	FACT(PINFO_RCV_SADDR, ipv6_pinfo, "rcv_saddr:in6_addr", "local address, until 3.13") \
	FACT(PINFO_DADDR, ipv6_pinfo, "daddr:in6_addr,*in6_addr", "remote address, until 3.13") \
	FACT(TCP_BYTES_RECEIVED, tcp_sock, "bytes_received:8", "bytes of a connection, from 4.1 (bdd1f9edacb5)") \
	FACT(TCP_BYTES_ACKED, tcp_sock, "bytes_acked:8", "bytes of a connection, from 4.1 (0df48c26d841)") \
	FACT(TCP_COPIED_SEQ, tcp_sock, "copied_seq:4", "bytes of a connection, modulo 2^32") \
	FACT(TCP_RCV_NXT, tcp_sock, "rcv_nxt:4", "bytes of a connection, modulo 2^32") \
	FACT(TCP_SND_UNA, tcp_sock, "snd_una:4", "bytes of a connection, modulo 2^32") \
	FACT(TCP_WRITE_SEQ, tcp_sock, "write_seq:4", "bytes of a connection, modulo 2^32") \
	FACT(MPTCP_FIRST, mptcp_sock, "first:*sock", "the TCP connection by which an MPTCP connection was accepted, from 5.6 on") \
	FACT(UNIX_SOCK_ADDR, unix_sock, "addr:*unix_address", "name of a Unix socket") \
	FACT(UNIX_SOCK_PATH, unix_sock, "path:path", "file of a Unix socket") \
	FACT(UNIX_ADDRESS_LEN, unix_address, "len:4", "of the name") \
	FACT(UNIX_ADDRESS_NAME, unix_address, "name:[]sockaddr_un", "struct sockaddr_un") \
	FACT(SKB_SK, sk_buff, "sk:*sock", "who sends a datagram") \
	FACT(SKB_HEAD, sk_buff, "head:*1", "headers of a packet") \
	FACT(SKB_DATA, sk_buff, "data:*1", "packet") \
	FACT(SKB_LEN, sk_buff, "len:4", "bytes of a packet") \
	FACT(SKB_DATA_LEN, sk_buff, "data_len:4", "bytes of a packet that are not behind its head") \
	FACT(SKB_NETWORK_HEADER, sk_buff, "network_header:2,4", "addresses of a datagram that has come") \
	FACT(SKB_TRANSPORT_HEADER, sk_buff, "transport_header:2,4", "ports of a datagram that has come") \
	/* functions that are hooked */ \
	FUNCTION(PROC_EXEC_CONNECTOR, "proc_exec_connector", "exec") \
	FUNCTION(UPROBE_COPY_PROCESS, "uprobe_copy_process", "fork") \
	FACT(UPROBE_COPY_PROCESS_T, uprobe_copy_process(), "t:*task_struct", "the child") \
	FACT(UPROBE_COPY_PROCESS_FLAGS, uprobe_copy_process(), "flags:8", "clone flags") \
	FUNCTION(ACCT_PROCESS, "acct_process", "exit") \
	FUNCTION(COMMIT_CREDS, "commit_creds", "credentials") \
	FACT(COMMIT_CREDS_NEW, commit_creds(), "new:*cred", "the new credentials") \
	FUNCTION(SWITCH_TASK_NAMESPACES, "switch_task_namespaces", "setns, unshare") \
	FACT(SWITCH_TASK_NAMESPACES_TASK, switch_task_namespaces(), "p:*task_struct|tsk:*task_struct", "whose namespaces") \
	FACT(SWITCH_TASK_NAMESPACES_NEW, switch_task_namespaces(), "new:*nsproxy", "the new namespaces") \
	FUNCTION(PTRACE_ATTACH, "ptrace_attach", "ptrace") \
	FACT(PTRACE_ATTACH_TASK, ptrace_attach(), "task:*task_struct", "the target") \
	FACT(PTRACE_ATTACH_REQUEST, ptrace_attach(), "request:8", "attach or seize") \
	FUNCTION(SECURITY_PTRACE_ACCESS_CHECK, "security_ptrace_access_check", "ptrace, process_vm_writev") \
	FUNCTION(SECURITY_TASK_KILL, "security_task_kill", "signals to others") \
	FUNCTION(SECURITY_SB_MOUNT, "security_sb_mount", "mount") \
	FUNCTION(SECURITY_SB_UMOUNT, "security_sb_umount", "umount") \
	FUNCTION(SECURITY_BPF_PROG_ALLOC, "security_bpf_prog_alloc|security_bpf_prog_load", "program loads") \
	FACT(VFS_SETXATTR_DENTRY, vfs_setxattr(), "dentry:*dentry", "whose attribute; not the first from 5.12 (c7c7a1a18af4)") \
	FACT(VFS_SETXATTR_NAME, vfs_setxattr(), "name:*1", "name of the attribute") \
	FACT(UDP_RECVMSG_SK, udp_recvmsg(), "sk:*sock", "not the first until 4.1") \
	FACT(UDPV6_RECVMSG_SK, udpv6_recvmsg(), "sk:*sock", "not the first until 4.1") \
	FACT(NOTIFY_CHANGE_DENTRY, notify_change(), "dentry:*dentry", "whose mode or owner; not the first from 5.12 (2f221d6f7b88)")

/* clang-format on */

#endif
