/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of system calls of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl): sextant may be
 * built where <sys/syscall.h> has those of another machine. Of several calls that do the same,
 * the most general one stands for all of them.
 */
#ifndef LOADER_AUDIT_AUDIT_CALL_H
#define LOADER_AUDIT_AUDIT_CALL_H

enum audit_call_number {
	CALL_WRITE = 1,
	CALL_CONNECT = 42,
	CALL_SENDTO = 44,
	CALL_RECVFROM = 45,
	CALL_BIND = 49,
	CALL_LISTEN = 50,
	CALL_CLONE = 56,
	CALL_EXECVE = 59,
	CALL_KILL = 62,
	CALL_TRUNCATE = 76,
	CALL_PTRACE = 101,
	CALL_SETRESUID = 117,
	CALL_SETRESGID = 119,
	CALL_CAPSET = 126,
	CALL_CHROOT = 161,
	CALL_MOUNT = 165,
	CALL_UMOUNT2 = 166,
	CALL_INIT_MODULE = 175,
	CALL_DELETE_MODULE = 176,
	CALL_SETXATTR = 188,
	CALL_REMOVEXATTR = 197,
	CALL_EXIT_GROUP = 231,
	CALL_OPENAT = 257,
	CALL_MKDIRAT = 258,
	CALL_MKNODAT = 259,
	CALL_FCHOWNAT = 260,
	CALL_UNLINKAT = 263,
	CALL_LINKAT = 265,
	CALL_SYMLINKAT = 266,
	CALL_FCHMODAT = 268,
	CALL_ACCEPT4 = 288,
	CALL_SETNS = 308,
	CALL_PROCESS_VM_READV = 310,
	CALL_FINIT_MODULE = 313,
	CALL_RENAMEAT2 = 316,
	CALL_MEMFD_CREATE = 319,
	CALL_BPF = 321,
};

#endif
