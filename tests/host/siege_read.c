/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader: a strict check of JSON lines, fast enough to keep up with the
 * sensor, so that gigabytes need not be kept. Text has to be UTF-8 (no
 * surrogates, nothing overlong).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/host/siege.h"

#define LINE_MAX_BYTES (16 << 20)
#define KEEP_MAX       8
#define DEPTH_MAX      32
#define CPUS_MAX       1024

struct text {
	const unsigned char *at, *end;
};

static struct {
	unsigned long long lines, bytes, bad, controls, gaps, backwards, every;
	unsigned long long next[CPUS_MAX]; /* event.sequence, by sextant.cpu; 0: none yet */
	size_t longest, keep_count;
	const char *keep[KEEP_MAX];
} reader;

/* ---- JSON ------------------------------------------------------------- */

/* How many bytes follow the first one, and what the first of them may be. */
static size_t utf8_more(unsigned char c, unsigned char *ret_least, unsigned char *ret_most)
{
	*ret_least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	*ret_most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	return c >= 0xc2 && c <= 0xdf   ? 1
	       : c >= 0xe0 && c <= 0xef ? 2
	       : c >= 0xf0 && c <= 0xf4 ? 3
	                                : 0;
}

/* What breaks lines or turns text around, and should be escaped: C1, U+2028 to 202E, 2066 to 2069.
 */
static bool is_control(const unsigned char *at, size_t more)
{
	return (more == 1 && at[0] == 0xc2 && at[1] < 0xa0) ||
	       (more == 2 && at[0] == 0xe2 &&
	        ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
	         (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9)));
}

static bool utf8_take(struct text *t)
{
	unsigned char least, most;
	size_t more = utf8_more(*t->at, &least, &most), i;

	if (!more || (size_t)(t->end - t->at) <= more || t->at[1] < least || t->at[1] > most)
		return false;
	for (i = 2; i <= more; i++)
		if ((t->at[i] & 0xc0) != 0x80)
			return false;
	reader.controls += is_control(t->at, more);
	t->at += more + 1;
	return true;
}

static bool escape_take(struct text *t)
{
	size_t i;

	if (t->end - t->at < 6 && (t->end - t->at < 2 || t->at[1] == 'u'))
		return false;
	if (t->at[1] != 'u') {
		bool known = strchr("\"\\/bfnrt", t->at[1]) && t->at[1];

		t->at += 2;
		return known;
	}
	for (i = 2; i < 6; i++)
		if (!strchr("0123456789abcdefABCDEF", t->at[i]) || !t->at[i])
			return false;
	t->at += 6;
	return true;
}

static bool string_take(struct text *t)
{
	if (t->at == t->end || *t->at++ != '"')
		return false;
	while (t->at < t->end && *t->at != '"') {
		bool good = true;

		if (*t->at == '\\') {
			good = escape_take(t);
		} else if (*t->at >= 0x80) {
			good = utf8_take(t);
		} else {
			good = *t->at >= 0x20;
			reader.controls += *t->at == 0x7f;
			t->at++;
		}
		if (!good)
			return false;
	}
	return t->at < t->end && *t->at++ == '"';
}

static bool digits_take(struct text *t)
{
	const unsigned char *from = t->at;

	while (t->at < t->end && *t->at >= '0' && *t->at <= '9')
		t->at++;
	return t->at > from;
}

static bool number_take(struct text *t)
{
	bool zero;

	t->at += t->at < t->end && *t->at == '-';
	zero = t->at < t->end && *t->at == '0';
	if (zero)
		t->at++;
	else if (!digits_take(t))
		return false;
	if (t->at < t->end && *t->at == '.') {
		t->at++;
		if (!digits_take(t))
			return false;
	}
	if (t->at < t->end && (*t->at | 0x20) == 'e') {
		t->at++;
		t->at += t->at < t->end && (*t->at == '+' || *t->at == '-');
		return digits_take(t);
	}
	return true;
}

static bool word_take(struct text *t, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(t->end - t->at) < size || memcmp(t->at, word, size))
		return false;
	t->at += size;
	return true;
}

static bool value_take(struct text *t, unsigned int depth);

/* Of an object (close is '}') or an array, behind the bracket. */
static bool members_take(struct text *t, unsigned char close, unsigned int depth)
{
	bool first = true;

	if (depth > DEPTH_MAX)
		return false;
	while (t->at < t->end && *t->at != close) {
		if (!first && !word_take(t, ","))
			return false;
		if (close == '}' && (!string_take(t) || !word_take(t, ":")))
			return false;
		if (!value_take(t, depth + 1))
			return false;
		first = false;
	}
	return t->at < t->end && *t->at++ == close;
}

