/* SPDX-License-Identifier: BSD-2-Clause */
#include <unistd.h>

#include "loader/agent/ask.h"
#include "loader/agent/split.h"
#include "loader/monitor/engine.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/notify.h"

/* Descriptors that the engine keeps: rings and some others. */
#define KEPT_MAX 8192

/* ---- the monitor ------------------------------------------------------ */

static int monitor_begin(void *arg)
{
	struct split *p = arg;
	struct programs *programs = p->served.programs;
	struct offsets_error error;
	int err;

	probes_serve(programs->probes);
	status_close(p->status);
	metrics_http_leave(p->http);
	writer_close(p->records->writer);
	hashes_deinit(p->records->hashes);
	container_names_deinit(p->records->names);
	processes_deinit(p->records->processes);
	records_deinit(p->records);
	losses_free(p->losses);
	programs->settings.monitor_tgid = getpid();
	err = programs_set(programs, &error);
	if (err)
		log_line(LEVEL_ERROR, "%s", error.text);
	return err;
}

static int monitor_watched(void *arg)
{
	const struct split *p = arg;

	return rules_mounts_fd(p->served.rules);
}

/* Rules may name files on what was mounted. */
static void monitor_changed(void *arg)
{
	const struct served *s = &((struct split *)arg)->served;
	struct offsets_error error;
	enum rules_found found;

	rules_mounts_changed(s->rules);
	if (rules_look(s->rules, s->programs, clock_monotonic_ns(), false, &found, &error))
		log_line(LEVEL_ERROR, "%s", error.text);
}

static void monitor_leave(void *arg)
{
	struct split *p = arg;
	unsigned int done;
	size_t i;

	if (*p->served.own_control && !p->served.successor->has_taken_over)
		unlink(p->served.own_control);
	helpers_end(p->served.helpers);
	compressors_end(p->served.compressors);
	for (i = 0; i < OUTPUTS_MAX; i++)
		feed_leave(&p->served.feeds[i]);
	if (p->served.canary->pid)
		canary_end(p->served.canary, &done);
	programs_deinit(p->served.programs);
}

/* ---- the engine ------------------------------------------------------- */

struct kept {
	int fds[KEPT_MAX];
	size_t count;
};

static void keep(void *arg, int fd)
{
	struct kept *kept = arg;

	if (fd >= 0 && kept->count < KEPT_MAX)
		kept->fds[kept->count++] = fd;
}

static void engine_begin(struct split *p, struct channel *monitor)
{
	struct probes *probes = p->served.programs->probes;
	struct outputs *outputs = &p->records->writer->outputs;
	const struct engine_needs needs = { .network = outputs_have(outputs, OUTPUT_SYSLOG_UDP) ||
		                                       outputs_have(outputs, OUTPUT_SYSLOG_TCP),
		                            .memory_file = outputs_have(outputs, OUTPUT_JOURNALD) };
	int fds[OUTPUTS_MAX];
	size_t i, count;
	struct kept kept = { .count = 0 };
	char lacks[256];

	probes_ask(probes, &ask_kernel, monitor);
	proc_read_by(&ask_proc, monitor);
	for (i = 0; i < outputs->count; i++) {
		p->asked[i] = (struct asked_output){ monitor, i };
		sink_open_by(outputs->list[i].sink, ask_output, &p->asked[i]);
	}
	keep(&kept, monitor->fd);
	keep(&kept, notify_fd());
	keep(&kept, p->status->listener);
	keep(&kept, p->handover);
	keep(&kept, recording_descriptor(p->records->recording));
	metrics_http_fds(p->http, keep, &kept);
	count = outputs_descriptors(outputs, fds);
	for (i = 0; i < count; i++)
		keep(&kept, fds[i]);
	probes_fds(probes, keep, &kept);
	engine_confine(kept.fds, kept.count, needs, lacks, sizeof(lacks));
	if (*lacks)
		log_line(LEVEL_WARNING, "this system lacks for the process that reads events: %s",
		         lacks);
}

int split_begin(struct split *p, struct monitor *ret, struct offsets_error *error)
{
	const struct monitor_job job = { .begin = monitor_begin,
		                         .watched = monitor_watched,
		                         .changed = monitor_changed,
		                         .end = monitor_leave,
		                         .arg = p,
		                         .requests = serve_requests,
		                         .count = REQUESTS,
		                         .request_arg = &p->served };
	int err = monitor_fork(&job, ret, error);

	if (!err)
		engine_begin(p, &ret->channel);
	return err;
}
