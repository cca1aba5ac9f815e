/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Keys and values of the maps that no event carries; the loader sizes them. */
#ifndef PROBES_ABI_MAPS_H
#define PROBES_ABI_MAPS_H

#include "probes/abi/events.h"
#include "offsets/layout.h"

/* Where a path walk is: at a dentry below a mount, or at a cgroup (mount 0). */
struct walk {
	__u64 dentry; /* 0: nothing to walk */
	__u64 mount;
};

/* An operation on a file, from the check of its rights to where it has succeeded. */
struct file_call {
	__u64 mount;        /* struct mount of both */
	__u64 dentry;       /* what is made, removed, changed; of a rename the old name */
	__u64 other;        /* of a rename the new name, of a link the old one; else 0 */
	__u64 string, type; /* texts of that name; 0: none */
	__u64 file;         /* of an open for writing: struct file */
	__u64 time_ns;
	struct file_owner before;
	__u32 operation; /* enum file_operation */
	__u32 flags;
	__u32 depth; /* calls of the function that does it: overlayfs calls it for the layer below
	              */
	__u32 late;  /* it is done, and what was before is not known */
	__u32 tid;   /* of the thread */
};

/* A file that a watch rule matches, from its open for writing until it is written or closed;
 * key: struct file. */
struct opened_file {
	__u64 mount, dentry;
	__u64 inode, number; /* by which it is known again: memory may be another file's by then */
};

#define OPENED_FILES 8192

/* How far the check of a path against the rules is: probes/core/watch.bpf.h. */
#define WATCH_NAMES 8 /* a power of two: names kept, those nearest to the root; WATCH_BELOW_MAX */

/* Which names of a path are compared. */
enum watch_place {
	IN_NAMESPACE,     /* those in the mount namespace */
	IN_FILE_SYSTEM,   /* those in the file system */
	IN_LAYER,         /* of overlayfs: those in the file system of its upper layer */
	IN_LAYER_OF_OTHER /* the same of the other one of two paths */
};

struct watch_check {
	struct walk walk;
	__u64 names[WATCH_NAMES]; /* hashes; index: number of the name from the leaf on, modulo */
	__u64 tail;               /* of the names from the leaf on */
	__u64 directory;          /* of the leaf: dentry */
	__u32 count;
	__u32 begun;    /* the leaf is done */
	__u32 second;   /* the other one of two paths */
	__u32 result;   /* enum watch_result, of programs by fentry */
	__u32 moves;    /* it makes, renames or removes a name */
	__u32 place;    /* enum watch_place */
	__u64 top;      /* of a place: the inode of the file system's root */
	__u32 programs; /* that have been run for it, by tail calls */
	__u32 zero;
};

/*
 * Where a message is built. Keyed by CPU and not a per-CPU map: those end at
 * 32 KiB a value. Safe, for no two programs of these types run on a CPU at
 * once (bpf_prog_active in trace_call_bpf()).
 */
struct scratch {
	__u64 cursor; /* bytes of the message so far */
	__u64 text;   /* whose walk is under way: enum event_text */
	__u64 start;  /* of that text in the message */
	struct walk walks[TEXT_SLOTS];
	__u16 text_size[TEXT_SLOTS];
	struct file_call call;
	struct watch_check check;
	union {
		struct event_head head;
		struct exec_event exec;
		struct fork_event fork;
		struct exit_event exit;
		struct file_event file;
		struct socket_event socket;
		struct dns_event dns;
		struct terminal_event terminal;
		struct module_part module;
		char bytes[EVENT_BYTES_MAX];
	};
};

enum tail_call {
	TAIL_EXEC_WALK,
	TAIL_PARTS_BEGIN,
	TAIL_PARTS_ARGV,
	TAIL_PARTS_TEXTS,
	TAIL_FILE_CHECK,
	TAIL_FILE_REPORT,
	TAIL_FILE_WALK,
	TAIL_MODULE_WALK,
	TAIL_CALLS
};

/* An event that goes out in parts, on its way through tail calls. */
struct parting {
	__u64 argv, end; /* of argv and environment; 0: could not be read */
	__u64 name;      /* what is left of a name, or of a string; 0: the next name */
	struct walk walks[EXEC_TEXTS]; /* from the one at hand on, TEXT_FILENAME last; of a string:
	                                  where it lies */
	__u64 file;                    /* of an exec */
	__u64 inode;                   /* as stat() shows it */
	__u64 sequence;                /* of the event */
	__u32 text;                    /* of the first of walks */
	__u32 number;                  /* of the next part */
	__u32 unread, truncated;
	__u32 device, zero; /* as inode */
};

/*
 * An exec that has begun: what it replaces is still there; key: task, as the id of
 * a thread changes in an exec. One that fails leaves it to the next exec of the task.
 */
