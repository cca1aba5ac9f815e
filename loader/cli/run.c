/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant run: identify, choose, load, attach, arm, check ourselves, report. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loader/state/cache.h"
#include "loader/host/choice.h"
#include "offsets/util/cleanup.h"
#include "loader/cli/config.h"
#include "loader/cli/exit.h"
#include "loader/stream/fields.h"
#include "loader/rules/filter.h"
#include "loader/event/format.h"
#include "loader/bpf/hook.h"
#include "loader/bpf/kprobe_events.h"
#include "loader/stream/interpreters.h"
#include "loader/util/log.h"
#include "loader/agent/losses.h"
#include "loader/state/names.h"
#include "loader/out/output.h"
#include "loader/bpf/probes.h"
#include "loader/verify/selfcheck.h"
#include "loader/util/signals.h"

struct run {
	const struct config *config;
	struct host host;
	struct choice choice;
	struct layout layout;
	struct probes *probes;
	struct selfcheck *check; /* while it runs */
	struct output *output;
	struct format format;
	struct names *names;
	struct settings settings;
	struct filter *filter;  /* the rules */
	struct rules_file file; /* that they are read from again, once it stays as it is */
	unsigned int classes;   /* that work and are wanted, before the rules */
	uint64_t written[EVENT_TYPES];
	uint64_t malformed;
	uint64_t undelivered; /* events that the output did not take at the end */
	bool is_over;         /* it takes no more: what comes now is undelivered */
	struct losses *losses;
	uint64_t missed; /* by the kernel's probes, reported */
	struct interpreters *interpreters;
	struct cache *cache;     /* NULL: exec or fork is not reported, so it could not follow */
	uint64_t *next_sequence; /* by CPU; 0: none yet */
	uint64_t shares_ns;      /* when events were lost the last time */
	uint64_t lost_ns;        /* when the last gap was seen; 0: /proc was read since */
	uint64_t tick_ns, second_ns, flows_ns; /* when each was done the last time */
	const char *switched_off;              /* hook_switched_off(), as it was reported */
	int err;                               /* of the output */
	struct offsets_error error;
};

/* After a loss: so long without another one, until /proc is read again. */
#define CALM_NS 1000000000ULL

/* So long after the last loss users have shares of the rings. */
#define SHARES_NS 10000000000ULL

/* How often what may change is looked at; what costs more; flows that have ended. */
#define TICK_NS   100000000ULL
#define SECOND_NS 1000000000ULL
#define FLOWS_NS  5000000000ULL

/* Reading /proc: so long at a time, and so long a pause. */
#define WORK_NS  10000000ULL
#define PAUSE_MS 10

/* Before "ready" it may take so long. */
#define WORK_FIRST_NS 100000000ULL

/* Nice value while it runs. */
#define PRIORITY (-10)

/* At the end the output has so long to take what is left. */
#define FINISH_NS 2000000000ULL

static int report(const struct run *r, int code)
{
	log_line("%s", r->error.text);
	return code;
}

/* ---- records ---------------------------------------------------------- */

/*
 * A gap in the numbers of a CPU is a loss: what the cache knows may be old, and
 * it is read anew once the storm is over.
 */
static void cache_follow(struct run *r, const struct event *ev)
{
	uint64_t *next;

	if (!r->format.cache)
		return;
	if (ev->header.cpu < r->host.possible_cpus) {
		next = &r->next_sequence[ev->header.cpu];
		if (*next && ev->header.sequence != *next) {
			cache_forget(r->cache);
			r->lost_ns = clock_monotonic_ns();
		}
		*next = ev->header.sequence + 1;
	}
	cache_event(r->cache, ev);
}

/* Takes the line that was formatted, or counts what could not be as lost. */
static void line_write(struct run *r, unsigned int kind, int err)
{
	const struct jsonw *json = &r->format.json;

	if (!err)
		err = output_line(r->output, json->text, json->size, kind);
	if (!err && kind < EVENT_TYPES)
		r->written[kind]++;
	if (err && kind < EVENT_TYPES)
		losses_add(r->losses, &(struct loss){ kind, 0, 1, NULL });
}

