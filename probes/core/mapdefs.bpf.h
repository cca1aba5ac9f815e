/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The maps of all programs but that of the offsets (read.bpf.h). They are
 * defined in BTF, which libbpf reads; kernels without BTF get the maps without
 * it. The loader sets the number of entries of maps that have an entry for each
 * CPU. Keys and values are in probes/abi/maps.h.
 */
#ifndef PROBES_CORE_MAPDEFS_BPF_H
#define PROBES_CORE_MAPDEFS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "probes/abi/maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

/* Key: CPU. A per-CPU map would need 4.6. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* Key: share_slot(). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SHARES);
	__type(key, __u32);
	__type(value, struct share);
} shares SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/* Key: CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct parting);
} parting SEC(".maps");

/* Value: enum filter_verdict. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTERS_MAX);
	__type(key, struct filter_key);
	__type(value, __u32);
} filters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ATTEMPTS);
	__type(key, __u64);
	__type(value, struct attempt);
} attempts SEC(".maps");

/* The last interpreter of an attempt; the same key. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, INTERPRETERS);
	__type(key, __u64);
	__type(value, struct interpreter);
} interpreters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, KEPT_CALLS);
	__type(key, struct kept_key);
	__type(value, struct kept_call);
} kept_calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, KEPT_STATES);
	__type(key, struct kept_key);
	__type(value, struct kept_state);
} kept_states SEC(".maps");

/* Key: enum tail_call. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, TAIL_CALLS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} tail_calls SEC(".maps");

/* The same for kprobes: all programs in a program array have the same type. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, TAIL_CALLS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} kprobe_tail_calls SEC(".maps");

/*
 * Key: the task. A call that fails leaves its entry to the next call of the
 * task.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILE_CALLS);
	__type(key, __u64);
	__type(value, struct file_call);
} file_calls SEC(".maps");

/* Key: struct file. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, OPENED_FILES);
	__type(key, __u64);
	__type(value, struct opened_file);
} opened_files SEC(".maps");

/* Value: 1. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LINKED_FILES);
	__type(key, struct linked_file);
	__type(value, __u32);
} linked_files SEC(".maps");

/* Key: link_slot(), LINK_ANY, LINK_LOST. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LINK_MARKS + 2);
	__type(key, __u32);
	__type(value, __u32);
} link_marks SEC(".maps");

/* Key: file_task_slot(). Value: 1 if one of its tasks has had a call. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FILE_TASKS);
	__type(key, __u32);
	__type(value, __u32);
} file_tasks SEC(".maps");

/* Key: struct sock. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CONNECTIONS);
	__type(key, __u64);
	__type(value, struct connection);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FLOWS);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

/* Key: the task. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UNIX_CALLS);
	__type(key, __u64);
	__type(value, struct unix_call);
} unix_calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, EXITED_ENTRIES);
	__type(key, struct exited_key);
	__type(value, __u32);
} exited SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TERMINAL_WRITERS);
	__type(key, struct terminal_key);
	__type(value, struct terminal_count);
} terminal_writers SEC(".maps");

#endif
