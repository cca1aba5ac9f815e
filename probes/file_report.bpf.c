/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The programs that all file operations and mounts of tier 1 reach by tail
 * calls: the check against the watch rules, the fields of the event, and its
 * paths.
 */
#include "probes/core/file_call.bpf.h"
#include "probes/core/file_event.bpf.h"
#include "probes/core/send.bpf.h"
#include "probes/core/texts.bpf.h"
#include "probes/core/watch.bpf.h"

/*
 * Of the 32 tail calls that the kernel allows, these are for the check: the event of
 * an open file needs the others.
 */
#define CHECK_PROGRAMS 24

INLINE int file_check(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u32 key = 0;
	struct settings *settings_now = bpf_map_lookup_elem(&settings, &key);
	int result;

	if (!s || !settings_now || !layout)
		return 0;
	result = watch_run(settings_now, &s->check);
	if (result == WATCH_NO && !watch_next(&s->check, &s->call) &&
	    !layer_next(layout, settings_now, &s->check, &s->call))
		return 0;
	/* A path that takes more counts as matched. */
	if (result != WATCH_YES && ++s->check.programs < CHECK_PROGRAMS)
		bpf_tail_call(ctx, tails, TAIL_FILE_CHECK);
	owner_fill(layout, &s->call.before, POINTER(layout, s->call.dentry, DENTRY_INODE));
	if (s->call.operation == FILE_OPEN || s->call.late)
		bpf_tail_call(ctx, tails, TAIL_FILE_REPORT);
	call_keep(s);
	return 0;
}

SEC("kprobe")
int t1_file_check_kprobe(void *ctx)
{
	return file_check(ctx, &kprobe_tail_calls);
}

SEC("tracepoint")
int t1_file_check(void *ctx)
{
	return file_check(ctx, &tail_calls);
}

INLINE int file_report(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u32 type = EVENT_FILE;

	if (!layout || !s)
		return 0;
	if (s->call.operation >= FILE_MOUNT)
		type = EVENT_MOUNT;
	s = message_begin(type, sizeof(struct file_event));
	if (!s)
		return 0;
	file_event_fill(layout, s);
	bpf_tail_call(ctx, tails, TAIL_FILE_WALK);
	s->head.header.unread |= 1U << (FIELD_TEXTS + FILE_ROOT) | 1U << (FIELD_TEXTS + FILE_PATH) |
	                         1U << (FIELD_TEXTS + FILE_OTHER_PATH);
	message_send(ctx, s, type, sizeof(struct file_event));
	return 0;
}

INLINE int file_walk(void *ctx, void *tails)
{
	const struct layout *layout = layout_find();
	struct scratch *s = scratch_find();
	__u64 size, type;
	int result;

	if (!layout || !s)
		return 0;
	result = walk_steps(layout, s);
	if (result == WALK_MORE)
		bpf_tail_call(ctx, tails, TAIL_FILE_WALK);
	walk_end(s, result);
	if (s->text == FILE_ROOT || (s->text == FILE_PATH && s->call.other)) {
		s->text = s->text == FILE_ROOT ? FILE_PATH : FILE_OTHER_PATH;
		bpf_tail_call(ctx, tails, TAIL_FILE_WALK);
		s->head.header.unread |= 1U << (FIELD_TEXTS + s->text);
	}
	type = s->head.header.type;
	size = texts_end(s, s->file.text_size, sizeof(s->file));
	if (size)
		message_send(ctx, s, type, size);
	return 0;
}

SEC("kprobe")
int t1_file_report_kprobe(void *ctx)
{
	return file_report(ctx, &kprobe_tail_calls);
}

SEC("kprobe")
int t1_file_walk_kprobe(void *ctx)
{
	return file_walk(ctx, &kprobe_tail_calls);
}

SEC("tracepoint")
int t1_file_report(void *ctx)
{
	return file_report(ctx, &tail_calls);
}

SEC("tracepoint")
int t1_file_walk(void *ctx)
{
	return file_walk(ctx, &tail_calls);
}
