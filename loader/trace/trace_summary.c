/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_list.h"
#include "loader/trace/call_seen.h"
#include "loader/trace/trace_summary.h"

#define PLACES (2 * CALL_PROCESS_ROWS) /* a power of two */

struct trace_summary {
	bool by_process;
	struct trace_sum *rows;
	size_t count, room;
	uint32_t places[PLACES]; /* 1 + the number of a row, by pid and slot; 0: free */
};

struct trace_summary *trace_summary_new(bool by_process)
{
	struct trace_summary *s = calloc(1, sizeof(*s));

	if (s)
		s->by_process = by_process;
	return s;
}

void trace_summary_free(struct trace_summary *s)
{
	if (!s)
		return;
	free(s->rows);
	free(s);
}

/* ---- rows ------------------------------------------------------------------ */

int trace_summary_add(struct trace_summary *s, const struct trace_sum *row)
{
	size_t room = s->room ? 2 * s->room : 256;
	struct trace_sum *rows;

	if (s->count == s->room) {
		rows = realloc(s->rows, room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		s->rows = rows;
		s->room = room;
	}
	s->rows[s->count++] = *row;
	return 0;
}

/* The row of a call, which is made if it is missing; NULL: there is no room. */
static struct trace_sum *row_get(struct trace_summary *s, uint32_t pid, uint32_t slot)
{
	const struct trace_sum row = { .pid = pid, .slot = slot };
	uint32_t at = (pid * 2654435761U + slot * 40503U) % PLACES;

	for (; s->places[at]; at = (at + 1) % PLACES) {
		struct trace_sum *there = &s->rows[s->places[at] - 1];

		if (there->pid == pid && there->slot == slot)
			return there;
	}
	if (s->count == CALL_PROCESS_ROWS || trace_summary_add(s, &row))
		return NULL;
	s->places[at] = s->count;
	return &s->rows[s->count - 1];
}

/* As bucket_of() of the kernel side. */
static unsigned int bucket_of(uint64_t took_ns)
{
	unsigned int bucket = 0;

	for (took_ns >>= 8; took_ns && bucket < CALL_BUCKETS - 1; took_ns >>= 1)
		bucket++;
	return bucket;
}

bool trace_summary_count(struct trace_summary *s, const struct call_record *returns)
{
	uint64_t took = returns->header.time_ns - returns->began_ns;
	struct trace_sum *row = row_get(s, s->by_process ? returns->process.pid : 0,
	                                call_slot(returns->abi, returns->number));

	if (!row)
		return false;
	row->sums.sum.calls++;
	row->sums.sum.errors += call_result_error(returns->result) != NULL;
	row->sums.sum.total_ns += took;
	row->sums.sum.buckets[bucket_of(took)]++;
	row->sums.last_ns = returns->header.time_ns;
	memcpy(row->sums.comm, returns->comm, sizeof(row->sums.comm));
	return true;
}

/* ---- order ------------------------------------------------------------------ */

/* All rows of a process. */
struct process {
	size_t begin, end;
	uint64_t calls, errors, total_ns, last_ns;
	const char *comm; /* of the call that returned last */
};

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_pid(const void *a, const void *b)
{
	const struct trace_sum *x = a, *y = b;
	int order = compare(x->pid, y->pid);

	if (!order)
		order = compare(y->sums.sum.total_ns, x->sums.sum.total_ns);
	return order ? order : compare(x->slot, y->slot);
}

static int by_time(const void *a, const void *b)
{
	const struct process *x = a, *y = b;
	int order = compare(y->total_ns, x->total_ns);

	return order ? order : compare(x->begin, y->begin);
}

/* The one that begins with that row. */
static struct process process_of(const struct trace_summary *s, size_t begin)
{
	struct process p = { .begin = begin, .comm = s->rows[begin].sums.comm };
	const struct trace_sum *row;
	size_t i;

	for (i = begin; i < s->count && s->rows[i].pid == s->rows[begin].pid; i++) {
		row = &s->rows[i];
		p.calls += row->sums.sum.calls;
		p.errors += row->sums.sum.errors;
		p.total_ns += row->sums.sum.total_ns;
		if (row->sums.last_ns <= p.last_ns)
			continue;
		p.last_ns = row->sums.last_ns;
		p.comm = row->sums.comm;
	}
	p.end = i;
	return p;
}

/* Those that took longest come first. NULL: out of memory. */
static struct process *processes_of(struct trace_summary *s, size_t *ret_count)
{
	struct process *list = calloc(s->count + 1, sizeof(*list));
	size_t i;

	*ret_count = 0;
	if (!list)
		return NULL;
	if (s->count)
		qsort(s->rows, s->count, sizeof(*s->rows), by_pid);
	for (i = 0; i < s->count; i = list[(*ret_count)++].end)
		list[*ret_count] = process_of(s, i);
	qsort(list, *ret_count, sizeof(*list), by_time);
	return list;
}

/* ---- output ------------------------------------------------------------------ */

/* A bucket's upper end. */
static uint64_t bucket_end_ns(unsigned int bucket)
{
	return 256ULL << bucket;
}

/* The time below which so many of a hundred calls took: the upper end of a power of two. */
static uint64_t percentile_ns(const struct call_sum *sum, unsigned int percent)
{
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < CALL_BUCKETS - 1; i++) {
		seen += sum->buckets[i];
		if (seen * 100 >= sum->calls * percent)
			break;
	}
	return bucket_end_ns(i);
}

