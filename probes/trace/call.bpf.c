/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Each system call, when it begins and when it returns (tier 1): by raw tracepoints, or by
 * the tracepoints of the same name where the kernel has none. A table in the map "call_plans"
 * says what is read of each call's parameters.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

#include "probes/trace/call_files.bpf.h"
#include "probes/trace/call_values.bpf.h"

/* ---- records ------------------------------------------------------------ */

INLINE struct call_scratch *record_begin(const struct call_pending *call, __u16 type)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct call_scratch *s = bpf_map_lookup_elem(&call_scratch, &cpu);
	__u64 id = bpf_get_current_pid_tgid();
	struct call_record *r;

	if (!s)
		return 0;
	r = &s->record;
	__builtin_memset(r, 0, sizeof(*r));
	s->end = sizeof(*r);
	s->walk.dentry = 0;
	r->header.type = type;
	r->header.cpu = cpu;
	r->header.time_ns = type == CALL_BEGINS ? call->began_ns : bpf_ktime_get_ns();
	r->process.pid = id >> 32;
	r->process.tid = id;
	r->began_ns = call->began_ns;
	__builtin_memcpy(r->arguments, call->arguments, sizeof(r->arguments));
	r->number = call->number;
	r->abi = call->abi;
	r->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(r->comm, sizeof(r->comm));
	return s;
}

INLINE void record_send(void *ctx, struct call_scratch *s)
{
	struct call_counts *c = counts_find();
	__u64 size = s->end;

	BARRIER(size);
	if (!c || size > CALL_RECORD_MAX + CALL_VALUE_MAX)
		return;
	BARRIER(size);
	if (size < sizeof(s->record))
		return;
	s->record.header.len = size;
	s->record.header.sequence = c->sequence++;
	if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, s->bytes, size))
		c->lost++;
	else
		c->sent++;
}

/*
 * The thread's registers, at the upper end of its kernel stack (task_pt_regs()), on which this
 * program has its own memory. The address goes through a map, because verifiers from 4.14 on allow
 * no such arithmetic with a pointer. Only in programs that make tail calls: others have memory of
 * their own for it from 6.13 on. 0: not known.
 */
INLINE __u64 regs_find(void)
{
	const struct call_settings *settings = settings_find();
	__u32 cpu = bpf_get_smp_processor_id();
	struct call_scratch *s = bpf_map_lookup_elem(&call_scratch, &cpu);
	__u64 here = 0, stack;

	if (!s || !settings || !settings->stack_bytes)
		return 0;
	*(volatile __u64 *)&s->here = (__u64)&here;
	stack = *(volatile __u64 *)&s->here;
	stack = (stack & ~(__u64)(settings->stack_bytes - 1)) + settings->stack_bytes;
	return stack - sizeof(struct pt_regs);
}

/* ---- lists -------------------------------------------------------------- */

INLINE void list_take(struct call_scratch *s, const struct call_plan *plan,
                      struct call_pending *pending, const struct call_settings *settings)
{
	__u32 i = below_8(plan->list);
	const struct call_parameter *p = &plan->parameters[i];
	struct call_value *value;

	s->begin = s->end;
	s->cut = s->items = s->name = 0;
	s->list.control_size = 0;
	if (p->kind == CALL_REQUEST && !request_due(s, p, i, settings))
		return;
	/* In memory, so that the verifier walks what follows once and not for each way to here. */
	*(volatile __u32 *)&s->is_read = list_read(s, p, s->record.arguments[i], settings);
	i = below_8(plan->list);
	value = &s->record.values[i];
	value_end(s, value, *(volatile __u32 *)&s->is_read, s->begin);
	value->items = s->items;
	value->name = s->name;
	if (s->record.header.type == CALL_BEGINS && !s->is_read) {
		pending->again |= 1U << i;
		exec_again(i);
	}
	control_read(s);
}

/* By tail call from the two others: reads the list, and sends the record. */
INLINE int call_list(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct call_scratch *s = bpf_map_lookup_elem(&call_scratch, &cpu);
	const struct call_settings *settings = settings_find();
	const struct call_plan *plan;
	struct call_pending *pending;

	if (!s || !settings)
		return 0;
	plan = plan_find(s->record.abi, s->record.number);
	pending = pending_find();
	if (!plan || !pending)
		return 0;
	list_take(s, plan, pending, settings);
	record_send(ctx, s);
	return 0;
}

/* ---- files -------------------------------------------------------------- */

/* What is left of a record is read by tail calls; the last one sends it. */
INLINE void rest_read(void *ctx, struct call_scratch *s)
{
	if (s->files_left)
		bpf_tail_call(ctx, &call_tails, CALL_TAIL_FILES);
	if (s->list_due)
		bpf_tail_call(ctx, &call_tails, CALL_TAIL_LIST);
	record_send(ctx, s);
}

