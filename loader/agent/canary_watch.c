/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/agent/canary_watch.h"

/* So long its events may take; on a busy host it may not even have run before. */
#define LIFE_NS 3000000000ULL

/* How soon the next one is sent when classes are suspected. */
#define AGAIN_NS 3000000000ULL

/* The other process that it has is known by its parent: of that one only the end is reported. */
bool canary_watch_take(struct canary_watch *w, const struct event *ev)
{
	bool is_own = ev->head.process.pid == w->pid;

	if (!w->pid ||
	    (!is_own && (ev->header.type != EVENT_EXIT || ev->exit.parent.pid != w->pid)))
		return false;
	w->seen |= is_own ? 1U << ev->header.type : 0;
	w->own_events++;
	return true;
}

static int send(struct canary_watch *w, uint64_t now_ns, struct offsets_error *error)
{
	w->sent_ns = now_ns;
	w->seen = 0;
	w->lost = losses_all(w->losses);
	return ask_canary_start(w->monitor, w->classes, &w->pid, error);
}

/* 0 or -errno: the monitor does not answer. */
static int silence_end(struct canary_watch *w, unsigned int classes, canary_fn fn, void *arg,
                       struct offsets_error *error)
{
	unsigned int type;
	int err = 0;

	for (type = 0; type < EVENT_TYPES && !err; type++) {
		struct offsets_error cause;
		bool is_attached;

		if (!(classes & (1U << type)))
			continue;
		err = ask_reattach(w->monitor, type, &is_attached, &cause, error);
		if (!err)
			fn(arg, type, CANARY_SILENT, is_attached ? NULL : cause.text);
	}
	return err;
}

static void again_report(struct canary_watch *w, unsigned int classes, canary_fn fn, void *arg)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type))
			fn(arg, type, CANARY_REPORTS_AGAIN, NULL);
	w->silent &= ~classes;
}

/* What did not come may be among what was lost. */
static int judge(struct canary_watch *w, unsigned int done, canary_fn fn, void *arg,
                 struct offsets_error *error)
{
	unsigned int missing = done & w->classes & ~w->seen, silent;

	again_report(w, w->silent & w->seen, fn, arg);
	if (losses_all(w->losses) != w->lost)
		return 0;
	silent = missing & (w->suspected | w->silent);
	w->suspected = missing & ~silent;
	w->silent |= silent;
	return silence_end(w, silent, fn, arg, error);
}

int canary_watch_look(struct canary_watch *w, uint64_t now_ns, canary_fn fn, void *arg,
                      struct offsets_error *error)
{
	uint64_t every_ns = w->suspected ? AGAIN_NS : w->every_ns;
	unsigned int done;
	bool has_ended;
	int err;

	if (!w->every_ns)
		return 0;
	if (!w->pid)
		return now_ns - w->sent_ns < every_ns ? 0 : send(w, now_ns, error);
	if (now_ns - w->sent_ns < LIFE_NS)
		return 0;
	err = ask_canary_end(w->monitor, &has_ended, &done, error);
	w->pid = 0;
	return err || !has_ended ? err : judge(w, done, fn, arg, error);
}
