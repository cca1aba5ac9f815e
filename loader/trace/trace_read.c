/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/trace/call_join.h"
#include "loader/trace/trace_file.h"
#include "loader/trace/trace_losses.h"
#include "loader/trace/trace_print.h"
#include "loader/trace/trace_process.h"
#include "loader/trace/trace_read.h"
#include "loader/trace/trace_summary.h"
#include "offsets/util/safefile.h"

struct trace_read {
	const struct trace_options *options;
	struct trace_file *file;
	struct call_join *join;
	struct trace_print *print;
	struct trace_processes *processes;
	struct trace_summary *summary; /* NULL: calls are printed */
	struct call_counts uncounted;
};

/* ---- choice ------------------------------------------------------------------ */

static bool is_process(const struct trace_options *o, const struct call_record *r)
{
	const struct trace_choice *c = &o->choice;
	bool is = !o->pid_count;
	unsigned int i;

	for (i = 0; i < o->pid_count; i++)
		is |= (uint32_t)o->pids[i] == r->process.pid;
	if (!is || (o->only_uid && r->uid != o->uid))
		return false;
	for (i = 0; i < c->comm_count; i++)
		if (!strncmp(c->comms[i], r->comm, sizeof(r->comm)))
			return true;
	return !c->comm_count;
}

/* Only the return decides. */
static bool is_late(const struct trace_options *o)
{
	const struct trace_choice *c = &o->choice;

	return o->longer_ns || c->error_count || c->result_low != INT64_MIN ||
	       c->result_high != INT64_MAX;
}

static bool is_result(const struct trace_options *o, const struct call_record *r)
{
	const struct trace_choice *c = &o->choice;
	unsigned int i;

	if (r->result < c->result_low || r->result > c->result_high ||
	    r->header.time_ns - r->began_ns < o->longer_ns)
		return false;
	for (i = 0; i < c->error_count; i++)
		if (r->result == -c->errors[i])
			return true;
	return !c->error_count;
}

static bool is_chosen(const struct trace_options *o, struct call_seen *seen)
{
	const struct call_record *any = seen->begins ? seen->begins : seen->returns;

	if (seen->call ? !trace_options_want(o, seen->call) : o->call_count)
		return false;
	if (!is_process(o, any) || !trace_choice_holds(&o->choice, seen))
		return false;
	return !is_late(o) || (seen->returns && is_result(o, seen->returns));
}

/* ---- items ------------------------------------------------------------------- */

static void left_take(void *arg, const struct call_seen *seen)
{
	struct call_seen left = *seen;
	struct trace_read *r = arg;

	if (!r->summary && is_chosen(r->options, &left))
		trace_print_left(r->print, &left);
}

static void call_take(struct trace_read *r, const struct call_record *record, size_t size)
{
	struct call_seen seen, left;

	call_join_take(r->join, record, size, &seen, &left);
	if (left.begins)
		left_take(r, &left);
	if (!is_chosen(r->options, &seen))
		return;
	if (!r->summary)
		trace_print_call(r->print, &seen);
	else if (seen.returns && !trace_summary_count(r->summary, seen.returns))
		r->uncounted.uncounted++;
}

static void item_take(struct trace_read *r, const struct trace_file_item *item)
{
	switch (item->kind) {
	case TRACE_FILE_LOSSES:
		trace_losses_say(&item->losses);
		break;
	case TRACE_FILE_PROCESS:
		trace_processes_put(r->processes, &item->process);
		break;
	case TRACE_FILE_BOOT:
		trace_processes_set_boot(r->processes, item->boot_id);
		break;
	default:
		trace_processes_before(r->processes, item->record);
		call_take(r, item->record, item->size);
		trace_processes_after(r->processes, item->record);
	}
}

/* 0; -EBADMSG: damage. */
static int items_take(struct trace_read *r)
{
	struct trace_file_item item;
	int more, err = 0;

	while (!err && (more = trace_file_next(r->file, &item)) > 0) {
		item_take(r, &item);
		err = trace_print_error(r->print);
	}
	return err ? err : more;
}

/* ------------------------------------------------------------------------------ */

static int parts_open(struct trace_read *r, struct offsets_error *error)
{
	const struct trace_options *o = r->options;
	int fd = STDOUT_FILENO, err = trace_file_open(o->read, &r->file, error);

	if (!err && o->output)
		err = safefile_open(o->output, SAFEFILE_APPEND, &fd, error);
	if (err)
		return err;
	call_item_bytes = trace_file_head(r->file)->item_bytes;
	r->join = call_join_new();
	r->processes = trace_processes_new();
	r->print = trace_print_new(o->json, fd, &trace_file_head(r->file)->clock);
	if (o->summary)
		r->summary = trace_summary_new(o->summary == CALL_SUMMARY_PROCESSES);
	if (!r->join || !r->processes || !r->print || (o->summary && !r->summary))
		return offsets_fail(error, -ENOMEM, "out of memory");
	trace_print_processes(r->print, r->processes);
	if (is_late(o))
		trace_print_at_return(r->print);
	return 0;
}

static int file_print(struct trace_read *r, struct offsets_error *error)
{
	const struct trace_options *o = r->options;
	int err = items_take(r), print_err;

	call_join_left(r->join, left_take, r);
	if (r->summary)
		trace_print_summary(r->print, r->summary, o->histogram);
	trace_losses_say(&r->uncounted);
	print_err = trace_print_flush(r->print);
	if (print_err)
		return offsets_fail(error, print_err, "the output cannot be written: %s",
		                    strerror(-print_err));
	if (err == -EBADMSG)
		return offsets_fail(error, err,
		                    "%s: ends early, or is damaged; the calls before that are "
		                    "printed",
		                    o->read);
	return err ? offsets_fail(error, err, "%s: %s", o->read, strerror(-err)) : 0;
}

int trace_read(const struct trace_options *options, struct offsets_error *error)
{
	struct trace_read r = { .options = options };
	int err = parts_open(&r, error);

	if (!err)
		err = file_print(&r, error);
	trace_print_free(r.print);
	trace_processes_free(r.processes);
	trace_summary_free(r.summary);
	call_join_free(r.join);
	trace_file_close(r.file);
	return err;
}