INLINE int call_files(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct call_scratch *s = bpf_map_lookup_elem(&call_scratch, &cpu);

	if (!s)
		return 0;
	if (files_read(s))
		bpf_tail_call(ctx, &call_tails, CALL_TAIL_FILES);
	s->files_left = 0; /* there are no more tail calls */
	rest_read(ctx, s);
	return 0;
}

/* ---- entry -------------------------------------------------------------- */

/* By parameters, and by rate: at the entry. */
INLINE enum where_verdict call_choose(const struct call_settings *settings,
                                      const struct call_plan *plan, const __u64 *arguments)
{
	enum where_verdict verdict;
	struct call_scratch *s;
	__u32 cpu;

	if (!settings->wheres && !settings->rate)
		return WHERE_YES;
	cpu = bpf_get_smp_processor_id();
	s = bpf_map_lookup_elem(&call_scratch, &cpu);
	if (!s)
		return WHERE_NO;
	verdict = where_decide(&s->where, settings, plan, arguments);
	if (verdict != WHERE_YES || settings->summary || settings->at_return)
		return verdict;
	return is_beyond_rate(settings, counts_find()) ? WHERE_NO : WHERE_YES;
}

INLINE int call_begins(void *ctx, const struct call_settings *settings, struct call_pending *call)
{
	const struct call_plan *plan;
	struct call_pending *pending;
	enum where_verdict verdict;
	struct call_scratch *s;

	plan = plan_find(call->abi, call->number);
	pending = pending_find();
	if (!plan || !pending || plan->wanted == CALL_WANTED_INSIDE)
		return 0;
	verdict = call_choose(settings, plan, call->arguments);
	if (verdict == WHERE_NO) {
		if (pending->tid == call->tid)
			pending->tid = 0; /* its return is left out, too */
		return 0;
	}
	if (pending->tid && pending->tid != call->tid)
		unkept_count();
	call->began_ns = bpf_ktime_get_ns();
	if (settings->summary || settings->at_return || verdict == WHERE_OPEN) {
		call->open = verdict == WHERE_OPEN;
		exec_begins(plan, call);
		pending_put(pending, call, plan);
		return 0;
	}
	s = record_begin(call, CALL_BEGINS);
	if (!s)
		return 0;
	s->again = 0;
	s->when = CALL_ENTRY;
	values_read(s, plan, settings);
	call->again = values_unread(&s->record);
	exec_begins(plan, call);
	pending_put(pending, call, plan);
	s->files_left = plan->files & ~(1U << CALL_VALUE_RESULT);
	s->list_due = list_now(s, plan) != CALL_NO_LIST;
	rest_read(ctx, s);
	return 0;
}

/* ---- return ------------------------------------------------------------- */

INLINE void call_count(const struct call_pending *call, __s64 result, __u64 took)
{
	__u32 key = bpf_get_smp_processor_id() * CALL_ROWS + call_slot(call->abi, call->number);
	struct call_sum *sum = bpf_map_lookup_elem(&call_sums, &key);
	__u32 bucket = bucket_of(took);

	if (!sum)
		return;
	sum->calls++;
	sum->errors += is_error(result);
	sum->total_ns += took;
	BARRIER(bucket);
	sum->buckets[bucket & (CALL_BUCKETS - 1)]++;
}

/* The row of the process at hand; 0: there is no room. */
INLINE struct call_process_sum *process_sum_get(const struct call_pending *call)
{
	struct call_process_key key = { .tgid = bpf_get_current_pid_tgid() >> 32,
		                        .slot = call_slot(call->abi, call->number) };
	struct call_process_sum *sum = bpf_map_lookup_elem(&call_process_sums, &key);
	struct call_process_sum zero;

	if (sum)
		return sum;
	__builtin_memset(&zero, 0, sizeof(zero));
	bpf_map_update_elem(&call_process_sums, &key, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&call_process_sums, &key);
}

/* Threads of a process count at the same time. */
INLINE void call_count_process(const struct call_pending *call, __s64 result, __u64 took)
{
	struct call_process_sum *sum = process_sum_get(call);
	__u32 bucket = bucket_of(took);
	struct call_counts *c;

	if (!sum) {
		c = counts_find();
		if (c)
			c->uncounted++;
		return;
	}
	__sync_fetch_and_add(&sum->sum.calls, 1);
	__sync_fetch_and_add(&sum->sum.errors, (__u64)is_error(result));
	__sync_fetch_and_add(&sum->sum.total_ns, took);
	BARRIER(bucket);
	__sync_fetch_and_add(&sum->sum.buckets[bucket & (CALL_BUCKETS - 1)], 1);
	sum->last_ns = call->began_ns + took;
	bpf_get_current_comm(sum->comm, sizeof(sum->comm));
}

