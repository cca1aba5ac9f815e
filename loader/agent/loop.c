/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "loader/agent/loop.h"
#include "loader/agent/resources.h"
#include "loader/bpf/flows.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/notify.h"
#include "loader/util/signals.h"

/* How often what may change is looked at; what costs more; flows that have ended. */
#define TICK_NS   100000000ULL
#define SECOND_NS 1000000000ULL
#define FLOWS_NS  5000000000ULL

/*
 * Where no record came for a second, so long may pass until the next look at the rings,
 * which wake the sensor up only once there is more in them.
 */
#define QUIET_MS 250

/* How often metrics are written to their file. */
#define METRICS_NS 15000000000ULL

/* Reading /proc: so long at a time, and so long a pause. */
#define WORK_NS  10000000ULL
#define PAUSE_MS 10

/* At the end the output has so long to take the next line, and so long in all. */
#define NEXT_NS   5000000000ULL
#define FINISH_NS 30000000000ULL

static void agent_event(struct loop *l, uint64_t now, enum agent_action action)
{
	struct agent_report report;

	if (!l->heartbeat_ns)
		return;
	health_report(l->health, now, &report);
	writer_agent(l->writer, action, &report);
}

/* That the file cannot be written is said once, until it can be. */
static void metrics_write(struct loop *l, uint64_t now)
{
	struct jsonw text;
	struct agent_report report;
	struct offsets_error error;
	bool fails;

	health_report(l->health, now, &report);
	jsonw_init(&text);
	status_metrics(&text, &report);
	fails = text.failed || ask_metrics(&l->monitor->channel, text.text, text.size, &error);
	if (fails && !l->has_metrics_failed)
		log_line(LEVEL_WARNING, "%s; the metrics are not written",
		         text.failed ? "out of memory" : error.text);
	l->has_metrics_failed = fails;
	jsonw_deinit(&text);
}

/* What the sensor says of itself. */
static void health_work(struct loop *l, uint64_t now)
{
	health_second(l->health, now);
	talkers_second(l->health->records->talkers, now);
	if (l->heartbeat_ns && now - l->beat_ns >= l->heartbeat_ns) {
		l->beat_ns += l->heartbeat_ns;
		agent_event(l, now, AGENT_HEARTBEAT);
	}
	if (l->has_metrics && now - l->metrics_ns >= METRICS_NS) {
		l->metrics_ns = now;
		metrics_write(l, now);
	}
}

/* Users have shares of the events because of --cpu-budget, or have none any more. */
static void budget_say(struct loop *l)
{
	struct budget_report budget = shares_report(l->shares);
	const char *executable = talkers_most(l->health->records->talkers);

	if (budget.share_bytes)
		log_line(LEVEL_WARNING,
		         "the sensor took %u %% of a CPU, and --cpu-budget is %u: each user has a "
		         "share of the events until that ends; most are of %s",
		         budget.used, budget.percent, executable);
	else
		log_line(LEVEL_INFO,
		         "the sensor takes %u %% of a CPU: users have no shares of the events any "
		         "more",
		         budget.used);
	writer_budget(l->writer, &budget, executable);
}

static int shares_work(struct loop *l, uint64_t now, bool has_no_room, struct offsets_error *error)
{
	bool had_share = budget_share(&l->shares->budget);
	uint64_t cpu_ns = resources_read().cpu_ns + l->watch->second.usage.cpu_ns;
	int err = shares_second(l->shares, now, has_no_room, cpu_ns, error);

	if (!err && had_share != !!budget_share(&l->shares->budget))
		budget_say(l);
	return err;
}

static int second(struct loop *l, uint64_t now, struct offsets_error *error)
{
	bool has_no_room;
	int err = loss_watch_second(l->watch, &has_no_room, error);

	host_name_read(&l->programs->host);
	writer_second(l->writer);
	metrics_http_serve(l->http);
	if (!err)
		err = shares_work(l, now, has_no_room, error);
	if (!err)
		health_work(l, now);
	if (err || (now - l->flows_ns <= FLOWS_NS && !probes_flows_wait(l->programs->probes)))
		return err;
	l->flows_ns = now;
	return probes_flows(l->programs->probes, FLOW_IDLE_NS, loss_watch_note, l->watch, error);
}

/* Those that events are held to here, as the monitor has them now. */
static int event_rules_take(struct loop *l, bool are_new, struct offsets_error *error)
{
	struct event_rules rules;
	int err = ask_event_rules(&l->monitor->channel, &rules, error);

	if (!err)
		records_rules_set(l->records, &rules, are_new);
	return err;
}

/* The rules are other ones: what is known of processes may have to be read again. */
static void rules_changed(struct loop *l, const struct answer_rules *answer)
{
	struct settings *settings = &l->programs->settings;

	settings->filters = answer->filters;
	settings->classes = l->canary->classes = answer->classes;
	l->writer->format.cache = processes_begin(l->processes, settings);
}

