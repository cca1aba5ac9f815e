/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Perf records, the whole way from the rings to the line that is written: parts,
 * order, decoding, interpreters, the cache of processes, JSON, text and records of audit. The
 * lines are held to what docs/events.md promises of them.
 *
 * The input is a sequence of records: type, CPU, flags (below), bytes more than
 * its struct has (two), bytes that follow (two), these.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/state/cache.h"
#include "loader/stream/decode.h"
#include "loader/stream/fields.h"
#include "loader/audit/audit_form.h"
#include "loader/ocsf/ocsf_form.h"
#include "loader/event/format.h"
#include "loader/stream/interpreters.h"
#include "loader/stream/module_files.h"
#include "loader/event/line.h"
#include "loader/stream/order.h"
#include "loader/stream/parts.h"

#define CPUS      2
#define HEAD_SIZE 7

enum flags {
	LENGTH_LIES = 1, /* header.len is what the bytes say */
	REPEAT = 2,      /* the last REPEAT_BYTES of the bytes fill the rest; else zeros do */
	SIZES_FIT = 4,   /* the sizes of what is behind the struct are made to agree with it */
	WHOLE = 8,       /* the bytes are all of the record */
	LONGEST = 16,    /* with SIZES_FIT: as large as they may be */
};

#define REPEAT_BYTES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of what a type begins with; 0: there is no such type. */
static size_t size_of(unsigned int type)
{
	return event_size(type) ? event_size(type) : event_part_size(type);
}

/* What loader/cli/run.c has. */
struct sink {
	struct order *order;
	struct interpreters *interpreters;
	struct module_files *module_files;
	struct format format;
};

/* ---- lines ------------------------------------------------------------- */

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The rest of a line of JSON. */
struct line {
	const unsigned char *at, *end;
};

static unsigned int next(struct line *l)
{
	require(l->at < l->end);
	return *l->at++;
}

static void expect(struct line *l, const char *text)
{
	for (; *text; text++)
		require(next(l) == (unsigned char)*text);
}

/* A character beyond ASCII that may stand as it is. */
static void character_check(uint32_t c)
{
	require(c >= 0xa0 && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff));
	require(c != 0xad && c != 0x61c && c != 0xfeff);
	require(!(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e));
	require(!(c >= 0x2060 && c <= 0x206f) && !(c >= 0xe0000 && c <= 0xe007f));
}

static void sequence_check(struct line *l, unsigned int first)
{
	unsigned int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1, i;
	uint32_t c = first & (0x3f >> more);

	require(first >= 0xc2 && first <= 0xf4);
	for (i = 0; i < more; i++) {
		unsigned int byte = next(l);

		require((byte & 0xc0) == 0x80);
		c = c << 6 | (byte & 0x3f);
	}
	require(c >= (more == 1 ? 0x80u : more == 2 ? 0x800u : 0x10000u));
	character_check(c);
}

static void string_check(struct line *l)
{
	unsigned int c, i;

	expect(l, "\"");
	while ((c = next(l)) != '"') {
		require(c >= 0x20 && c != 0x7f);
		if (c >= 0x80)
			sequence_check(l, c);
		if (c != '\\')
			continue;
		c = next(l);
		require(strchr("\"\\ntu", c));
		for (i = 0; c == 'u' && i < 4; i++)
			require(strchr("0123456789abcdef", next(l)));
	}
}

static void value_check(struct line *l, unsigned int depth);

/* Of an object or array; what is open is read. */
static void members_check(struct line *l, unsigned int depth, char end)
{
	unsigned int c;

	require(l->at < l->end && depth < 8);
	if (*l->at == end) {
		l->at++;
		return;
	}
	do {
		if (end == '}') {
			string_check(l);
			expect(l, ":");
		}
		value_check(l, depth + 1);
		c = next(l);
		require(c == ',' || c == (unsigned char)end);
	} while (c == ',');
}

static void value_check(struct line *l, unsigned int depth)
{
	unsigned int c;

	require(l->at < l->end);
	c = *l->at;
	if (c == '"') {
		string_check(l);
		return;
	}
	l->at++;
	if (c == '{' || c == '[')
		members_check(l, depth, c == '{' ? '}' : ']');
	else if (c == 'n')
		expect(l, "ull");
	else if (c == 't')
		expect(l, "rue");
	else if (c == 'f')
		expect(l, "alse");
	else
		for (require(c >= '0' && c <= '9');
		     l->at < l->end && *l->at >= '0' && *l->at <= '9'; l->at++)
			require(c != '0');
}