static void on_record(void *arg, const void *data, size_t size)
{
	static struct event ev; /* large, and used by one thread only */
	struct run *r = arg;

	if (r->check) {
		selfcheck_record(r->check, data, size);
		return;
	}
	if (interpreters_take(r->interpreters, data, size))
		return;
	if (event_decode(data, size, &ev)) {
		r->malformed++;
		return;
	}
	if (r->err || r->is_over) {
		r->undelivered++;
		losses_add(r->losses, &(struct loss){ ev.header.type, ev.header.cpu, 1, NULL });
		return;
	}
	ev.header.unread |= fields_unknown(&r->layout, &ev);
	if (ev.header.type == EVENT_EXEC)
		interpreters_tell(r->interpreters, &ev);
	line_write(r, ev.header.type,
	           r->config->text ? format_text(&r->format, &ev) : format_json(&r->format, &ev));
	cache_follow(r, &ev);
}

/* Events wait in the rings while the output takes none. */
static bool on_room(void *arg)
{
	struct run *r = arg;

	if (r->check || r->err || r->is_over || output_has_room(r->output))
		return true;
	r->err = output_flush(r->output, &r->error);
	return r->err || output_has_room(r->output);
}

/* ---- losses ----------------------------------------------------------- */

static void on_loss(void *arg, enum event_type type, unsigned int cpu, uint64_t count)
{
	struct run *r = arg;

	losses_add(r->losses, &(struct loss){ type, cpu, count, NULL });
}

/* Hits that no program saw: of which class is not known. */
static void misses_add(struct run *r)
{
	uint64_t missed = probes_missed(r->probes);

	if (missed > r->missed)
		on_loss(r, EVENT_TYPES, 0, missed - r->missed);
	r->missed = missed > r->missed ? missed : r->missed;
}

static void loss_write(struct run *r, const struct loss *loss)
{
	uint64_t now = clock_monotonic_ns();

	if (r->config->text)
		format_loss_text(&r->format, now, loss);
	else
		format_loss_json(&r->format, now, loss);
	line_write(r, EVENT_TYPES, r->format.json.failed ? -ENOMEM : 0);
}

/* False: there is none. */
static bool losses_report(struct run *r)
{
	struct loss loss;
	char text[4096];
	bool is_new = losses_text(r->losses, text, sizeof(text));

	if (is_new)
		log_line("lost %s", text);
	while (!r->err && !r->is_over && output_has_room(r->output) &&
	       losses_next(r->losses, &loss))
		loss_write(r, &loss);
	return is_new;
}

/* While events are lost each user has a share of the rings: struct share. */
static int shares_switch(struct run *r, bool is_lost)
{
	uint64_t now = clock_monotonic_ns();
	bool on = is_lost || (r->settings.shares && now - r->shares_ns < SHARES_NS);

	if (is_lost)
		r->shares_ns = now;
	if (on == r->settings.shares)
		return 0;
	r->settings.shares = on;
	log_line(on ? "events are lost: each user but root has a share of the rings until that ends"
	            : "no events are lost any more: users have no shares of the rings");
	return probes_settings(r->probes, &r->settings, &r->error);
}

static int losses_look(struct run *r, bool *ret_lost)
{
	int err = probes_losses(r->probes, on_loss, r, &r->error);

	if (err)
		return err;
	misses_add(r);
	*ret_lost = losses_report(r);
	return 0;
}

/* ---- start ------------------------------------------------------------ */

static int identify(struct run *r)
{
	int err = host_identify(&r->host, &r->error);

	if (err)
		return report(r, EXIT_FAILED);
	err = choice_make(&r->host, r->config->db, r->config->override, &r->choice, &r->error);
	if (err)
		return report(r, err == -ENOENT ? EXIT_NO_OFFSETS : EXIT_FAILED);
	offsets_row_layout(r->choice.row, &r->layout);
	return EXIT_DONE;
}

/* What cannot be removed is somebody's problem, but not a reason to stay blind. */
static void sweep(const struct hook_host *hooks)
{
	struct offsets_error error;
	int count = hooks->tracefs ? hooks_sweep(hooks->tracefs, &error) : 0;

	if (count < 0)
		log_line("%s", error.text);
	if (count > 0)
		log_line("removed %d kprobe events of a run that was killed", count);
}

static int arm(struct run *r)
{
	r->settings.classes = r->config->classes;
	r->settings.env = *r->config->env != '\0';
	/* A thread is checked by way of a fork. */
	if (r->config->classes & (1U << EVENT_THREAD))
		r->settings.classes |= 1U << EVENT_FORK;
	if (probes_settings(r->probes, &r->settings, &r->error) ||
	    probes_arm(r->probes, &r->layout, &r->error))
		return report(r, EXIT_NO_PROBES);
	return EXIT_DONE;
}