static const struct call *call_of(const struct trace_sum *row)
{
	if (row->slot >= CALL_SLOTS)
		return NULL;
	return row->slot < CALL_SLOTS / 2 ? call_by_number(CALL_64, row->slot)
	                                  : call_by_number(CALL_32, row->slot - CALL_SLOTS / 2);
}

#define BAR 40 /* characters */

static void histogram_text(struct jsonw *out, const struct call_sum *sum)
{
	unsigned int first = 0, last = CALL_BUCKETS - 1, i, bar;
	uint64_t most = 1;

	while (first < last && !sum->buckets[first])
		first++;
	while (first < last && !sum->buckets[last])
		last--;
	for (i = first; i <= last; i++)
		most = sum->buckets[i] > most ? sum->buckets[i] : most;
	for (i = first; i <= last; i++) {
		bar = (double)sum->buckets[i] / most * BAR;
		jsonw_printf(out, "%12" PRIu64 "   %14.3f us .. %14.3f us |%.*s%*s|\n",
		             (uint64_t)sum->buckets[i], i ? bucket_end_ns(i - 1) / 1e3 : 0.0,
		             bucket_end_ns(i) / 1e3, (int)bar,
		             "****************************************", (int)(BAR - bar), "");
	}
}

static void row_text(struct jsonw *out, const struct trace_sum *row, bool histogram)
{
	const struct call_sum *sum = &row->sums.sum;
	const struct call *call = call_of(row);
	char number[32] = "(unknown numbers)";

	if (!call && row->slot < CALL_SLOTS)
		snprintf(number, sizeof(number), "syscall_%#x", row->slot % (CALL_SLOTS / 2));
	jsonw_printf(out, "%12llu %10llu %12.3f %10.1f %10.1f  %s%s\n", sum->calls, sum->errors,
	             sum->total_ns / 1e6, sum->total_ns / 1e3 / sum->calls,
	             percentile_ns(sum, 99) / 1e3, call ? call->name : number,
	             row->slot >= CALL_SLOTS / 2 && row->slot < CALL_SLOTS ? " (i386)" : "");
	if (histogram)
		histogram_text(out, sum);
}

