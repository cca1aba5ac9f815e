/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loader/agent/agent.h"
#include "loader/agent/container_names.h"
#include "loader/util/exit.h"
#include "loader/agent/handover.h"
#include "loader/agent/hashes.h"
#include "loader/agent/health.h"
#include "loader/agent/loop.h"
#include "loader/agent/metrics_http.h"
#include "loader/agent/records.h"
#include "loader/agent/split.h"
#include "loader/agent/startup_test.h"
#include "loader/agent/status_socket.h"
#include "loader/agent/summary.h"
#include "loader/agent/takeover.h"
#include "loader/bpf/obstacles.h"
#include "loader/monitor/monitor.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/notify.h"
#include "loader/util/signals.h"

/* Before "ready" the reading of /proc may take so long. */
#define WORK_FIRST_NS 100000000ULL

/* Nice value while it runs. */
#define PRIORITY (-10)

/* Each part has a file of its own; this one has the order of the steps. */
struct agent {
	const struct config *config;
	struct programs programs;
	struct rules rules;
	struct losses *losses;
	struct writer writer;
	struct processes processes;
	struct records records;
	struct loss_watch watch;
	struct shares shares;
	struct canary canary;             /* the monitor's */
	struct helpers helpers;           /* the same */
	struct compressors compressors;   /* the same */
	struct feed feeds[OUTPUTS_MAX];   /* the same */
	struct hashes hashes;             /* the engine's */
	struct container_names names;     /* the engine's */
	struct canary_watch canary_watch; /* the engine's */
	struct startup_result tested;
	struct split split;
	struct health health;
	struct status status;
	struct metrics_http http;
	char control[128];      /* path of the control socket that is ours; empty: none is */
	struct monitor monitor; /* pid 0: it was not started */
	struct restart restart;
	struct successor successor; /* the monitor's */
	int handover;               /* to an older sensor, which is to be taken over; -1: none */
	struct offsets_error error;
};

static int fail(const struct agent *a, enum exit_code code)
{
	log_line(LEVEL_ERROR, "%s", a->error.text);
	return code;
}

static int identify(struct agent *a)
{
	int err;

	if (programs_namespace_check(&a->error))
		return fail(a, EXIT_REFUSED);
	err = programs_identify(&a->programs, a->config, &a->error);
	if (err)
		return fail(a, exit_of_choice(err));
	return EXIT_DONE;
}

/* Until the older sensor is taken over the path is its own. */
static int control_open(struct agent *a)
{
	const char *path = a->config->control;
	char own[sizeof(a->control)] = "";
	int err;

	if (path)
		snprintf(own, sizeof(own), "%s%s", path, a->handover >= 0 ? STATUS_NEXT : "");
	err = status_open(&a->status, path ? own : NULL, a->config->control_group, &a->error);
	if (!err)
		memcpy(a->control, own, sizeof(own));
	return err;
}

/* What records and events pass through. */
static int parts_init(struct agent *a)
{
	const struct host *host = &a->programs.host;
	int err;

	canary_init(&a->canary);
	a->rules.canary = a->config->canary_ns ? a->canary.actions.name : NULL;
	err = rules_init(&a->rules, a->config, &a->error);
	a->losses = losses_new(2 * host->possible_cpus + 1);
	if (!err && !a->losses)
		err = offsets_fail(&a->error, -ENOMEM, "out of memory");
	if (!err)
		err = writer_open(&a->writer, a->config, host, a->losses, a->handover >= 0,
		                  &a->error);
	if (!err)
		err = processes_init(&a->processes, host->possible_cpus, &a->error);
	if (!err)
		err = records_init(&a->records, &a->programs.layout, &a->writer, &a->processes,
		                   &a->canary_watch, &a->error);
	a->records.redaction = a->config->redaction;
	hashes_init(&a->hashes, &a->writer, a->config->hash_budget ? &a->monitor.channel : NULL);
	a->records.hashes = &a->hashes;
	if (!err)
		err = container_names_init(&a->names, &a->writer,
		                           a->config->container_names ? &a->monitor.channel : NULL,
		                           &a->error);
	a->records.names = &a->names;
	if (!err && a->config->record)
		err = recording_begin(a->config->record, host, &a->writer.format.clock,
		                      &a->records.recording, &a->error);
	if (!err)
		err = control_open(a);
	a->http.health = &a->health;
	if (!err)
		err = metrics_http_open(&a->http, a->config->metrics_listen, a->handover >= 0,
		                        &a->error);
	a->watch = (struct loss_watch){ .programs = &a->programs,
		                        .writer = &a->writer,
		                        .losses = a->losses,
		                        .monitor = &a->monitor.channel };
	a->shares = (struct shares){ .monitor = &a->monitor.channel,
		                     .budget = { .percent = a->config->cpu_budget } };
	return err ? fail(a, EXIT_FAILED) : EXIT_DONE;
}

