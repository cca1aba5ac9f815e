/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The same for kernels before 4.11, which let a program send only what lies on its stack: the
 * record goes first, without values, and then these in parts. And before 4.7 (tier 3) no program
 * can be attached to a tracepoint: the loader opens the events raw_syscalls:sys_enter and sys_exit
 * for perf, and these programs are kprobes at perf's functions for them.
 */
#include "probes/core/context.bpf.h"
#include "probes/trace/call_files.bpf.h"
#include "probes/trace/call_pair.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_step);
} call_steps SEC(".maps");

/* Key: call_slot() * 8 + parameter. A program cannot reach a member of a value by a number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_ROWS * 8);
	__type(key, __u32);
	__type(value, struct call_parameter);
} call_parameters SEC(".maps");

INLINE struct call_step *step_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&call_steps, &cpu);
}

/* ---- the next segment ------------------------------------------------------ */

/* Each is a value before one is chosen: the verifier refuses an address that is. */
INLINE __u64 argument_of(const __u64 *arguments, __u32 i)
{
	__u64 chosen = 0, value;
	__u32 j;

#pragma unroll
	for (j = 0; j < CALL_PARAMETERS; j++) {
		value = arguments[j];
		BARRIER(value);
		chosen = i == j ? value : chosen;
	}
	return chosen;
}

/* The number of the lowest bit of eight, without a branch. */
INLINE __u32 lowest_of(__u64 bits)
{
	__u64 bit = bits & -bits, odd = bit & 0xaa, second = bit & 0xcc, high = bit & 0xf0;

	BARRIER(odd);
	BARRIER(second);
	BARRIER(high);
	return (odd | -odd) >> 63 | (second | -second) >> 63 << 1 | (high | -high) >> 63 << 2;
}

/* Bytes of a buffer or a struct: value_size(). */
INLINE void bytes_begin(struct call_step *st, const struct call_parameter *p)
{
	__u64 count = 1, most = st->bytes_max;
	__u32 at = 0;

	if (p->count == CALL_COUNT_ONE || p->when & CALL_WHOLE)
		most = CALL_VALUE_MAX;
	if (p->count < CALL_PARAMETERS)
		count = argument_of(st->arguments, p->count);
	else if (p->count == CALL_COUNT_RESULT)
		count = st->result > 0 ? st->result : 0;
	if (p->when & CALL_COUNT_AT) {
		bpf_probe_read(&at, sizeof(at), (void *)count);
		count = at;
	}
	if (count > CALL_VALUE_MAX)
		count = CALL_VALUE_MAX + 1;
	count *= p->size;
	st->state = count > most ? CALL_CUT : CALL_READ;
	st->left = count > most ? most : count;
}

/* What the argument of a request points to; at this time there may be nothing. */
INLINE void request_begin(struct call_step *st, const struct call_parameter *p)
{
	__u32 is_return = st->type != CALL_BEGINS, is_entry = st->type != CALL_RETURNS, size = 0;
	__s64 result = st->result;
	struct request request;

	request_find(&request, p->size, argument_of(st->arguments, p->count), st->bytes_max);
	if (is_entry || st->again & 1U << st->value)
		size = request.in;
	if (is_return && !is_error(result) && request.out)
		size = request.out;
	st->state = !size ? CALL_NONE : request.is_cut ? CALL_CUT : CALL_READ;
	st->left = size;
}

INLINE void value_begin(struct call_step *st, const struct call_parameter *p, __u64 address)
{
	__s64 result = st->result;

	st->address = st->vector = address;
	st->state = CALL_READ;
	st->is_string = 0;
	st->kind = CALL_VALUE; /* of a list alone there are more segments */
	if (!address) {
		st->state = CALL_NULL;
	} else if (p->kind == CALL_STRING) {
		st->is_string = 1;
		st->left = CALL_VALUE_MAX;
	} else if (p->kind == CALL_BYTES) {
		bytes_begin(st, p);
	} else if (p->kind == CALL_REQUEST) {
		request_begin(st, p);
	} else {
		st->kind = p->kind;
		st->segment = st->items = st->name = 0;
		st->count = argument_of(st->arguments, p->count);
		st->total = p->when & CALL_EXIT ? (result > 0 ? result : 0) : -1ULL;
		if (p->kind == CALL_STRINGS && st->sp)
			st->vector = st->sp + st->width;
	}
}

