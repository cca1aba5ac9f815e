/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/stream/interpreters.h"

/* Execs that are under way at a time, and fail later; the oldest makes room. */
#define CHAINS 64

struct chain {
	uint32_t pid;
	uint32_t attempt; /* SCRIPT_ATTEMPT of struct interpreter_part.script */
	unsigned int count;
	char names[SCRIPT_LEVELS][INTERPRETER_BYTES];
};

/* Those of execs that come at once: on each CPU one. The oldest makes room. */
#define SCRIPTS 512

struct interpreters {
	struct chain chains[CHAINS];
	unsigned int next;
	struct script_part scripts[SCRIPTS]; /* pid 0: free */
	unsigned int next_script;
	char text[INTERPRETERS_BYTES_MAX]; /* of the last exec */
};

struct interpreters *interpreters_new(void)
{
	return calloc(1, sizeof(struct interpreters));
}

void interpreters_free(struct interpreters *p)
{
	free(p);
}

static struct chain *chain_find(struct interpreters *p, uint32_t pid, uint32_t script)
{
	unsigned int i;

	for (i = 0; i < CHAINS; i++)
		if (p->chains[i].pid == pid && p->chains[i].attempt == (script & SCRIPT_ATTEMPT))
			return &p->chains[i];
	return NULL;
}

static struct chain *chain_begin(struct interpreters *p, uint32_t pid, uint32_t script)
{
	struct chain *c = &p->chains[p->next++ % CHAINS];

	c->pid = pid;
	c->attempt = script & SCRIPT_ATTEMPT;
	c->count = 0;
	return c;
}

static struct script_part *script_find(struct interpreters *p, uint32_t pid, uint32_t script)
{
	unsigned int i;

	for (i = 0; i < SCRIPTS; i++)
		if (p->scripts[i].process.pid == pid &&
		    (p->scripts[i].script & SCRIPT_ATTEMPT) == (script & SCRIPT_ATTEMPT))
			return &p->scripts[i];
	return NULL;
}

static void script_take(struct interpreters *p, const struct script_part *part)
{
	struct script_part *s = script_find(p, part->process.pid, part->script);

	if (!s)
		s = &p->scripts[p->next_script++ % SCRIPTS];
	*s = *part;
}

bool interpreters_take(struct interpreters *p, const void *data, size_t size)
{
	struct interpreter_part part;
	struct script_part script;
	struct chain *c;
	unsigned int level;

	if (size >= sizeof(script)) {
		memcpy(&script, data, sizeof(script));
		if (script.header.type == PART_SCRIPT && script.header.len == sizeof(script)) {
			script_take(p, &script);
			return true;
		}
	}
	if (size < sizeof(part))
		return false;
	memcpy(&part, data, sizeof(part));
	if (part.header.type != PART_INTERPRETER || part.header.len != sizeof(part))
		return false;
	level = part.script & SCRIPT_LEVELS;
	c = chain_find(p, part.process.pid, part.script);
	if (!c)
		c = chain_begin(p, part.process.pid, part.script);
	/* One that is missing before it, or the same once more: none is believed. */
	if (level == c->count + 1)
		memcpy(c->names[c->count++], part.last.text, INTERPRETER_BYTES);
	return true;
}

#define SCRIPT_FIELDS (1U << FIELD_EXEC_SCRIPT | 1U << FIELD_EXEC_SCRIPT_NUMBERS)

static void script_give(struct interpreters *p, struct event *ev)
{
	struct script_part *s = script_find(p, ev->exec.process.pid, ev->exec.script);

	if (!s) {
		ev->header.unread |= 1U << FIELD_EXEC_SCRIPT;
		return;
	}
	ev->header.unread |= s->header.unread & SCRIPT_FIELDS;
	ev->has_script = !event_unread(ev, FIELD_EXEC_SCRIPT);
	ev->script = (struct event_file){ .inode = s->inode,
		                          .opened_ns = s->opened_ns,
		                          .device = s->device };
	s->process.pid = 0;
}

void interpreters_give(struct interpreters *p, struct event *ev)
{
	unsigned int levels = ev->exec.script & SCRIPT_LEVELS, i;
	const struct event_path *last = &ev->texts[TEXT_INTERP];
	struct chain *c;
	size_t size = 0;

	if (levels)
		script_give(p, ev);
	if (levels < 2)
		return;
	c = chain_find(p, ev->exec.process.pid, ev->exec.script);
	if (!c || c->count != levels - 1 || event_unread(ev, FIELD_EXEC_INTERP)) {
		ev->header.unread |= 1U << FIELD_EXEC_INTERPRETERS;
		return;
	}
	for (i = 0; i < c->count; i++) {
		size_t length = strnlen(c->names[i], INTERPRETER_BYTES);

		memcpy(p->text + size, c->names[i], length);
		size += length;
		p->text[size++] = '\0';
	}
	memcpy(p->text + size, last->text, last->size);
	size += last->size;
	p->text[size++] = '\0';
	ev->interpreters = p->text;
	ev->interpreters_size = size;
}