static bool value_take(struct text *t, unsigned int depth)
{
	if (t->at == t->end)
		return false;
	switch (*t->at) {
	case '{':
	case '[':
		t->at++;
		return members_take(t, t->at[-1] == '{' ? '}' : ']', depth);
	case '"':
		return string_take(t);
	case 't':
		return word_take(t, "true");
	case 'f':
		return word_take(t, "false");
	case 'n':
		return word_take(t, "null");
	}
	return number_take(t);
}

/* One object without any space between its parts, as the sensor writes it. */
static bool is_event(const char *line, size_t size)
{
	struct text t = { (const unsigned char *)line, (const unsigned char *)line + size };

	return size && *line == '{' && value_take(&t, 0) && t.at == t.end;
}

/* ---- lines ------------------------------------------------------------ */

static bool is_wanted(const char *line, size_t size)
{
	size_t i;

	if (reader.every && reader.lines % reader.every == 0)
		return true;
	for (i = 0; i < reader.keep_count; i++)
		if (memmem(line, size, reader.keep[i], strlen(reader.keep[i])))
			return true;
	return false;
}

/* Behind its first occurrence; a quote within a text would have a backslash before it. */
static bool number_find(const char *line, size_t size, const char *key, unsigned long long *ret)
{
	const char *at = memmem(line, size, key, strlen(key));

	if (at)
		*ret = strtoull(at + strlen(key), NULL, 10); /* a digit, or what ends it, follows */
	return at;
}

/* What is missing between the events of one CPU was lost. */
static void sequence_follow(const char *line, size_t size)
{
	unsigned long long sequence, cpu;

	if (!number_find(line, size, "\"sequence\":", &sequence) ||
	    !number_find(line, size, "\"sextant\":{\"cpu\":", &cpu) || cpu >= CPUS_MAX)
		return;
	if (reader.next[cpu] && sequence > reader.next[cpu])
		reader.gaps += sequence - reader.next[cpu];
	if (sequence < reader.next[cpu])
		reader.backwards++;
	else
		reader.next[cpu] = sequence + 1;
}

static void line_take(const char *line, size_t size)
{
	reader.lines++;
	reader.bytes += size + 1;
	if (size > reader.longest)
		reader.longest = size;
	if (!is_event(line, size)) {
		reader.bad++;
		fprintf(stderr, "read: line %llu of %zu bytes is no JSON: %.*s\n", reader.lines,
		        size, size > 300 ? 300 : (int)size, line);
		return;
	}
	sequence_follow(line, size);
	if (is_wanted(line, size)) {
		fwrite(line, 1, size, stdout);
		putchar('\n');
		fflush(stdout);
	}
}

/* Takes the whole lines of the buffer; returns what is left of it, moved to its front. */
static size_t lines_take(char *buffer, size_t size)
{
	char *at = buffer, *end;

	while ((end = memchr(at, '\n', buffer + size - at))) {
		line_take(at, end - at);
		at = end + 1;
	}
	memmove(buffer, at, buffer + size - at);
	return buffer + size - at;
}

static bool reader_options(int argc, char **argv)
{
	for (; argc > 1; argc -= 2, argv += 2) {
		if (!strcmp(argv[0], "--every"))
			reader.every = strtoull(argv[1], NULL, 10);
		else if (!strcmp(argv[0], "--keep") && reader.keep_count < KEEP_MAX)
			reader.keep[reader.keep_count++] = argv[1];
		else
			return false;
	}
	return !argc;
}

int read_lines(int argc, char **argv)
{
	char *buffer = malloc(LINE_MAX_BYTES);
	size_t size = 0;
	ssize_t n;

	if (!buffer || !reader_options(argc, argv)) {
		fputs("read: only --every N and --keep TEXT\n", stderr);
		return -1;
	}
	while ((n = read(STDIN_FILENO, buffer + size, LINE_MAX_BYTES - size)) > 0)
		size = lines_take(buffer, size + n);
	if (size)
		line_take(buffer, size), reader.bad++; /* half a line, or one without an end */
	fprintf(stderr,
	        "read: %llu lines, %llu bytes, %llu bad, %llu raw controls, %llu missing by "
	        "sequence, "
	        "%llu out of order, longest %zu\n",
	        reader.lines, reader.bytes, reader.bad, reader.controls, reader.gaps,
	        reader.backwards, reader.longest);
	free(buffer);
	return n < 0 || reader.bad ? -1 : 0;
}

/* Each line with the time at which it came in before it, in seconds. */
int stamp_lines(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	while ((size = getline(&line, &room, stdin)) > 0) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		printf("%lld.%03ld ", (long long)now.tv_sec, now.tv_nsec / 1000000);
		fwrite(line, 1, size, stdout);
		fflush(stdout);
	}
	free(line);
	return 0;
}
