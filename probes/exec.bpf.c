/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * exec (tier 1), as one message. exec_begin() reads all fields except the
 * paths, and tail-calls exec_walk(), which walks one path after the other, with
 * as many tail calls as that takes, and sends the event. tails: the program
 * array of the caller's program type.
 */
#include "probes/core/attempt.bpf.h"
#include "probes/core/cgroup.bpf.h"
#include "probes/core/exec_event.bpf.h"
#include "probes/core/send.bpf.h"
#include "probes/core/texts.bpf.h"
#include "probes/core/wanted.bpf.h"

/*
 * argv and environment are the first texts of the message: their sizes need no
 * walk.
 */
INLINE void strings_fill(const struct layout *layout, struct scratch *s, __u64 mm)
{
	struct exec_event *e = &s->exec;
	struct strings at;
	__u64 argv, size;

	strings_find(layout, e, mm, &at);
	argv = at.env - at.argv;
	if (at.end - at.env > ENV_BYTES_MAX) {
		at.end = at.env + ENV_BYTES_MAX;
		e->header.truncated |= 1U << FIELD_EXEC_ENV;
	}
	size = at.end - at.argv;
	if (!at.argv || !size)
		return;
	if (size > ARGV_BYTES_MAX) {
		size = ARGV_BYTES_MAX;
		if (e->env_total)
			e->header.truncated |= 1U << FIELD_EXEC_ENV;
		if (argv > size) {
			e->header.truncated |= 1U << FIELD_EXEC_ARGV;
			argv = size;
		}
	}
	/* The verifier of 4.14 has to see that it is not 0. */
	size = ((size - 1) & (ARGV_BYTES_MAX - 1)) + 1;
	if (bpf_probe_read(s->bytes + sizeof(*e), size, (void *)at.argv)) {
		e->header.unread |= 1U << FIELD_EXEC_ARGV;
		unread_if(&e->header, e->env_total, FIELD_EXEC_ENV);
		return;
	}
	e->argv_size = argv;
	e->env_size = size - argv;
	s->cursor += size;
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

/*
 * filename: as the caller named it, and caller: the thread that called exec; 0:
 * unknown here.
 */
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
	string_fill(s, TEXT_FILENAME, call.filename, PATH_BYTES_MAX + 1); /* PATH_MAX fits */
	string_fill(s, TEXT_INTERP, call.interp, NAME_BYTES);
	walks_init(layout, s, task, file);
	s->text = TEXT_ROOT;
	s->start = s->cursor;

	bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
	/* The tail call has failed: the event is sent without texts and argv. */
	e->header.unread |= (2U << FIELD_EXEC_CWD) - (1U << FIELD_TEXTS) | 1U << FIELD_EXEC_ARGV;
	unread_if(&e->header, e->env_total, FIELD_EXEC_ENV);
	e->argv_size = e->env_size = 0;
	attempt_end(task, e->script);
	message_send(ctx, s, EVENT_EXEC, sizeof(*e));
	return 0;
}

INLINE int exec_walk(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u64 size, mm;
	int result;

	if (!layout || !s)
		return 0;
	result = walk_steps(layout, s);
	if (result == WALK_MORE)
		bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
	/* Done, or no tail call is left. */
	walk_end(s, result);
	if (s->text < TEXT_CWD) {
		s->text++;
		bpf_tail_call(ctx, tails, TAIL_EXEC_WALK);
		s->head.header.unread |= (2U << FIELD_EXEC_CWD) - (1U << (FIELD_TEXTS + s->text));
	}
	/* Here, as exec_begin() has no room for it. */
	mm = POINTER(layout, bpf_get_current_task(), TASK_MM);
	exe_as_stat(layout, &s->exec, POINTER(layout, mm, MM_EXE_FILE));
	if (!share_used_up(EVENT_EXEC, sizeof(struct script_part)))
		script_send(ctx, bpf_get_current_task());
	attempt_end(bpf_get_current_task(), s->exec.script);
	size = texts_end(s, s->exec.text_size, sizeof(s->exec));
	if (size)
		message_send(ctx, s, EVENT_EXEC, size);
	return 0;
}

SEC("tracepoint/sched/sched_process_exec")
int t1_exec(struct exec_context *ctx)
{
	__u64 filename = (__u64)ctx + (ctx->filename & 0xffff);

	/* Verifiers before 4.16 lose the bounds of a number on the stack, so the sum goes there. */
	BARRIER(filename);
	return exec_begin(ctx, &tail_calls, filename, ctx->old_pid);
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
