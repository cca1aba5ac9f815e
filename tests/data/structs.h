/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Structs that bear the kernel's names and every difficulty that debug data
 * knows: anonymous unions and structs, bit-fields, arrays, embedded structs,
 * flexible arrays, kABI-hidden members, members under both old and new names and
 * of other types; an enum, a union, functions, one of them a clone.
 * tests/unit compiles it as DWARF 2, 4, 5 and BTF, and asks the compiler for
 * the truth (offsetof). NEWER picks the names of newer kernels.
 */
#ifndef TESTS_DATA_STRUCTS_H
#define TESTS_DATA_STRUCTS_H

struct ns_common {
	void *stashed;
	const void *ops;
	unsigned int inum;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	int count;
	unsigned int level;
	void *tasks[3];
#ifdef NEWER
	struct upid numbers[];
#else
	struct upid numbers[1];
#endif
};

struct pid_link {
	void *node[2];
	struct pid *pid;
};

struct pid_namespace {
	char filler[200];
#ifdef NEWER
	struct ns_common ns;
#else
	unsigned int proc_inum;
#endif
};

/* The kernel's name, where the C library does not have it. */
#ifndef _STRUCT_TIMESPEC
#define timespec_like timespec
#endif
struct timespec_like {
	long sec, nsec;
};

typedef const volatile unsigned int qualified_t;

struct task_struct {
	volatile long state;
	void *stack;
	unsigned int flags;
	union {
		struct {
			int pid;
			int tgid;
		};
		long both;
	};
	/* As RHEL replaces members: the old one is hidden, and must not be found. */
	union {
		struct task_struct *real_parent;
		struct {
			char moved[12];
			void *group_leader;
		} rh_kabi_hide;
	};
	struct task_struct *group_leader;
	unsigned int filler : 3;
	unsigned int in_execve : 1;
	unsigned int wide : 20;
#ifdef NEWER
	unsigned long long start_time;
	unsigned long long start_boottime;
	struct pid *thread_pid;
#else
	struct timespec_like start_time;
	struct timespec_like real_start_time;
	struct pid_link pids[3];
#endif
	qualified_t loginuid;
	char comm[16];
};

struct qstr {
	union {
		struct {
			unsigned int hash;
			unsigned int len;
		};
		unsigned long long hash_len;
	};
	const unsigned char *name;
};

struct dentry {
	unsigned int d_flags;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
} __attribute__((aligned(64)));

union thread_union {
	char info[100];
	unsigned long stack[2048];
};

enum pid_type {
	PIDTYPE_PID,
#ifdef NEWER
	PIDTYPE_TGID,
#endif
	PIDTYPE_PGID,
	PIDTYPE_SID,
};

/* Wanted names under other types, which must not be found; s_type alone is what it was. */
struct super_block {
	struct mount **s_mounts;
	unsigned short s_dev;
	struct super_block *s_magic;
	struct file_system_type *s_type;
};

/* Of a struct with one member, that member's type counts. */
struct cred {
	struct {
		unsigned int val;
	} uid;
	struct {
		void *val;
	} gid;
	struct {
		unsigned int val, more;
	} euid;
};

/* Only declared here: no definition to find. */
struct mm_struct;

#endif