/* Of the message whose value was the one before. */
INLINE void control_begin(struct call_step *st)
{
	__u64 size = st->control_size;

	st->address = st->control;
	st->is_string = 0;
	st->kind = CALL_VALUE;
	if (!st->address)
		size = 0;
	st->state = !size ? CALL_NONE : size > CALL_CONTROL_MAX ? CALL_CUT : CALL_READ;
	st->left = size > CALL_CONTROL_MAX ? CALL_CONTROL_MAX : size;
}

/* Begins the next value; none is left: value is CALL_VALUES. */
INLINE void value_next(struct call_step *st)
{
	__u32 todo = st->todo, i = lowest_of(todo), key = st->slot * 8 + i;
	const struct call_parameter *p = bpf_map_lookup_elem(&call_parameters, &key);

	st->value = CALL_VALUES;
	if (!p || !todo)
		return;
	CHECKED(p);
	st->todo = todo & (todo - 1);
	st->value = i;
	if (p->kind == CALL_CONTROL)
		control_begin(st);
	else
		value_begin(st, p, argument_of(st->arguments, i));
}

INLINE void list_end(struct call_step *st, __u32 state)
{
	st->kind = CALL_VALUE;
	st->state = state;
}

/* argv: the next string. */
INLINE void strings_next(struct call_step *st)
{
	__u32 i = st->segment, width = st->width;
	__u64 pointer = 0, at = st->vector + (__u64)i * width;
	long failed;

	if (i == CALL_STRINGS_MAX) {
		list_end(st, CALL_CUT);
		return;
	}
	if (width == 4)
		failed = bpf_probe_read(&pointer, 4, (void *)at);
	else
		failed = bpf_probe_read(&pointer, 8, (void *)at);
	if (failed || !pointer) {
		list_end(st, failed ? CALL_UNREAD : st->state);
		return;
	}
	st->segment = st->items = i + 1;
	st->address = pointer;
	st->is_string = 1;
	st->left = CALL_VALUE_MAX;
}

/* The array of struct iovec itself, then what its items point to. */
INLINE void vector_next(struct call_step *st)
{
	__u64 iov[2] = { 0 }, size, total = st->total, at;
	__u32 i = st->segment, count = st->count, width = st->width;
	long failed;

	st->segment = i + 1;
	if (!i) {
		if (count > CALL_VECTOR_MAX) {
			count = st->count = CALL_VECTOR_MAX;
			st->state = CALL_CUT;
		}
		st->items = count;
		st->address = st->vector;
		st->left = (__u64)count * 2 * width;
		return;
	}
	if (i > count) {
		list_end(st, st->state);
		return;
	}
	at = st->vector + (__u64)(i - 1) * 2 * width;
	if (width == 4) {
		failed = bpf_probe_read(iov, 8, (void *)at);
		iov[1] = iov[0] >> 32;
		iov[0] = (__u32)iov[0];
	} else {
		failed = bpf_probe_read(iov, sizeof(iov), (void *)at);
	}
	if (failed) {
		list_end(st, CALL_UNREAD);
		return;
	}
	size = iov[1] < total ? iov[1] : total;
	st->total = total - size;
	st->address = iov[0];
	st->left = size < st->bytes_max ? size : st->bytes_max;
}

