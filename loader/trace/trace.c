/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/trace/call_class.h"
#include "loader/trace/call_join.h"
#include "loader/trace/trace.h"
#include "loader/trace/trace_child.h"
#include "loader/trace/trace_kernel.h"
#include "loader/trace/trace_options.h"
#include "loader/trace/trace_print.h"
#include "loader/util/exit.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "offsets/util/safefile.h"

#define LOOK_MS   50
#define SETTLE_US 20000 /* programs that run may take so long to their end */

struct trace {
	struct trace_options options;
	struct trace_kernel *kernel;
	struct call_settings settings;
	struct call_join *join;
	struct trace_print *print;
	struct trace_child child;
	int fd;                    /* of the output */
	struct call_counts counts; /* when losses were reported last */
	int code;
};

/* ---- what is traced -------------------------------------------------------- */

static bool is_wanted(const struct trace_options *o, const struct call *call)
{
	int i;

	for (i = 0; i < o->call_count; i++)
		if (o->calls[i][0] == '%' ? call_class_has(o->calls[i] + 1, call)
		                          : !strcmp(o->calls[i], call->name))
			return true;
	return !o->call_count;
}

static int plan_set(struct trace *t, const struct call *call, enum call_abi abi,
                    struct offsets_error *error)
{
	struct call_plan plan = { .wanted = is_wanted(&t->options, call),
		                  .list = call_list_parameter(call) };
	unsigned int i;

	if (call->numbers[abi] < 0)
		return 0;
	if (plan.wanted && call_is_exec(call))
		plan.wanted = CALL_WANTED_EXEC;
	for (i = 0; i < call->count; i++)
		if (abi == CALL_64 || call_field_is_same(&call->fields[i]))
			plan.parameters[i] = call->fields[i].read;
	if (plan.list < CALL_PARAMETERS && plan.parameters[plan.list].kind == CALL_VALUE)
		plan.list = CALL_NO_LIST;
	return trace_kernel_plan(t->kernel, abi, call->numbers[abi], &plan, error);
}

static int plans_set(struct trace *t, struct offsets_error *error)
{
	int err = trace_kernel_all(t->kernel, !t->options.call_count, error);
	size_t i;

	for (i = 0; !err && i < call_count(); i++) {
		err = plan_set(t, call_get(i), CALL_64, error);
		if (!err)
			err = plan_set(t, call_get(i), CALL_32, error);
	}
	return err;
}

static int processes_set(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;
	int err = t->child.pid ? trace_kernel_pid(t->kernel, t->child.pid, error) : 0;
	unsigned int i;

	for (i = 0; !err && i < o->pid_count; i++)
		err = trace_kernel_pid(t->kernel, o->pids[i], error);
	return err;
}

static int settings_set(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;

	t->settings = (struct call_settings){
		.running = 1,
		.self_tgid = getpid(),
		.only_pids = o->command || o->pid_count,
		.follow = o->follow,
		.only_uid = o->only_uid,
		.uid = o->uid,
		.bytes_max = o->bytes,
		.at_return = o->failed || o->longer_ns,
		.result_low = o->failed ? -4095 : INT64_MIN,
		.result_high = o->failed ? -1 : INT64_MAX,
		.duration_ns = o->longer_ns,
		.summary = o->summary,
		.stack_bytes = TRACE_STACK_BYTES,
	};
	call_item_bytes = o->bytes;
	return trace_kernel_settings(t->kernel, &t->settings, error);
}

/* ---- what comes ------------------------------------------------------------ */

static void record_take(void *arg, const void *data, size_t size)
{
	struct trace *t = arg;
	struct call_seen seen, left;

	if (!call_record_check(data, size)) {
		log_line(LEVEL_WARNING, "1 records lost: it is not whole");
		return;
	}
	call_join_take(t->join, data, size, &seen, &left);
	if (left.begins)
		trace_print_left(t->print, &left);
	trace_print_call(t->print, &seen);
}

static void left_print(void *arg, const struct call_seen *seen)
{
	struct trace *t = arg;

	trace_print_left(t->print, seen);
}

static void loss_report(uint64_t before, uint64_t now, const char *what)
{
	if (now != before)
		log_line(LEVEL_WARNING, "%llu %s", (unsigned long long)(now - before), what);
}

/* Once a second: what was lost since the last time. */
static int losses_report(struct trace *t, struct offsets_error *error)
{
	struct call_counts now;
	int err = trace_kernel_counts(t->kernel, &now, error);

	if (err)
		return err;
	loss_report(t->counts.lost, now.lost, "records lost: a ring or the memory was full");
	loss_report(t->counts.unkept, now.unkept,
	            "calls lost: another thread had their row of a map, or has ended in a call");
	loss_report(t->counts.unpaired, now.unpaired,
	            "calls lost: they returned in a thread that was in another call");
	loss_report(t->counts.unfollowed, now.unfollowed,
	            "processes are not followed: too many are");
	t->counts = now;
	return 0;
}