/* Of execve, not of execveat: the kernel has another name for what that is given. */
INLINE int name_restore(struct call_pending *call)
{
	struct call_name *name = name_find();
	__u32 number = call->number;

	if (!name || name->tid != (__u32)bpf_get_current_pid_tgid())
		return 0;
	name->tid = 0;
	if (number != (call->abi == CALL_32 ? 11 : call->abi == CALL_X32 ? 520 : 59))
		return 0;
	call->arguments[0] = (__u64)name->bytes;
	return 1;
}

/*
 * A call whose conditions were open at its entry. is_gone: so is the memory that they are about; it
 * is reported.
 */
INLINE int is_chosen_late(const struct call_settings *settings, const struct call_pending *call,
                          int is_gone)
{
	const struct call_plan *plan = plan_find(call->abi, call->number);
	__u32 cpu = bpf_get_smp_processor_id();
	struct call_scratch *s = bpf_map_lookup_elem(&call_scratch, &cpu);

	if (!plan || !s)
		return 0;
	if (is_gone)
		return 1;
	return where_decide(&s->where, settings, plan, call->arguments) == WHERE_YES;
}

/* regs: the thread's struct pt_regs; 0: it has to be found. */
INLINE int call_returns(void *ctx, __u64 number, __s64 result, __u64 regs)
{
	const struct call_settings *settings = settings_find();
	struct call_pending *call;
	const struct call_plan *plan;
	struct call_scratch *s;
	__u32 whole;
	int is_gone;
	__u64 took;

	if (!settings || !settings->running)
		return 0;
	call = pending_find();
	if (!call)
		return 0;
	exec_returns(call, number, result);
	if (call->tid != (__u32)bpf_get_current_pid_tgid())
		return 0;
	exec_forget(call);
	call->tid = 0;
	if (!is_same_call(call, number))
		return 0;
	took = bpf_ktime_get_ns() - call->began_ns;
	/* Of an exec that has succeeded the memory is gone, but for what was kept. */
	is_gone = !result && is_exec(call) && !name_restore(call);
	if (!is_reported(settings, result, took) ||
	    (call->open && !is_chosen_late(settings, call, is_gone)))
		return 0;
	if (settings->summary == CALL_SUMMARY_PROCESSES) {
		call_count_process(call, result, took);
		return 0;
	}
	if (settings->summary) {
		call_count(call, result, took);
		return 0;
	}
	whole = settings->at_return || call->open;
	plan = plan_find(call->abi, call->number);
	if (!plan || (whole && is_beyond_rate(settings, counts_find())))
		return 0;
	s = record_begin(call, whole ? CALL_BOTH : CALL_RETURNS);
	if (!s)
		return 0;
	s->record.result = result;
	s->again = call->again;
	s->files_left = whole ? plan->files : plan->files & 1U << CALL_VALUE_RESULT;
	if (result < 0)
		s->files_left &= ~(1U << CALL_VALUE_RESULT);
	/* A call that has failed gives nothing back. */
	s->when = (is_error(result) ? 0 : CALL_EXIT) | (whole ? CALL_ENTRY : 0);
	values_read(s, plan, settings);
	s->list_due = list_now(s, plan) != CALL_NO_LIST;
	if (s->list_due)
		s->regs = regs ? regs : regs_find();
	rest_read(ctx, s);
	return 0;
}

/* ---- programs ----------------------------------------------------------- */

/* TP_PROTO(struct pt_regs *regs, long id) */
SEC("raw_tracepoint/sys_enter")
int t1_call_begins_raw(struct bpf_raw_tracepoint_args *ctx)
{
	const struct call_settings *settings = settings_find();
	struct call_pending call = { 0 };
	struct pt_regs regs = { 0 };

	if (!settings || !is_number_wanted(ctx->args[1]) || !is_wanted(settings))
		return 0;
	if (bpf_probe_read(&regs, sizeof(regs), (void *)ctx->args[0]))
		return 0;
	number_set(&call, ctx->args[1], regs.cs == USER32_CS || is_int_80(regs.rip));
	if (call.abi == CALL_32) {
		call.arguments[0] = (__u32)regs.rbx;
		call.arguments[1] = (__u32)regs.rcx;
		call.arguments[2] = (__u32)regs.rdx;
		call.arguments[3] = (__u32)regs.rsi;
		call.arguments[4] = (__u32)regs.rdi;
		call.arguments[5] = (__u32)regs.rbp;
		packed_resolve(&call);
	} else {
		call.arguments[0] = regs.rdi;
		call.arguments[1] = regs.rsi;
		call.arguments[2] = regs.rdx;
		call.arguments[3] = regs.r10;
		call.arguments[4] = regs.r8;
		call.arguments[5] = regs.r9;
	}
	return call_begins(ctx, settings, &call);
}

