/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader/trace/call_file.h"
#include "loader/trace/call_packed.h"
#include "loader/trace/call_request.h"
#include "loader/trace/trace.h"
#include "loader/trace/trace_cgroups.h"
#include "loader/trace/trace_child.h"
#include "loader/trace/trace_kernel.h"
#include "loader/trace/trace_layout.h"
#include "loader/trace/trace_losses.h"
#include "loader/trace/trace_options.h"
#include "loader/trace/trace_out.h"
#include "loader/trace/trace_read.h"
#include "loader/trace/trace_selftest.h"
#include "loader/trace/trace_summary.h"
#include "loader/trace/trace_trigger.h"
#include "loader/util/exit.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"

#define LOOK_MS   50
#define SETTLE_US 20000 /* programs that run may take so long to their end */

struct trace {
	struct trace_options options;
	struct trace_kernel *kernel;
	struct call_settings settings;
	struct trace_out *out;
	struct trace_summary *summary; /* NULL: the programs count, or nothing is counted */
	struct trace_cgroups *cgroups; /* NULL: none are chosen */
	bool is_short; /* there was no room for all of their processes; it was said */
	struct trace_child child;
	struct call_counts counts;       /* when losses were reported last */
	uint64_t reported_ns, looked_ns; /* when that was, and cgroups_look() */
	bool is_off;                     /* the programs see nothing; it was said */
	int code;
};

/* ---- what is traced -------------------------------------------------------- */

/* Calls that are counted alone are not read, but for what decides whether they count. */
static bool needs_values(const struct trace_options *o)
{
	return !o->summary || o->choice.where_count;
}

static void values_plan(const struct call *call, struct call_plan *plan)
{
	struct call_parameter *control = &plan->parameters[CALL_VALUE_CONTROL];
	unsigned int i;

	plan->list = call_list_parameter(call);
	for (i = 0; i < call->count; i++)
		plan->parameters[i] = call->fields[i].read;
	if (plan->list == CALL_NO_LIST || plan->parameters[plan->list].kind != CALL_MESSAGE)
		return;
	*control = plan->parameters[plan->list];
	control->kind = CALL_CONTROL;
}

/* wheres: of its plan, where it has the parameters of conditions. */
static bool is_wanted(const struct trace *t, const struct call *call, enum call_abi abi,
                      struct call_where_at *wheres)
{
	return trace_options_want(&t->options, call) &&
	       trace_choice_places(&t->options.choice, call, abi, wheres);
}

/*
 * A call of i386 whose parameters lie in memory is only taken for another one that is wanted.
 * *ret_inside: socketcall is taken for some of them.
 */
static int packed_set(struct trace *t, bool *ret_inside, struct offsets_error *error)
{
	struct call_where_at wheres[CALL_WHERES];
	struct call_packed packed;
	const struct call *call;
	uint32_t key;
	int err = 0;
	size_t i;

	*ret_inside = false;
	for (i = 0; !err && i < call_packed_count(); i++) {
		key = call_packed_get(i, &packed, &call);
		if (!is_wanted(t, call_of_abi(call, CALL_32), CALL_32, wheres))
			continue;
		*ret_inside |= key >= CALL_PACKED_KEY(CALL_SOCKETCALL, 0);
		err = trace_kernel_packed(t->kernel, key, &packed, error);
	}
	return err;
}

static int plan_set(struct trace *t, const struct call *any, enum call_abi abi, bool inside,
                    struct offsets_error *error)
{
	const struct call *call = call_of_abi(any, abi);
	struct call_plan plan = { .list = CALL_NO_LIST,
		                  .kept = call_never_returns(call) ? 0 : ~0U,
		                  .files = t->options.files ? call_files_wanted(call) : 0 };

	if (call->numbers[abi] < 0)
		return 0;
	if (needs_values(&t->options))
		values_plan(call, &plan);
	plan.wanted = is_wanted(t, call, abi, plan.wheres);
	if (!plan.wanted && inside && abi == CALL_32 && call->numbers[abi] == CALL_SOCKETCALL)
		plan.wanted = CALL_WANTED_INSIDE;
	if (plan.wanted && call_is_exec(call))
		plan.wanted = CALL_WANTED_EXEC;
	if (!t->options.choice.where_count && trace_trigger_needs(t->options.dump_on, call))
		plan.wanted = 1;
	return trace_kernel_plan(t->kernel, abi, call->numbers[abi], &plan, error);
}

