/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/trace/call_json.h"
#include "loader/trace/trace_print.h"
#include "loader/util/signals.h"

#define FLUSH_BYTES 65536
#define WAIT_MS     100

struct trace_print {
	struct jsonw out;
	struct clock_offsets clock;
	int fd;
	bool json;
	uint32_t line_of; /* the thread whose line is not at its end; 0: none */
	int err;          /* of the first write that failed */
};

struct trace_print *trace_print_new(bool json, int fd)
{
	struct trace_print *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->json = json;
	p->fd = fd;
	jsonw_init(&p->out);
	clock_offsets_read(&p->clock);
	return p;
}

int trace_print_flush(struct trace_print *p)
{
	struct pollfd writable = { p->fd, POLLOUT, 0 };
	size_t done = 0;
	ssize_t n;

	if (p->out.failed)
		p->err = -ENOMEM;
	while (!p->err && done < p->out.size) {
		n = write(p->fd, p->out.text + done, p->out.size - done);
		done += n > 0 ? n : 0;
		if (n >= 0 || (errno == EINTR && !signals_end()))
			continue;
		if (errno != EAGAIN || signals_end())
			p->err = -errno;
		else
			poll(&writable, 1, WAIT_MS); /* a pipe that is full */
	}
	jsonw_reset(&p->out);
	return p->err;
}

int trace_print_free(struct trace_print *p)
{
	int err;

	if (!p)
		return 0;
	if (p->line_of)
		jsonw_printf(&p->out, " <unfinished ...>\n");
	err = trace_print_flush(p);
	jsonw_deinit(&p->out);
	free(p);
	return err;
}

/* ---- text ------------------------------------------------------------------ */

static void line_interrupt(struct trace_print *p)
{
	if (p->line_of)
		jsonw_printf(&p->out, " <unfinished ...>\n");
	p->line_of = 0;
}

static void line_begin(struct trace_print *p, const struct call_record *r)
{
	line_interrupt(p);
	jsonw_printf(&p->out, "[%u] ", r->process.tid);
}

static void text_begins(struct trace_print *p, const struct call_seen *seen)
{
	line_begin(p, seen->begins);
	call_text_begin(&p->out, seen);
	if (call_never_returns(seen->call))
		jsonw_printf(&p->out, ") = ?\n");
	else
		p->line_of = seen->begins->process.tid;
}

static void text_returns(struct trace_print *p, const struct call_seen *seen)
{
	const struct call_record *r = seen->returns;
	uint64_t took = r->header.time_ns - r->began_ns;

	if (!seen->begins) {
		line_begin(p, r);
		call_text_begin(&p->out, seen);
	} else if (p->line_of != seen->begins->process.tid) {
		line_begin(p, r);
		jsonw_printf(&p->out, "<... %s resumed>", seen->call ? seen->call->name : "call");
	}
	call_text_end(&p->out, seen);
	jsonw_printf(&p->out, " <%llu.%06llu>\n", (unsigned long long)took / 1000000000,
	             (unsigned long long)took / 1000 % 1000000);
	p->line_of = 0;
}

/* ---- both ------------------------------------------------------------------ */

void trace_print_left(struct trace_print *p, const struct call_seen *seen)
{
	if (!p->json)
		return; /* the line of its beginning is there */
	call_json(&p->out, seen, &p->clock);
	jsonw_put(&p->out, "\n", 1);
	p->out.comma = false;
}

void trace_print_call(struct trace_print *p, const struct call_seen *seen)
{
	if (p->json) {
		if (seen->returns || call_never_returns(seen->call))
			trace_print_left(p, seen);
	} else if (seen->returns) {
		text_returns(p, seen);
	} else {
		text_begins(p, seen);
	}
	if (p->out.size > FLUSH_BYTES)
		trace_print_flush(p);
}

/* ---- summary --------------------------------------------------------------- */

struct row {
	const struct call *call;
	enum call_abi abi;
	struct call_sum sum;
};

static int by_time(const void *a, const void *b)
{
	uint64_t x = ((const struct row *)a)->sum.total_ns,
		 y = ((const struct row *)b)->sum.total_ns;

	return x < y ? 1 : x > y ? -1 : 0;
}

static int rows_read(struct trace_kernel *kernel, struct row *rows, size_t *ret_count,
                     struct offsets_error *error)
{
	size_t i, count = 0;
	int abi, err;

	for (i = 0; i < call_count(); i++)
		for (abi = CALL_64; abi <= CALL_32; abi++) {
			struct row *row = &rows[count];
			const struct call *call = call_get(i);

			if (call->numbers[abi] < 0)
				continue;
			err = trace_kernel_sum(kernel, abi, call->numbers[abi], &row->sum, error);
			if (err)
				return err;
			row->call = call;
			row->abi = abi;
			count += row->sum.calls != 0;
		}
	err = trace_kernel_sum(kernel, CALL_64, CALL_SLOTS, &rows[count].sum, error);
	*ret_count = count + (rows[count].sum.calls != 0);
	return err;
}

/* The time below which so many of a hundred calls took: the upper end of a power of two. */
static double percentile_us(const struct call_sum *sum, unsigned int percent)
{
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < CALL_BUCKETS - 1; i++) {
		seen += sum->buckets[i];
		if (seen * 100 >= sum->calls * percent)
			break;
	}
	return (256ULL << i) / 1e3;
}

int trace_print_summary(struct trace_print *p, struct trace_kernel *kernel,
                        struct offsets_error *error)
{
	struct row *rows = calloc(2 * call_count() + 1, sizeof(*rows));
	size_t count, i;
	int err;

	if (!rows)
		return offsets_fail(error, -ENOMEM, "out of memory");
	err = rows_read(kernel, rows, &count, error);
	if (!err) {
		qsort(rows, count, sizeof(*rows), by_time);
		jsonw_printf(&p->out, "%12s %10s %12s %10s %10s  %s\n", "calls", "errors",
		             "total ms", "mean us", "99 % us <", "call");
	}
	for (i = 0; !err && i < count; i++)
		jsonw_printf(&p->out, "%12llu %10llu %12.3f %10.1f %10.1f  %s%s\n",
		             (unsigned long long)rows[i].sum.calls,
		             (unsigned long long)rows[i].sum.errors, rows[i].sum.total_ns / 1e6,
		             rows[i].sum.total_ns / 1e3 / rows[i].sum.calls,
		             percentile_us(&rows[i].sum, 99),
		             rows[i].call ? rows[i].call->name : "(unknown numbers)",
		             rows[i].abi == CALL_32 ? " (i386)" : "");
	free(rows);
	return err;
}