static int start(struct agent *a)
{
	const struct probes_use use = records_use(&a->records);
	struct obstacles obstacles;
	size_t i;

	if (!programs_start(&a->programs, a->config, &use, &a->error))
		return EXIT_DONE;
	obstacles_find(&obstacles);
	if (!obstacles.count)
		return fail(a, EXIT_NO_PROBES);
	for (i = 0; i < obstacles.count; i++)
		log_line(LEVEL_ERROR, "%s", obstacles.text[i]);
	return EXIT_NO_PROBES;
}

/* What was lost may come at the next start. */
static int lost_say(const char *what)
{
	log_line(LEVEL_ERROR, "%s, and events were lost meanwhile: start again when fewer come",
	         what);
	return EXIT_FAILED;
}

static int refuse(const struct agent *a)
{
	if (a->tested.lost)
		return lost_say("no event class passed the self-test");
	log_line(LEVEL_ERROR,
	         "refused: no event class passed the self-test, so the offsets of %s (by %s) are "
	         "not this kernel's; add this kernel's package with 'lkccb add', or correct "
	         "--kernel-override",
	         offsets_kernel_key(a->programs.choice.row, OFFSETS_KEY_RELEASE),
	         choice_how_text(a->programs.choice.how));
	return EXIT_REFUSED;
}

static int test(struct agent *a)
{
	int code = EXIT_DONE;

	if (a->config->no_self_test)
		a->tested.works = programs_classes(&a->programs);
	else
		code = startup_test(&a->programs, &a->records, &a->tested, &a->error);
	if (code != EXIT_DONE)
		return fail(a, code);
	if (!a->tested.works)
		return refuse(a);
	if (summary_required(a->config, &a->programs, &a->tested))
		return EXIT_DONE;
	if (a->tested.lost && a->config->required & a->tested.failed)
		return lost_say("the self-test of a required class failed");
	return EXIT_MISSING;
}

/* What was reported until now belongs to the self-test. */
static int silence(struct agent *a)
{
	int err;

	a->programs.settings.self_tgid = getpid();
	err = probes_silence(a->programs.probes, &a->error);
	if (!err)
		err = loss_watch_begin(&a->watch, &a->error);
	return err ? err : probes_forget_opened(a->programs.probes, &a->error);
}

/* From here on the programs report what the rules want. */
static int apply(struct agent *a)
{
	int err = silence(a);

	a->rules.classes = a->tested.works;
	a->records.is_started = true;
	if (!err)
		err = rules_apply(&a->rules, &a->programs, &a->error);
	records_rules_set(&a->records, &a->rules.filter->events, true);
	return err ? fail(a, EXIT_FAILED) : EXIT_DONE;
}

/*
 * What runs already, as far as time allows. Here the right to read all of /proc is
 * still held, which the engine gives up.
 */
static int seed(struct agent *a)
{
	a->writer.format.cache = processes_begin(&a->processes, &a->programs.settings);
	processes_work(&a->processes, WORK_FIRST_NS);
	return EXIT_DONE;
}

/* What is open, before the rings are read. */
static int open_adopt(struct agent *a)
{
	if (a->handover >= 0 && takeover_adopt(a->handover, &a->programs, &a->error))
		return fail(a, EXIT_FAILED);
	return EXIT_DONE;
}

/* From here on there are two processes. */
static int part(struct agent *a)
{
	compressors_init(&a->compressors, a->config);
	a->split = (struct split){ .config = a->config,
		                   .served = { .programs = &a->programs,
		                               .rules = &a->rules,
		                               .canary = &a->canary,
		                               .config = a->config,
		                               .metrics_file = a->config->metrics_file,
		                               .control = a->config->control,
		                               .own_control = a->control,
		                               .successor = &a->successor,
		                               .helpers = &a->helpers,
		                               .compressors = &a->compressors,
		                               .feeds = a->feeds },
		                   .records = &a->records,
		                   .losses = a->losses,
		                   .status = &a->status,
		                   .http = &a->http,
		                   .handover = a->handover };
	return split_begin(&a->split, &a->monitor, &a->error) ? fail(a, EXIT_FAILED) : EXIT_DONE;
}

/* From here on the events are this sensor's alone. */
static int take_over(struct agent *a)
{
	struct takeover takeover = { .fd = a->handover,
		                     .monitor = &a->monitor,
		                     .probes = a->programs.probes,
		                     .records = &a->records,
		                     .watch = &a->watch,
		                     .classes = a->programs.settings.classes };
	int err;

	if (a->handover < 0)
		return EXIT_DONE;
	err = takeover_run(&takeover, &a->error);
	a->handover = -1;
	if (err)
		return fail(a, EXIT_FAILED);
	outputs_reopen(&a->writer.outputs);
	return EXIT_DONE;
}

