/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Keys and values of the maps that no event carries; the loader sizes them. */
#ifndef PROBES_MAPS_H
#define PROBES_MAPS_H

#include "events.h"

/* A path walk on its way through tail calls. */
struct walk {
	__u64 dentry;
	__u64 mount;
	__u64 start; /* of the path in the message */
};

/*
 * Where a message is built. Keyed by CPU and not a per-CPU map: those end at
 * 32 KiB a value. Safe, for no two programs of these types run on a CPU at
 * once (bpf_prog_active in trace_call_bpf()).
 */
struct scratch {
	__u64 cursor; /* bytes of the message so far */
	__u64 cwd;    /* the walk is on the working directory */
	struct walk walk, next;
	union {
		struct event_head head;
		struct exec_event exec;
		struct fork_event fork;
		struct exit_event exit;
		char bytes[EVENT_BYTES_MAX];
	};
};

enum tail_call { TAIL_EXEC_WALK, TAIL_PARTS_ARGV, TAIL_PARTS_WALK, TAIL_CALLS };

/* An exec that goes out in parts, on its way through tail calls. */
struct parting {
	__u64 argv, end;     /* of argv and environment; 0: could not be read */
	__u64 dentry, mount; /* of the walk at hand; dentry 0: its last name is going out */
	__u64 name;          /* what is left of a name */
	__u32 name_left;     /* bytes with its NUL; 0: the next name */
	__u32 cwd;           /* the walk is on the working directory */
	__u64 next_dentry, next_mount;
	__u64 sequence; /* of the exec */
	__u32 number;   /* of its next part */
	__u32 unread, truncated;
};

/* Processes whose exit has been sent: two last threads may race to it. */
#define EXITED_ENTRIES 4096

struct exited_key {
	__u64 start_boottime_ns;
	__u32 pid, zero;
};

#endif
