/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "offsets/util/escape.h"
#include "loader/bpf/verdict.h"
#include "loader/util/log.h"

static bool verbose;
static char cause[256];
static bool cause_is_verifier;

void verdict_reset(void)
{
	cause[0] = '\0';
	cause_is_verifier = false;
}

const char *verdict_cause(void)
{
	return cause;
}

/* The verifier's log ends with its complaint, then "processed N insns". */
static void cause_from_log(char *log)
{
	char *line, *save = NULL;

	for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "processed ", 10) || strstr(line, "-- END PROG LOAD LOG --"))
			break;
		escape_text(line, strlen(line), cause, sizeof(cause));
	}
	cause_is_verifier = true;
}

static void cause_note(char *text)
{
	if (strstr(text, "-- BEGIN PROG LOAD LOG --"))
		cause_from_log(text);
	else if (!cause_is_verifier && !*cause)
		escape_text(text, strcspn(text, "\n"), cause, sizeof(cause));
}

static int libbpf_message(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text = NULL;

	if ((level != LIBBPF_WARN && !verbose) || vasprintf(&text, format, args) < 0)
		return 0;
	if (verbose)
		log_text(LEVEL_DEBUG, text);
	if (level == LIBBPF_WARN)
		cause_note(text); /* which cuts the text into lines */
	free(text);
	return 0;
}

void verdict_init(bool is_verbose)
{
	verbose = is_verbose;
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(libbpf_message);
}

unsigned int verdict_walked(const char *log)
{
	const char *at = strstr(log, "processed "), *last = NULL;
	unsigned int walked = 0;

	for (; at; at = strstr(at + 1, "processed "))
		last = at;
	if (last)
		sscanf(last, "processed %u insns", &walked);
	return walked;
}
