/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant run: identify, choose, load, attach, arm, check ourselves, report. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "choice.h"
#include "cleanup.h"
#include "config.h"
#include "exit.h"
#include "fields.h"
#include "filter.h"
#include "format.h"
#include "hook.h"
#include "interpreters.h"
#include "names.h"
#include "output.h"
#include "probes.h"
#include "selfcheck.h"

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
	unsigned int classes;   /* that work and are wanted, before the rules */
	struct counters before; /* at the moment of "ready" */
	uint64_t written[EVENT_TYPES];
	uint64_t malformed;
	struct interpreters *interpreters;
	struct cache *cache;     /* NULL: exec or fork is not reported, so it could not follow */
	uint64_t *next_sequence; /* by CPU; 0: none yet */
	uint64_t lost_ns;        /* when the last gap was seen */
	uint64_t flows_ns;       /* when ended flows were looked for */
	int err;                 /* of the output */
	struct offsets_error error;
};

/* After a loss: so long without another one, until /proc is read again. */
#define CALM_NS 1000000000ULL

/* How often ended flows are looked for. */
#define FLOWS_NS 5000000000ULL

static volatile sig_atomic_t stopped, told; /* to end; to read the rules again */

static void on_signal(int number)
{
	if (number == SIGHUP)
		told = 1;
	else
		stopped = 1;
}

