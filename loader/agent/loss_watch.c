/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loader/agent/loss_watch.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"

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

void loss_watch_note(void *arg, const struct loss *loss)
{
	struct loss_watch *w = arg;

	losses_add(w->losses, loss);
}

/* Of a ring; entries that make room for others in maps are none of it. */
static void ring_note(void *arg, const struct loss *loss)
{
	struct loss_watch *w = arg;

	losses_add(w->losses, loss);
	w->has_no_room |= !loss->is_shed && !loss->is_unsent;
}

/* Hits that no program saw: of which class is not known. */
static int missed_add(struct loss_watch *w, struct offsets_error *error)
{
	uint64_t missed;
	int err = missed_read(w, &missed, error);

	if (err || missed <= w->missed)
		return err;
	losses_add(w->losses, &(struct loss){ .type = EVENT_TYPES, .count = missed - w->missed });
	w->missed = missed;
	return 0;
}

static void losses_report(struct loss_watch *w)
{
	struct loss loss;
	char text[4096];

	if (losses_text(w->losses, text, sizeof(text)))
		log_line(LEVEL_WARNING, "lost %s", text);
	while (writer_takes(w->writer) && writer_has_room(w->writer) &&
	       losses_next(w->losses, &loss))
		writer_loss(w->writer, &loss);
}

int loss_watch_look(struct loss_watch *w, struct offsets_error *error)
{
	int err = probes_losses(w->programs->probes, ring_note, w, error);

	if (!err)
		err = missed_add(w, error);
	if (!err)
		losses_report(w);
	return err;
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

int loss_watch_second(struct loss_watch *w, bool *ret_no_room, struct offsets_error *error)
{
	int err = loss_watch_look(w, error);

	*ret_no_room = w->has_no_room;
	w->has_no_room = false;
	if (!err)
		err = ask_second(w->monitor, &w->second, error);
	if (!err)
		disabled_report(w, w->second.disabled);
	return err;
}
