/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/request.h"
#include "loader/agent/resources.h"
#include "loader/agent/serve.h"
#include "loader/agent/status_socket.h"
#include "loader/bpf/hook.h"
#include "loader/host/proc.h"
#include "loader/agent/outputs.h"
#include "loader/util/monotonic.h"
#include "offsets/util/safefile.h"

/* False: the request is not one of its kind. */
static bool take(void *ret, size_t wanted, const void *data, size_t size, struct answer *answer)
{
	if (size != wanted) {
		answer->err = -EPROTO;
		return false;
	}
	memcpy(ret, data, size);
	return true;
}

static void give(struct answer *answer, const void *data, size_t size)
{
	memcpy(answer->data, data, size);
	answer->size = size;
}

/* ---- the kernel's side ------------------------------------------------- */

static void on_ring(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	uint32_t cpu;

	if (take(&cpu, sizeof(cpu), data, size, ret))
		ret->err = probes_kernel.ring(s->programs->probes, cpu, &ret->fd);
}

static void on_counters(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	unsigned int rows = 2 * s->programs->host.possible_cpus + 1;
	struct request_rows asked;

	if (!take(&asked, sizeof(asked), data, size, ret))
		return;
	if (asked.count > MESSAGE_BYTES / sizeof(struct counters) || asked.first > rows ||
	    asked.count > rows - asked.first) {
		ret->err = -EINVAL;
		return;
	}
	ret->size = asked.count * sizeof(struct counters);
	memset(ret->data, 0, ret->size);
	ret->err = probes_kernel.counters(s->programs->probes, asked.first, asked.count,
	                                  (struct counters *)ret->data);
}

_Static_assert(sizeof(struct flows_taken) <= MESSAGE_BYTES, "an answer holds the flows");

static void on_flows(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct flows_wanted wanted;

	if (!take(&wanted, sizeof(wanted), data, size, ret))
		return;
	if (wanted.most > FLOWS_AT_ONCE)
		wanted.most = FLOWS_AT_ONCE;
	ret->size = sizeof(struct flows_taken);
	ret->err =
		probes_kernel.flows(s->programs->probes, &wanted, (struct flows_taken *)ret->data);
}

static void on_connections(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	uint64_t count;

	(void)data, (void)size;
	ret->err = probes_kernel.connections(s->programs->probes, &count);
	give(ret, &count, sizeof(count));
}

static void on_silence(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;

	(void)data, (void)size;
	ret->err = probes_kernel.silence(s->programs->probes);
}

static void on_missed(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	uint64_t missed;

	(void)data, (void)size;
	ret->err = probes_kernel.missed(s->programs->probes, &missed);
	give(ret, &missed, sizeof(missed));
}

/* ---- the rest ---------------------------------------------------------- */

static void on_second(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	const char *disabled = hook_switched_off();
	struct answer_second second = { .usage = resources_read() };

	(void)data, (void)size;
	probes_tidy(s->programs->probes);
	compressors_work(s->compressors);
	if (disabled)
		snprintf(second.disabled, sizeof(second.disabled), "%s", disabled);
	give(ret, &second, sizeof(second));
}

static void on_shares(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct settings *settings = &s->programs->settings;
	struct request_shares asked;
	struct offsets_error error;

	if (!take(&asked, sizeof(asked), data, size, ret))
		return;
	if (asked.bytes && asked.bytes < SHARE_BYTES_MIN) {
		ret->err = -EINVAL;
		return;
	}
	settings->shares = asked.bytes;
	settings->shares_twice = asked.twice;
	settings->shares_four = asked.four;
	settings->shares_all = asked.all;
	ret->err = programs_set(s->programs, &error);
}

static void on_rules(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct request_rules asked;
	struct answer_rules answer = { .found = RULES_AS_BEFORE };

	if (!take(&asked, sizeof(asked), data, size, ret))
		return;
	answer.err = rules_look(s->rules, s->programs, clock_monotonic_ns(), asked.is_asked,
	                        &answer.found, &answer.error);
	answer.log_level = s->rules->reload.config->log_level;
	answer.filters = s->programs->settings.filters;
	answer.classes = s->programs->settings.classes;
	give(ret, &answer, sizeof(answer));
}

_Static_assert(sizeof(struct event_rules) <= MESSAGE_BYTES, "an answer holds the rules");

static void on_event_rules(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;

	(void)data, (void)size;
	give(ret, &s->rules->filter->events, sizeof(s->rules->filter->events));
}

static void on_proc(void *arg, const void *data, size_t size, struct answer *ret)
{
	struct request_proc asked;
	ssize_t n;

	(void)arg;
	if (!take(&asked, sizeof(asked), data, size, ret))
		return;
	if (asked.file >= PROC_FILES || asked.size > MESSAGE_BYTES) {
		ret->err = -EINVAL;
		return;
	}
	n = proc_text(asked.pid, request_proc_files[asked.file].name,
	              request_proc_files[asked.file].is_link, ret->data, asked.size);
	ret->err = n < 0 ? n : 0;
	ret->size = n < 0 ? 0 : n;
}

static void on_pids(void *arg, const void *data, size_t size, struct answer *ret)
{
	int32_t after;
	ssize_t n;

	(void)arg;
	if (!take(&after, sizeof(after), data, size, ret))
		return;
	n = proc_list(after, (pid_t *)ret->data, MESSAGE_BYTES / sizeof(pid_t));
	ret->err = n < 0 ? n : 0;
	ret->size = n < 0 ? 0 : n * sizeof(pid_t);
}

