/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "loader/event/half_event.h"

/* A part of a text. */
struct piece {
	const char *text;
	size_t size;
};

static bool begins_with(struct piece p, const char *begin)
{
	return p.size >= strlen(begin) && !memcmp(p.text, begin, strlen(begin));
}

/* Where the line begins that ends at size; its newline is behind it. */
static size_t line_begin(const char *text, size_t size)
{
	while (size && text[size - 1] != '\n')
		size--;
	return size;
}

/* The last line, if it has no newline and begins so. */
static size_t half_line(const char *text, size_t size, const char *begin)
{
	size_t at = line_begin(text, size);
	struct piece line = { text + at, size - at };

	return begins_with(line, begin) ? line.size : 0;
}

size_t half_json(const char *text, size_t size)
{
	return half_line(text, size, "{\"@timestamp\":\"");
}

size_t half_ocsf(const char *text, size_t size)
{
	return half_line(text, size, "{\"class_uid\":");
}

/* The whole line before end, without its newline. */
static struct piece line_before(const char *text, size_t end)
{
	size_t begin = end ? line_begin(text, end - 1) : 0;

	return (struct piece){ text + begin, end ? end - 1 - begin : 0 };
}

/* "msg=audit(1796012345.678:42):", which all records of a group have; empty: it is no record. */
static struct piece stamp_of(struct piece line)
{
	const char *begin, *end;

	if (!begins_with(line, "type="))
		return (struct piece){ "", 0 };
	begin = memchr(line.text, ' ', line.size);
	end = begin ? memchr(begin + 1, ' ', line.text + line.size - begin - 1) : NULL;
	return end ? (struct piece){ begin + 1, end - begin - 1 } : (struct piece){ "", 0 };
}

static bool are_equal(struct piece a, struct piece b)
{
	return a.size == b.size && !memcmp(a.text, b.text, a.size);
}

/* Where the group of records begins whose last whole line ends at end. */
static size_t group_begin(const char *text, size_t end)
{
	struct piece stamp = stamp_of(line_before(text, end)), line;

	for (; end; end = line.text - text) {
		line = line_before(text, end);
		if (!are_equal(stamp_of(line), stamp))
			break;
	}
	return end;
}

/* Does the group begin with a system call of ours? auditd leaves out EOE in its file. */
static bool is_ours(const char *text, size_t begin, size_t end)
{
	const char *newline = memchr(text + begin, '\n', end - begin);
	struct piece first = { text + begin, newline - (text + begin) };

	return begins_with(first, "type=SYSCALL ") &&
	       memmem(first.text, first.size, " key=\"sextant_", 14);
}

size_t half_audit(const char *text, size_t size)
{
	static const char record[] = "type=";
	size_t end = line_begin(text, size), rest = size - end;
	size_t known = rest < sizeof(record) - 1 ? rest : sizeof(record) - 1, begin;

	if (memcmp(text + end, record, known))
		return 0;
	if (!stamp_of(line_before(text, end)).size ||
	    begins_with(line_before(text, end), "type=EOE "))
		return rest;
	begin = group_begin(text, end);
	return is_ours(text, begin, end) ? size - begin : rest;
}