static int start(struct run *r)
{
	const struct probes_use use = { .record = on_record, .room = on_room, .arg = r };
	struct probes_request request = {
		.host = &r->host,
		.layout = &r->layout,
		.classes = r->config->classes,
		.tiers = r->config->tiers,
		.verbose = r->config->verbose,
	};

	hook_host_init(&request.hooks, r->config->ways);
	r->switched_off = hook_switched_off();
	sweep(&request.hooks);
	if (probes_load(&request, &r->probes, &r->error) ||
	    probes_attach(r->probes, &use, &r->error))
		return report(r, EXIT_NO_PROBES);
	return arm(r);
}

static unsigned int classes_attached(const struct run *r)
{
	unsigned int type, classes = 0;

	for (type = 0; type < EVENT_TYPES; type++)
		if (probes_class(r->probes, type)->source)
			classes |= 1U << type;
	return classes;
}

/* ---- self-check ------------------------------------------------------- */

/* Its file is watched by a rule, so that the check of paths is checked. */
static int self_check_rule(struct run *r)
{
	CLEANUP(cleanup_free) struct filter *rule = calloc(1, sizeof(*rule));
	int err;

	if (!rule)
		return offsets_fail(&r->error, -ENOMEM, "out of memory");
	filter_watch_name(selfcheck_file(r->check), rule);
	err = probes_filter(r->probes, rule, &r->error);
	if (err)
		return err;
	filter_settings(rule, &r->layout, &r->settings);
	return probes_settings(r->probes, &r->settings, &r->error);
}

static void loss_note(void *arg, enum event_type type, unsigned int cpu, uint64_t count)
{
	(void)type, (void)cpu, (void)count;
	*(bool *)arg = true;
}

/* *ret_lost: events were lost meanwhile, so that what is missing may be among them. */
static int self_check_once(struct run *r, unsigned int classes, struct selfcheck_result *ret,
                           bool *ret_lost)
{
	int err = self_check_rule(r);

	*ret_lost = false;
	if (!err)
		err = probes_losses(r->probes, NULL, NULL, &r->error);
	if (!err)
		err = selfcheck_run(r->check, r->probes, classes, &r->layout, ret, &r->error);
	if (!err)
		err = probes_losses(r->probes, loss_note, ret_lost, &r->error);
	return err;
}

/*
 * A class of which nothing came: its hook may not be reached (a function that is
 * inlined, kprobes that are switched off), and its next source may be.
 */
static int other_sources(struct run *r, unsigned int missing)
{
	char reason[256];
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		if (!(missing & (1U << type)))
			continue;
		snprintf(reason, sizeof(reason), "its hook is not reached%s%s",
		         r->switched_off ? ": " : "", r->switched_off ? r->switched_off : "");
		log_line("%s: nothing came by %s in the self-check (%s)", event_type_name(type),
		         probes_class(r->probes, type)->source, reason);
		probes_refuse(r->probes, type, reason);
	}
	if (probes_again(r->probes, &r->error))
		return report(r, EXIT_NO_PROBES);
	return arm(r);
}

static void report_classes_off(unsigned int failed)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (failed & (1U << type))
			log_line("%s is switched off: the self-check found its offsets wrong for "
			         "this kernel",
			         event_type_name(type));
}

static int self_check_refuse(const struct run *r)
{
	log_line("refused: by the self-check the offsets of %s (by %s) are not this kernel's; add "
	         "this kernel's package with 'lkccb add', or correct --kernel-override",
	         r->choice.row->keys[ROW_RELEASE], choice_how_text(r->choice.how));
	return EXIT_REFUSED;
}

/* Tries: a storm may take what the check waits for, and hooks may not be reached. */
#define SELF_CHECKS 6

static int self_check(struct run *r, unsigned int *classes)
{
	struct selfcheck_result result;
	bool lost = true;
	int code, i;

	for (i = 1;; i++) {
		selfcheck_free(r->check);
		r->check = selfcheck_new();
		if (!r->check) {
			offsets_fail(&r->error, -ENOMEM, "out of memory");
			return report(r, EXIT_FAILED);
		}
		if (self_check_once(r, *classes, &result, &lost))
			return report(r, EXIT_REFUSED);
		if (!result.failed || i == SELF_CHECKS || signals_end())
			break;
		if (lost)
			continue;
		if (!result.missing || result.missing != result.failed)
			break;
		code = other_sources(r, result.missing);
		if (code != EXIT_DONE)
			return code;
		*classes = classes_attached(r);
	}
	selfcheck_explain(r->check);
	*classes &= ~result.failed;
	report_classes_off(result.failed);
	return *classes ? EXIT_DONE : self_check_refuse(r);
}