static void on_helper(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct offsets_error error;
	uint32_t kind;

	if (!take(&kind, sizeof(kind), data, size, ret))
		return;
	ret->err = kind < HELPERS ? helpers_next(s->helpers, kind, s->config, &ret->fd, &error)
	                          : offsets_fail(&error, -EINVAL, "there is no such helper");
	if (ret->err)
		give(ret, &error, sizeof(error));
}

static int output_open(const struct served *s, const struct request_output *asked, int *ret_fd,
                       struct offsets_error *error)
{
	struct output_config config;

	*ret_fd = -1;
	if (asked->index >= s->config->output_count)
		return offsets_fail(error, -EINVAL, "output: there is none of that number");
	config_output(s->config, asked->index, &config);
	if (config.kind == OUTPUT_PROGRAM)
		return feed_next(&s->feeds[asked->index], &config, ret_fd, error);
	return outputs_target_open(s->config, &s->programs->host, asked->index,
	                           asked->is_next ? SINK_OPEN_NEXT : SINK_OPEN, ret_fd, error);
}

/* -ENXIO: nobody reads there now, and no error. */
static void on_output(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct request_output asked;
	struct offsets_error error;

	if (!take(&asked, sizeof(asked), data, size, ret))
		return;
	ret->err = output_open(s, &asked, &ret->fd, &error);
	if (ret->err)
		give(ret, &error, sizeof(error));
	else if (asked.is_next)
		compressors_due(s->compressors, asked.index);
}

static int canary_tgid_set(const struct served *s, pid_t pid)
{
	struct offsets_error error;

	s->programs->settings.canary_tgid = pid;
	return programs_set(s->programs, &error);
}

/* It begins when the programs know that it is reported. */
static void on_canary_start(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	uint32_t classes, pid;

	if (!take(&classes, sizeof(classes), data, size, ret))
		return;
	ret->err = s->canary->pid ? -EBUSY : canary_start(s->canary, classes);
	if (!ret->err)
		ret->err = canary_tgid_set(s, s->canary->pid);
	if (!ret->err)
		canary_go(s->canary);
	pid = s->canary->pid;
	give(ret, &pid, sizeof(pid));
}

static void on_canary_end(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct answer_canary answer = { .done = 0 };

	(void)data, (void)size;
	answer.has_ended = s->canary->pid && canary_end(s->canary, &answer.done);
	ret->err = canary_tgid_set(s, 0);
	give(ret, &answer, sizeof(answer));
}

static void on_reattach(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct offsets_error error;
	uint32_t type;

	if (!take(&type, sizeof(type), data, size, ret))
		return;
	ret->err = type < EVENT_TYPES ? probes_reattach(s->programs->probes, type, &error)
	                              : offsets_fail(&error, -EINVAL, "there is no such class");
	if (ret->err)
		give(ret, &error, sizeof(error));
}

/* Anybody may read it: node_exporter does not run as root. */
static void on_metrics(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct offsets_error error;

	ret->err = s->metrics_file ? safefile_replace(s->metrics_file, 0644, data, size, &error)
	                           : offsets_fail(&error, -EINVAL, "there is no --metrics-file");
	if (ret->err)
		give(ret, &error, sizeof(error));
}

/* ---- a restart without a gap ------------------------------------------- */

static void on_restart(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct offsets_error error;
	int maps[ADOPT_MAPS];
	uint32_t pid;

	(void)data, (void)size;
	probes_open_maps(s->programs->probes, maps);
	ret->err = successor_start(s->successor, maps, &ret->fd, &error);
	pid = s->successor->pid;
	if (ret->err)
		give(ret, &error, sizeof(error));
	else
		give(ret, &pid, sizeof(pid));
}

static void on_restart_end(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;
	struct request_restart_end asked;

	if (!take(&asked, sizeof(asked), data, size, ret))
		return;
	if (asked.has_taken_over)
		s->successor->has_taken_over = true;
	else
		successor_end(s->successor);
}

static void on_take_over(void *arg, const void *data, size_t size, struct answer *ret)
{
	const struct served *s = arg;

	(void)data, (void)size;
	if (!*s->own_control)
		return;
	ret->err = status_take_over(s->own_control, s->control);
}

const request_fn serve_requests[REQUESTS] = {
	[REQUEST_RING] = on_ring,
	[REQUEST_COUNTERS] = on_counters,
	[REQUEST_FLOWS] = on_flows,
	[REQUEST_CONNECTIONS] = on_connections,
	[REQUEST_SILENCE] = on_silence,
	[REQUEST_MISSED] = on_missed,
	[REQUEST_SECOND] = on_second,
	[REQUEST_SHARES] = on_shares,
	[REQUEST_RULES] = on_rules,
	[REQUEST_EVENT_RULES] = on_event_rules,
	[REQUEST_PROC] = on_proc,
	[REQUEST_PIDS] = on_pids,
	[REQUEST_OUTPUT] = on_output,
	[REQUEST_HELPER] = on_helper,
	[REQUEST_CANARY_START] = on_canary_start,
	[REQUEST_CANARY_END] = on_canary_end,
	[REQUEST_REATTACH] = on_reattach,
	[REQUEST_METRICS] = on_metrics,
	[REQUEST_RESTART] = on_restart,
	[REQUEST_RESTART_END] = on_restart_end,
	[REQUEST_TAKE_OVER] = on_take_over,
};
