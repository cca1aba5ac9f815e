/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The maps of the programs of 'sextant trace', and the memory in which a record is made. */
#ifndef PROBES_TRACE_CALL_MAPS_BPF_H
#define PROBES_TRACE_CALL_MAPS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "probes/abi/call_record.h"
#include "probes/abi/maps.h"
#include "probes/core/verifier.bpf.h"
#include "probes/trace/call_choice.bpf.h"

/*
 * The list at hand. In memory, so that the verifier does not know its numbers: it would walk each
 * of their ranges separately.
 */
struct call_list {
	__u64 address, count;        /* of struct iovec */
	__u64 left;                  /* bytes that they have in all */
	__u64 most;                  /* bytes to read of each */
	__u64 control, control_size; /* of a message */
};

struct call_scratch {
	struct where_scratch where;
	__u64 here;  /* regs_find() */
	__u64 regs;  /* of the thread: struct pt_regs; of a call that returns */
	__u64 end;   /* of the record so far; in memory, so that the verifier does not follow it */
	__u32 cut;   /* of the value at hand */
	__u32 when;  /* enum call_when: which parameters are read now */
	__u32 again; /* 1 << parameter that is read besides those of the time */
	__u32 items, name; /* of the list at hand: struct call_value */
	struct call_list list;
	__u64 begin;       /* of the list at hand */
	__u32 is_read;     /* it is */
	__u32 width;       /* of a pointer in it */
	__u32 list_due;    /* the list is read after the files */
	__u32 files_left;  /* 1 << value: its file is to be read */
	__u32 file_value;  /* whose path is being walked */
	__u32 socket_size; /* from a struct socket to its inode, once it is known */
	struct walk walk;  /* dentry 0: none is */
	union {
		struct call_record record;
		char bytes[CALL_RECORD_MAX + 2 * CALL_VALUE_MAX];
	};
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_ROWS);
	__type(key, __u32);
	__type(value, struct call_plan);
} call_plans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_settings);
} call_settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALL_PIDS);
	__type(key, __u32);
	__type(value, __u32);
} call_pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALL_REQUESTS);
	__type(key, __u64);
	__type(value, struct call_request);
} call_requests SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALL_PACKED);
	__type(key, __u32);
	__type(value, struct call_packed);
} call_packed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALLS_PENDING);
	__type(key, __u32);
	__type(value, struct call_pending);
} call_pending SEC(".maps");

/* Execs by threads that are not the first of their process, by the process: exec_begins(). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALL_EXECS);
	__type(key, __u32);
	__type(value, struct call_pending);
} call_execs SEC(".maps");

/* Key: CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_scratch);
} call_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_counts);
} call_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_sum);
} call_sums SEC(".maps");

/* One row, and CALL_PROCESS_ROWS with CALL_SUMMARY_PROCESSES. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct call_process_key);
	__type(value, struct call_process_sum);
} call_process_sums SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

/* The file name of an exec that has succeeded, until it returns; by the lowest bits of its thread.
 */
struct call_name {
	__u32 tid, zero; /* 0: the row is free */
	char bytes[CALL_VALUE_MAX];
};

#define CALL_NAMES 128

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_NAMES);
	__type(key, __u32);
	__type(value, struct call_name);
} call_names SEC(".maps");

/* Key: enum call_tail. All programs in it have the same type. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, CALL_TAILS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} call_tails SEC(".maps");

INLINE const struct call_settings *settings_find(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&call_settings, &key);
}

INLINE struct call_counts *counts_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&call_counts, &cpu);
}

INLINE struct call_pending *pending_find(void)
{
	__u32 row = bpf_get_current_pid_tgid() & (CALLS_PENDING - 1);

	return bpf_map_lookup_elem(&call_pending, &row);
}

INLINE struct call_name *name_find(void)
{
	__u32 row = bpf_get_current_pid_tgid() & (CALL_NAMES - 1);

	return bpf_map_lookup_elem(&call_names, &row);
}

INLINE const struct call_plan *plan_find(__u32 abi, __u32 number)
{
	__u32 slot = call_slot(abi, number);
	const struct call_plan *plan = bpf_map_lookup_elem(&call_plans, &slot);

	return plan && plan->wanted ? plan : 0;
}

#endif