static int begin(struct agent *a)
{
	summary_ready(a->config, &a->programs, &a->tested);
	log_recent_forget(); /* what classes lack is part of every report */
	a->canary_watch = (struct canary_watch){ .monitor = &a->monitor.channel,
		                                 .losses = a->losses,
		                                 .every_ns = a->config->canary_ns,
		                                 .classes = a->programs.settings.classes,
		                                 .sent_ns = clock_monotonic_ns() };
	a->health = (struct health){ .config = a->config,
		                     .programs = &a->programs,
		                     .tested = &a->tested,
		                     .records = &a->records,
		                     .processes = &a->processes,
		                     .watch = &a->watch,
		                     .shares = &a->shares,
		                     .canary = &a->canary_watch,
		                     .start_ns = clock_monotonic_ns() };
	a->restart = (struct restart){ .monitor = &a->monitor.channel,
		                       .probes = a->programs.probes,
		                       .records = &a->records,
		                       .monitor_pid = a->monitor.pid,
		                       .classes = a->programs.settings.classes,
		                       .fd = -1 };
	notify_ready();
	return EXIT_DONE;
}

/* ---- the run ---------------------------------------------------------- */

/* The exit code of a run that has ended as it should, or by an error of the output. */
static int end_code(struct agent *a)
{
	return writer_outcome(&a->writer, &a->error) ? fail(a, EXIT_FAILED) : EXIT_DONE;
}

static int report(struct agent *a)
{
	struct loop loop = { .programs = &a->programs,
		             .writer = &a->writer,
		             .processes = &a->processes,
		             .records = &a->records,
		             .monitor = &a->monitor,
		             .watch = &a->watch,
		             .shares = &a->shares,
		             .canary = &a->canary_watch,
		             .hashes = &a->hashes,
		             .names = &a->names,
		             .health = &a->health,
		             .status = &a->status,
		             .http = &a->http,
		             .restart = &a->restart,
		             .heartbeat_ns = a->config->heartbeat_ns,
		             .has_metrics = a->config->metrics_file };
	int err = loop_run(&loop, a->config->duration_ns, &a->error);
	struct offsets_error drain_error;
	int drain_err;

	if (!restart_is_under_way(&a->restart))
		notify_stopping(); /* else there is a newer sensor */
	drain_err = loop_drain(&loop, &drain_error);
	if (!err && drain_err)
		a->error = drain_error;
	summary_end(a->config, &a->programs, &a->records, a->losses);
	return err || drain_err ? fail(a, EXIT_FAILED) : end_code(a);
}

/*
 * A user who floods the CPUs with work would starve the sensor, and its rings
 * would overflow. Without the right to it the sensor runs as it is.
 */
static void priority_raise(void)
{
	if (getpriority(PRIO_PROCESS, 0) > PRIORITY)
		setpriority(PRIO_PROCESS, 0, PRIORITY);
}

static struct agent *parted; /* reachable, so that no tool takes it for a leak */

/*
 * The monitor detaches the programs. What this process has of them and of the rules are
 * numbers of descriptors that it has closed, and memory that goes with it.
 */
static void agent_free(struct agent *a)
{
	bool has_parted = a->monitor.pid;

	writer_close(&a->writer); /* programs that read from it end */
	monitor_end(&a->monitor);
	hashes_deinit(&a->hashes);
	container_names_deinit(&a->names);
	recording_end(a->records.recording);
	records_deinit(&a->records);
	processes_deinit(&a->processes);
	status_close(&a->status);
	metrics_http_close(&a->http);
	losses_free(a->losses);
	if (has_parted) {
		parted = a;
		return;
	}
	if (*a->control)
		unlink(a->control);
	programs_deinit(&a->programs);
	rules_deinit(&a->rules);
	free(a);
}

int agent_run(const struct config *config)
{
	static int (*const steps[])(struct agent *) = { identify,  parts_init, start, test,
		                                        apply,     open_adopt, seed,  part,
		                                        take_over, begin,      report };
	struct agent *a = calloc(1, sizeof(*a));
	int code = EXIT_DONE;
	size_t i;

	if (!a) {
		log_line(LEVEL_ERROR, "out of memory");
		return EXIT_FAILED;
	}
	a->config = config;
	a->handover = handover_inherited();
	a->status.listener = a->status.client = a->status.restarter = -1;
	signals_init();
	notify_init();
	priority_raise();
	for (i = 0; code == EXIT_DONE && i < sizeof(steps) / sizeof(steps[0]); i++)
		code = steps[i](a);
	agent_free(a);
	return code;
}
