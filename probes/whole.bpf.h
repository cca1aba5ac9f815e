/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * exec of tier 1, as one message. exec_begin() reads all but the paths and hands
 * over to exec_walk(), which walks one path after the other, as many tail calls
 * as that takes, and sends. tails: the programs of the caller's type.
 */
#include "walk.bpf.h"

/* Steps a program: the limit is the size of the program. */
#define WALK_STEPS 24

/* Both go first into the variable part: their sizes need no walk. */
INLINE void strings_fill(const struct layout *layout, struct scratch *s, __u64 mm)
{
	struct exec_event *e = &s->exec;
	struct strings at;
	__u64 argv, size;

	strings_find(layout, e, mm, &at);
	argv = at.env - at.argv;
	if (at.end - at.env > ENV_BYTES_MAX) {
		at.end = at.env + ENV_BYTES_MAX;
		e->header.truncated |= 1U << FIELD_ENV;
	}
	size = at.end - at.argv;
	if (!at.argv || !size)
		return;
	if (size > ARGV_BYTES_MAX) {
		size = ARGV_BYTES_MAX;
		if (e->env_total)
			e->header.truncated |= 1U << FIELD_ENV;
		if (argv > size) {
			e->header.truncated |= 1U << FIELD_ARGV;
			argv = size;
		}
	}
	/* 4.14's verifier wants to see that it is not 0. */
	size = ((size - 1) & (ARGV_BYTES_MAX - 1)) + 1;
	if (bpf_probe_read(s->bytes + sizeof(*e), size, (void *)at.argv)) {
		e->header.unread |= 1U << FIELD_ARGV;
		unread_if(&e->header, e->env_total, FIELD_ENV);
		return;
	}
	e->argv_size = argv;
	e->env_size = size - argv;
	s->cursor += size;
}

/* The next string of the message, cut after size bytes; 0: none. */
INLINE void string_fill(struct scratch *s, __u32 text, __u64 string, __u32 size)
{
	__u64 cursor = s->cursor;
	long got;

	if (!string)
		return;
	BARRIER(cursor);
	if (cursor > EVENT_BYTES_MAX - size)
		return;
	BARRIER(cursor);
	got = bpf_probe_read_str(s->bytes + cursor, size, (void *)string);
	if (got <= 0) {
		s->head.header.unread |= 1U << (FIELD_TEXTS + text);
		return;
	}
	if (got == size)
		s->head.header.truncated |= 1U << (FIELD_TEXTS + text);
	s->exec.text_size[text] = got;
	s->cursor = cursor + got;
}

INLINE void walks_init(const struct layout *layout, struct scratch *s, __u64 task, __u64 file)
{
	__u64 fs = POINTER(layout, task, TASK_FS);

	walk_init(layout, &s->walks[TEXT_EXE], file, OFFSET(layout, FILE_PATH));
	walk_init(layout, &s->walks[TEXT_ROOT], fs, OFFSET(layout, FS_ROOT));
	walk_init(layout, &s->walks[TEXT_CWD], fs, OFFSET(layout, FS_PWD));
	s->walks[TEXT_CGROUP].dentry = cgroup_v2(layout, task);
	s->walks[TEXT_CGROUP].mount = 0;
	s->walks[TEXT_CGROUP_V1].dentry = cgroup_v1(layout, task);
	s->walks[TEXT_CGROUP_V1].mount = 0;
}

/* caller: the thread that called exec, and filename as it named it; 0: not known here. */
INLINE int exec_begin(void *ctx, void *tails, __u64 filename, __u32 caller)
{
	const struct layout *layout = layout_find();
	struct call call = { .filename = filename };
	struct scratch *s;
	struct exec_event *e;
	__u64 task, mm, file;

	if (!layout)
		return 0;
	task = bpf_get_current_task();
	if (!event_wanted(layout, task, EVENT_EXEC))
		return 0;
	s = message_begin(EVENT_EXEC, sizeof(*e));
	if (!s)
		return 0;
	e = &s->exec;
	s->cursor = sizeof(*e);
	e->caller_tid = caller;

	mm = POINTER(layout, task, TASK_MM);
	file = POINTER(layout, mm, MM_EXE_FILE);
	exec_fill(layout, e, task, file);
	call_fill(layout, e, task, &call);
	strings_fill(layout, s, mm);
	string_fill(s, TEXT_FILENAME, call.filename, PATH_BYTES_MAX + 1); /* PATH_MAX is whole */
	string_fill(s, TEXT_INTERP, call.interp, NAME_BYTES);
	walks_init(layout, s, task, file);
	s->text = TEXT_ROOT;
	s->start = s->cursor;

	bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
	/* No walk: the event goes out without its texts and argv. */
	e->header.unread |= (2U << FIELD_CWD) - (1U << FIELD_TEXTS) | 1U << FIELD_ARGV;
	unread_if(&e->header, e->env_total, FIELD_ENV);
	e->argv_size = e->env_size = 0;
	e->text_size[TEXT_FILENAME] = e->text_size[TEXT_INTERP] = 0;
	message_send(ctx, s, EVENT_EXEC, sizeof(*e));
	return 0;
}