/* ---- rules ------------------------------------------------------------ */

/*
 * The rules begin to count with the settings; until then, and while they are
 * exchanged, events are reported rather than missed.
 */
static int rules_apply(struct run *r)
{
	struct filter *filter = r->filter;
	int err;

	r->settings.filters = r->settings.only = 0;
	r->settings.classes = r->classes;
	r->settings.watched |= WATCH_ALL;
	err = probes_settings(r->probes, &r->settings, &r->error);
	if (!err)
		err = probes_filter(r->probes, filter, &r->error);
	if (err)
		return err;
	r->settings.classes = r->classes & filter->classes;
	filter_settings(filter, &r->layout, &r->settings);
	return probes_settings(r->probes, &r->settings, &r->error);
}

/* Who misses execs and forks does not know what runs. */
static bool cache_can_follow(const struct run *r)
{
	return r->cache && !r->settings.filters &&
	       !(~r->settings.classes & (1U << EVENT_EXEC | 1U << EVENT_FORK));
}

static void cache_begin(struct run *r)
{
	r->format.cache = NULL;
	r->lost_ns = 0;
	if (!cache_can_follow(r))
		return;
	r->format.cache = r->cache;
	cache_forget(r->cache);
	cache_seed(r->cache);
}

/* Rules that cannot be read leave those before them in force. */
static int rules_again(struct run *r)
{
	struct offsets_error error;

	if (filter_read(r->config->filter, r->filter, &error)) {
		log_line("%s; the rules stay as they were", error.text);
		return 0;
	}
	if (rules_apply(r))
		return -EIO;
	cache_begin(r);
	log_line("%s: %zu rules in force", r->config->filter, r->filter->given);
	return 0;
}

/* ---- ready ------------------------------------------------------------ */

static void report_ready(const struct run *r)
{
	const char *source = r->choice.row->keys[ROW_SOURCE];
	char text[8192];
	size_t used = 0;
	unsigned int type;

	for (type = 0; type < EVENT_TYPES && used < sizeof(text); type++) {
		const struct class_state *c = probes_class(r->probes, type);

		if (r->config->classes & (1U << type))
			used += snprintf(text + used, sizeof(text) - used, "; %s: %s",
			                 event_type_name(type),
			                 r->classes & (1U << type) ? c->source
			                 : *c->reason              ? c->reason
			                                           : "off");
	}
	for (type = 0; type < EVENT_TYPES; type++)
		if (r->classes & (1U << type) && *probes_class(r->probes, type)->lacks)
			log_line("%s works without %s", event_type_name(type),
			         probes_class(r->probes, type)->lacks);
	log_line("ready on %s, offsets of %s (%s, by %s)%s", r->host.release,
	         r->choice.row->keys[ROW_RELEASE], source ? source : "unknown source",
	         choice_how_text(r->choice.how), text);
}

/* What came in before "ready" belongs to the self-check. */
static int begin(struct run *r, unsigned int classes)
{
	int err;

	r->classes = classes;
	r->settings.self_tgid = getpid();
	if (!r->check)
		r->check = selfcheck_new(); /* takes what is still in the rings, and no more */
	err = r->check ? probes_silence(r->probes, &r->error) : -ENOMEM;
	if (!err)
		err = probes_losses(r->probes, NULL, NULL, &r->error);
	if (!err)
		err = probes_forget_opened(r->probes, &r->error);
	r->missed = probes_missed(r->probes);
	selfcheck_free(r->check);
	r->check = NULL;
	if (!err)
		err = rules_apply(r);
	if (err)
		return report(r, EXIT_FAILED);
	cache_begin(r);
	cache_work(r->cache, WORK_FIRST_NS);
	report_ready(r);
	return EXIT_DONE;
}

/* ---- run -------------------------------------------------------------- */

static void switched_off_look(struct run *r)
{
	const char *off = hook_switched_off();

	if (off && !r->switched_off) {
		log_line("%s: classes that rest on it report nothing until it is switched on", off);
		loss_write(r, &(struct loss){ .type = EVENT_TYPES, .reason = off });
	}
	if (!off && r->switched_off)
		log_line("kprobes, ftrace and reading of kernel memory are switched on again");
	r->switched_off = off;
}