static int loop(struct trace *t, struct offsets_error *error)
{
	uint64_t begun = clock_monotonic_ns(), reported = begun, now;
	struct pollfd fd = { trace_kernel_fd(t->kernel), POLLIN, 0 };
	int err;

	for (;;) {
		poll(&fd, 1, LOOK_MS);
		now = clock_monotonic_ns();
		err = trace_kernel_read(t->kernel, false, record_take, t);
		if (err)
			return offsets_fail(error, err, "the rings cannot be read: %s",
			                    strerror(-err));
		err = trace_print_flush(t->print);
		if (err)
			return offsets_fail(error, err, "the output cannot be written: %s",
			                    strerror(-err));
		if (now - reported >= 1000000000) {
			reported = now;
			trace_kernel_tidy(t->kernel);
			err = losses_report(t, error);
			if (err)
				return err;
		}
		if (signals_end() || (t->child.pid && trace_child_ended(&t->child, &t->code)) ||
		    (t->options.duration_ns && now - begun >= t->options.duration_ns))
			return 0;
	}
}

/* Silences the programs and takes what they have sent. */
static int finish(struct trace *t, struct offsets_error *error)
{
	int err;

	t->settings.running = 0;
	err = trace_kernel_settings(t->kernel, &t->settings, error);
	usleep(SETTLE_US);
	if (!err)
		err = trace_kernel_read(t->kernel, true, record_take, t);
	call_join_left(t->join, left_print, t);
	if (!err && t->options.summary)
		err = trace_print_summary(t->print, t->kernel, error);
	return err ? err : losses_report(t, error);
}

/* ---- the command ----------------------------------------------------------- */

static int output_open(const struct trace_options *o, int *ret_fd, struct offsets_error *error)
{
	*ret_fd = o->command ? STDERR_FILENO : STDOUT_FILENO;
	return o->output ? safefile_open(o->output, SAFEFILE_APPEND, ret_fd, error) : 0;
}

/* All but the calls themselves: the programs are attached, and say nothing yet. */
static int trace_prepare(struct trace *t, struct offsets_error *error)
{
	int err = trace_kernel_open(t->options.tracepoints, t->options.verbose, &t->kernel, error);

	if (err == -EPERM || err == -ENOTSUP)
		t->code = EXIT_NO_PROBES;
	if (!err)
		err = output_open(&t->options, &t->fd, error);
	if (err)
		return err;
	t->join = call_join_new();
	t->print = trace_print_new(t->options.json, t->fd);
	if (!t->join || !t->print)
		return offsets_fail(error, -ENOMEM, "out of memory");
	err = plans_set(t, error);
	return err ? err : processes_set(t, error);
}

static int trace_run(struct trace *t, struct offsets_error *error)
{
	int err = 0;

	/* First: the command has nothing of what this process does for itself. */
	if (t->options.command)
		err = trace_child_start(t->options.command, &t->child);
	if (err)
		return offsets_fail(error, err, "the command cannot be started: %s",
		                    strerror(-err));
	signals_init();
	err = trace_prepare(t, error);
	if (!err)
		err = settings_set(t, error);
	if (err)
		return err;
	log_line(LEVEL_INFO,
	         "tracing by %s; until the end each system call of the host takes the kernel's "
	         "slow path",
	         trace_kernel_method(t->kernel));
	if (t->child.pid && trace_child_go(&t->child))
		return offsets_fail(error, -EPIPE, "the command has ended before it was traced");
	err = loop(t, error);
	return err ? err : finish(t, error);
}

int trace_command(int argc, char **argv)
{
	static struct trace t;
	struct offsets_error error = { 0 };
	const char *wrong;
	int err;

	if (call_list_init(&wrong)) {
		log_line(LEVEL_ERROR, "the table of system calls is wrong at %s", wrong);
		return EXIT_FAILED;
	}
	err = trace_options_parse(argc, argv, &t.options);
	if (err)
		return err;
	if (t.options.help) {
		trace_usage();
		return fflush(stdout) ? EXIT_FAILED : 0;
	}
	if (t.options.verbose)
		log_level_set(LEVEL_DEBUG);
	err = trace_run(&t, &error);
	if (err)
		log_line(LEVEL_ERROR, "%s", error.text);
	trace_kernel_close(t.kernel);
	call_join_free(t.join);
	if (trace_print_free(t.print) && !err) {
		log_line(LEVEL_ERROR, "the output cannot be written: it is truncated");
		err = -EIO;
	}
	if (err && t.code != EXIT_NO_PROBES)
		t.code = EXIT_FAILED;
	return t.code;
}
