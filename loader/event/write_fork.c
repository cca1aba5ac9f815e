/* SPDX-License-Identifier: BSD-2-Clause */
/* fork and thread. */
#include <linux/sched.h>

#include "loader/event/ecs.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"

/* Those that the child is the first in. */
static void new_namespaces(struct jsonw *json, uint64_t flags)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} all[] = {
		{ CLONE_NEWPID, "pid" },       { CLONE_NEWNS, "mnt" },  { CLONE_NEWNET, "net" },
		{ CLONE_NEWUTS, "uts" },       { CLONE_NEWIPC, "ipc" }, { CLONE_NEWUSER, "user" },
		{ CLONE_NEWCGROUP, "cgroup" },
	};
	bool open = false;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!(flags & all[i].flag))
			continue;
		if (!open)
			jsonw_array_open(json, "new_namespaces");
		open = true;
		jsonw_string(json, NULL, all[i].name);
	}
	if (open)
		jsonw_array_close(json);
}

void fork_unmapped(struct format *f, const struct event *ev)
{
	const struct fork_event *e = &ev->fork;

	ecs_number(&f->json, "clone_flags", "0x%llx", (unsigned long long)e->clone_flags);
	if (e->exit_signal && ev->header.type == EVENT_FORK)
		jsonw_u64(&f->json, "child_signal", e->exit_signal);
	new_namespaces(&f->json, e->clone_flags);
}

void fork_json(struct format *f, const struct event *ev)
{
	const struct fork_event *e = &ev->fork;
	const struct cached *caller = ecs_known(f, e->process.pid, e->process.start_boottime_ns,
	                                        event_unread(ev, FIELD_FORK_CALLER));
	struct jsonw *json = &f->json;

	ecs_head(f, ev);
	jsonw_object_open(json, "process");
	ecs_identity(f, e->child.pid, e->child.start_boottime_ns, event_unread(ev, FIELD_START));
	ecs_comm(f, "name", e->comm);
	ecs_executable(f, caller);
	if (ev->header.type == EVENT_THREAD)
		ecs_thread(json, e->child.tid);
	ecs_lineage(f, ev, &e->parent);
	jsonw_object_close(json);
	ecs_place_known(f, caller);
	ecs_user(f, "user", e->uid);
	ecs_sextant_open(f, ev);
	/* Who called clone(): not the parent with CLONE_PARENT. */
	jsonw_object_open(json, "caller");
	ecs_identity(f, e->process.pid, e->process.start_boottime_ns,
	             event_unread(ev, FIELD_FORK_CALLER));
	ecs_thread(json, e->process.tid);
	jsonw_object_close(json);
	fork_unmapped(f, ev);
	ecs_sextant_close(f);
}

void fork_text(struct jsonw *out, const struct event *ev)
{
	jsonw_printf(out, "%u", ev->fork.child.pid);
	if (ev->header.type == EVENT_THREAD)
		jsonw_printf(out, " thread %u", ev->fork.child.tid);
	words_parent(out, ev, &ev->fork.parent);
	words_uid(out, ev->fork.uid, false);
	jsonw_printf(out, " flags 0x%llx", (unsigned long long)ev->fork.clone_flags);
}