static int requests_set(struct trace *t, struct offsets_error *error)
{
	struct call_request request;
	uint64_t number;
	int err = 0;
	size_t i;

	for (i = 0; !err && i < call_request_count(); i++) {
		number = call_request_get(i, &request);
		err = trace_kernel_request(t->kernel, number, &request, error);
	}
	return err;
}

static int plans_set(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;
	int err = trace_kernel_all(t->kernel, !o->call_count && !o->choice.where_count, error);
	bool inside;
	size_t i;

	if (!err)
		err = packed_set(t, &inside, error);
	for (i = 0; !err && i < call_count(); i++) {
		err = plan_set(t, call_get(i), CALL_64, false, error);
		if (!err)
			err = plan_set(t, call_get(i), CALL_32, inside, error);
	}
	return err ? err : requests_set(t, error);
}

static int choice_set(struct trace *t, struct offsets_error *error)
{
	const struct trace_choice *c = &t->options.choice;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < c->comm_count; i++)
		err = trace_kernel_comm(t->kernel, c->comms[i], error);
	for (i = 0; !err && i < c->where_count; i++)
		err = trace_kernel_where(t->kernel, i, &c->wheres[i].kernels, error);
	return err;
}

/* It is looked up before its first call. */
static int process_set(struct trace *t, pid_t pid, struct offsets_error *error)
{
	trace_out_process(t->out, pid);
	return trace_kernel_pid(t->kernel, pid, error);
}

static int process_add(void *arg, pid_t pid)
{
	struct trace *t = arg;
	struct offsets_error error;

	return trace_kernel_pid(t->kernel, pid, &error);
}

/* The processes that the chosen cgroups have now. */
static void cgroups_look(struct trace *t)
{
	if (!t->cgroups || !trace_cgroups_look(t->cgroups, process_add, t) || t->is_short)
		return;
	t->is_short = true;
	log_line(LEVEL_WARNING, "processes of the cgroups are not traced: too many are");
}

/* An id of a thread, which no call has as its process, is refused as one that nothing has. */
static int pid_set(struct trace *t, pid_t pid, struct offsets_error *error)
{
	if (syscall(SYS_tgkill, pid, pid, 0) && errno == ESRCH)
		return offsets_fail(error, -ESRCH, "--pid %d: there is no such process", pid);
	return process_set(t, pid, error);
}

static int processes_set(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;
	int err = 0;
	unsigned int i;

	if (t->child.pid)
		err = process_set(t, t->child.pid, error);
	for (i = 0; !err && i < o->pid_count; i++)
		err = pid_set(t, o->pids[i], error);
	if (!err && o->group_count)
		err = trace_cgroups_open(o->groups, o->group_count, &t->cgroups, error);
	if (!err)
		cgroups_look(t);
	return err;
}

/* To some processes, and those that they start. */
static bool is_limited(const struct trace_options *o)
{
	return o->command || o->pid_count || o->group_count;
}

static int settings_set(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;

	t->settings = (struct call_settings){
		.running = 1,
		.self_tgid = getpid(),
		.only_pids = is_limited(o),
		.follow = o->follow,
		.only_uid = o->only_uid,
		.uid = o->uid,
		.bytes_max = o->bytes,
		.at_return = o->longer_ns != 0,
		.duration_ns = o->longer_ns,
		.summary = t->summary ? CALL_SUMMARY_NONE : o->summary,
		.stack_bytes = TRACE_STACK_BYTES,
		.task_pid = t->settings.task_pid,
	};
	trace_choice_settings(&o->choice, &t->settings);
	call_item_bytes = o->bytes;
	return trace_kernel_settings(t->kernel, &t->settings, error);
}

/* ---- what comes ------------------------------------------------------------ */

/* Once a second: what was lost since the last time. */
static int losses_report(struct trace *t, struct offsets_error *error)
{
	struct call_counts now, since;
	int err = trace_kernel_counts(t->kernel, &now, error);

	if (err)
		return err;
	now.uncounted += trace_out_uncounted(t->out);
	since = trace_losses_since(&t->counts, &now);
	trace_out_losses(t->out, &since);
	t->counts = now;
	return 0;
}