static void json_check(const struct jsonw *json)
{
	struct line l = { (unsigned char *)json->text, (unsigned char *)json->text + json->size };

	require(json->size <= EVENT_LINE_MAX && *l.at == '{');
	value_check(&l, 0);
	require(l.at == l.end);
}

static void text_check(const struct jsonw *text)
{
	size_t i;

	require(text->size <= EVENT_LINE_MAX);
	for (i = 0; i < text->size; i++)
		require(text->text[i] >= 0x20 && text->text[i] < 0x7f);
}

/* A record of audit: its type, the stamp of its event, printable ASCII, no longer than readers
 * take. */
static void record_check(const char *at, size_t size, const char *stamp, size_t stamp_size)
{
	const char *blank = memchr(at, ' ', size);
	size_t i;

	require(size < 8970 && !memcmp(at, "type=", 5) && blank);
	require(size - (blank - at) >= stamp_size && !memcmp(blank, stamp, stamp_size));
	for (i = 0; i < size; i++)
		require(at[i] >= 0x20 && at[i] < 0x7f);
}

/* As many records as lines, all of one event; if there are several, EOE is the last one alone. */
static void audit_check(const struct jsonw *text)
{
	const char *at = text->text, *const all_end = at + text->size, *end, *stamp;
	size_t stamp_size, count = 0;

	require(text->size <= EVENT_LINE_MAX);
	stamp = memchr(at, ' ', text->size);
	require(stamp);
	stamp_size = (const char *)memchr(stamp, ')', all_end - stamp) + 2 - stamp;
	for (; at < all_end; at = end + 1, count++) {
		end = memchr(at, '\n', all_end - at);
		end = end ? end : all_end;
		record_check(at, end - at, stamp, stamp_size);
		require((end == all_end && count) == !memcmp(at, "type=EOE ", 9));
	}
}

/* ---- records ----------------------------------------------------------- */

static void on_event(void *arg, const void *data, size_t size)
{
	static struct event ev;
	struct sink *sink = arg;

	if (interpreters_take(sink->interpreters, data, size) ||
	    module_files_take(sink->module_files, data, size) || event_decode(data, size, &ev))
		return;
	if (ev.header.type == EVENT_EXEC)
		interpreters_give(sink->interpreters, &ev);
	if (ev.header.type == EVENT_MODULE)
		module_files_give(sink->module_files, &ev);
	require(!form_text.event(&sink->format, &ev));
	text_check(&sink->format.json);
	require(!form_audit.event(&sink->format, &ev));
	audit_check(&sink->format.json);
	require(!form_json.event(&sink->format, &ev));
	json_check(&sink->format.json);
	require(!form_ocsf.event(&sink->format, &ev));
	json_check(&sink->format.json);
	cache_event(sink->format.cache, &ev);
}

static void on_record(void *arg, const void *data, size_t size)
{
	struct sink *sink = arg;

	order_add(sink->order, data, size);
}

/* No more than is left; that is less then. */
static size_t take(size_t *left, size_t wanted)
{
	size_t n = wanted < *left ? wanted : *left;

	*left -= n;
	return n;
}

/* Each text gets its share of what is behind the struct and argv, and its NUL. */
static void texts_fit(char *at, size_t left, __u16 *sizes, bool longest)
{
	unsigned int i;

	for (i = 0; i < EXEC_TEXTS; i++) {
		if (longest)
			sizes[i] = PATH_BYTES_MAX + NAME_BYTES;
		sizes[i] =
			take(&left, i == EXEC_TEXTS - 1 ? left : sizes[i] % (EVENT_TEXT_BYTES + 8));
		at += sizes[i];
		if (sizes[i])
			at[-1] = '\0';
	}
}

