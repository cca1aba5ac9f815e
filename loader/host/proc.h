/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc says of a living process: the truth of the self-test. */
#ifndef LOADER_HOST_PROC_H
#define LOADER_HOST_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	uint32_t pid, ppid, pgid, sid;
	char tty[16];         /* as the kernel names it: "pts0"; empty: none, or another kind */
	bool has_other_tty;   /* one whose name /proc does not show */
	uint64_t start_ticks; /* 1/100 s since boot */
	char comm[64];
	uint32_t uids[4], gids[4]; /* real, effective, saved, file system */
	uint64_t cap_permitted, cap_effective, cap_inheritable, cap_bounding;
	uint64_t cap_ambient; /* 0 where the kernel has none */
	uint32_t loginuid, sessionid;
	bool has_audit;  /* loginuid and sessionid are there */
	uint32_t ns_pid; /* innermost; 0: the kernel does not say (before 4.1) */
	/* 0: not said */
	uint32_t mnt_ns, net_ns, uts_ns, ipc_ns, pid_ns, user_ns, cgroup_ns;
	char exe[4096], cwd[4096], root[4096]; /* from the root directory of who reads */
	uint64_t exe_inode;  /* 0: stat may show another one than the kernel's (overlayfs) */
	uint32_t exe_device; /* kernel encoding; 0: the same (btrfs, overlayfs) */
	uint32_t exe_mode, exe_links;
	char cmdline[4096], environment[4096];
	size_t cmdline_size, environment_size;
	char cgroup[4096], cgroup_v1[4096]; /* of the memory controller; empty: not said */
};

/*
 * Bytes of the file /proc/PID/name, or of the target of the symbolic link, without a NUL;
 * or -errno. Kernels let only root and a process's own user read some of them.
 */
ssize_t proc_text(pid_t pid, const char *name, bool is_link, char *ret, size_t size);

/*
 * Processes with ids above after, in ascending order, as far as there is room. Returns how
 * many; 0: there are no more; -errno.
 */
ssize_t proc_list(pid_t after, pid_t *ret, size_t room);

/* The same by another process: one without rights does not see all of /proc. */
struct proc_source {
	ssize_t (*text)(void *arg, pid_t pid, const char *name, bool is_link, char *ret,
	                size_t size);
	ssize_t (*list)(void *arg, pid_t after, pid_t *ret, size_t room);
};

/* All functions here but proc_text() read by this source from now on. */
void proc_read_by(const struct proc_source *source, void *arg);

/* 0 or -errno of what could not be read. */
int proc_read(pid_t pid, struct proc *ret);

/* Is the root directory of this process that of process 1? False also where that is not said. */
bool proc_root_is_initial(void);

struct proc_birth {
	uint64_t start_ticks; /* 1/100 s since boot */
	uint32_t ppid;        /* of its parent now */
};

/*
 * 0; -ESRCH, -ENOENT: it does not run (any more). *ret is set as well if it has ended and its
 * parent has not waited for it yet.
 */
int proc_birth(pid_t pid, struct proc_birth *ret);
int proc_start(pid_t pid, uint64_t *ret_ticks);

/*
 * The path of what it runs, without the " (deleted)" of a file that has no name
 * any more. 0 or -errno: a thread of the kernel has none.
 */
int proc_exe(pid_t pid, char *ret, size_t size);

/* Its session of audit; -1: none, or not known. */
uint32_t proc_audit_session(pid_t pid);

/* Its cgroups, a line each, as far as there is room. 0 or -errno. */
int proc_cgroups(pid_t pid, char *ret, size_t size);

#endif