/* TP_PROTO(struct pt_regs *regs, long ret) */
SEC("raw_tracepoint/sys_exit")
int t1_call_returns_raw(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 regs = ctx->args[0], number = 0;

	bpf_probe_read(&number, sizeof(number),
	               (void *)(regs + offsetof(struct pt_regs, orig_rax)));
	return call_returns(ctx, number, ctx->args[1], regs);
}

SEC("raw_tracepoint")
int t1_call_files_raw(struct bpf_raw_tracepoint_args *ctx)
{
	return call_files(ctx);
}

SEC("raw_tracepoint")
int t1_call_list_raw(struct bpf_raw_tracepoint_args *ctx)
{
	return call_list(ctx);
}

/* ---- the same by tracepoints, before 4.17 --------------------------------- */

/* events/raw_syscalls/sys_enter/format; the loader checks it. */
struct sys_enter_context {
	__u64 common, number;
	__u64 arguments[CALL_PARAMETERS];
};

/* events/raw_syscalls/sys_exit/format. */
struct sys_exit_context {
	__u64 common, number;
	__s64 result;
};

/* Is it a call of i386? */
INLINE int is_from_32(void)
{
	__u64 regs = regs_find(), ip_and_cs[2] = { 0 };

	if (!regs)
		return 0;
	bpf_probe_read(ip_and_cs, sizeof(ip_and_cs),
	               (void *)(regs + offsetof(struct pt_regs, rip)));
	return ip_and_cs[1] == USER32_CS || is_int_80(ip_and_cs[0]);
}

SEC("tracepoint/raw_syscalls/sys_enter")
int t1_call_begins(struct sys_enter_context *ctx)
{
	const struct call_settings *settings = settings_find();
	struct call_pending call = { 0 };

	if (!settings || !is_number_wanted(ctx->number) || !is_wanted(settings))
		return 0;
	number_set(&call, ctx->number, is_from_32());
	call.arguments[0] = ctx->arguments[0];
	call.arguments[1] = ctx->arguments[1];
	call.arguments[2] = ctx->arguments[2];
	call.arguments[3] = ctx->arguments[3];
	call.arguments[4] = ctx->arguments[4];
	call.arguments[5] = ctx->arguments[5];
	packed_resolve(&call);
	return call_begins(ctx, settings, &call);
}

SEC("tracepoint/raw_syscalls/sys_exit")
int t1_call_returns(struct sys_exit_context *ctx)
{
	return call_returns(ctx, ctx->number, ctx->result, 0);
}

SEC("tracepoint")
int t1_call_files(void *ctx)
{
	return call_files(ctx);
}

SEC("tracepoint")
int t1_call_list(void *ctx)
{
	return call_list(ctx);
}

/* ---- children ------------------------------------------------------------- */

/* events/task/task_newtask/format; the loader checks it. */
struct newtask_context {
	__u64 common;
	__s32 pid; /* of the new thread */
	char comm[EVENTS_COMM_BYTES];
	__u32 padding;
	__u64 flags; /* of clone */
};

SEC("tracepoint/task/task_newtask")
int t1_call_follow(struct newtask_context *ctx)
{
	const struct call_settings *settings = settings_find();

	if (settings)
		child_follow(settings, ctx->pid, ctx->flags);
	return 0;
}

/* ---- execs ---------------------------------------------------------------- */

/* events/sched/sched_process_exec/format; the loader checks it. */
struct executes_context {
	__u64 common;
	__u32 filename; /* bytes from the beginning to it, in the lower half */
	__s32 pid;
};

/* Keeps the file name of an exec that has succeeded, if it has to be read at the return. */
SEC("tracepoint/sched/sched_process_exec")
int t1_call_executes(struct executes_context *ctx)
{
	const struct call_settings *settings = settings_find();
	__u32 cpu = bpf_get_smp_processor_id(), tid = bpf_get_current_pid_tgid();
	struct call_scratch *s = bpf_map_lookup_elem(&call_scratch, &cpu);
	struct call_pending *call = pending_find();
	struct call_name *name = name_find();
	__u64 address;

	if (call && (call->tid != tid || !is_exec(call)))
		call = exec_find();
	if (!settings || !settings->running || !s || !call || !name)
		return 0;
	if (!settings->at_return && !call->open && !call->again)
		return 0;
	*(volatile __u64 *)&s->here = (__u64)ctx; /* see regs_find() */
	address = *(volatile __u64 *)&s->here + (ctx->filename & 0xffff);
	name->tid = bpf_probe_read_str(name->bytes, CALL_VALUE_MAX, (void *)address) > 0 ? tid : 0;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