/* struct msghdr: that, the address, then as CALL_VECTOR. */
INLINE void message_next(struct call_step *st)
{
	struct message m = { 0 };

	if (!st->segment) {
		st->segment = 1;
		st->address = st->vector;
		st->left = st->width == 4 ? sizeof(struct message_32) : sizeof(m);
		return;
	}
	if (message_get(&m, st->vector, st->width)) {
		list_end(st, CALL_UNREAD);
		return;
	}
	st->kind = CALL_VECTOR;
	st->segment = 0;
	st->vector = m.vector;
	st->control = m.control;
	st->control_size = m.control_size;
	st->count = m.count > CALL_VECTOR_MAX ? CALL_VECTOR_MAX + 1 : m.count;
	if (!m.name)
		return;
	st->address = m.name;
	st->name = st->left = m.name_size > CALL_NAME_MAX ? CALL_NAME_MAX : m.name_size;
}

INLINE void segment_next(struct call_step *st)
{
	__u32 kind = st->kind;

	if (kind == CALL_STRINGS)
		strings_next(st);
	else if (kind == CALL_VECTOR)
		vector_next(st);
	else if (kind == CALL_MESSAGE)
		message_next(st);
	else
		value_next(st);
}

/* ---- parts ------------------------------------------------------------------ */