/* After a SIGHUP the files of rules are read again, at once or in a moment. */
static int rules_look_at(struct loop *l, uint64_t now, struct offsets_error *error)
{
	bool is_asked = signals_rules();
	struct answer_rules answer;
	int err;

	if (is_asked) {
		l->is_reloading = true;
		notify_reloading();
	}
	if (!l->is_reloading && now - l->rules_ns < SECOND_NS)
		return 0;
	l->rules_ns = now;
	err = ask_rules(&l->monitor->channel, is_asked, &answer, error);
	if (err || answer.found == RULES_AS_BEFORE)
		return err;
	if (answer.found != RULES_NONE)
		err = event_rules_take(l, answer.found == RULES_NEW, error);
	if (err || answer.found == RULES_FILES)
		return err;
	if (answer.found == RULES_NEW) {
		log_level_set(answer.log_level);
		rules_changed(l, &answer);
	}
	if (l->is_reloading)
		notify_ready();
	l->is_reloading = false;
	return err;
}

static void canary_found(void *arg, enum event_type type, enum canary_finding finding,
                         const char *why)
{
	struct loop *l = arg;
	char reason[1024];

	if (finding == CANARY_REPORTS_AGAIN) {
		log_line(LEVEL_INFO, "%s reports again", event_type_name(type));
		writer_class(l->writer, type, NULL);
		return;
	}
	snprintf(reason, sizeof(reason),
	         "the events of the sensor's canary do not come: the programs were attached "
	         "again%s%s",
	         why ? ", which failed: " : "", why ? why : "");
	log_line(LEVEL_WARNING, "%s: %s", event_type_name(type), reason);
	writer_class(l->writer, type, reason);
}

/*
 * A canary would be an event of the newer sensor: its end is waited for, and none is sent
 * meanwhile.
 */
static void restart_look(struct loop *l, uint64_t now)
{
	struct restart *r = l->restart;

	if (restart_is_under_way(r)) {
		signals_restart(); /* the same one */
		restart_work(r, now, !probes_unread(l->programs->probes));
	} else {
		l->is_restart_wanted |= signals_restart() || status_asks_restart(l->status);
		if (!l->is_restart_wanted || l->canary->pid)
			return;
		l->is_restart_wanted = false;
		restart_begin(r, now);
	}
	if (!restart_is_under_way(r))
		status_restart_answer(l->status, false, r->failed);
}

static int tick(struct loop *l, uint64_t now, struct offsets_error *error)
{
	int err;

	notify_alive(now);
	writer_refresh(l->writer);
	hashes_look(l->hashes, now);
	container_names_look(l->names, now);
	err = rules_look_at(l, now, error);
	if (err)
		return err;
	processes_look(l->processes, now);
	if (!restart_is_under_way(l->restart))
		err = canary_watch_look(l->canary, now, canary_found, l, error);
	if (err)
		return err;
	if (now - l->second_ns < SECOND_NS)
		return 0;
	l->second_ns = now;
	return second(l, now, error);
}

static int monitor_ended(struct offsets_error *error)
{
	return offsets_fail(error, -EPIPE,
	                    "the monitor process has ended, and with it the probes; start the "
	                    "sensor again");
}

/* Until there are events, the output takes some, or something is to be done. */
static int wait(struct loop *l, uint64_t end, bool is_busy, struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	int ms, output_ms = -1;
	bool has_room = writer_has_room(l->writer);
	short events;
	int status_wait = status_fd(l->status, &events);
	enum { MONITOR, STATUS, HTTP, RINGS, OUTPUTS };
	struct pollfd fds[OUTPUTS + OUTPUTS_MAX] = {
		[MONITOR] = { l->monitor->channel.fd, POLLIN, 0 },
		[STATUS] = { status_wait, events, 0 },
		[HTTP] = { metrics_http_fd(l->http), POLLIN, 0 },
		[RINGS] = { has_room ? probes_fd(l->programs->probes) : -1, POLLIN, 0 },
	};
	size_t count = OUTPUTS + outputs_poll(&l->writer->outputs, fds + OUTPUTS, &output_ms);

	is_busy |= restart_is_under_way(l->restart);
	ms = is_busy                          ? PAUSE_MS
	     : now - l->record_ns < SECOND_NS ? (int)(TICK_NS / 1000000)
	                                      : QUIET_MS;
	if (output_ms >= 0 && output_ms < ms)
		ms = output_ms;
	if (end && end - now < (uint64_t)ms * 1000000)
		ms = end > now ? (end - now) / 1000000 + 1 : 0;
	if (poll(fds, count, ms) <= 0)
		return 0;
	l->is_asked |= fds[STATUS].revents;
	if (fds[HTTP].revents)
		metrics_http_serve(l->http);
	return fds[MONITOR].revents ? monitor_ended(error) : 0; /* it only ever answers */
}

