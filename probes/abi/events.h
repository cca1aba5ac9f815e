/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the probes send: one perf record per event, in the byte order of the
 * machine. Both sides share it, and maps.h and offsets/layout.h.
 *
 * A record begins with struct event_head; header.len is what was sent (perf
 * pads records). schema.h has the classes, and the header of each record its
 * fields.
 */
#ifndef PROBES_ABI_EVENTS_H
#define PROBES_ABI_EVENTS_H

#include <linux/types.h>

#include "probes/abi/schema.h"

/* Limits of the variable part. */
#define ARGV_BYTES_MAX  32768
#define ENV_BYTES_MAX   4096 /* as far as argv leaves room for it */
#define ARGV_PARTS_MAX  16   /* of what goes out in parts: 4 KiB */
#define ENV_PART_BYTES  2048 /* of these for the environment */
#define PATH_BYTES_MAX  4096 /* a walk stops above it, at most one name later */
#define NAME_BYTES      256  /* of one name and its NUL */
#define EVENT_BYTES_MAX 59392

/* Of an exec that has begun: probes/exec_attempt.bpf.c. */
enum attempts_have {
	ATTEMPTS_COMM = 1, /* the name before it */
	ATTEMPTS_BPRM = 2, /* how it was called */
};

/* The value of the one-entry map "settings". */
struct settings {
	__u32 classes;      /* 1 << enum event_type that are wanted */
	__u32 self_tgid;    /* not reported: the sensor; 0 while it checks itself */
	__u32 monitor_tgid; /* the same: its other process */
	__u32 canary_tgid;  /* reported whatever the rules say; 0: none */
	__u32 env;          /* the environment is wanted */
	__u32 nothing;      /* 0, which no verifier knows: probes/core/stack.bpf.h */
	__u32 attempts;     /* what the map of that name has: enum attempts_have */
	__u32 filters;      /* 1 << enum filter_kind for which there are rules */
	__u32 only;         /* 1 << enum filter_kind of which only what a rule allows is reported */
	__u32 watched; /* WATCH_*, and by which lengths there are rules: probes/core/watch.bpf.h */
	__u32 dentry_part, mount_part; /* where it reads: offset of d_parent, and of mnt_parent */
	__u32 file_mode;        /* offset of f_mode: of most opens no more is read; 0: none is */
	__u32 file_path;        /* of f_path */
	__u32 mount_mnt;        /* of mnt */
	__u32 shares;           /* bytes that a user has of each ring (struct share); 0: no limit */
	__u32 places;           /* lengths of the places of rules in file systems: WATCH_PLACE_* */
	__u32 inode_sb, sb_dev; /* offsets of i_sb and s_dev, for these */
	__u32 inode_ino;        /* of i_ino */
	__u64 bloom[16];        /* of the values of those rules: bloom_bit() */
	__u8 begins[1024];      /* of what begins them: enum watch_begin */
	__u64 seed; /* of the hashes of cgroups: random, so that nobody makes the name for a hash */
	__u32 shares_twice; /* 1 << enum event_type for which a share is twice as large; */
	__u32 shares_four;  /* four times */
	__u32 shares_all;   /* root has shares too, and sockets count; else neither */
	__u32 adopted;      /* files of another sensor's map are kept: loader/bpf/adopt.h */
	__u64 number;       /* of these settings; written last */
};

/* The value of the map "counters", key: CPU. Only ever counts up. Index: enum event_type. */
struct counters {
	__u64 sequence;              /* next header.sequence */
	__u64 sent[COUNTER_SLOTS];   /* records the ring took */
	__u64 lost[COUNTER_SLOTS];   /* records the ring had no room for */
	__u64 shed[COUNTER_SLOTS];   /* records whose user had used up the share of the ring */
	__u64 unsent[COUNTER_SLOTS]; /* lost before there was a record: no memory for it, or no
	                                program ran */
	__u64 flows;                 /* of datagrams, that have begun */
	__u64 connections, disconnections; /* that came into the map of that name, and left it */
};

#endif
