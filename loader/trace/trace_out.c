/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/host/host.h"
#include "loader/host/sysfile.h"
#include "loader/trace/call_join.h"
#include "loader/trace/trace_file.h"
#include "loader/trace/trace_lookup.h"
#include "loader/trace/trace_losses.h"
#include "loader/trace/trace_out.h"
#include "loader/trace/trace_ring.h"
#include "loader/trace/trace_trigger.h"
#include "loader/util/log.h"
#include "offsets/util/safefile.h"

struct trace_out {
	const struct trace_options *options;
	struct call_join *join;
	struct trace_print *print;   /* NULL: nothing is printed */
	struct trace_file *file;     /* NULL: nothing is recorded */
	int file_err;                /* of the first write to it that failed */
	struct trace_ring *ring;     /* NULL: nothing waits */
	struct trace_lookup *lookup; /* of processes; NULL: none */
	/* As they were when what is printed happened; behind a ring another table than lookup's. */
	struct trace_processes *processes;
	bool was_dumped;
	bool chooses;                  /* the conditions on parameters are decided here */
	struct trace_summary *summary; /* NULL: calls are not counted here */
	uint64_t uncounted;
};

/* By default calls are printed, unless they are recorded. */
static int print_open(struct trace_out *out, const struct clock_offsets *clock,
                      struct offsets_error *error)
{
	const struct trace_options *o = out->options;
	int err, fd = o->command ? STDERR_FILENO : STDOUT_FILENO;

	if (o->record && !o->output && !o->has_format)
		return 0;
	err = o->output ? safefile_open(o->output, SAFEFILE_APPEND, &fd, error) : 0;
	if (err)
		return err;
	out->print = trace_print_new(o->json, fd, clock);
	return out->print ? 0 : offsets_fail(error, -ENOMEM, "out of memory");
}

static void file_outcome(struct trace_out *out, int err)
{
	if (!out->file_err)
		out->file_err = err;
}

/* ---- processes --------------------------------------------------------------- */

/* Of what was read. */
static void process_take(void *arg, const struct trace_process *p)
{
	char bytes[TRACE_PROCESS_BYTES];
	struct trace_out *out = arg;

	if (out->ring)
		trace_ring_put(out->ring, bytes, trace_process_pack(p, bytes));
	else if (out->file)
		file_outcome(out, trace_file_process(out->file, p));
}

/* Has left the ring. */
static void dropped_take(void *arg, const void *data, size_t size)
{
	struct trace_out *out = arg;
	struct trace_process p;

	if (trace_process_unpack(data, size, &p)) {
		trace_processes_put(out->processes, &p);
		return;
	}
	trace_processes_before(out->processes, data);
	trace_processes_after(out->processes, data);
}

static int processes_open(struct trace_out *out, struct offsets_error *error)
{
	const struct trace_options *o = out->options;
	char boot_id[TRACE_BOOT_BYTES] = "";

	if (o->summary || !((out->print && o->json) || out->file))
		return 0;
	/* Otherwise its own /proc has other ids. */
	if (host_pid_namespace_is_initial()) {
		out->lookup = trace_lookup_new(process_take, out);
		if (!out->lookup)
			return offsets_fail(error, -ENOMEM, "out of memory");
	}
	out->processes =
		out->lookup && !out->ring ? trace_lookup_table(out->lookup) : trace_processes_new();
	if (!out->processes)
		return offsets_fail(error, -ENOMEM, "out of memory");
	if (out->ring)
		trace_ring_on_drop(out->ring, dropped_take, out);
	if (out->print)
		trace_print_processes(out->print, out->processes);
	if (!host_read_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id)))
		return 0;
	trace_processes_set_boot(out->processes, boot_id);
	if (out->file)
		file_outcome(out, trace_file_boot(out->file, boot_id));
	return 0;
}

static void processes_close(struct trace_out *out)
{
	if (!out->lookup || out->processes != trace_lookup_table(out->lookup))
		trace_processes_free(out->processes);
	trace_lookup_free(out->lookup);
}

void trace_out_process(struct trace_out *out, uint32_t pid)
{
	if (out->lookup)
		trace_lookup_process(out->lookup, pid);
}

/* ------------------------------------------------------------------------------ */

