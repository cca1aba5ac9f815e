/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Perf records, from the rings to the line that is written. The input is a
 * sequence of them: type, CPU, bytes more than its struct has (two, and the
 * highest bit: its length is told wrongly), bytes that follow, these.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "decode.h"
#include "format.h"
#include "interpreters.h"
#include "order.h"
#include "parts.h"

#define CPUS 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const size_t part_sizes[] = {
	[PART_EXEC - PART_EXEC] = sizeof(struct exec_event),
	[PART_MOUNT - PART_EXEC] = sizeof(struct file_event),
	[PART_ARGV - PART_EXEC] = sizeof(struct argv_part),
	[PART_TEXT - PART_EXEC] = sizeof(struct text_part),
	[PART_INTERPRETER - PART_EXEC] = sizeof(struct interpreter_part),
};

/* Of what a type begins with; 0: there is no such type. */
static size_t size_of(unsigned int type)
{
	if (type < PART_EXEC)
		return event_size(type);
	return type <= PART_INTERPRETER ? part_sizes[type - PART_EXEC] : 0;
}

/* What loader/run.c has. */
struct sink {
	struct order *order;
	struct interpreters *interpreters;
	struct format format;
};

/* A line of JSON: one object, its strings closed, nothing but what may stand in a line. */
static void line_check(const char *text, size_t size)
{
	size_t i, depth = 0;
	bool inside = false;

	for (i = 0; i < size; i++) {
		unsigned char c = text[i];

		if (c < 0x20 || (c == 0x7f && !inside))
			abort();
		if (inside && c == '\\')
			i++;
		else if (c == '"')
			inside = !inside;
		else if (!inside && (c == '{' || c == '['))
			depth++;
		else if (!inside && (c == '}' || c == ']') && !depth--)
			abort();
	}
	if (inside || depth || i != size)
		abort();
}

static void on_event(void *arg, const void *data, size_t size)
{
	static struct event ev;
	struct sink *sink = arg;

	if (interpreters_take(sink->interpreters, data, size) || event_decode(data, size, &ev))
		return;
	if (ev.header.type == EVENT_EXEC)
		interpreters_tell(sink->interpreters, &ev);
	format_text(&sink->format, &ev);
	format_json(&sink->format, &ev);
	line_check(sink->format.json.text, sink->format.json.size);
	cache_event(sink->format.cache, &ev);
}

static void on_record(void *arg, const void *data, size_t size)
{
	struct sink *sink = arg;

	order_add(sink->order, data, size);
}

/* The next one, for the caller to free; NULL: the input has no more. */
static char *record_next(const uint8_t **data, size_t *left, size_t *ret_size,
                         unsigned int *ret_cpu)
{
	const uint8_t *at = *data;
	struct event_header header;
	size_t more, given, size;
	char *record;

	if (*left < 5)
		return NULL;
	*ret_cpu = at[1];
	more = at[2] | (at[3] & 0x7f) << 8;
	given = at[4];
	size = size_of(at[0]) + more;
	if (given > *left - 5)
		given = *left - 5;
	record = calloc(1, size ? size : 1);
	if (!record)
		abort();
	memcpy(record, at + 5, given < size ? given : size);
	if (size >= sizeof(header)) {
		memcpy(&header, record, sizeof(header));
		header.type = at[0];
		if (!(at[3] & 0x80))
			header.len = size;
		memcpy(record, &header, sizeof(header));
	}
	*data += 5 + given;
	*left -= 5 + given;
	*ret_size = size;
	return record;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct host host = { .boot_id = "00000000-0000-0000-0000-000000000000" };
	struct sink sink = { .order = order_new(), .interpreters = interpreters_new() };
	struct parts *parts = parts_new(CPUS);
	unsigned int cpu;
	size_t n;
	char *record;

	sink.format.host = &host;
	sink.format.env = "A,LD_PRELOAD";
	sink.format.cache = cache_new();
	sink.format.names = names_new("/dev/null", "/dev/null");
	if (!sink.order || !sink.interpreters || !parts || !sink.format.cache || !sink.format.names)
		abort();
	jsonw_init(&sink.format.json);
	while ((record = record_next(&data, &size, &n, &cpu))) {
		parts_take(parts, cpu, record, n, on_record, &sink);
		free(record);
	}
	parts_expire(parts, UINT64_MAX, on_record, &sink);
	order_flush(sink.order, UINT64_MAX, NULL, on_event, &sink);
	jsonw_deinit(&sink.format.json);
	names_free((struct names *)sink.format.names);
	cache_free(sink.format.cache);
	parts_free(parts);
	interpreters_free(sink.interpreters);
	order_free(sink.order);
	return 0;
}
