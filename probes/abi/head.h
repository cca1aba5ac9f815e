/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the records of several event classes have in common: the header, the
 * process that acts, its parent, and texts. The members of all structs lie
 * where they are aligned, so that no record has padding that is not cleared.
 */
#ifndef PROBES_ABI_HEAD_H
#define PROBES_ABI_HEAD_H

#include <linux/types.h>

#define EVENTS_COMM_BYTES 16
#define EVENTS_TTY_BYTES  16

struct event_header {
	__u32 len;  /* bytes of this record */
	__u16 type; /* enum event_type */
	__u16 cpu;
	__u64 sequence; /* per CPU, from 0; records that were dropped count as well */
	__u64 time_ns;  /* CLOCK_MONOTONIC */
	__u32 unread; /* 1 << FIELD_...: could not be read, or this kernel has none; its bytes are 0
	               */
	__u32 truncated; /* 1 << FIELD_...: there is more of it than the record has */
};

/*
 * Start times are as the kernel stores them, CLOCK_BOOTTIME, in ns. A process
 * is identified by its tgid and the start time of its leader.
 */
struct process_ids {
	__u32 pid; /* thread group id, in the initial pid namespace */
	__u32 tid;
	__u64 start_boottime_ns; /* of the thread group leader */
};

/* Every event begins with it. */
struct event_head {
	struct event_header header;
	struct process_ids process;
};

struct parent_ids {
	__u32 pid;
	__u32 pgid; /* of the process itself: its group, in the initial pid namespace */
	__u64 start_boottime_ns;
	char comm[EVENTS_COMM_BYTES];
};

struct credentials {
	__u32 uid, gid, euid, egid, suid, sgid, fsuid, fsgid; /* in the initial user namespace */
	__u64 cap_permitted, cap_effective, cap_inheritable, cap_bset;
	__u64 cap_ambient; /* 0 where the kernel has none: before 4.3, but RHEL7 has */
};

/*
 * Texts that follow a struct back to back. An exec, and an operation on a file,
 * use some of the same slots. The first two are one string each, the others are
 * paths: the names from the leaf to the root, each ended by NUL: "ls\0bin\0" is
 * /bin/ls; no name at all is "/".
 */
enum event_text {
	TEXT_FILENAME,  /* of the file to execute, as the caller named it */
	TEXT_INTERP,    /* of its interpreter, as a script names it; empty: no script */
	TEXT_ROOT,      /* root directory: "/" but in a chroot */
	TEXT_CGROUP,    /* version 2 */
	TEXT_CGROUP_V1, /* of the memory controller; where only version 2 is, an ancestor's */
	TEXT_EXE,       /* executable */
	TEXT_CWD,       /* working directory; both can be made long, so they come last */
	EXEC_TEXTS,
	TEXT_SLOTS = 8, /* a power of two, so that a program can prove an index by a mask */

	FILE_STRING =
		TEXT_FILENAME,   /* where a symlink leads; an attribute's name; what is mounted */
	FILE_TYPE = TEXT_INTERP, /* of a mount: type of the file system */
	FILE_ROOT = TEXT_ROOT,   /* root directory of the process */
	FILE_PATH = TEXT_EXE,    /* of a rename and a link the new name */
	FILE_OTHER_PATH = TEXT_CWD, /* of a rename the old name, of a link the file's other one */
};

/*
 * The fields with the same number in all classes (schema.h). A record with texts
 * has their fields next, in the order of enum event_text; other records have
 * their own fields there.
 */
enum common_field {
	FIELD_START,  /* of what the JSON calls "process" */
	FIELD_PARENT, /* of it: pid, start and name */
	FIELD_GROUPS, /* process group; of an exec the session as well */
	FIELD_OWN,
	FIELD_TEXTS = FIELD_OWN,
};

#define FIELDS_MAX 32 /* header.unread and .truncated have a bit for each */

#endif