/* A broken pipe is a failed write like any other. */
static void signals_init(const struct config *config)
{
	struct sigaction stop = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	if (config->filter)
		sigaction(SIGHUP, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static int report(const struct run *r, int code)
{
	fprintf(stderr, "sextant: %s\n", r->error.text);
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

	if (!r->cache || ev->header.cpu >= r->host.possible_cpus)
		return;
	next = &r->next_sequence[ev->header.cpu];
	if (*next && ev->header.sequence != *next) {
		r->format.cache = NULL;
		r->lost_ns = clock_monotonic_ns();
	}
	*next = ev->header.sequence + 1;
	cache_event(r->cache, ev);
}

static void cache_begin(struct run *r)
{
	cache_seed(r->cache, clock_monotonic_ns());
	r->format.cache = r->cache;
}

static void on_record(void *arg, const void *data, size_t size)
{
	static struct event ev; /* large, and used by one thread only */
	struct run *r = arg;

	if (r->check) {
		selfcheck_record(r->check, data, size);
		return;
	}
	if (r->err)
		return;
	if (interpreters_take(r->interpreters, data, size))
		return;
	if (event_decode(data, size, &ev)) {
		r->malformed++;
		return;
	}
	ev.header.unread |= fields_unknown(&r->layout, &ev);
	if (ev.header.type == EVENT_EXEC)
		interpreters_tell(r->interpreters, &ev);
	if (r->config->text)
		format_text(&r->format, &ev);
	else
		format_json(&r->format, &ev);
	if (r->format.json.failed)
		r->err = offsets_fail(&r->error, -ENOMEM, "out of memory");
	else
		r->err =
			output_line(r->output, r->format.json.text, r->format.json.size, &r->error);
	if (!r->err)
		r->written[ev.header.type]++;
	cache_follow(r, &ev);
}

/* The kernel counts what the rings had no room for by itself: probes_counters(). */
static void on_lost(void *arg, int cpu, unsigned long long count)
{
	struct run *r = arg;

	if (r->config->verbose)
		fprintf(stderr, "sextant: %llu records dropped on CPU %d: the ring was full\n",
		        count, cpu);
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
		fprintf(stderr, "sextant: %s\n", error.text);
	if (count > 0)
		fprintf(stderr, "sextant: removed %d kprobe events of a run that was killed\n",
		        count);
}

static int start(struct run *r)
{
	struct probes_request request = {
		.host = &r->host,
		.layout = &r->layout,
		.classes = r->config->classes,
		.tiers = r->config->tiers,
		.verbose = r->config->verbose,
	};

	hook_host_init(&request.hooks, r->config->ways);
	sweep(&request.hooks);
	if (probes_load(&request, &r->probes, &r->error) ||
	    probes_attach(r->probes, on_record, on_lost, r, &r->error))
		return report(r, EXIT_NO_PROBES);
	r->settings.classes = r->config->classes;
	r->settings.env = *r->config->env != '\0';
	r->settings.watched = WATCH_ALL; /* until it is known what is */
	/* A thread is checked by way of a fork. */
	if (r->config->classes & (1U << EVENT_THREAD))
		r->settings.classes |= 1U << EVENT_FORK;
	if (probes_settings(r->probes, &r->settings, &r->error) ||
	    probes_arm(r->probes, &r->layout, &r->error))
		return report(r, EXIT_NO_PROBES);
	return EXIT_DONE;
}

static unsigned int classes_attached(const struct run *r)
{
	unsigned int type, classes = 0;

	for (type = 0; type < EVENT_TYPES; type++)
		if (probes_class(r->probes, type)->variant)
			classes |= 1U << type;
	return classes;
}

static void report_classes_off(unsigned int failed)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (failed & (1U << type))
			fprintf(stderr,
			        "sextant: %s is switched off: its offsets are not this kernel's, "
			        "or its hook is not reached; --attach takes another one\n",
			        event_type_name(type));
}

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

static int self_check(struct run *r, unsigned int *classes)
{
	unsigned int failed = 0;
	int err;

	r->check = selfcheck_new();
	if (!r->check) {
		offsets_fail(&r->error, -ENOMEM, "out of memory");
		return report(r, EXIT_FAILED);
	}
	err = self_check_rule(r);
	if (!err)
		err = selfcheck_run(r->check, r->probes, *classes, &r->layout, &failed, &r->error);
	selfcheck_free(r->check);
	r->check = NULL;
	if (err)
		return report(r, EXIT_REFUSED);
	*classes &= ~failed;
	if (*classes) {
		report_classes_off(failed);
		return EXIT_DONE;
	}
	fprintf(stderr,
	        "sextant: refused: by the self-check the offsets of %s (by %s) are not this "
	        "kernel's; add "
	        "this kernel's package with 'lkccb add', or correct --kernel-override\n",
	        r->choice.row->keys[ROW_RELEASE], choice_how_text(r->choice.how));
	return EXIT_REFUSED;
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

/* Rules that cannot be read leave those before them in force. */
static int rules_again(struct run *r)
{
	struct offsets_error error;

	told = 0;
	if (filter_read(r->config->filter, r->filter, &error)) {
		fprintf(stderr, "sextant: %s; the rules stay as they were\n", error.text);
		return 0;
	}
	if (rules_apply(r))
		return -EIO;
	r->format.cache = NULL;
	fprintf(stderr, "sextant: %s: %zu rules in force\n", r->config->filter, r->filter->given);
	return 0;
}

/* What came in before "ready" belongs to the self-check. */
static int begin(struct run *r, unsigned int classes)
{
	unsigned int type;

	r->classes = classes;
	r->settings.self_tgid = getpid();
	r->check = selfcheck_new(); /* takes what is still in the rings, and no more */
	if (!r->check || probes_forget_opened(r->probes, &r->error) || rules_apply(r) ||
	    probes_poll(r->probes, 0) || probes_counters(r->probes, &r->before, &r->error)) {
		selfcheck_free(r->check);
		return report(r, EXIT_FAILED);
	}
	selfcheck_free(r->check);
	r->check = NULL;
	if (cache_can_follow(r))
		cache_begin(r);
	fprintf(stderr, "sextant: ready on %s, offsets of %s (%s, by %s)", r->host.release,
	        r->choice.row->keys[ROW_RELEASE],
	        r->choice.row->keys[ROW_SOURCE] ? r->choice.row->keys[ROW_SOURCE]
	                                        : "unknown source",
	        choice_how_text(r->choice.how));
	for (type = 0; type < EVENT_TYPES; type++)
		if (r->config->classes & (1U << type))
			fprintf(stderr, "; %s: %s", event_type_name(type),
			        classes & (1U << type) ? probes_class(r->probes, type)->variant
			        : *probes_class(r->probes, type)->reason
			                ? probes_class(r->probes, type)->reason
			                : "off");
	fputc('\n', stderr);
	return EXIT_DONE;
}

/* ---- run -------------------------------------------------------------- */

static int events_pump(struct run *r)
{
	uint64_t end = r->config->duration_ns ? clock_monotonic_ns() + r->config->duration_ns : 0;

	while (!stopped && !r->err) {
		uint64_t now = clock_monotonic_ns();
		int timeout_ms = 100, err;

		if (end && now >= end)
			break;
		if (end && end - now < 100000000)
			timeout_ms = (end - now) / 1000000 + 1;
		clock_offsets_read(&r->format.clock);
		names_refresh(r->names);
		if (told && rules_again(r))
			return -EIO;
		if (cache_can_follow(r) && !r->format.cache && now - r->lost_ns > CALM_NS)
			cache_begin(r);
		if (now - r->flows_ns > FLOWS_NS) {
			r->flows_ns = now;
			if (probes_flows(r->probes, FLOW_IDLE_NS, &r->error))
				return -EIO;
		}
		err = probes_poll(r->probes, timeout_ms);
		if (err && err != -EINTR)
			return offsets_fail(&r->error, err, "the event rings cannot be read: %s",
			                    strerror(-err));
		if (!r->err)
			r->err = output_flush(r->output, &r->error);
	}
	return r->err;
}

/* Silences the programs, then takes what is still in the rings, and the flows that go on. */
static int events_drain(struct run *r)
{
	struct settings none = { .self_tgid = getpid() };

	if (!r->err && probes_settings(r->probes, &none, &r->error))
		return -EIO;
	if (!r->err)
		probes_poll(r->probes, 0);
	if (!r->err && probes_flows(r->probes, 0, &r->error))
		return -EIO;
	return r->err ? r->err : output_flush(r->output, &r->error);
}

static void summary(struct run *r)
{
	struct counters now;
	struct offsets_error error;
	uint64_t events = 0, lost = 0;
	unsigned int type;

	if (probes_counters(r->probes, &now, &error)) {
		fprintf(stderr, "sextant: %s\n", error.text);
		return;
	}
	now.lost[EVENT_SOCKET] += probes_flows_lost(r->probes, &now);
	for (type = 0; type < EVENT_TYPES; type++) {
		now.lost[type] -= r->before.lost[type];
		now.lost[type] += now.no_scratch[type] - r->before.no_scratch[type];
		now.lost[type] += probes_ring_lost(r->probes, &now, type);
		events += r->written[type];
		lost += now.lost[type];
	}
	fprintf(stderr, "sextant: %" PRIu64 " events, %" PRIu64 " lost", events, lost);
	for (type = 0; type < EVENT_TYPES; type++)
		if (r->config->classes & (1U << type))
			fprintf(stderr, "; %s %" PRIu64 " events, %" PRIu64 " lost",
			        event_type_name(type), r->written[type], (uint64_t)now.lost[type]);
	if (probes_missed(r->probes))
		fprintf(stderr, "; %" PRIu64 " missed by the kernel's probes",
		        probes_missed(r->probes));
	if (probes_incomplete(r->probes))
		fprintf(stderr, "; %" PRIu64 " events incomplete", probes_incomplete(r->probes));
	if (r->malformed)
		fprintf(stderr, "; %" PRIu64 " malformed records", r->malformed);
	fputc('\n', stderr);
}

static int run(struct run *r)
{
	unsigned int classes;
	int code = identify(r), err;

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
	code = start(r);
	if (code != EXIT_DONE)
		return code;
	classes = classes_attached(r);
	if (!r->config->no_self_check) {
		code = self_check(r, &classes);
		if (code != EXIT_DONE)
			return code;
	}
	r->cache = cache_new();
	r->interpreters = interpreters_new();
	r->next_sequence = calloc(r->host.possible_cpus, sizeof(*r->next_sequence));
	if (!r->next_sequence || !r->interpreters) {
		offsets_fail(&r->error, -ENOMEM, "out of memory");
		return report(r, EXIT_FAILED);
	}
	code = begin(r, classes);
	if (code != EXIT_DONE)
		return code;
	err = events_pump(r);
	if (!err)
		err = events_drain(r);
	summary(r);
	return err ? report(r, EXIT_FAILED) : EXIT_DONE;
}

int command_run(const struct config *config)
{
	struct run *r = calloc(1, sizeof(*r));
	int code;

	if (!r) {
		fprintf(stderr, "sextant: out of memory\n");
		return EXIT_FAILED;
	}
	r->config = config;
	r->format.host = &r->host;
	r->format.env = config->env;
	r->names = names_new("/etc/passwd", "/etc/group");
	r->format.names = r->names;
	jsonw_init(&r->format.json);
	clock_offsets_read(&r->format.clock);
	signals_init(config);
	code = run(r);
	probes_free(r->probes);
	choice_deinit(&r->choice);
	output_close(r->output);
	interpreters_free(r->interpreters);
	cache_free(r->cache);
	names_free(r->names);
	free(r->next_sequence);
	free(r->filter);
	jsonw_deinit(&r->format.json);
	free(r);
	return code;
}