/* Is there a NUL among the bytes from skip on? Without a branch: each would be walked with each. */
INLINE __u64 nul_find(const __u64 *words, __u64 skip)
{
	__u64 found = 0;
	__u32 i;

#pragma unroll
	for (i = 0; i < CALL_PART_BYTES / 8; i++) {
		__s64 before = skip - 8 * i, behind;
		__u64 bits, word = words[i];

		before &= ~(before >> 63);
		behind = 8 - before;
		behind &= ~(behind >> 63);
		bits = (8 - behind) * 4; /* half of those that are skipped */
		word |= (1ULL << bits << bits) - 1;
		found |= (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;
		/* One word after the other: all at once would not fit onto the stack. */
		BARRIER(found);
		BARRIER(skip);
	}
	return found;
}

INLINE void again_mark(__u32 value)
{
	struct call_pending *pending = pending_find();

	if (!pending)
		return;
	CHECKED(pending);
	pending->again |= 1U << value;
	exec_again(value);
}

/* Reads a block of the segment into the part. */
INLINE void block_read(struct call_step *st, struct call_part *part)
{
	__u64 address = st->address, left = st->left, skip = address & (CALL_PART_BYTES - 1);
	__u64 size = CALL_PART_BYTES - skip;

	if (bpf_probe_read(part->bytes, CALL_PART_BYTES, (void *)(address - skip))) {
		FRESH(st);
		st->left = 0;
		list_end(st, CALL_UNREAD);
		if (st->type == CALL_BEGINS)
			again_mark(st->value);
		return;
	}
	FRESH(st);
	size = size < left ? size : left;
	left -= size;
	part->begin = skip;
	part->size = size;
	if (st->is_string) {
		if (nul_find((const __u64 *)part->bytes, skip))
			left = 0;
		else if (!left)
			st->state = CALL_CUT;
	}
	st->address = address + size;
	st->left = left;
}

INLINE void part_output(void *ctx, struct call_step *st, struct call_part *part)
{
	__u32 cpu = bpf_get_smp_processor_id();

	part->header.len = sizeof(*part);
	part->header.type = CALL_PART;
	part->header.cpu = cpu;
	part->header.sequence = st->sequence;
	part->header.time_ns = st->time_ns;
	part->number = st->number++;
	bpf_perf_event_output(ctx, &events, cpu, part, sizeof(*part));
}

/* Sends a part, and goes on with the next one, which is made by that program. */
INLINE int part_send(void *ctx, struct call_step *st, struct call_part *part, __u32 tail)
{
	__u32 value = st->value;

	part->value = value;
	part->state = st->state;
	part->items = st->items;
	part->name = st->name;
	part->is_string = st->is_string;
	part_output(ctx, st, part);
	if (value >= CALL_VALUES)
		return 0;
	bpf_tail_call(ctx, &call_tails, tail);
	/* The kernel allows no more of them. */
	part->value = CALL_VALUES;
	part->size = 0;
	part_output(ctx, st, part);
	return 0;
}

/* By tail call: sends the next part of the record that has been sent. */
SEC("kprobe")
int t3_call_part(void *ctx)
{
	struct call_step *st = step_find();
	struct call_part part = { .header = { 0 } };

	if (!st)
		return 0;
	CHECKED(st);
	if (!st->left) {
		st->is_string = 0;
		segment_next(st);
	}
	FRESH(st);
	if (st->left)
		block_read(st, &part);
	FRESH(st);
	if (st->value == CALL_VALUES && st->files)
		bpf_tail_call(ctx, &call_tails, CALL_TAIL_FILES);
	return part_send(ctx, st, &part, CALL_TAIL_PART);
}

/* ---- files ------------------------------------------------------------------ */

#define MOUNT_STEPS 3 /* in one program */

/* From the root of a mount to its mount point, which may be one, too. */
INLINE int mounts_step(const struct walk_offsets *o, struct position *at)
{
	int i, result = WALK_MORE;

#pragma unroll
	for (i = 0; i < MOUNT_STEPS; i++) {
		if (at->dentry != at->root)
			break;
		result = mount_step(o, at);
		if (result != WALK_MORE)
			break;
	}
	return result;
}

/* The next name of the path at hand, or its end; more than MOUNT_STEPS mounts: neither. */
INLINE void name_next(const struct layout *layout, struct call_step *st)
{
	struct position at = { .dentry = st->walk.dentry, .mount = st->walk.mount };
	struct walk_offsets o;
	__u64 parent, name;
	int result = WALK_FAILED;

	if (!path_offsets_init(layout, &o) && position_init(&at, &o))
		result = mounts_step(&o, &at);
	if (result == WALK_MORE && at.dentry != at.root) {
		parent = follow(at.dentry, o.parent);
		name = follow(at.dentry, o.name);
		if (!parent || !name)
			result = WALK_FAILED;
		else if (parent == at.dentry)
			result = WALK_TOP; /* not under any mount: a pipe, a memfd */
		at.dentry = parent;
		st->address = name;
		st->is_string = 1;
		st->left = result == WALK_FAILED ? 0 : NAME_BYTES;
	}
	st->walk.mount = at.mount;
	st->walk.dentry = result == WALK_MORE ? at.dentry : 0;
	if (result == WALK_DONE)
		st->state = CALL_READ;
	else if (result == WALK_TOP)
		st->state = CALL_ALONE;
}

/* What the next descriptor is: the part that is always there, and where its path begins. */
INLINE void file_begin_part(const struct layout *layout, struct call_step *st,
                            struct call_part *part, __u64 task)
{
	struct call_file *head = (struct call_file *)part->bytes;
	__u32 left = st->files, i = lowest_of(left), socket_size = st->socket_size;
	__s32 descriptor = argument_of(st->arguments, i);
	struct walk walk = { 0 };
	__u64 file = 0, fs = 0;

	st->files = left & (left - 1);
	st->value = i;
	if (i == CALL_VALUE_RESULT)
		descriptor = st->result;
	if (i == CALL_VALUE_CWD || descriptor == CALL_AT_FDCWD)
		fs = POINTER(layout, task, TASK_FS);
	else
		file = descriptor_file(layout, task, descriptor);
	if (file) { /* no pointer into the value of a map: FRESH(); nor that of walk */
		file_head(layout, &socket_size, head, POINTER(layout, file, FILE_INODE));
		st->socket_size = socket_size;
	}
	part->size = file || fs ? sizeof(*head) : 0;
	st->state = !part->size ? CALL_UNREAD : head->is_socket ? CALL_READ : CALL_CUT;
	if (fs)
		walk_init(layout, &walk, fs, OFFSET(layout, FS_PWD));
	else if (file && !head->is_socket)
		walk_init(layout, &walk, file, OFFSET(layout, FILE_PATH));
	st->walk.dentry = walk.dentry;
	st->walk.mount = walk.mount;
}

/* By tail call, behind the values: sends the next part of a file. */
INLINE int call_file(struct pt_regs *ctx, __u64 (*current)(struct pt_regs *, const struct layout *))
{
	const struct layout *layout = layout_find();
	struct call_step *st = step_find();
	struct call_part part = { .header = { 0 } };

	if (!layout)
		return 0;
	CHECKED(layout);
	if (!st)
		return 0;
	CHECKED(st);
	if (!st->left) {
		st->is_string = 0;
		if (st->walk.dentry)
			name_next(layout, st);
		else if (st->files)
			file_begin_part(layout, st, &part, current(ctx, layout));
		else
			st->value = CALL_VALUES;
	}
	FRESH(st);
	if (st->left)
		block_read(st, &part);
	FRESH(st);
	if (st->state == CALL_UNREAD)
		st->walk.dentry = 0;
	return part_send(ctx, st, &part, CALL_TAIL_FILES);
}

SEC("kprobe")
int t2_call_file(struct pt_regs *ctx)
{
	return call_file(ctx, current_by_helper);
}

SEC("kprobe")
int t3_call_file(struct pt_regs *ctx)
{
	return call_file(ctx, current_by_stack);
}

/* ---- records ----------------------------------------------------------------- */

/* Sends the record, and its parts. */
INLINE void record_output(void *ctx, struct call_step *st, struct call_record *r)
{
	struct call_counts *c = counts_find();
	__u32 cpu = bpf_get_smp_processor_id();

	if (!c)
		return;
	CHECKED(c);
	r->header.len = sizeof(*r);
	r->header.cpu = cpu;
	r->header.truncated = (st->todo | st->files) != 0; /* parts follow */
	r->header.sequence = st->sequence = c->sequence++;
	st->time_ns = r->header.time_ns;
	if (bpf_perf_event_output(ctx, &events, cpu, r, sizeof(*r))) {
		c->lost++;
		return;
	}
	c->sent++;
	st->left = 0;
	st->kind = CALL_VALUE;
	st->value = st->items = st->name = st->number = 0;
	if (st->todo)
		bpf_tail_call(ctx, &call_tails, CALL_TAIL_PART);
	if (st->files)
		bpf_tail_call(ctx, &call_tails, CALL_TAIL_FILES);
}

/* todo: the parameters to read. files: the values whose file is read. */
INLINE void call_send(void *ctx, const struct call_pending *call,
                      const struct call_settings *settings, __u32 type, __u64 now, __s64 result,
                      __u32 todo, __u32 files, __u64 sp, __u32 width)
{
	struct call_record r = { .header = { .type = type, .time_ns = now } };
	__u64 id = bpf_get_current_pid_tgid();
	struct call_step *st = step_find();

	if (!st)
		return;
	CHECKED(st);
	r.process.pid = id >> 32;
	r.process.tid = id;
	r.began_ns = call->began_ns;
	r.result = st->result = result;
	__builtin_memcpy(r.arguments, call->arguments, sizeof(r.arguments));
	__builtin_memcpy(st->arguments, call->arguments, sizeof(r.arguments));
	r.number = call->number;
	r.abi = call->abi;
	r.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(r.comm, sizeof(r.comm));
	st->type = type;
	st->slot = call_slot(call->abi, call->number);
	st->bytes_max = settings->bytes_max;
	st->todo = todo;
	st->files = files;
	st->walk.dentry = 0;
	st->again = call->again;
	st->control = st->control_size = 0;
	st->sp = sp;
	st->width = width;
	record_output(ctx, st, &r);
}

/* ---- entry and return -------------------------------------------------------- */

INLINE __u64 register_of(__u64 regs, __u32 offset)
{
	__u64 value = 0;

	bpf_probe_read(&value, sizeof(value), (void *)(regs + offset));
	return value;
}

#define REGISTER(regs, name) register_of(regs, offsetof(struct pt_regs, name))

INLINE void arguments_read(struct call_pending *call, __u64 regs)
{
	if (call->abi == CALL_32) {
		call->arguments[0] = (__u32)REGISTER(regs, rbx);
		call->arguments[1] = (__u32)REGISTER(regs, rcx);
		call->arguments[2] = (__u32)REGISTER(regs, rdx);
		call->arguments[3] = (__u32)REGISTER(regs, rsi);
		call->arguments[4] = (__u32)REGISTER(regs, rdi);
		call->arguments[5] = (__u32)REGISTER(regs, rbp);
	} else {
		call->arguments[0] = REGISTER(regs, rdi);
		call->arguments[1] = REGISTER(regs, rsi);
		call->arguments[2] = REGISTER(regs, rdx);
		call->arguments[3] = REGISTER(regs, r10);
		call->arguments[4] = REGISTER(regs, r8);
		call->arguments[5] = REGISTER(regs, r9);
	}
}

/* ---- conditions --------------------------------------------------------------- */

/* What cannot be read now may be the same: the loader has what is read when the call returns. */
INLINE int string_differs(const struct call_where *w, __u64 address)
{
	__u64 word = 0, mask;
	__u32 i;

	if (!address)
		return 1;
#pragma unroll
	for (i = 0; i < CALL_WHERE_WORDS; i++) {
		mask = w->mask[i];
		if (!mask ||
		    bpf_probe_read(&word, sizeof(word), (void *)(address + i * sizeof(word))))
			return 0;
		FRESH(w);
		if ((word & mask) != w->text[i])
			return 1;
	}
	return 0;
}

INLINE int where_fails(const struct call_plan *plan, const __u64 *arguments, __u32 i)
{
	__u64 value = argument_of(arguments, plan->wheres[i].parameter);
	__u32 key = i, kind = plan->wheres[i].kind;
	const struct call_where *w = bpf_map_lookup_elem(&call_wheres, &key);

	if (!w)
		return 1;
	CHECKED(w);
	if (kind == CALL_WHERE_STRING)
		return string_differs(w, value);
	if (kind == CALL_WHERE_32)
		return (__u32)value != (__u32)w->number;
	return value != w->number;
}

/* Whether one of the conditions does not hold, whatever is read later. */
INLINE int wheres_fail(const struct call_settings *settings, const struct call_plan *plan,
                       const __u64 *arguments)
{
	__u32 i;

#pragma unroll
	for (i = 0; i < CALL_WHERES; i++)
		if (i < settings->wheres && where_fails(plan, arguments, i))
			return 1;
	return 0;
}

/* perf_trace_sys_enter(void *data, struct pt_regs *regs, long id) */
SEC("kprobe/perf_trace_sys_enter")
int t3_call_begins(struct pt_regs *ctx)
{
	struct call_pending call = { 0 };
	const struct call_settings *settings = settings_find();
	const struct call_plan *plan;
	struct call_pending *pending;
	__u64 regs = P2;

	if (!settings)
		return 0;
	CHECKED(settings);
	if (!is_wanted(settings))
		return 0;
	number_set(&call, P3, REGISTER(regs, cs) == USER32_CS || is_int_80(REGISTER(regs, rip)));
	if (!plan_find(call.abi, call.number))
		return 0;
	arguments_read(&call, regs);
	packed_resolve(&call);
	plan = plan_find(call.abi, call.number);
	if (!plan)
		return 0;
	CHECKED(plan);
	if (plan->wanted == CALL_WANTED_INSIDE)
		return 0;
	pending = pending_find();
	if (!pending)
		return 0;
	CHECKED(pending);
	if (wheres_fail(settings, plan, call.arguments) ||
	    (!settings->summary && !settings->at_return &&
	     is_beyond_rate(settings, counts_find()))) {
		if (pending->tid == call.tid)
			pending->tid = 0; /* its return is left out, too */
		return 0;
	}
	if (pending->tid && pending->tid != call.tid)
		unkept_count();
	call.began_ns = bpf_ktime_get_ns();
	exec_begins(plan, &call);
	pending_put(pending, &call, plan);
	if (settings->summary || settings->at_return)
		return 0;
	call_send(ctx, &call, settings, CALL_BEGINS, call.began_ns, 0, plan->at_entry,
	          plan->files & ~(1U << CALL_VALUE_RESULT), 0, call.abi == CALL_64 ? 8 : 4);
	return 0;
}

INLINE void call_count_unrolled(const struct call_pending *call, __s64 result, __u64 took)
{
	__u32 key = bpf_get_smp_processor_id() * CALL_ROWS + call_slot(call->abi, call->number), i;
	struct call_sum *sum = bpf_map_lookup_elem(&call_sums, &key);
	__u32 bucket = bucket_of(took);

	if (!sum)
		return;
	CHECKED(sum);
	sum->calls++;
	sum->errors += is_error(result);
	sum->total_ns += took;
#pragma unroll
	for (i = 0; i < CALL_BUCKETS; i++) {
		BARRIER(bucket);
		sum->buckets[i] += bucket == i;
	}
}

/* perf_trace_sys_exit(void *data, struct pt_regs *regs, long ret) */
SEC("kprobe/perf_trace_sys_exit")
int t3_call_returns(struct pt_regs *ctx)
{
	const struct call_settings *settings = settings_find();
	__u64 regs, took, sp = 0, now;
	__u32 when_entry, todo, files, width;
	const struct call_plan *plan;
	struct call_pending *call;
	__s64 result;

	if (!settings)
		return 0;
	CHECKED(settings);
	if (!settings->running)
		return 0;
	call = pending_find();
	NEED(call);
	regs = P2;
	result = P3;
	exec_returns(call, REGISTER(regs, orig_rax), result);
	if (call->tid != (__u32)bpf_get_current_pid_tgid())
		return 0;
	exec_forget(call);
	call->tid = 0;
	if (!is_same_call(call, REGISTER(regs, orig_rax)))
		return 0;
	now = bpf_ktime_get_ns();
	took = now - call->began_ns;
	if (!is_reported(settings, result, took))
		return 0;
	if (settings->summary) {
		call_count_unrolled(call, result, took);
		return 0;
	}
	plan = plan_find(call->abi, call->number);
	if (!plan)
		return 0;
	CHECKED(plan);
	when_entry = settings->at_return;
	if (when_entry && is_beyond_rate(settings, counts_find()))
		return 0;
	todo = (is_error(result) ? 0 : plan->at_return) | (when_entry ? plan->at_entry : 0) |
	       (call->again & plan->at_any);
	files = when_entry ? plan->files : plan->files & 1U << CALL_VALUE_RESULT;
	if (result < 0)
		files &= ~(1U << CALL_VALUE_RESULT);
	width = call->abi == CALL_64 ? 8 : 4;
	if (is_exec(call) && !result) {
		width = REGISTER(regs, cs) == USER32_CS ? 4 : 8;
		sp = REGISTER(regs, rsp);
	}
	call_send(ctx, call, settings, when_entry ? CALL_BOTH : CALL_RETURNS, now, result, todo,
	          files, sp, width);
	return 0;
}

/* ---- children ------------------------------------------------------------------ */

/* perf_trace_task_newtask(void *data, struct task_struct *task, unsigned long clone_flags) */
SEC("kprobe/perf_trace_task_newtask")
int t3_call_follow(struct pt_regs *ctx)
{
	const struct call_settings *settings = settings_find();
	__u32 child = 0;

	if (!settings)
		return 0;
	CHECKED(settings);
	bpf_probe_read(&child, sizeof(child), (void *)(P2 + settings->task_pid));
	child_follow(settings, child, P3);
	return 0;
}
