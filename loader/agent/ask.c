/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "loader/agent/ask.h"

/* An answer of exactly that size. */
static int ask(struct channel *channel, enum request request, const void *data, size_t size,
               void *ret, size_t ret_size)
{
	size_t got;
	int err = channel_ask(channel, request, data, size, ret, ret_size, &got, NULL);

	return !err && got != ret_size ? -EPROTO : err;
}

static int say(int err, struct offsets_error *error)
{
	return err ? offsets_fail(error, err, "the monitor process does not answer: %s",
	                          strerror(-err))
	           : 0;
}

/* ---- the kernel's side ------------------------------------------------- */

static int ask_ring(void *arg, unsigned int cpu, int *ret)
{
	uint32_t number = cpu;
	int err = channel_ask(arg, REQUEST_RING, &number, sizeof(number), NULL, 0, NULL, ret);

	return !err && *ret < 0 ? -EPROTO : err;
}

/* As many rows at once as an answer has room for. */
static int ask_counters(void *arg, unsigned int first, unsigned int count, struct counters *ret)
{
	const unsigned int most = MESSAGE_BYTES / sizeof(*ret);
	int err = 0;

	while (count && !err) {
		const struct request_rows rows = { first, count < most ? count : most };

		err = ask(arg, REQUEST_COUNTERS, &rows, sizeof(rows), ret,
		          rows.count * sizeof(*ret));
		first += rows.count;
		count -= rows.count;
		ret += rows.count;
	}
	return err;
}

static int ask_flows(void *arg, const struct flows_wanted *wanted, struct flows_taken *ret)
{
	return ask(arg, REQUEST_FLOWS, wanted, sizeof(*wanted), ret, sizeof(*ret));
}

static int ask_connections(void *arg, uint64_t *ret)
{
	return ask(arg, REQUEST_CONNECTIONS, NULL, 0, ret, sizeof(*ret));
}

static int ask_silence(void *arg)
{
	return ask(arg, REQUEST_SILENCE, NULL, 0, NULL, 0);
}

static int ask_missed(void *arg, uint64_t *ret)
{
	return ask(arg, REQUEST_MISSED, NULL, 0, ret, sizeof(*ret));
}

const struct kernel_side ask_kernel = {
	.ring = ask_ring,
	.counters = ask_counters,
	.flows = ask_flows,
	.connections = ask_connections,
	.silence = ask_silence,
	.missed = ask_missed,
};

/* ---- /proc -------------------------------------------------------------- */

const struct proc_file_name request_proc_files[PROC_FILES] = {
	[PROC_STAT] = { "stat", false },
	[PROC_CGROUP] = { "cgroup", false },
	[PROC_SESSIONID] = { "sessionid", false },
	[PROC_EXE] = { "exe", true },
};

static ssize_t ask_text(void *arg, pid_t pid, const char *name, bool is_link, char *ret,
                        size_t size)
{
	struct request_proc asked = { .pid = pid, .size = size };
	size_t got;
	int err;

	while (asked.file < PROC_FILES && (request_proc_files[asked.file].is_link != is_link ||
	                                   strcmp(request_proc_files[asked.file].name, name)))
		asked.file++;
	err = channel_ask(arg, REQUEST_PROC, &asked, sizeof(asked), ret, size, &got, NULL);

	return err ? err : (ssize_t)got;
}

static ssize_t ask_list(void *arg, pid_t after, pid_t *ret, size_t room)
{
	static pid_t pids[MESSAGE_BYTES / sizeof(pid_t)];
	const int32_t number = after;
	size_t got, count;
	int err = channel_ask(arg, REQUEST_PIDS, &number, sizeof(number), pids, sizeof(pids), &got,
	                      NULL);

	if (err)
		return err;
	count = got / sizeof(*pids) < room ? got / sizeof(*pids) : room;
	memcpy(ret, pids, count * sizeof(*pids));
	return count;
}

const struct proc_source ask_proc = { ask_text, ask_list };

/* ---- the rest ---------------------------------------------------------- */