static int second(struct run *r, uint64_t now)
{
	bool is_lost = false;
	int err = losses_look(r, &is_lost);

	if (!err)
		err = shares_switch(r, is_lost);
	host_name_read(&r->host);
	switched_off_look(r);
	if (!err && now - r->flows_ns > FLOWS_NS) {
		r->flows_ns = now;
		err = probes_flows(r->probes, FLOW_IDLE_NS, on_loss, r, &r->error);
	}
	return err;
}

static int tick(struct run *r, uint64_t now)
{
	clock_offsets_read(&r->format.clock);
	names_refresh(r->names);
	if (signals_output())
		output_reopen(r->output);
	if (r->config->filter && signals_rules())
		filter_changes(r->config->filter, now, &r->file);
	if (filter_is_settled(r->config->filter, now, &r->file) && rules_again(r))
		return -EIO;
	if (r->lost_ns && r->format.cache && now - r->lost_ns > CALM_NS) {
		cache_seed(r->cache);
		r->lost_ns = 0;
	}
	if (now - r->second_ns < SECOND_NS)
		return 0;
	r->second_ns = now;
	return second(r, now);
}

/* Until there are events, the output takes some, or something is to be done. */
static void wait(struct run *r, uint64_t end, bool is_busy)
{
	uint64_t now = clock_monotonic_ns();
	int ms, output_ms, fd = output_wait(r->output, &output_ms);
	bool has_room = output_has_room(r->output);
	struct pollfd fds[] = { { has_room ? probes_fd(r->probes) : -1, POLLIN, 0 },
		                { fd, POLLOUT, 0 } };

	ms = is_busy ? PAUSE_MS : TICK_NS / 1000000;
	if (output_ms >= 0 && output_ms < ms)
		ms = output_ms;
	if (end && end - now < (uint64_t)ms * 1000000)
		ms = end > now ? (end - now) / 1000000 + 1 : 0;
	poll(fds, 2, ms);
}

static int events_pump(struct run *r)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t end = r->config->duration_ns ? now + r->config->duration_ns : 0;
	bool is_busy = true;
	int err = 0;

	for (; !err && !r->err && !signals_end() && (!end || now < end);
	     now = clock_monotonic_ns()) {
		wait(r, end, is_busy);
		now = clock_monotonic_ns();
		if (now - r->tick_ns >= TICK_NS) {
			r->tick_ns = now;
			err = tick(r, now);
		}
		is_busy = cache_work(r->cache, WORK_NS);
		if (!err && probes_read(r->probes, false))
			err = offsets_fail(&r->error, -EIO, "the event rings cannot be read");
		if (!r->err)
			r->err = output_flush(r->output, &r->error);
	}
	return err ? err : r->err;
}

/* What is still in the rings goes out, and the flows that go on; as much as the output takes. */
static int events_drain(struct run *r)
{
	uint64_t end = clock_monotonic_ns() + FINISH_NS;
	int err = probes_silence(r->probes, &r->error);
	bool is_lost;

	if (!err)
		err = probes_flows(r->probes, 0, on_loss, r, &r->error);
	while (!err && !r->err && probes_wait(r->probes) && clock_monotonic_ns() < end) {
		r->err = output_finish(r->output, TICK_NS, &r->error);
		err = probes_read(r->probes, true);
	}
	if (!err)
		err = losses_look(r, &is_lost);
	if (!r->err)
		r->err = output_finish(r->output, FINISH_NS, &r->error);
	r->is_over = true;
	do
		err = err ? err : probes_read(r->probes, true);
	while (!err && probes_wait(r->probes));
	return err ? err : r->err;
}

/* Of a class: written, and lost for whatever reason. */
static void class_count(const struct run *r, enum event_type type, uint64_t *ret_written,
                        uint64_t *ret_lost)
{
	uint64_t unwritten = output_unwritten(r->output, type);

	*ret_written = r->written[type] - unwritten;
	*ret_lost = losses_total(r->losses, type) + unwritten;
}