int trace_out_open(const struct trace_options *o, struct trace_out **ret,
                   struct offsets_error *error)
{
	struct trace_out *out = calloc(1, sizeof(*out));
	struct clock_offsets clock = { 0 };
	int err;

	*ret = out;
	if (!out)
		return offsets_fail(error, -ENOMEM, "out of memory");
	out->options = o;
	clock_offsets_read(&clock);
	err = print_open(out, &clock, error);
	if (!err && o->record)
		err = trace_file_create(o->record, &clock, o->bytes, &out->file, error);
	if (err)
		return err;
	out->join = call_join_new();
	out->ring = o->ring_bytes ? trace_ring_new(o->ring_bytes) : NULL;
	if (!out->join || (o->ring_bytes && !out->ring))
		return offsets_fail(error, -ENOMEM, "out of memory");
	return processes_open(out, error);
}

void trace_out_choose(struct trace_out *out)
{
	out->chooses = true;
}

void trace_out_sum(struct trace_out *out, struct trace_summary *summary)
{
	out->summary = summary;
}

uint64_t trace_out_uncounted(const struct trace_out *out)
{
	return out->uncounted;
}

static bool is_reported(const struct trace_out *out, struct call_seen *seen)
{
	return !out->chooses || trace_choice_holds(&out->options->choice, seen);
}

/* ---- records --------------------------------------------------------------- */

/* Records on their way, in whose calls they are joined. */
struct pass {
	struct trace_out *out;
	struct call_join *join;
	bool is_written; /* else they are counted alone */
	uint64_t calls;
};

static void pass_left(void *arg, const struct call_seen *seen)
{
	struct call_seen left = *seen;
	struct pass *pass = arg;

	if (pass->out->summary || !is_reported(pass->out, &left))
		return;
	pass->calls++;
	if (pass->is_written && pass->out->print)
		trace_print_left(pass->out->print, &left);
}

static void sum(struct trace_out *out, const struct call_seen *seen)
{
	if (seen->returns && !trace_summary_count(out->summary, seen->returns))
		out->uncounted++;
}

static void pass_record(struct pass *pass, const void *data, size_t size)
{
	struct trace_out *out = pass->out;
	struct call_seen seen, left;

	if (pass->is_written && out->file)
		file_outcome(out, trace_file_call(out->file, data, size));
	call_join_take(pass->join, data, size, &seen, &left);
	if (left.begins)
		pass_left(pass, &left);
	if (!is_reported(out, &seen))
		return;
	if (out->summary) {
		sum(out, &seen);
		return;
	}
	pass->calls += seen.returns || call_never_returns(seen.call);
	if (pass->is_written && out->print)
		trace_print_call(out->print, &seen);
}

/* ---- the ring -------------------------------------------------------------- */

static void each_process(void *arg, const struct trace_process *p)
{
	struct trace_out *out = arg;

	file_outcome(out, trace_file_process(out->file, p));
}

static void pass_process(struct pass *pass, const struct trace_process *p)
{
	struct trace_out *out = pass->out;

	if (!pass->is_written)
		return;
	trace_processes_put(out->processes, p);
	if (out->file)
		each_process(out, p);
}

/* A record of the ring, or a process. */
static void pass_kept(void *arg, const void *data, size_t size)
{
	struct pass *pass = arg;
	bool is_followed = pass->out->processes && pass->is_written;
	struct trace_process p;

	if (trace_process_unpack(data, size, &p)) {
		pass_process(pass, &p);
		return;
	}
	if (is_followed)
		trace_processes_before(pass->out->processes, data);
	pass_record(pass, data, size);
	if (is_followed)
		trace_processes_after(pass->out->processes, data);
}

/* How many calls it has, of which one record or both are there. */
static uint64_t ring_pass(struct trace_out *out, bool is_written)
{
	struct pass pass = { out, call_join_new(), is_written, 0 };

	if (!pass.join) {
		log_line(LEVEL_WARNING, "the ring cannot be read: out of memory");
		return 0;
	}
	if (is_written && out->file && out->processes)
		trace_processes_each(out->processes, each_process, out);
	trace_ring_each(out->ring, pass_kept, &pass);
	call_join_left(pass.join, pass_left, &pass);
	call_join_free(pass.join);
	return pass.calls;
}

