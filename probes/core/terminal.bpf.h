/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What a process writes to its terminal: the event, in the context of the process.
 * pty_write() takes it, in each kernel:
 *
 *	int pty_write(struct tty_struct *tty, const unsigned char *buf, int c)
 *
 * (from 6.6 on ssize_t, u8 and size_t). buf is memory of the
 * kernel: do_tty_write() has copied the text, and n_tty has made "\r\n" of its newlines.
 * Only what it returns was taken: n_tty comes again with the rest.
 */
#ifndef PROBES_CORE_TERMINAL_BPF_H
#define PROBES_CORE_TERMINAL_BPF_H

#include "probes/core/process.bpf.h"
#include "probes/core/send.bpf.h"
#include "probes/core/wanted.bpf.h"

/* An event says what is skipped beyond the bound when it is so much, then twice as much. */
#define SKIPPED_STEP 65536

#define PTS  0x737470   /* "pts", the driver's name: drivers/tty/pty.c */
#define TTYP 0x70797474 /* "ttyp", of BSD's terminals */

/*
 * By the first bytes of its name: is it the end of a pseudoterminal that programs write
 * to? The other end is "ptm0" or "pty0": what is written there is what a user types.
 */
INLINE int is_output_end(__u64 name)
{
	return (name & 0xffffff) == PTS || (__u32)name == TTYP;
}

/* The echo of what is typed is mostly written by a thread of the kernel. */
INLINE int terminal_wanted(const struct layout *layout, __u64 task)
{
	return POINTER(layout, task, TASK_MM) && event_wanted(layout, task, EVENT_TERMINAL);
}

/* NULL: there is no room, so the process is not bound. */
INLINE struct terminal_count *terminal_count_find(const struct process_ids *process)
{
	struct terminal_key key = { .start_boottime_ns = process->start_boottime_ns,
		                    .pid = process->pid };
	struct terminal_count none = { 0 };
	struct terminal_count *c = bpf_map_lookup_elem(&terminal_writers, &key);

	if (c)
		return c;
	bpf_map_update_elem(&terminal_writers, &key, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&terminal_writers, &key);
}

/* Of so much text the event has what it has room for. */
INLINE void terminal_cut(struct terminal_event *e, __u64 text, __u64 bytes)
{
	e->size = text < TERMINAL_BYTES_MAX ? text : TERMINAL_BYTES_MAX;
	e->skipped = text - e->size;
	if (bytes > e->size && e->size)
		e->header.truncated |= 1U << FIELD_TERMINAL_TEXT;
}

/*
 * How many bytes of the text go into the event, and what is skipped. False: nothing is
 * to be said. Threads that write to several terminals at once may count a little wrong.
 */
INLINE int terminal_bound(struct terminal_event *e, __u64 bytes)
{
	struct terminal_count *c = terminal_count_find(&e->process);
	__u64 room = 0, before, beyond, reported;

	if (!c) {
		terminal_cut(e, bytes, bytes);
		return 1;
	}
	CHECKED(c);
	before = c->written;
	__sync_fetch_and_add(&c->written, bytes);
	if (before < TERMINAL_PROCESS_BYTES)
		room = TERMINAL_PROCESS_BYTES - before;
	terminal_cut(e, bytes < room ? bytes : room, bytes);
	if (before + bytes <= TERMINAL_PROCESS_BYTES)
		return 1;
	e->exceeded = 1;
	beyond = before + bytes - TERMINAL_PROCESS_BYTES;
	reported = c->reported;
	if (beyond < reported)
		return room != 0;
	if (!room && reported &&
	    beyond - reported < (reported > SKIPPED_STEP ? reported : SKIPPED_STEP))
		return 0;
	e->skipped += beyond - reported;
	c->reported = beyond;
	return 1;
}

/* Puts the text behind the struct. */
INLINE void terminal_text(struct scratch *s, __u64 text)
{
	struct terminal_event *e = &s->terminal;
	__u64 size = e->size;

	if (!size)
		return;
	BARRIER(size);
	size = ((size - 1) & (TERMINAL_BYTES_MAX - 1)) + 1;
	unread_if(&e->header, bpf_probe_read(s->bytes + sizeof(*e), size, (void *)text),
	          FIELD_TERMINAL_TEXT);
}

/*
 * Builds the event of bytes that the terminal has taken, in a message that was begun.
 * name: where that of the terminal lies. Returns the size of the message; 0: nothing is
 * to be sent.
 */
INLINE __u64 terminal_fill(const struct layout *layout, struct scratch *s, __u64 name, __u64 text,
                           __u64 bytes)
{
	struct terminal_event *e = &s->terminal;
	__u64 task = bpf_get_current_task(), size;

	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_START);
	if (!terminal_bound(e, bytes))
		return 0;
	parent_fill(layout, &e->header, task, POINTER(layout, task, TASK_REAL_PARENT), &e->parent);
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	unread_if(&e->header, bpf_probe_read(e->tty, sizeof(e->tty), (void *)name),
	          FIELD_TERMINAL_TTY);
	terminal_text(s, text);
	size = e->size;
	if (size > TERMINAL_BYTES_MAX)
		return 0;
	BARRIER(size);
	return size + sizeof(*e);
}

#endif