static void summary(const struct run *r)
{
	uint64_t events = 0, lost = 0, one, other;
	uint64_t missed = losses_total(r->losses, EVENT_TYPES);
	unsigned int type;
	char text[4096];
	size_t used = 0;

	for (type = 0; type < EVENT_TYPES; type++) {
		class_count(r, type, &one, &other);
		events += one;
		lost += other;
		if (r->config->classes & (1U << type) && used < sizeof(text))
			used += snprintf(text + used, sizeof(text) - used,
			                 "; %s %" PRIu64 " events, %" PRIu64 " lost",
			                 event_type_name(type), one, other);
	}
	if (missed && used < sizeof(text))
		used += snprintf(text + used, sizeof(text) - used,
		                 "; %" PRIu64 " missed by the kernel's probes", missed);
	if (probes_incomplete(r->probes) && used < sizeof(text))
		used += snprintf(text + used, sizeof(text) - used,
		                 "; %" PRIu64 " events incomplete", probes_incomplete(r->probes));
	if (r->malformed && used < sizeof(text))
		used += snprintf(text + used, sizeof(text) - used,
		                 "; %" PRIu64 " malformed records", r->malformed);
	log_line("%" PRIu64 " events, %" PRIu64 " lost%s", events, lost, used ? text : "");
}

/* Events that were made and that the output has not taken. */
static uint64_t undelivered(const struct run *r)
{
	uint64_t count = r->undelivered;
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		count += output_unwritten(r->output, type);
	return count;
}

static int end(struct run *r, int err)
{
	int drained = events_drain(r);

	summary(r);
	if (err || drained)
		return report(r, EXIT_FAILED);
	if (!undelivered(r))
		return EXIT_DONE;
	log_line("%s: %" PRIu64 " events were not written: it did not take them in time; free "
	         "space, or read faster",
	         !strcmp(r->config->output, "-") ? "standard output" : r->config->output,
	         undelivered(r));
	return EXIT_FAILED;
}

/*
 * Whoever floods the CPUs with work would starve us, and our rings would run over.
 * Without the right to it we go on as we are.
 */
static void priority_raise(void)
{
	if (getpriority(PRIO_PROCESS, 0) > PRIORITY)
		setpriority(PRIO_PROCESS, 0, PRIORITY);
}

/* What the events go through. */
static int state_make(struct run *r)
{
	r->cache = cache_new();
	r->interpreters = interpreters_new();
	r->losses = losses_new(2 * r->host.possible_cpus + 1);
	r->next_sequence = calloc(r->host.possible_cpus, sizeof(*r->next_sequence));
	if (r->cache && r->interpreters && r->losses && r->next_sequence)
		return EXIT_DONE;
	offsets_fail(&r->error, -ENOMEM, "out of memory");
	return report(r, EXIT_FAILED);
}

static int run(struct run *r)
{
	unsigned int classes;
	int code = identify(r);

	if (code != EXIT_DONE)
		return code;
	r->filter = calloc(1, sizeof(*r->filter));
	if (!r->filter) {
		offsets_fail(&r->error, -ENOMEM, "out of memory");
		return report(r, EXIT_FAILED);
	}
	if (filter_read(r->config->filter, r->filter, &r->error))
		return report(r, EXIT_FAILED);
	if (output_open(r->config->output, &r->output, &r->error))
		return report(r, EXIT_FAILED);
	code = state_make(r);
	if (code == EXIT_DONE)
		code = start(r);
	if (code != EXIT_DONE)
		return code;
	classes = classes_attached(r);
	if (!r->config->no_self_check)
		code = self_check(r, &classes);
	if (code == EXIT_DONE)
		code = begin(r, classes);
	if (code != EXIT_DONE)
		return code;
	return end(r, events_pump(r));
}

int command_run(const struct config *config)
{
	struct run *r = calloc(1, sizeof(*r));
	int code;

	if (!r) {
		log_line("out of memory");
		return EXIT_FAILED;
	}
	r->config = config;
	r->format.host = &r->host;
	r->format.env = config->env;
	r->names = names_new("/etc/passwd", "/etc/group");
	r->format.names = r->names;
	jsonw_init(&r->format.json);
	clock_offsets_read(&r->format.clock);
	signals_init();
	priority_raise();
	code = run(r);
	probes_free(r->probes);
	choice_deinit(&r->choice);
	selfcheck_free(r->check);
	output_close(r->output);
	interpreters_free(r->interpreters);
	cache_free(r->cache);
	losses_free(r->losses);
	names_free(r->names);
	free(r->next_sequence);
	free(r->filter);
	jsonw_deinit(&r->format.json);
	free(r);
	return code;
}
