/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of system calls, as 'sextant trace --read' takes them from a file: joined, written as
 * text and as JSON, counted.
 *
 * The input is a sequence of records: the bytes of each (two), these.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_join.h"
#include "loader/trace/call_json.h"
#include "loader/trace/call_text.h"
#include "loader/trace/trace_summary.h"
#include "loader/trace/trace_trigger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sink {
	struct jsonw out;
	struct call_join *join;
	struct trace_summary *summary;
};

static void on_left(void *arg, const struct call_seen *seen)
{
	static const struct clock_offsets clock = { 1, 1 };
	struct sink *s = arg;

	jsonw_reset(&s->out);
	s->out.comma = false;
	call_json(&s->out, seen, &clock, NULL);
	call_text_begin(&s->out, seen);
	if (seen->returns)
		call_text_end(&s->out, seen);
	if (s->out.failed)
		abort();
}

static void on_record(struct sink *s, const struct call_record *record, size_t size)
{
	struct call_seen seen, left;

	call_join_take(s->join, record, size, &seen, &left);
	if (left.begins)
		on_left(s, &left);
	on_left(s, &seen);
	trace_trigger_of_call(&seen);
	if (seen.returns)
		trace_summary_count(s->summary, seen.returns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sink s = { .join = call_join_new(), .summary = trace_summary_new(true) };
	const char *wrong;
	size_t n;
	char *copy;

	if (!call_count() || !call_get(0)->name)
		if (call_list_init(&wrong))
			abort();
	jsonw_init(&s.out);
	for (; size >= 2; data += n, size -= n) {
		n = data[0] | data[1] << 8;
		data += 2, size -= 2;
		n = n < size ? n : size;
		copy = malloc(n ? n : 1); /* so that what is read behind it is found */
		memcpy(copy, data, n);
		if (call_record_check(copy, n))
			on_record(&s, (struct call_record *)copy, n);
		free(copy);
	}
	call_join_left(s.join, on_left, &s);
	jsonw_reset(&s.out);
	trace_summary_print(s.summary, &s.out, true, true);
	trace_summary_print(s.summary, &s.out, false, true);
	trace_summary_free(s.summary);
	call_join_free(s.join);
	jsonw_deinit(&s.out);
	return 0;
}