static void dump(struct trace_out *out, enum trace_trigger trigger)
{
	uint64_t calls = ring_pass(out, true);

	/* The end of a command is often seen by its last call, too. */
	if (!calls && out->was_dumped && trigger != TRACE_BY_REQUEST)
		return;
	trace_ring_empty(out->ring);
	out->was_dumped = true;
	if (out->print) {
		trace_print_break(out->print);
		trace_print_flush(out->print); /* which keeps its error */
	}
	log_line(LEVEL_INFO, "%" PRIu64 " calls were written: %s", calls,
	         trace_trigger_name(trigger));
}

static bool is_chosen(const struct trace_options *o, const struct call *call)
{
	return call ? trace_options_want(o, call) : !o->call_count;
}

static void ring_take(struct trace_out *out, const struct call_record *record, size_t size)
{
	const struct call *call = call_by_number(record->abi, record->number);
	struct call_seen seen = { .call = call };
	enum trace_trigger trigger;

	if (is_chosen(out->options, call))
		trace_ring_put(out->ring, record, size);
	if (record->header.type == CALL_BEGINS)
		seen.begins = record;
	else
		seen.returns = record;
	trigger = trace_trigger_of_call(&seen);
	if (trigger & out->options->dump_on)
		dump(out, trigger);
}

void trace_out_dump(struct trace_out *out)
{
	if (out->ring)
		dump(out, TRACE_BY_REQUEST);
}

void trace_out_ended(struct trace_out *out, int status)
{
	unsigned int on = out->options->dump_on;

	/* As a shell has it, a signal is a status, too. */
	if (!out->ring || !status)
		return;
	if (on & TRACE_BY_SIGNAL && trace_trigger_of_status(status) == TRACE_BY_SIGNAL)
		dump(out, TRACE_BY_SIGNAL);
	else if (on & TRACE_BY_EXIT)
		dump(out, TRACE_BY_EXIT);
}

/* ------------------------------------------------------------------------------ */

void trace_out_record(void *arg, const void *data, size_t size)
{
	struct trace_out *out = arg;
	struct pass pass = { out, out->join, true, 0 };

	if (!call_record_check(data, size)) {
		log_line(LEVEL_WARNING, "1 records lost: it is not whole");
		return;
	}
	if (out->lookup)
		trace_lookup_before(out->lookup, data);
	if (out->ring)
		ring_take(out, data, size);
	else
		pass_record(&pass, data, size);
	if (out->lookup)
		trace_lookup_after(out->lookup, data);
}

void trace_out_losses(struct trace_out *out, const struct call_counts *since)
{
	if (trace_losses_say(since) && out->file)
		file_outcome(out, trace_file_losses(out->file, since));
}

void trace_out_finish(struct trace_out *out)
{
	struct pass pass = { out, out->join, true, 0 };
	uint64_t calls;

	if (!out->ring) {
		call_join_left(out->join, pass_left, &pass);
		return;
	}
	calls = ring_pass(out, false);
	if (calls || !out->was_dumped)
		log_line(LEVEL_INFO, "%" PRIu64 " calls were kept and not written", calls);
}

struct trace_print *trace_out_print(struct trace_out *out)
{
	return out->print;
}

static int outcome(const struct trace_out *out, int print_err, struct offsets_error *error)
{
	if (print_err)
		return offsets_fail(error, print_err, "the output cannot be written: %s",
		                    strerror(-print_err));
	if (out->file_err)
		return offsets_fail(error, out->file_err, "%s: cannot be written: %s",
		                    out->options->record, strerror(-out->file_err));
	return 0;
}

int trace_out_flush(struct trace_out *out, struct offsets_error *error)
{
	int err = out->print ? trace_print_flush(out->print) : 0;

	if (out->file)
		file_outcome(out, trace_file_flush(out->file));
	return outcome(out, err, error);
}

int trace_out_close(struct trace_out *out, bool is_whole, struct offsets_error *error)
{
	int err;

	if (!out)
		return 0;
	err = trace_print_free(out->print);
	if (out->file && is_whole)
		file_outcome(out, trace_file_end(out->file));
	file_outcome(out, trace_file_close(out->file));
	err = outcome(out, err, error);
	processes_close(out);
	trace_ring_free(out->ring);
	call_join_free(out->join);
	free(out);
	return err;
}