struct attempt {
	__u64 bprm; /* 0: only the name is known */
	/* The file that was to be executed first, which may be a script: struct script_part. */
	__u64 inode, opened_ns;
	__u32 device, unread;
	__u32 tid;
	__u32 script; /* struct interpreter_part */
	char comm[EVENTS_COMM_BYTES];
	__u32 tgid, zero; /* while that of the thread changes, the process is there */
};

#define ATTEMPTS 4096

#define INTERPRETERS 1024 /* attempts that are scripts */

/* A call that has not returned; a thread may be in one of each class. */
struct kept_key {
	__u64 tid;        /* bpf_get_current_pid_tgid() */
	__u32 type, zero; /* enum event_type */
};

/* What a call was given, until it returns. */
struct kept_call {
	__u64 subject; /* on what: a task, a bpf_attr, a dentry; where the caller has the name of a
	                  file */
	__u64 value;
	__u64 names[2]; /* of a mount: what, and its type */
	__u32 number, zero;
};

#define KEPT_CALLS 16384

/* In place of an event type: what a bpf() was given, until it comes to the verifier. */
#define KEPT_ATTR EVENT_TYPES

/* What a thread was before a system call that may change it; key: struct kept_key. */
struct kept_state {
	union {
		struct credentials credentials;
		struct namespace_set namespaces;
	};
	__u32 user_ns; /* inode number */
	__u32 unread;  /* it could not be read */
};

#define KEPT_STATES 4096

/*
 * What of a CPU's ring the events of a user take, while settings.shares sets a limit:
 * because rings run over, or because the sensor takes more CPU time than it may. Who has
 * used up his share has no more events in it until the next tick, so that he does not
 * take what others have. By a hash of the user id; of root by one of the process's name,
 * as much of a host runs as root.
 */
struct share {
	__u32 tick;  /* of time_ns >> SHARE_TICK_BITS */
	__u32 bytes; /* of events */
};

#define SHARES_BITS     7                   /* one half is root's */
#define SHARES          (1U << SHARES_BITS) /* of a CPU */
#define SHARE_TICK_BITS 27                  /* 134 ms */
#define SHARE_BYTES     (256 * 1024)
#define SHARE_BYTES_MIN 1024

/* What rules about the process that acts can name. */
enum filter_kind {
	FILTER_UID,    /* its real user id */
	FILTER_COMM,   /* its name */
	FILTER_CGROUP, /* its cgroup, or one above it: the path, hashed from settings.seed on */
	FILTER_KINDS,
	/* Watch rules: a path is reported if one of them matches. */
	WATCH_BELOW =
		FILTER_KINDS, /* a path and all below it: hash of its names from the root on */
	WATCH_TAIL,           /* the last names of a path: hash of them, the last one first */
	WATCH_ENDING,         /* the last bytes of a name: these, and 0 above */
	/* Directories on the path of a rule, of what makes, renames or removes them alone. */
	WATCH_ABOVE,      /* the first names of a WATCH_BELOW, hashed as it is */
	WATCH_ABOVE_TAIL, /* those of a WATCH_TAIL, the last one first */
};

/* Of names the hash: filter_hash() of each word from 0 on. */
struct filter_key {
	__u32 kind, zero;
	__u64 value;
};

#define FILTERS_MAX 4096

enum filter_verdict { FILTER_ALLOW = 1, FILTER_DENY };

/* Paths of cgroups: names that a rule may have, bytes of each that are compared. */
#define CGROUP_NAMES      3
#define CGROUP_NAME_BYTES 32

/*
 * The watch rules in settings.watched: all files, and the lengths that rules have:
 * names of paths, bytes of WATCH_ENDING, a bit each.
 */
#define WATCH_ALL          1U
#define WATCH_BELOW_SHIFT  0 /* bit 1: paths of one name */
#define WATCH_BELOW_MAX    8
#define WATCH_TAIL_SHIFT   8
#define WATCH_TAIL_MAX     3
#define WATCH_ENDING_SHIFT 16
#define WATCH_ENDING_MAX   8
#define WATCH_ENDING_BITS  0xffU
/* Of WATCH_ABOVE and WATCH_ABOVE_TAIL: less than those of the rules. */
#define WATCH_ABOVE_SHIFT      24
#define WATCH_ABOVE_TAIL_SHIFT 11
/*
 * The same in settings.places: of the names from the root of a file system on, whose
 * hashes begin with place_seed(). Bit 0: the file system itself.
 */
#define WATCH_PLACE_SHIFT       0
#define WATCH_PLACE_ABOVE_SHIFT 16

/* Names are compared so far. */
#define WATCH_NAME_BYTES 32
#define WATCH_NAME_WORDS (WATCH_NAME_BYTES / 8)

/* 2^64 by the golden ratio: the upper bits of a product with it are of all bits of the other. */
#define SPREAD 0x9e3779b97f4a7c15ULL

