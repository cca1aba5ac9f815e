/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings in a row that have one reason are one item of the sentence. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/bpf/findings.h"

void finding_set(struct finding *ret, const char *lacks, const char *name, const char *reason)
{
	ret->lacks = lacks;
	ret->name = name;
	snprintf(ret->reason, sizeof(ret->reason), "%.255s", reason);
}

void findings_add(struct findings *findings, const char *lacks, const char *name,
                  const char *reason)
{
	if (findings->count < FINDINGS_MAX)
		finding_set(&findings->list[findings->count++], lacks, name, reason);
}

/* A text of limited size; what does not fit is cut. */
struct text {
	char *at;
	size_t size, used;
};

static void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct text *text, const char *format, ...)
{
	va_list args;

	if (text->used >= text->size)
		return;
	va_start(args, format);
	text->used += vsnprintf(text->at + text->used, text->size - text->used, format, args);
	va_end(args);
}

/* Behind the last one of those that share the reason of the one at i. */
static size_t item_end(const struct findings *findings, size_t i)
{
	const char *reason = findings->list[i].reason;

	while (i < findings->count && !strcmp(findings->list[i].reason, reason))
		i++;
	return i;
}

static const char *word_name(const struct finding *finding)
{
	return finding->name;
}

static const char *word_lacks(const struct finding *finding)
{
	return finding->lacks;
}

/* A word of each with commas between them, and each word once. */
static void words_put(struct text *text, const struct findings *findings, size_t first, size_t end,
                      const char *(*word)(const struct finding *finding))
{
	size_t i, j;

	for (i = first; i < end; i++) {
		const char *one = word(&findings->list[i]);

		for (j = first; j < i && strcmp(word(&findings->list[j]), one); j++)
			continue;
		if (j == i)
			put(text, "%s%s", i == first ? "" : ", ", one);
	}
}

void findings_reasons(const struct findings *findings, char *ret, size_t size)
{
	struct text text = { ret, size, 0 };
	size_t i, end;

	ret[0] = '\0';
	for (i = 0; i < findings->count; i = end) {
		end = item_end(findings, i);
		put(&text, "%s", i ? "; " : "");
		words_put(&text, findings, i, end, word_name);
		put(&text, ": %s", findings->list[i].reason);
	}
}

void findings_lacks(const struct findings *findings, const char *first, char *ret, size_t size)
{
	struct text text = { ret, size, 0 };
	size_t i, end;

	ret[0] = '\0';
	if (first)
		put(&text, "%s", first);
	for (i = 0; i < findings->count; i = end) {
		end = item_end(findings, i);
		put(&text, "%s", text.used ? "; " : "");
		words_put(&text, findings, i, end, word_lacks);
		put(&text, " (");
		words_put(&text, findings, i, end, word_name);
		put(&text, ": %s)", findings->list[i].reason);
	}
}
