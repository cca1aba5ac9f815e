/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "loader/agent/container_names.h"
#include "loader/runtime/runtime_wire.h"

#define MS_NS     1000000ULL
#define MINUTE_NS (60 * 1000 * MS_NS)

/* After so long a container is asked for again, by its next event: it may have another name. */
#define FRESH_NS (10 * MINUTE_NS)

/* What made no event for so long is forgotten. */
#define UNUSED_NS (60 * MINUTE_NS)

/*
 * A runtime may write its files after the first process of the container has begun. What is not
 * found then is asked for again after so long, and given up.
 */
static const unsigned int again_ms[] = { 100, 300, 1000, 3000, 10000, 30000 };
#define TRIES   (sizeof(again_ms) / sizeof(again_ms[0]))
#define SETTLED (TRIES + 1) /* it was found, or given up */

int container_names_init(struct container_names *n, struct writer *writer, struct channel *monitor,
                         struct offsets_error *error)
{
	*n = (struct container_names){ .reader = { .monitor = monitor,
		                                   .kind = HELPER_RUNTIME,
		                                   .what = "names of containers",
		                                   .fd = -1 },
		                       .writer = writer };
	if (!monitor)
		return 0;
	n->containers = containers_new();
	writer->format.containers = n->containers;
	return n->containers ? 0 : offsets_fail(error, -ENOMEM, "out of memory");
}

void container_names_deinit(struct container_names *n)
{
	helper_link_close(&n->reader);
	containers_free(n->containers);
}

/* ---- questions ----------------------------------------------------------- */

static void ask(struct container_names *n, struct container_entry *e, uint64_t now_ns)
{
	struct runtime_question question = { .id = n->last_id + 1 };

	e->next_ns = now_ns + HELPER_RETRY_NS;
	memcpy(question.container, e->id, sizeof(question.container));
	if (!helper_get(&n->reader) || helper_ask(&n->reader, &question, sizeof(question)))
		return;
	e->question = question.id;
	n->last_id = question.id;
	if (!n->reader.unanswered)
		n->reader.asked_ns = now_ns;
	n->reader.unanswered = question.id; /* the last one, as answers come in order */
}

void container_names_event(struct container_names *n, struct container_id id, uint32_t outputs,
                           uint64_t now_ns)
{
	struct container_entry *e;
	bool is_due;

	if (!n->containers || !id.text || id.size != CONTAINER_ID_BYTES)
		return;
	e = containers_find(n->containers, id.text, now_ns);
	is_due = !e || (e->tries == SETTLED && now_ns >= e->next_ns);
	if (!e)
		e = containers_add(n->containers, id.text, now_ns);
	if (!e)
		return;
	e->outputs |= outputs;
	if (!is_due)
		return;
	e->tries = 0;
	ask(n, e, now_ns);
}

/* ---- answers ------------------------------------------------------------- */

/* It comes from a process that reads what others have made. */
static bool is_sound(const struct container_facts *facts)
{
	size_t i;

	for (i = 0; i < CONTAINER_FACTS; i++)
		if (facts->texts[i].size > sizeof(facts->texts[i].bytes))
			return false;
	return facts->runtime < CONTAINER_RUNTIMES;
}

static bool is_same(const struct container_facts *a, const struct container_facts *b)
{
	size_t i;

	for (i = 0; i < CONTAINER_FACTS; i++)
		if (a->texts[i].size != b->texts[i].size ||
		    memcmp(a->texts[i].bytes, b->texts[i].bytes, a->texts[i].size) != 0)
			return false;
	return a->runtime == b->runtime;
}

/* Where outputs have no room it is tried again. */
static void facts_write(struct container_names *n, struct container_entry *e)
{
	const struct container_id id = { e->id, sizeof(e->id), NULL, true };

	e->is_unsaid = !writer_container(n->writer, &id, e->outputs);
}

static void found(struct container_names *n, struct container_entry *e,
                  const struct container_facts *facts, uint64_t now_ns)
{
	e->tries = SETTLED;
	e->next_ns = now_ns + FRESH_NS;
	if ((e->facts && is_same(e->facts, facts)) || container_entry_set(e, facts))
		return;
	facts_write(n, e);
}

/* What is known of it already stays. */
static void not_found(struct container_entry *e, uint64_t now_ns)
{
	if (e->facts || e->tries >= TRIES) {
		e->tries = SETTLED;
		e->next_ns = now_ns + FRESH_NS;
		return;
	}
	e->next_ns = now_ns + again_ms[e->tries++] * MS_NS;
}

static struct container_entry *asked(const struct container_names *n, uint64_t question)
{
	struct container_entry *e;
	size_t i;

	for (i = 0; question && i < CONTAINERS_MAX; i++) {
		e = containers_at(n->containers, i);
		if (e && e->question == question)
			return e;
	}
	return NULL;
}

static void answer_take(struct container_names *n, const struct runtime_answer *answer,
                        uint64_t now_ns)
{
	struct container_entry *e = asked(n, answer->id);

	n->reader.asked_ns = now_ns;
	if (answer->id == n->reader.unanswered)
		n->reader.unanswered = 0;
	if (!e)
		return;
	e->question = 0;
	if (answer->is_known && is_sound(&answer->facts))
		found(n, e, &answer->facts, now_ns);
	else
		not_found(e, now_ns);
}

/* More wait until the next call, so that no reader can hold the engine by answers. */
#define ANSWERS_AT_ONCE 128

static void answers_take(struct container_names *n, uint64_t now_ns)
{
	struct runtime_answer answer;
	int i;

	for (i = 0; i < ANSWERS_AT_ONCE && !helper_hear(&n->reader, &answer, sizeof(answer)); i++)
		answer_take(n, &answer, now_ns);
}

/* ---- from time to time --------------------------------------------------- */

/* is_lost: no question is answered any more. */
static void entry_look(struct container_names *n, struct container_entry *e, uint64_t now_ns,
                       bool is_lost)
{
	if (e->is_unsaid)
		facts_write(n, e);
	if (is_lost)
		e->question = 0;
	if (!e->question && e->tries != SETTLED && now_ns >= e->next_ns)
		ask(n, e, now_ns);
}

static void sweep(struct container_names *n, uint64_t now_ns)
{
	const struct container_entry *e;
	size_t i;

	n->swept_ns = now_ns;
	for (i = 0; i < CONTAINERS_MAX; i++) {
		e = containers_at(n->containers, i);
		if (e && now_ns - e->used_ns > UNUSED_NS)
			containers_drop(n->containers, i);
	}
}

void container_names_look(struct container_names *n, uint64_t now_ns)
{
	struct container_entry *e;
	bool is_lost;
	size_t i;

	if (!n->containers)
		return;
	answers_take(n, now_ns);
	helper_is_stuck(&n->reader, now_ns);
	is_lost = n->reader.fd < 0; /* before another one is asked */
	for (i = 0; i < CONTAINERS_MAX; i++) {
		e = containers_at(n->containers, i);
		if (e)
			entry_look(n, e, now_ns, is_lost);
	}
	if (now_ns - n->swept_ns > MINUTE_NS)
		sweep(n, now_ns);
}

void container_names_end(struct container_names *n, uint64_t now_ns)
{
	const struct container_entry *e;
	size_t i;

	if (!n->containers)
		return;
	answers_take(n, now_ns);
	for (i = 0; i < CONTAINERS_MAX; i++) {
		e = containers_at(n->containers, i);
		writer_refuse(n->writer, e && e->is_unsaid);
	}
}