/* The bit of a value in settings.bloom: most paths end with it, without a look-up. */
static inline __attribute__((always_inline)) __u32 bloom_bit(__u64 value)
{
	return value * SPREAD >> 54;
}

/*
 * What of a path is compared with a rule first; of those that no rule has no more
 * is compared. In settings.begins, by begin_index() of the bytes or of filter_hash().
 */
enum watch_begin {
	BEGIN_LAST = 1,    /* the last two bytes, the last one uppermost */
	BEGIN_ENDING = 2,  /* the same, of rules of an ending */
	BEGIN_TAIL = 4,    /* the last name: its last eight bytes, the same way */
	BEGIN_FIRST = 8,   /* the first name */
	BEGIN_ONE = 16,    /* the same, of rules that have no other */
	BEGIN_TWO = 32,    /* the first two */
	BEGIN_DEVICE = 64, /* place_seed() of a rule for a whole file system */
};

static inline __attribute__((always_inline)) __u32 begin_index(__u64 value)
{
	return value * SPREAD >> 54;
}

/* FNV-1a by words: https://www.isthe.com/chongo/tech/comp/fnv/ */
static inline __attribute__((always_inline)) __u64 filter_hash(__u64 hash, __u64 word)
{
	return (hash ^ word) * 0x100000001b3ULL;
}

/* What the hash of names begins with that are those in a file system. device: s_dev */
static inline __attribute__((always_inline)) __u64 place_seed(__u32 device)
{
	return filter_hash(0x706c616365ULL << 24, device);
}

/*
 * A file that has a name that a rule matches, and others: hard links. Numbers as the
 * kernel has them in i_ino and s_dev.
 */
struct linked_file {
	__u64 number;
	__u32 device, zero;
};

#define LINKED_FILES 1024

/* The map "link_marks": 1 for the numbers of linked files, by link_slot(); and behind them: */
#define LINK_MARKS 4096             /* a power of two */
#define LINK_ANY   LINK_MARKS       /* there is a linked file */
#define LINK_LOST  (LINK_MARKS + 1) /* how many had no room in linked_files */

static inline __attribute__((always_inline)) __u32 link_slot(__u64 number)
{
	return number * SPREAD >> 52;
}

/* Of arrays that programs by fentry have at hand. */
#define QUIET_BITS 10
#define MARK_BITS  14

/* What programs by fentry have as constants. */
struct constants {
	struct layout layout;
	__u32 claimed_cpu; /* the number of the first row of their own counters */
	__u32 zero;
};

#define FILE_CALLS 8192

/*
 * Which tasks may have one: set for good, for this look-up is cheap and most
 * tasks have none. A power of two.
 */
#define FILE_TASKS 16384

/* Whose a connection is; key: struct sock. */
struct connection {
	struct process_ids process;
	struct parent_ids parent;
	__u64 start_ns;
	__u64 acked;  /* bytes that the kernel counted for the SYN */
	__u32 unread; /* of the above */
	__u32 uid;
	__u32 outgoing, established; /* 0, 1 or ESTABLISHED_SOON */
	char comm[EVENTS_COMM_BYTES];
};

#define CONNECTIONS      16384
#define ESTABLISHED_SOON 2 /* it is accepted, and has no state for that yet (TCP Fast Open) */

/*
 * A flow of datagrams: of one process (by pid and start) by one socket and port
 * with one other end; all but the socket in one hash. It ends by the loader, once
 * it was idle for so long; a socket's memory may be another one's before that.
 */
struct flow_key {
	__u64 sk, ends;
};

struct flow {
	struct connection of;
	__u64 last_ns; /* CLOCK_MONOTONIC */
	struct socket_ends ends;
	struct socket_count received, sent;
};

#define FLOWS        8192
#define FLOW_IDLE_NS 60000000000ULL

/* A call of connect() to a Unix socket; key: task. */
struct unix_call {
	__u64 sk;
	__u32 size; /* of the name */
	__u32 tid;  /* of the thread */
	char name[UNIX_NAME_BYTES];
};

#define UNIX_CALLS 4096

/* What a process has written to its terminals, in bytes. */
struct terminal_key {
	__u64 start_boottime_ns;
	__u32 pid, zero;
};

struct terminal_count {
	__u64 written;
	__u64 reported; /* of what is beyond TERMINAL_PROCESS_BYTES: in skipped of events */
};

#define TERMINAL_WRITERS 8192

/*
 * Processes whose exit has been sent: two last threads may race to it. Value: the
 * thread that has sent it, for the memory may be another process's by now, and its
 * start the same: the clock of a machine may be coarse.
 */
#define EXITED_ENTRIES 4096

struct exited_key {
	__u64 signal; /* struct signal_struct */
	__u64 start_boottime_ns;
	__u32 pid, zero;
};

#endif