static void exec_fit(char *record, size_t size, bool longest)
{
	size_t left = size - sizeof(struct exec_event);
	struct exec_event e;

	memcpy(&e, record, sizeof(e));
	if (longest) {
		e.header.unread = 0;
		e.argv_size = ARGV_BYTES_MAX;
		e.env_size = 0;
	}
	e.argv_size = take(&left, e.argv_size % (ARGV_BYTES_MAX + 8));
	e.env_size = take(&left, e.env_size % (ENV_BYTES_MAX + 8));
	e.argv_total = e.argv_total < e.argv_size ? e.argv_size : e.argv_total;
	texts_fit(record + size - left, left, e.text_size, longest);
	memcpy(record, &e, sizeof(e));
}

/* An operation of that class, by any number. */
static unsigned int operation_of(unsigned int type, unsigned int any)
{
#define OPERATION_CLASS(class, id, name, event_type, description) EVENT_##class,
	static const unsigned char classes[] = { FILE_OPERATION_TABLE(OPERATION_CLASS) };
	const unsigned int count = sizeof(classes);
	unsigned int i;

	for (i = any % count; classes[i] != type;)
		i = (i + 1) % count;
	return i + 1;
}

static void file_fit(char *record, size_t size, bool longest)
{
	struct file_event e;

	memcpy(&e, record, sizeof(e));
	e.operation = operation_of(e.header.type, e.operation);
	texts_fit(record + sizeof(e), size - sizeof(e), e.text_size, longest);
	memcpy(record, &e, sizeof(e));
}

static void record_fit(char *record, size_t size, unsigned int type, unsigned int flags)
{
	bool longest = flags & LONGEST;
	struct event_header header;

	if (type == EVENT_EXEC)
		exec_fit(record, size, longest);
	if (type < EVENT_TYPES && event_class_get(type)->record == RECORD_FILE)
		file_fit(record, size, longest);
	memcpy(&header, record, sizeof(header));
	header.len = size;
	memcpy(record, &header, sizeof(header));
}

static void record_fill(char *record, size_t size, const uint8_t *bytes, size_t given, bool repeat)
{
	size_t i;

	memcpy(record, bytes, given < size ? given : size);
	for (i = given; repeat && given >= REPEAT_BYTES && i < size; i++)
		record[i] = record[i - REPEAT_BYTES];
}

/* The next one, for the caller to free; NULL: the input has no more. */
static char *record_next(const uint8_t **data, size_t *left, size_t *ret_size,
                         unsigned int *ret_cpu)
{
	const uint8_t *at = *data;
	struct event_header header;
	size_t given, size;
	char *record;

	if (*left < HEAD_SIZE)
		return NULL;
	*ret_cpu = at[1];
	size = size_of(at[0]) + (at[3] | at[4] << 8);
	given = at[5] | at[6] << 8;
	if (given > *left - HEAD_SIZE)
		given = *left - HEAD_SIZE;
	if (at[2] & WHOLE)
		size = given;
	record = calloc(1, size ? size : 1);
	require(record);
	record_fill(record, size, at + HEAD_SIZE, given, at[2] & REPEAT);
	if (size >= sizeof(header)) {
		memcpy(&header, record, sizeof(header));
		header.type = at[0];
		if (!(at[2] & LENGTH_LIES))
			header.len = size;
		memcpy(record, &header, sizeof(header));
		if (size_of(at[0]) && size_of(at[0]) <= size && at[2] & SIZES_FIT)
			record_fit(record, size, at[0], at[2]);
	}
	*data += HEAD_SIZE + given;
	*left -= HEAD_SIZE + given;
	*ret_size = size;
	return record;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct host host = { .name = "h\xc2\x9b",
		                          .boot_id = "00000000-0000-0000-0000-000000000000" };
	struct sink sink = { .order = order_new(),
		             .interpreters = interpreters_new(),
		             .module_files = module_files_new() };
	struct parts *parts = parts_new(CPUS);
	unsigned int cpu;
	size_t n;
	char *record;

	sink.format.host = &host;
	sink.format.env = "A,LD_PRELOAD";
	sink.format.cache = cache_new();
	sink.format.names = names_new("/dev/null", "/dev/null");
	require(sink.order && sink.interpreters && sink.module_files && parts &&
	        sink.format.cache && sink.format.names);
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
	module_files_free(sink.module_files);
	order_free(sink.order);
	return 0;
}
