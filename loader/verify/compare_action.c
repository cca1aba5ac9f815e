/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor itself does to another process, or to the kernel. */
#include <string.h>

#include "loader/stream/fields.h"
#include "loader/verify/comparison.h"

/* What the sensor itself has done. */
static void compare_own(const struct comparison *c, const struct event *ev)
{
	compare_actor(c, ev, &c->child->own, &ev->action.parent, NULL);
}

/* The function that makes one may be inlined where it is called: then there is no event. */
void compare_memfd(const struct comparison *c)
{
	const struct event *ev = &c->sample->memfd;
	const char *seen = ev->action.text;

	compare_own(c, ev);
	if (can_compare(c, ev, FIELD_MEMFD_OBJECT))
		differences_bytes(c->differences, EVENT_MEMFD, FIELD_MEMFD_OBJECT,
		                  "sextant.memfd.name", seen,
		                  strnlen(seen, sizeof(ev->action.text)), c->actions->name,
		                  strlen(c->actions->name));
}

static void compare_target(const struct comparison *c, const struct event *ev)
{
	const struct parent_ids *seen = &ev->action.target;
	const struct proc *truth = &c->child->beside;
	const struct pair pid[] = { { "sextant.target.pid", seen->pid, truth->pid } };
	const struct pair start[] = { { "sextant.target.start (in 1/100 s)",
		                        start_ticks(seen->start_boottime_ns),
		                        truth->start_ticks } };

	compare_own(c, ev);
	if (!can_compare(c, ev, FIELD_ACTION_TARGET))
		return;
	COMPARE_NUMBERS(c, ev, FIELD_ACTION_TARGET, pid);
	if (!seen->start_boottime_ns)
		return; /* the end of a system call knows no more */
	COMPARE_NUMBERS(c, ev, FIELD_ACTION_TARGET, start);
	differences_bytes(c->differences, ev->header.type, FIELD_ACTION_TARGET,
	                  "sextant.target.name", seen->comm, strnlen(seen->comm, EVENTS_COMM_BYTES),
	                  truth->comm, strlen(truth->comm));
}

void compare_ptrace(const struct comparison *c)
{
	compare_target(c, &c->sample->ptrace);
}

void compare_access(const struct comparison *c)
{
	compare_target(c, &c->sample->process_access);
}

void compare_signal(const struct comparison *c)
{
	compare_target(c, &c->sample->signal);
}

void compare_terminal(const struct comparison *c)
{
	const struct event *ev = &c->sample->terminal;
	const struct terminal_event *e = &ev->terminal;

	compare_actor(c, ev, &c->child->own, &e->parent, NULL);
	if (can_compare(c, ev, FIELD_TERMINAL_TTY))
		differences_bytes(c->differences, EVENT_TERMINAL, FIELD_TERMINAL_TTY, "sextant.tty",
		                  e->tty, strnlen(e->tty, sizeof(e->tty)), c->actions->tty,
		                  strlen(c->actions->tty));
}
