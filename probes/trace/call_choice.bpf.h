/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Which calls are reported, besides the choice by process and user: by the thread's name, by
 * parameters, by the result, and how many in a second.
 */
#ifndef PROBES_TRACE_CALL_CHOICE_BPF_H
#define PROBES_TRACE_CALL_CHOICE_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "probes/abi/call_record.h"
#include "probes/core/verifier.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALL_COMMS);
	__uint(key_size, EVENTS_COMM_BYTES);
	__uint(value_size, sizeof(__u32));
} call_comms SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_WHERES);
	__type(key, __u32);
	__type(value, struct call_where);
} call_wheres SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_rate);
} call_rate SEC(".maps");

INLINE int is_comm_wanted(void)
{
	char comm[EVENTS_COMM_BYTES] = { 0 };

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_map_lookup_elem(&call_comms, comm) != 0;
}

/* ---- parameters ---------------------------------------------------------- */

enum where_verdict { WHERE_NO, WHERE_YES, WHERE_OPEN }; /* the last: a string is not there yet */

/* Where conditions are decided: memory of a map. */
struct where_scratch {
	__u64 text[CALL_WHERE_WORDS];
	__u64 arguments[8];
	__u64 open; /* a string could not be read */
};

/*
 * A number below 8, for the verifier. Those before 5.x forget the bounds of a number that was on
 * the stack, so it is masked where it is used.
 */
INLINE __u32 below_8(__u32 i)
{
	BARRIER(i);
	return i & 7;
}

INLINE int where_string(struct where_scratch *s, const struct call_where *w, __u64 address)
{
	__u32 i;

	if (!address)
		return 0;
	s->text[0] = 0; /* of an empty string some kernels write nothing: string_read() */
	if (bpf_probe_read_str(s->text, sizeof(s->text), (void *)address) < 0) {
		s->open = 1;
		return 1;
	}
#pragma unroll
	for (i = 0; i < CALL_WHERE_WORDS; i++)
		if ((s->text[i] & w->mask[i]) != w->text[i])
			return 0;
	return 1;
}

INLINE int where_holds(struct where_scratch *s, const struct call_plan *plan, __u32 i)
{
	__u32 key = i; /* i itself stays a constant, and is not on the stack */
	const struct call_where *w = bpf_map_lookup_elem(&call_wheres, &key);
	__u64 value = s->arguments[below_8(plan->wheres[i].parameter)];
	__u32 kind = plan->wheres[i].kind;

	if (!w)
		return 0;
	if (kind == CALL_WHERE_STRING)
		return where_string(s, w, value);
	if (kind == CALL_WHERE_32)
		return (__u32)value == (__u32)w->number;
	return value == w->number;
}

/* Whether all conditions hold for the parameters of a call. */
INLINE enum where_verdict where_decide(struct where_scratch *s,
                                       const struct call_settings *settings,
                                       const struct call_plan *plan, const __u64 *arguments)
{
	__u32 i;

	if (!settings->wheres)
		return WHERE_YES;
	__builtin_memcpy(s->arguments, arguments, sizeof(s->arguments));
	s->open = 0;
#pragma unroll
	for (i = 0; i < CALL_WHERES; i++)
		if (i < settings->wheres && !where_holds(s, plan, i))
			return WHERE_NO;
	return s->open ? WHERE_OPEN : WHERE_YES;
}

/* ---- results, and how many ----------------------------------------------- */

INLINE int is_reported(const struct call_settings *settings, __s64 result, __u64 took)
{
	__u32 i, is = !settings->errors[0];

	if (!settings->at_return)
		return 1;
#pragma unroll
	for (i = 0; i < CALL_ERRORS; i++)
		is |= settings->errors[i] == result;
	return is && result >= settings->result_low && result <= settings->result_high &&
	       took >= settings->duration_ns;
}

#define SECOND_NS 1000000000

/* CPUs that begin a second at the same time may report a few calls more. */
INLINE int is_beyond_rate(const struct call_settings *settings, struct call_counts *counts)
{
	struct call_rate *rate;
	__u32 key = 0;
	__u64 now;

	if (!settings->rate)
		return 0;
	now = bpf_ktime_get_ns();
	rate = bpf_map_lookup_elem(&call_rate, &key);
	if (!rate || !counts)
		return 0;
	if ((__s64)(now - rate->begun_ns) >= SECOND_NS) {
		rate->begun_ns = now;
		rate->calls = 0;
	}
	__sync_fetch_and_add(&rate->calls, 1);
	if (rate->calls <= settings->rate)
		return 0;
	counts->beyond++;
	return 1;
}

#endif
