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
	const struct trace_processes *processes; /* NULL: nothing is known of them */
	int fd;
	bool json;
	bool at_return;
	uint32_t line_of; /* the thread whose line is not at its end; 0: none */
	int err;          /* of the first write that failed */
};

struct trace_print *trace_print_new(bool json, int fd, const struct clock_offsets *clock)
{
	struct trace_print *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->json = json;
	p->fd = fd;
	jsonw_init(&p->out);
	p->clock = *clock;
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
	trace_print_break(p);
	err = trace_print_flush(p);
	jsonw_deinit(&p->out);
	free(p);
	return err;
}

int trace_print_error(const struct trace_print *p)
{
	return p->err;
}

void trace_print_at_return(struct trace_print *p)
{
	p->at_return = true;
}

void trace_print_processes(struct trace_print *p, const struct trace_processes *processes)
{
	p->processes = processes;
}

/* ---- text ------------------------------------------------------------------ */

void trace_print_break(struct trace_print *p)
{
	if (p->line_of)
		jsonw_printf(&p->out, " <unfinished ...>\n");
	p->line_of = 0;
}

static void line_begin(struct trace_print *p, const struct call_record *r)
{
	trace_print_break(p);
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

	if (!seen->begins || p->at_return) {
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
	call_json(&p->out, seen, &p->clock, p->processes);
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
	} else if (!p->at_return) {
		text_begins(p, seen);
	}
	if (p->out.size > FLUSH_BYTES)
		trace_print_flush(p);
}

/* ---- summary --------------------------------------------------------------- */

void trace_print_summary(struct trace_print *p, struct trace_summary *summary, bool histogram)
{
	trace_summary_print(summary, &p->out, p->json, histogram);
}