int ask_output(void *arg, enum sink_opening how, int *ret_fd, struct offsets_error *error)
{
	const struct asked_output *asked = arg;
	const struct request_output request = { .index = asked->index,
		                                .is_next = how == SINK_OPEN_NEXT };
	size_t got;
	int err = channel_ask(asked->channel, REQUEST_OUTPUT, &request, sizeof(request), error,
	                      sizeof(*error), &got, ret_fd);

	if (!err && *ret_fd < 0)
		err = -EPROTO;
	return err && got != sizeof(*error) ? say(err, error) : err;
}

int ask_helper(struct channel *channel, enum helper_kind kind, int *ret_fd,
               struct offsets_error *error)
{
	const uint32_t number = kind;
	size_t got;
	int err = channel_ask(channel, REQUEST_HELPER, &number, sizeof(number), error,
	                      sizeof(*error), &got, ret_fd);

	if (!err && *ret_fd < 0)
		err = -EPROTO;
	return err && got != sizeof(*error) ? say(err, error) : err;
}

int ask_metrics(struct channel *channel, const char *text, size_t size, struct offsets_error *error)
{
	size_t got;
	int err = channel_ask(channel, REQUEST_METRICS, text, size, error, sizeof(*error), &got,
	                      NULL);

	return err && got != sizeof(*error) ? say(err, error) : err;
}

int ask_canary_start(struct channel *channel, unsigned int classes, uint32_t *ret,
                     struct offsets_error *error)
{
	const uint32_t number = classes;

	*ret = 0;
	ask(channel, REQUEST_CANARY_START, &number, sizeof(number), ret, sizeof(*ret));
	return say(channel->err, error);
}

int ask_canary_end(struct channel *channel, bool *ret_ended, unsigned int *ret_done,
                   struct offsets_error *error)
{
	struct answer_canary answer = { .done = 0 };
	int err = ask(channel, REQUEST_CANARY_END, NULL, 0, &answer, sizeof(answer));

	*ret_ended = !err && answer.has_ended;
	*ret_done = answer.done;
	return say(channel->err, error);
}

int ask_reattach(struct channel *channel, enum event_type type, bool *ret,
                 struct offsets_error *cause, struct offsets_error *error)
{
	const uint32_t number = type;
	size_t got;
	int err = channel_ask(channel, REQUEST_REATTACH, &number, sizeof(number), cause,
	                      sizeof(*cause), &got, NULL);

	*ret = !err;
	return channel->err ? say(channel->err, error) : 0;
}

int ask_second(struct channel *channel, struct answer_second *ret, struct offsets_error *error)
{
	return say(ask(channel, REQUEST_SECOND, NULL, 0, ret, sizeof(*ret)), error);
}

int ask_shares(struct channel *channel, const struct request_shares *shares,
               struct offsets_error *error)
{
	return say(ask(channel, REQUEST_SHARES, shares, sizeof(*shares), NULL, 0), error);
}

int ask_rules(struct channel *channel, bool is_asked, struct answer_rules *ret,
              struct offsets_error *error)
{
	const struct request_rules asked = { is_asked };
	int err = ask(channel, REQUEST_RULES, &asked, sizeof(asked), ret, sizeof(*ret));

	if (err)
		return say(err, error);
	if (ret->err)
		*error = ret->error;
	return ret->err;
}

int ask_event_rules(struct channel *channel, struct event_rules *ret, struct offsets_error *error)
{
	return say(ask(channel, REQUEST_EVENT_RULES, NULL, 0, ret, sizeof(*ret)), error);
}

int ask_restart(struct channel *channel, uint32_t *ret_pid, int *ret_fd,
                struct offsets_error *error)
{
	size_t got;
	int err =
		channel_ask(channel, REQUEST_RESTART, NULL, 0, error, sizeof(*error), &got, ret_fd);

	if (!err && (*ret_fd < 0 || got != sizeof(*ret_pid)))
		err = -EPROTO;
	if (!err)
		memcpy(ret_pid, error, sizeof(*ret_pid));
	return err && got != sizeof(*error) ? say(err, error) : err;
}

int ask_restart_end(struct channel *channel, bool has_taken_over, struct offsets_error *error)
{
	const struct request_restart_end asked = { has_taken_over };

	return say(ask(channel, REQUEST_RESTART_END, &asked, sizeof(asked), NULL, 0), error);
}

int ask_take_over(struct channel *channel, struct offsets_error *error)
{
	return say(ask(channel, REQUEST_TAKE_OVER, NULL, 0, NULL, 0), error);
}