static int rings_read_some(const struct loop *l, bool to_the_end, struct offsets_error *error)
{
	int err = probes_read(l->programs->probes, to_the_end);

	return err ? offsets_fail(error, -EIO, "the event rings cannot be read") : 0;
}

/* One round; *ret_busy: /proc is still being read. */
static int round_do(struct loop *l, bool *ret_busy, struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	int err = 0;

	if (now - l->tick_ns >= TICK_NS) {
		l->tick_ns = now;
		err = tick(l, now, error);
	}
	*ret_busy = processes_work(l->processes, WORK_NS);
	l->records->has_come = false;
	if (!err)
		err = rings_read_some(l, false, error);
	if (!err && probes_pressure(l->programs->probes))
		err = shares_pressure(l->shares, now, error);
	if (!err)
		restart_look(l, now);
	if (l->records->has_come)
		l->record_ns = now;
	writer_flush(l->writer);
	if (l->is_asked)
		l->is_asked = status_serve(l->status, l->health, now);
	return err;
}

int loop_run(struct loop *l, uint64_t duration_ns, struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t end = duration_ns ? now + duration_ns : 0;
	bool is_busy = true;
	int err = 0;

	l->beat_ns = l->record_ns = now;
	agent_event(l, now, AGENT_START);
	for (; !err && !l->writer->err && !signals_end() && (!end || now < end) &&
	       l->restart->stage != RESTART_LEFT;
	     now = clock_monotonic_ns()) {
		err = wait(l, end, is_busy, error);
		if (!err)
			err = round_do(l, &is_busy, error);
	}
	/* Whatever was asked then has failed. */
	return err && l->monitor->channel.err == -EPIPE ? monitor_ended(error) : err;
}

/* ---- the end ---------------------------------------------------------- */

/* begin: of the end. */
static bool output_takes(const struct loop *l, uint64_t begin)
{
	uint64_t now = clock_monotonic_ns(), taken = outputs_taken_ns(&l->writer->outputs);

	return !l->writer->err && now < begin + FINISH_NS &&
	       now < (taken > begin ? taken : begin) + NEXT_NS;
}

static bool is_left(const struct loop *l)
{
	return probes_wait(l->programs->probes) || probes_flows_wait(l->programs->probes);
}

static int all_read_some(struct loop *l, struct offsets_error *error)
{
	int err = probes_flows(l->programs->probes, 0, loss_watch_note, l->watch, error);

	return err ? err : rings_read_some(l, true, error);
}

/* Writes what is in the rings, and the flows, as long as the output takes it. */
static int all_write(struct loop *l, uint64_t begin, struct offsets_error *error)
{
	int err = all_read_some(l, error);

	while (!err && is_left(l) && output_takes(l, begin)) {
		writer_finish(l->writer, TICK_NS);
		err = all_read_some(l, error);
	}
	return err;
}

static void output_finish(struct loop *l, uint64_t begin)
{
	do
		writer_finish(l->writer, TICK_NS);
	while (writer_waits(l->writer) && output_takes(l, begin));
}

/* What is left is counted as lost. */
static int all_discard(struct loop *l, struct offsets_error *error)
{
	int err;

	l->writer->is_over = true;
	do
		err = all_read_some(l, error);
	while (!err && is_left(l));
	return err;
}

/* The monitor has ended: what is in the rings is written, and what else was lost is not known. */
static int rest_write(struct loop *l, uint64_t begin, struct offsets_error *error)
{
	int err = rings_read_some(l, true, error);

	writer_loss(l->writer, &(struct loss){ .type = EVENT_TYPES,
	                                       .reason = "the monitor process has ended" });
	output_finish(l, begin);
	return err;
}

/* There is a newer sensor, which begins to write now. */
static void restart_answer(struct loop *l)
{
	char text[64];

	if (!restart_is_under_way(l->restart))
		return;
	restart_done(l->restart);
	snprintf(text, sizeof(text), "process %u has taken over", l->restart->pid);
	status_restart_answer(l->status, true, text);
}

int loop_drain(struct loop *l, struct offsets_error *error)
{
	uint64_t begin = clock_monotonic_ns();
	int err = probes_silence(l->programs->probes, error);

	if (l->monitor->channel.err)
		return rest_write(l, begin, error);
	restart_silent(l->restart);
	if (!err)
		err = all_write(l, begin, error);
	output_finish(l, begin); /* so that there is room for events of losses */
	if (!err)
		err = loss_watch_look(l->watch, error);
	hashes_end(l->hashes);
	container_names_end(l->names, clock_monotonic_ns());
	output_finish(l, begin);
	outputs_abandon(&l->writer->outputs);
	writer_dropped(l->writer);
	agent_event(l, clock_monotonic_ns(), AGENT_STOP);
	output_finish(l, begin);
	restart_answer(l);
	return err ? err : all_discard(l, error);
}