static int records_take(struct trace *t, bool all, struct offsets_error *error)
{
	int err = trace_kernel_read(t->kernel, all, trace_out_record, t->out);

	return err ? offsets_fail(error, err, "the rings cannot be read: %s", strerror(-err)) : 0;
}

/* SIGUSR1: with the records of what happened before it. */
static int dump(struct trace *t, struct offsets_error *error)
{
	int err;

	usleep(SETTLE_US);
	err = records_take(t, false, error);
	if (!err)
		trace_out_dump(t->out);
	return err;
}

/* What an administrator does to kprobes meanwhile is said, once. */
static void off_report(struct trace *t)
{
	const char *off = trace_kernel_off(t->kernel);

	if (off && !t->is_off)
		log_line(LEVEL_WARNING, "no calls are seen any more: %s", off);
	t->is_off = off != NULL;
}

/* At the times at which it is due. */
static int chores(struct trace *t, uint64_t now, struct offsets_error *error)
{
	if (now - t->looked_ns >= LOOK_MS * 1000000ULL) {
		t->looked_ns = now;
		cgroups_look(t);
	}
	if (now - t->reported_ns < 1000000000)
		return 0;
	t->reported_ns = now;
	trace_kernel_tidy(t->kernel);
	off_report(t);
	return losses_report(t, error);
}

static bool is_over(struct trace *t, uint64_t ran_ns)
{
	return signals_end() || (t->child.pid && trace_child_ended(&t->child, &t->code)) ||
	       (t->options.duration_ns && ran_ns >= t->options.duration_ns);
}

static int loop(struct trace *t, struct offsets_error *error)
{
	uint64_t begun = clock_monotonic_ns(), now;
	struct pollfd fd = { trace_kernel_fd(t->kernel), POLLIN, 0 };
	int err;

	t->looked_ns = t->reported_ns = begun;
	do {
		poll(&fd, 1, LOOK_MS);
		if (signals_rules()) /* SIGHUP */
			return 0;
		now = clock_monotonic_ns();
		err = records_take(t, false, error);
		if (!err && signals_output())
			err = dump(t, error);
		if (!err)
			err = trace_out_flush(t->out, error);
		if (!err)
			err = chores(t, now, error);
	} while (!err && !is_over(t, now - begun));
	return err;
}

/* ---- the end --------------------------------------------------------------- */

static int sums_add(void *summary, const struct call_process_key *key,
                    const struct call_process_sum *sums)
{
	const struct trace_sum row = { key->tgid, key->slot, *sums };

	return trace_summary_add(summary, &row);
}

static int calls_add(struct trace *t, struct trace_summary *summary, struct offsets_error *error)
{
	struct trace_sum row = { 0 };
	int err = 0;

	for (row.slot = 0; !err && row.slot < CALL_ROWS; row.slot++) {
		err = trace_kernel_sum(t->kernel, row.slot, &row.sums.sum, error);
		if (!err && row.sums.sum.calls && trace_summary_add(summary, &row))
			err = offsets_fail(error, -ENOMEM, "out of memory");
	}
	return err;
}

/* What the programs have counted. */
static int sums_take(struct trace *t, struct trace_summary *summary, struct offsets_error *error)
{
	int err;

	if (t->options.summary != CALL_SUMMARY_PROCESSES)
		return calls_add(t, summary, error);
	err = trace_kernel_process_sums(t->kernel, sums_add, summary);
	return err ? offsets_fail(error, err, "out of memory") : 0;
}

static int summary_print(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;
	int err = 0;

	if (!t->summary) {
		t->summary = trace_summary_new(o->summary == CALL_SUMMARY_PROCESSES);
		err = t->summary ? sums_take(t, t->summary, error)
		                 : offsets_fail(error, -ENOMEM, "out of memory");
	}
	if (!err)
		trace_print_summary(trace_out_print(t->out), t->summary, o->histogram);
	return err;
}

