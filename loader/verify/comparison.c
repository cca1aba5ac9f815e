/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/stream/fields.h"
#include "loader/verify/comparison.h"

static bool kernel_lacks(const struct comparison *c, const struct field *f)
{
	unsigned int i;

	for (i = 0; c->layout && i < f->count; i++)
		if (c->layout->facts[f->facts[i]].offset == LAYOUT_ABSENT)
			return true;
	return false;
}

bool can_compare(const struct comparison *c, const struct event *ev, unsigned int field)
{
	if (!event_unread(ev, field))
		return true;
	if (!kernel_lacks(c, field_get(ev->header.type, field)))
		differences_add(c->differences, ev->header.type, field,
		                field_path(ev->header.type, field), "an unreadable value",
		                "a value");
	return false;
}

void compare_numbers(const struct comparison *c, const struct event *ev, unsigned int field,
                     const struct pair *pairs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		differences_number(c->differences, ev->header.type, field, pairs[i].what,
		                   pairs[i].seen, pairs[i].truth);
}

void compare_path(const struct comparison *c, const struct event *ev, unsigned int field,
                  const struct event_path *seen, const char *truth)
{
	size_t size = strlen(truth), skip = seen->size > size ? seen->size - size : 0;

	differences_bytes(c->differences, ev->header.type, field,
	                  field_path(ev->header.type, field), seen->text + skip, seen->size - skip,
	                  truth, size);
}

static void compare_parent(const struct comparison *c, const struct event *ev,
                           const struct parent_ids *seen, const struct proc *parent)
{
	enum event_type type = ev->header.type;

	if (!can_compare(c, ev, FIELD_PARENT))
		return;
	differences_number(c->differences, type, FIELD_PARENT, "process.parent.pid", seen->pid,
	                   parent->pid);
	differences_number(c->differences, type, FIELD_START, "process.parent.start",
	                   start_ticks(seen->start_boottime_ns), parent->start_ticks);
	differences_bytes(c->differences, type, FIELD_PARENT, "process.parent.name", seen->comm,
	                  strnlen(seen->comm, EVENTS_COMM_BYTES), parent->comm,
	                  strlen(parent->comm));
}

void compare_actor(const struct comparison *c, const struct event *ev, const struct proc *actor,
                   const struct parent_ids *seen, const struct proc *parent)
{
	const struct process_ids *ids =
		ev->header.type == EVENT_FORK ? &ev->fork.child : &ev->head.process;

	if (can_compare(c, ev, FIELD_START))
		differences_number(c->differences, ev->header.type, FIELD_START,
		                   "process.start (in 1/100 s)",
		                   start_ticks(ids->start_boottime_ns), actor->start_ticks);
	if (parent)
		compare_parent(c, ev, seen, parent);
	if (can_compare(c, ev, FIELD_GROUPS))
		differences_number(c->differences, ev->header.type, FIELD_GROUPS,
		                   "process.group_leader.pid", seen->pgid, actor->pgid);
}
