/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loader/agent/loss_watch.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"

/* So long after the last loss users have shares of the rings. */
#define SHARES_NS 10000000000ULL

static int missed_read(const struct loss_watch *w, uint64_t *ret, struct offsets_error *error)
{
	int err = probes_missed(w->programs->probes, ret);

	return err ? offsets_fail(error, err, "what probes missed cannot be read: %s",
	                          strerror(-err))
	           : 0;
}

int loss_watch_begin(struct loss_watch *w, struct offsets_error *error)
{
	int err = probes_losses(w->programs->probes, NULL, NULL, error);

	w->was_disabled = w->programs->disabled;
	if (w->was_disabled)
		snprintf(w->second.disabled, sizeof(w->second.disabled), "%s",
		         w->programs->disabled);
	return err ? err : missed_read(w, &w->missed, error);
}

void loss_watch_note(void *arg, enum event_type type, unsigned int cpu, uint64_t count)
{
	struct loss_watch *w = arg;

	losses_add(w->losses, &(struct loss){ type, cpu, count, NULL });
}

/* Hits that no program saw: of which class is not known. */
static int missed_add(struct loss_watch *w, struct offsets_error *error)
{
	uint64_t missed;
	int err = missed_read(w, &missed, error);

	if (err || missed <= w->missed)
		return err;
	loss_watch_note(w, EVENT_TYPES, 0, missed - w->missed);
	w->missed = missed;
	return 0;
}

/* False: nothing was lost. */
static bool losses_report(struct loss_watch *w)
{
	struct loss loss;
	char text[4096];
	bool is_new = losses_text(w->losses, text, sizeof(text));

	if (is_new)
		log_line(LEVEL_WARNING, "lost %s", text);
	while (writer_takes(w->writer) && writer_has_room(w->writer) &&
	       losses_next(w->losses, &loss))
		writer_loss(w->writer, &loss);
	return is_new;
}

int loss_watch_look(struct loss_watch *w, bool *ret_lost, struct offsets_error *error)
{
	int err = probes_losses(w->programs->probes, loss_watch_note, w, error);

	if (!err)
		err = missed_add(w, error);
	if (err)
		return err;
	*ret_lost = losses_report(w);
	return 0;
}

static int shares_switch(struct loss_watch *w, bool is_lost, struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	bool on = is_lost || (w->shares && now - w->shares_ns < SHARES_NS);

	if (is_lost)
		w->shares_ns = now;
	if (on == w->shares)
		return 0;
	w->shares = on;
	log_line(on ? LEVEL_WARNING : LEVEL_INFO, "%s",
	         on ? "events are lost: each user but root has a share of the rings until that ends"
	            : "the rings have room again: users have no shares of them any more");
	return ask_shares(w->monitor, on, error);
}

int loss_watch_pressure(struct loss_watch *w, struct offsets_error *error)
{
	w->shares_ns = clock_monotonic_ns();
	if (w->shares)
		return 0;
	w->shares = true;
	log_line(LEVEL_INFO, "a ring is almost full: each user but root has a share of the "
	                     "rings until that ends");
	return ask_shares(w->monitor, true, error);
}

/* Kprobes, ftrace and lockdown. now: what is disabled; empty: nothing. */
static void disabled_report(struct loss_watch *w, const char *now)
{
	if (*now && !w->was_disabled) {
		log_line(LEVEL_WARNING,
		         "%s: event classes that depend on this report nothing until it changes",
		         now);
		writer_loss(w->writer, &(struct loss){ .type = EVENT_TYPES, .reason = now });
	}
	if (!*now && w->was_disabled)
		log_line(LEVEL_INFO,
		         "kprobes, ftrace and reading of kernel memory are enabled again");
	w->was_disabled = *now;
}

int loss_watch_second(struct loss_watch *w, struct offsets_error *error)
{
	bool is_lost = false;
	int err = loss_watch_look(w, &is_lost, error);

	if (!err)
		err = shares_switch(w, is_lost, error);
	if (!err)
		err = ask_second(w->monitor, &w->second, error);
	if (!err)
		disabled_report(w, w->second.disabled);
	return err;
}
