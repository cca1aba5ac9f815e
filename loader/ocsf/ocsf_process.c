/* SPDX-License-Identifier: BSD-2-Clause */
/* fork, thread, exit, credentials and terminal: Process Activity. */
#include "loader/ocsf/ocsf.h"
#include "loader/event/particulars.h"
#include "loader/ocsf/ocsf_writers.h"

/* ---- fork and thread ----------------------------------------------------- */

static void caller_write(struct format *f, const struct event *ev, const struct cached *caller)
{
	const struct fork_event *e = &ev->fork;

	jsonw_object_open(&f->json, "actor");
	ocsf_process_open(
		f, "process",
		&(struct ocsf_process){ .pid = e->process.pid,
	                                .tid = e->process.tid,
	                                .start_boottime_ns = e->process.start_boottime_ns,
	                                .is_start_unread = event_unread(ev, FIELD_FORK_CALLER),
	                                .known = caller });
	jsonw_object_close(&f->json);
	ocsf_identity(f, "user", NAME_USER, e->uid, false);
	jsonw_object_close(&f->json);
}

/* It runs what its caller does. */
static void child_write(struct format *f, const struct event *ev, const struct cached *caller)
{
	const struct fork_event *e = &ev->fork;

	ocsf_process_open(
		f, "process",
		&(struct ocsf_process){ .pid = e->child.pid,
	                                .tid = ev->header.type == EVENT_THREAD ? e->child.tid : 0,
	                                .start_boottime_ns = e->child.start_boottime_ns,
	                                .is_start_unread = event_unread(ev, FIELD_START),
	                                .name = e->comm,
	                                .known = caller });
	if (caller)
		ocsf_container(f, caller->container);
	ocsf_parent(f, ev, &e->parent);
	jsonw_object_close(&f->json);
}

void fork_ocsf(struct format *f, const struct event *ev)
{
	static const struct ocsf_activity launch = { OCSF_PROCESS, 1, "Launch", OCSF_SUCCESS, 0 };
	static const struct ocsf_activity thread = { OCSF_PROCESS, OCSF_OTHER, "thread",
		                                     OCSF_SUCCESS, 0 };
	const struct fork_event *e = &ev->fork;
	const struct cached *caller = ecs_known(f, e->process.pid, e->process.start_boottime_ns,
	                                        event_unread(ev, FIELD_FORK_CALLER));

	ocsf_head(f, ev, ev->header.type == EVENT_THREAD ? &thread : &launch);
	if (ev->header.type == EVENT_FORK)
		ocsf_enum(&f->json, "launch_type_id", 2, "launch_type", "Fork");
	caller_write(f, ev, caller);
	child_write(f, ev, caller);
	ocsf_unmapped_open(f, ev->header.time_ns);
	jsonw_u64(&f->json, "cpu", ev->header.cpu);
	ocsf_rest_open(f, ev, &e->child, &e->parent);
	jsonw_object_close(&f->json);
	if (caller)
		ocsf_place(f, caller->container, caller->service);
	fork_unmapped(f, ev);
	ecs_sextant_close(f);
}

/* ---- exit ---------------------------------------------------------------- */

/* Who acts is the process itself, also if a signal ends it: OCSF's "reflexive" case. */
void exit_ocsf(struct format *f, const struct event *ev)
{
	static const struct ocsf_activity terminate = { OCSF_PROCESS, 2, "Terminate", OCSF_SUCCESS,
		                                        0 };
	const struct exit_event *e = &ev->exit;
	const struct actor actor = ACTOR(e, e->uid);
	bool unread = event_unread(ev, FIELD_EXIT_CODE);

	ocsf_head(f, ev, &terminate);
	ecs_u64(f, "duration", exit_run_time(f, e) / 1000000, event_unread(ev, FIELD_START));
	if (unread || !(e->exit_code & 0x7f))
		ecs_u64(f, "exit_code", (e->exit_code >> 8) & 0xff, unread);
	ocsf_actor(f, ev, &actor);
	ocsf_self(f, ev, &actor);
	jsonw_object_close(&f->json);
	ocsf_actor_rest(f, ev, &actor);
	jsonw_object_open(&f->json, "event");
	ecs_u64(f, "duration", exit_run_time(f, e), event_unread(ev, FIELD_START));
	jsonw_object_close(&f->json);
	exit_unmapped(f, ev);
	ecs_sextant_close(f);
}

/* ---- credentials --------------------------------------------------------- */

static struct ocsf_activity credentials_activity(const struct event *ev)
{
	struct ocsf_activity ret = { OCSF_PROCESS, OCSF_OTHER, "credentials", OCSF_SUCCESS, 0 };

	if (event_unread(ev, FIELD_CREDENTIALS_BEFORE) ||
	    event_unread(ev, FIELD_CREDENTIALS_AFTER)) {
		ret.id = OCSF_UNKNOWN;
		ret.name = "Unknown";
	} else if (credentials_user_changed(&ev->credentials.before, &ev->credentials.after)) {
		ret.id = 5;
		ret.name = "Set User ID";
	}
	return ret;
}

/* actor: who it was; process: who it is now. */
void credentials_ocsf(struct format *f, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;
	const struct ocsf_activity activity = credentials_activity(ev);
	struct actor actor = ACTOR(e, e->before.uid);

	actor.uid_unread = event_unread(ev, FIELD_CREDENTIALS_BEFORE);
	ocsf_head(f, ev, &activity);
	ocsf_actor(f, ev, &actor);
	ocsf_self(f, ev, &actor);
	ocsf_effective(f, &e->after, event_unread(ev, FIELD_CREDENTIALS_AFTER));
	jsonw_object_close(&f->json);
	ocsf_actor_rest(f, ev, &actor);
	credentials_unmapped(f, ev);
	ecs_sextant_close(f);
}

/* ---- terminal ------------------------------------------------------------ */

void terminal_ocsf(struct format *f, const struct event *ev)
{
	static const struct ocsf_activity activity = { OCSF_PROCESS, OCSF_OTHER, "terminal",
		                                       OCSF_SUCCESS, 0 };
	const struct terminal_event *e = &ev->terminal;
	const struct actor actor = ACTOR(e, e->uid);

	ocsf_head(f, ev, &activity);
	ocsf_actor(f, ev, &actor);
	ocsf_self(f, ev, &actor);
	jsonw_object_close(&f->json);
	ocsf_actor_rest_open(f, ev, &actor);
	terminal_process_rest(f, ev);
	ocsf_actor_rest_close(f, ev, &actor);
	terminal_unmapped(f, ev);
	ecs_sextant_close(f);
}
