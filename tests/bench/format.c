/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What it costs to write one exec event, as JSON, as text and as records of audit: with ordinary
 * arguments, and with some 31 KB of what is worst to escape.
 *
 * make build/tests/format && build/tests/format
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "loader/audit/audit_form.h"
#include "loader/event/format.h"

#define ROUNDS     20
#define LONG_BYTES 31000

static struct event ev;
static char argv[ARGV_BYTES_MAX];

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void text_set(enum event_text text, const char *value)
{
	ev.texts[text].size = strlen(value);
	memcpy(ev.texts[text].text, value, ev.texts[text].size);
}

/* pattern, again and again, as one argument behind the program's name; none: "-l". */
static void arguments_set(const char *pattern)
{
	size_t size = strlen(pattern), at = sizeof("/usr/bin/ls");

	memcpy(argv, "/usr/bin/ls", at);
	if (!size) {
		memcpy(argv + at, "-l", 3);
		at += 3;
	}
	while (size && at + size < LONG_BYTES) {
		memcpy(argv + at, pattern, size);
		at += size;
	}
	if (size)
		argv[at++] = '\0';
	ev.exec.argv_size = ev.exec.argv_total = at;
}

/* The best of some rounds, in ns an event: other work only makes it longer. */
static double measure(struct format *f, const struct line_form *form, unsigned int count)
{
	double best = 1e9;
	unsigned int round, i;

	for (round = 0; round < ROUNDS; round++) {
		double begin = seconds(), each;

		for (i = 0; i < count; i++)
			form->event(f, &ev);
		each = (seconds() - begin) * 1e9 / count;
		if (each < best)
			best = each;
	}
	return best;
}

int main(void)
{
	static const struct {
		const char *what, *pattern;
		unsigned int count;
	} all[] = {
		{ "ls -l", "", 2000 },
		{ "31 KB of letters", "abcdefgh", 50 },
		{ "31 KB of control bytes", "\x01", 50 },
		{ "31 KB that are no UTF-8", "\xff", 50 },
		{ "31 KB of C1 controls", "\xc2\x9b", 50 },
		{ "31 KB of blanks and quotes", " '", 50 },
	};
	static const struct {
		const char *name;
		const struct line_form *form;
	} forms[] = { { "JSON", &form_json }, { "text", &form_text }, { "audit", &form_audit } };
	static const struct host host = { .name = "host",
		                          .boot_id = "01234567-0000-0000-0000-000000000000" };
	static struct format f = { .host = &host, .env = "" };
	size_t i, j;

	ev.header.type = EVENT_EXEC;
	ev.argv = argv;
	ev.env = "";
	text_set(TEXT_FILENAME, "/usr/bin/ls");
	text_set(TEXT_ROOT, "/");
	text_set(TEXT_CGROUP, "/user.slice/user-0.slice/session-1.scope");
	text_set(TEXT_CGROUP_V1, "/");
	text_set(TEXT_EXE, "/usr/bin/ls");
	text_set(TEXT_CWD, "/root");
	jsonw_init(&f.json);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		arguments_set(all[i].pattern);
		printf("%-28s", all[i].what);
		for (j = 0; j < sizeof(forms) / sizeof(forms[0]); j++) {
			double ns = measure(&f, forms[j].form, all[i].count);

			printf(" %s %8.0f ns, %6zu bytes;", forms[j].name, ns, f.json.size);
		}
		printf("\n");
	}
	jsonw_deinit(&f.json);
	return 0;
}