/* Silences the programs and takes what they have sent. */
static int finish(struct trace *t, struct offsets_error *error)
{
	int err;

	t->settings.running = 0;
	err = trace_kernel_settings(t->kernel, &t->settings, error);
	usleep(SETTLE_US);
	if (!err)
		err = records_take(t, true, error);
	if (err)
		return err;
	trace_out_ended(t->out, t->child.status);
	trace_out_finish(t->out);
	err = t->options.summary ? summary_print(t, error) : 0;
	return err ? err : losses_report(t, error);
}

/* ---- the command ----------------------------------------------------------- */

static int layout_set(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;
	const struct trace_layout_use use = {
		.databases = &o->databases,
		.override = o->override,
		.files = o->files,
		.children = o->follow && is_limited(o) && trace_kernel_needs_task_pid(t->kernel),
	};
	struct layout layout;
	int err;

	if (!use.files && !use.children)
		return 0;
	err = trace_layout_find(&use, &layout, error);
	if (err) {
		t->code = exit_of_choice(err);
		return err;
	}
	t->settings.task_pid = layout.facts[LAYOUT_TASK_PID].offset;
	if (use.files)
		err = trace_kernel_layout(t->kernel, &layout, error);
	if (!err && use.files)
		err = trace_selftest_files(t->kernel, &t->settings, error);
	if (!err && use.children)
		err = trace_selftest_children(t->kernel, &t->settings, error);
	if (err == -EBADMSG)
		t->code = EXIT_REFUSED;
	return err;
}

/* The program that reads lists is loaded if it is needed. */
static bool are_lists_wanted(const struct trace_options *o)
{
	size_t i;

	for (i = 0; i < call_count(); i++)
		if (trace_options_want(o, call_get(i)) &&
		    call_list_parameter(call_get(i)) != CALL_NO_LIST)
			return true;
	return false;
}

/* Calls are counted here. */
static int summary_make(struct trace *t, struct offsets_error *error)
{
	t->summary = trace_summary_new(t->options.summary == CALL_SUMMARY_PROCESSES);
	if (!t->summary)
		return offsets_fail(error, -ENOMEM, "out of memory");
	trace_out_sum(t->out, t->summary);
	return 0;
}

/* All but the calls themselves: the programs are attached, and say nothing yet. */
static int trace_prepare(struct trace *t, struct offsets_error *error)
{
	const struct trace_options *o = &t->options;
	const struct trace_use use = { .attach = o->attach,
		                       .lists = are_lists_wanted(o),
		                       .files = o->files,
		                       .processes = o->summary == CALL_SUMMARY_PROCESSES,
		                       .conditions = o->summary && o->choice.where_count,
		                       .verbose = o->verbose };
	int err = trace_kernel_open(&use, &t->kernel, error);

	if (err == -EPERM || err == -ENOTSUP)
		t->code = EXIT_NO_PROBES;
	if (!err)
		err = layout_set(t, error);
	if (!err)
		err = trace_out_open(&t->options, &t->out, error);
	if (!err && !trace_kernel_decides_conditions(t->kernel))
		trace_out_choose(t->out);
	if (!err && o->summary && !trace_kernel_sums(t->kernel))
		err = summary_make(t, error);
	if (!err)
		err = plans_set(t, error);
	if (!err)
		err = choice_set(t, error);
	return err ? err : processes_set(t, error);
}

/* The end of the terminal's session ends the trace, too; but not under nohup(1). */
static void signals_take(void)
{
	struct sigaction hangup;
	int err = sigaction(SIGHUP, NULL, &hangup);

	signals_init();
	if (!err && hangup.sa_handler == SIG_IGN)
		sigaction(SIGHUP, &hangup, NULL);
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
	signals_take();
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
	struct offsets_error error = { 0 }, ignored;
	const char *wrong;
	int err, close_err;

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
	err = t.options.read ? trace_read(&t.options, &error) : trace_run(&t, &error);
	close_err = trace_out_close(t.out, !err, err ? &ignored : &error);
	if (!err)
		err = close_err;
	if (err)
		log_line(LEVEL_ERROR, "%s", error.text);
	trace_kernel_close(t.kernel);
	trace_cgroups_free(t.cgroups);
	trace_summary_free(t.summary);
	if (err && t.code != EXIT_NO_PROBES && t.code != EXIT_NO_OFFSETS && t.code != EXIT_REFUSED)
		t.code = EXIT_FAILED;
	return t.code;
}