/* One name, or the step from a mount's root to where it is mounted. */
INLINE int walk_step(struct scratch *s, const struct walk_offsets *o, struct position *at)
{
	__u64 parent, name, cursor;
	long size;

	if (at->dentry == at->root)
		return mount_step(o, at);
	parent = follow(at->dentry, o->parent);
	if (!parent)
		return WALK_TOP;
	name = follow(at->dentry, o->name);
	if (!name)
		return WALK_FAILED;
	cursor = s->cursor;
	if (cursor - s->start > PATH_BYTES_MAX)
		return WALK_LONG;
	BARRIER(cursor);
	if (cursor > EVENT_BYTES_MAX - NAME_BYTES)
		return WALK_LONG;
	BARRIER(cursor);
	size = bpf_probe_read_str(s->bytes + cursor, NAME_BYTES, (void *)(name + o->skip));
	if (size <= 0)
		return WALK_FAILED;
	s->cursor = cursor + size;
	if (parent == at->dentry)
		return WALK_DONE; /* not under any mount: memfd, pipe, unmounted */
	at->dentry = parent;
	return WALK_MORE;
}

INLINE __u64 text_index(__u64 text)
{
	BARRIER(text);
	return text & (TEXT_SLOTS - 1);
}

INLINE int walk_steps(const struct layout *layout, struct scratch *s)
{
	struct walk *walk = &s->walks[text_index(s->text)];
	struct position at = { .dentry = walk->dentry, .mount = walk->mount };
	struct walk_offsets o;
	int i, result = WALK_MORE;

	if (walk_offsets_init(layout, &o, s->text) || !at.dentry || !position_init(&at, &o))
		return WALK_FAILED;
#pragma unroll
	for (i = 0; i < WALK_STEPS; i++) {
		result = walk_step(s, &o, &at);
		if (result != WALK_MORE)
			break;
	}
	walk->dentry = at.dentry;
	walk->mount = at.mount;
	return result == WALK_TOP ? o.top : result;
}

/* Books the path that has been walked. */
INLINE void walk_end(struct scratch *s, int result)
{
	__u32 bit = 1U << (FIELD_TEXTS + s->text);

	if (result == WALK_FAILED) {
		s->head.header.unread |= bit;
		s->cursor = s->start;
	} else if (result != WALK_DONE) {
		s->head.header.truncated |= bit;
	}
	s->exec.text_size[text_index(s->text)] = s->cursor - s->start;
	s->start = s->cursor;
}

INLINE int exec_walk(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u64 size;
	int result;

	if (!layout || !s)
		return 0;
	result = walk_steps(layout, s);
	if (result == WALK_MORE)
		bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
	/* Done, or 32 tail calls are used up. */
	walk_end(s, result);
	if (s->text < TEXT_CWD) {
		s->text++;
		bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
		s->head.header.unread |= (2U << FIELD_CWD) - (1U << (FIELD_TEXTS + s->text));
	}
	size = s->cursor;
	if (size > EVENT_BYTES_MAX)
		return 0;
	BARRIER(size);
	if (size < sizeof(struct exec_event))
		return 0;
	BARRIER(size);
	message_send(ctx, s, EVENT_EXEC, size);
	return 0;
}

SEC("tracepoint/sched/sched_process_exec")
int t1_exec(struct exec_context *ctx)
{
	return exec_begin(ctx, &tail_calls, (__u64)ctx + (ctx->filename & 0xffff), ctx->old_pid);
}

SEC("tracepoint")
int t1_exec_walk(void *ctx)
{
	return exec_walk(ctx, &tail_calls);
}

SEC("kprobe/proc_exec_connector")
int t1_exec_kprobe(void *ctx)
{
	return exec_begin(ctx, &kprobe_tail_calls, 0, 0);
}

SEC("kprobe")
int t1_exec_walk_kprobe(void *ctx)
{
	return exec_walk(ctx, &kprobe_tail_calls);
}