static void process_text(struct jsonw *out, const struct trace_sum *rows, const struct process *p)
{
	char comm[EVENTS_COMM_BYTES + 1] = "";

	memcpy(comm, p->comm, EVENTS_COMM_BYTES);
	jsonw_printf(out, "%s%u ", out->size ? "\n" : "", rows[p->begin].pid);
	jsonw_escaped(out, comm);
	jsonw_printf(out, ": %" PRIu64 " calls, %" PRIu64 " errors, %.3f ms\n", p->calls, p->errors,
	             p->total_ns / 1e6);
}

static void histogram_json(struct jsonw *out, const struct call_sum *sum)
{
	unsigned int i;

	jsonw_array_open(out, "histogram");
	for (i = 0; i < CALL_BUCKETS; i++) {
		if (!sum->buckets[i])
			continue;
		jsonw_object_open(out, NULL);
		if (i < CALL_BUCKETS - 1)
			jsonw_u64(out, "below_ns", bucket_end_ns(i));
		else
			jsonw_string(out, "below_ns", NULL);
		jsonw_u64(out, "calls", sum->buckets[i]);
		jsonw_object_close(out);
	}
	jsonw_array_close(out);
}

static void process_json(struct jsonw *out, const struct trace_sum *rows, const struct process *p)
{
	jsonw_object_open(out, "process");
	jsonw_u64(out, "pid", rows[p->begin].pid);
	jsonw_bytes(out, "name", p->comm, strnlen(p->comm, EVENTS_COMM_BYTES));
	jsonw_object_close(out);
}

static void row_json(struct jsonw *out, const struct trace_sum *row, bool histogram)
{
	const struct call_sum *sum = &row->sums.sum;
	const struct call *call = call_of(row);

	jsonw_object_open(out, "sextant");
	jsonw_object_open(out, "syscall");
	jsonw_string(out, "name", call ? call->name : NULL);
	if (row->slot < CALL_SLOTS) {
		jsonw_u64(out, "number", row->slot % (CALL_SLOTS / 2));
		jsonw_string(out, "abi", row->slot < CALL_SLOTS / 2 ? "x86_64" : "i386");
	}
	jsonw_u64(out, "calls", sum->calls);
	jsonw_u64(out, "errors", sum->errors);
	jsonw_u64(out, "total_ns", sum->total_ns);
	jsonw_u64(out, "percentile_99_ns", percentile_ns(sum, 99));
	if (histogram)
		histogram_json(out, sum);
	jsonw_object_close(out);
	jsonw_object_close(out);
}

static void line_json(struct jsonw *out, const struct trace_sum *row, const struct trace_sum *rows,
                      const struct process *p, bool histogram)
{
	const struct call *call = call_of(row);

	out->comma = false;
	jsonw_object_open(out, NULL);
	jsonw_object_open(out, "event");
	jsonw_string(out, "kind", "metric");
	jsonw_string(out, "action", call ? call->name : "unknown");
	jsonw_object_close(out);
	if (p)
		process_json(out, rows, p);
	row_json(out, row, histogram);
	jsonw_object_close(out);
	jsonw_put(out, "\n", 1);
	out->comma = false;
}

static void head_text(struct jsonw *out)
{
	jsonw_printf(out, "%12s %10s %12s %10s %10s  %s\n", "calls", "errors", "total ms",
	             "mean us", "99 % us <", "call");
}

void trace_summary_print(struct trace_summary *s, struct jsonw *out, bool json, bool histogram)
{
	size_t count, i, j;
	struct process *list = processes_of(s, &count);

	out->failed |= !list;
	if (!json && !s->by_process && !count)
		head_text(out);
	for (i = 0; i < count; i++) {
		const struct process *p = s->by_process ? &list[i] : NULL;

		if (!json && p)
			process_text(out, s->rows, p);
		if (!json)
			head_text(out);
		for (j = list[i].begin; j < list[i].end; j++)
			if (json)
				line_json(out, &s->rows[j], s->rows, p, histogram);
			else
				row_text(out, &s->rows[j], histogram);
	}
	free(list);
}
