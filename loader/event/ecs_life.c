/* SPDX-License-Identifier: BSD-2-Clause */
/* fork, thread and exit as ECS JSON. */
#include <linux/sched.h>

#include "loader/event/ecs.h"

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

void ecs_fork(struct format *f, const struct event *ev)
{
	const struct fork_event *e = &ev->fork;
	const struct cached *caller = ecs_known(f, e->process.pid, e->process.start_boottime_ns,
	                                        event_unread(ev, FIELD_CALLER));
	struct jsonw *json = &f->json;

	ecs_head(f, ev);
	jsonw_object_open(json, "process");
	ecs_identity(f, e->child.pid, e->child.start_boottime_ns,
	             event_unread(ev, FIELD_CHILD_START));
	ecs_comm(f, "name", e->comm);
	ecs_executable(f, caller);
	if (ev->header.type == EVENT_THREAD)
		ecs_thread(json, e->child.tid);
	ecs_lineage(f, ev, &e->parent);
	jsonw_object_close(json);
	ecs_container(json, caller ? caller->container : NULL);
	ecs_user(f, "user", e->uid);
	ecs_sextant_open(f, ev);
	/* Who called clone(): not the parent with CLONE_PARENT. */
	jsonw_object_open(json, "caller");
	ecs_identity(f, e->process.pid, e->process.start_boottime_ns,
	             event_unread(ev, FIELD_CALLER));
	ecs_thread(json, e->process.tid);
	jsonw_object_close(json);
	ecs_number(json, "clone_flags", "0x%llx", (unsigned long long)e->clone_flags);
	if (e->exit_signal && ev->header.type == EVENT_FORK)
		jsonw_u64(json, "child_signal", e->exit_signal);
	new_namespaces(json, e->clone_flags);
	ecs_sextant_close(f);
}

void ecs_exit(struct format *f, const struct event *ev)
{
	const struct exit_event *e = &ev->exit;
	const struct cached *known = ecs_known(f, e->process.pid, e->process.start_boottime_ns,
	                                       event_unread(ev, FIELD_START));
	struct jsonw *json = &f->json;
	uint32_t signal = e->exit_code & 0x7f;
	bool unread = event_unread(ev, FIELD_EXIT_CODE);

	ecs_head(f, ev);
	jsonw_object_open(json, "process");
	ecs_identity(f, e->process.pid, e->process.start_boottime_ns,
	             event_unread(ev, FIELD_START));
	ecs_comm(f, "name", e->comm);
	ecs_executable(f, known);
	if (unread || !signal)
		ecs_u64(f, "exit_code", (e->exit_code >> 8) & 0xff, unread);
	ecs_lineage(f, ev, &e->parent);
	jsonw_object_close(json);
	ecs_container(json, known ? known->container : NULL);
	ecs_user(f, "user", e->uid);
	ecs_sextant_open(f, ev);
	ecs_u64(f, "cpu_time_ns", e->cpu_time_ns, event_unread(ev, FIELD_CPU_TIME));
	if (unread) {
		ecs_unread(f, "exit_signal");
		ecs_unread(f, "core_dumped");
	} else if (signal) {
		jsonw_u64(json, "exit_signal", signal);
		jsonw_bool(json, "core_dumped", e->exit_code & 0x80);
	}
	ecs_sextant_close(f);
}
