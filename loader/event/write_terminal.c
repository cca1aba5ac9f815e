/* SPDX-License-Identifier: BSD-2-Clause */
/* What processes write to terminals. */
#include "loader/event/ecs.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"

/* What is skipped comes behind the text that there is room for. */
static void skipped_write(struct jsonw *out, const struct terminal_event *e)
{
	if (!e->skipped)
		return;
	jsonw_array_open(out, "bytes_skipped");
	jsonw_object_open(out, NULL);
	jsonw_u64(out, "offset", e->size);
	jsonw_u64(out, "length", e->skipped);
	jsonw_object_close(out);
	jsonw_array_close(out);
}

void terminal_process_rest(struct format *f, const struct event *ev)
{
	const struct terminal_event *e = &ev->terminal;

	jsonw_object_open(&f->json, "io");
	jsonw_string(&f->json, "type", "tty");
	if (event_unread(ev, FIELD_TERMINAL_TEXT))
		ecs_unread(f, "text");
	else
		ecs_bytes(f, "text", ev->text, ev->text_size, TERMINAL_BYTES_MAX);
	if (event_truncated(ev, FIELD_TERMINAL_TEXT))
		ecs_cut(f, "text");
	jsonw_u64(&f->json, "total_bytes_captured", e->size);
	jsonw_u64(&f->json, "total_bytes_skipped", e->skipped);
	skipped_write(&f->json, e);
	jsonw_bool(&f->json, "max_bytes_per_process_exceeded", e->exceeded);
	jsonw_object_close(&f->json);
	if (!event_unread(ev, FIELD_TERMINAL_TTY))
		ecs_tty(f, e->tty);
}

void terminal_unmapped(struct format *f, const struct event *ev)
{
	if (event_unread(ev, FIELD_TERMINAL_TTY))
		ecs_unread(f, "tty");
	else
		ecs_comm(f, "tty", ev->terminal.tty);
	if (ev->redacted)
		jsonw_u64(&f->json, "redacted", ev->redacted);
}

void terminal_json(struct format *f, const struct event *ev)
{
	const struct terminal_event *e = &ev->terminal;
	const struct actor actor = ACTOR(e, e->uid);
	const struct cached *known;

	ecs_head(f, ev);
	known = ecs_actor_open(f, ev, &actor);
	terminal_process_rest(f, ev);
	ecs_actor_close(f, &actor, known);
	ecs_sextant_open(f, ev);
	terminal_unmapped(f, ev);
	ecs_sextant_close(f);
}

void terminal_text(struct jsonw *out, const struct event *ev)
{
	const struct terminal_event *e = &ev->terminal;

	jsonw_printf(out, "%u ", e->process.pid);
	words_comm(out, e->comm);
	jsonw_printf(out, " uid %u to ", e->uid);
	if (event_unread(ev, FIELD_TERMINAL_TTY))
		words_unknown(out);
	else
		words_comm(out, e->tty);
	jsonw_put(out, " ", 1);
	if (event_unread(ev, FIELD_TERMINAL_TEXT))
		words_unknown(out);
	else
		words_word(out, ev->text, ev->text_size);
	if (e->skipped)
		jsonw_printf(out, " skipped %llu", (unsigned long long)e->skipped);
}
