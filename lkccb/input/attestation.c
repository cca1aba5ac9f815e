/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer of the process is lines: "subject SHA256" and "input SHA256" in any order,
 * then "end"; or "failed", and a line that says why.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "lkccb/input/attestation.h"
#include "lkccb/io/digest.h"
#include "lkccb/io/jsonread.h"
#include "offsets/util/cleanup.h"

#define TOKEN_MAX ((size_t)1 << 20)
#define DEPTH_MAX 32
#define KEY_MAX   64
#define DIGESTS   1000000 /* of subjects, and of inputs */

/* ---- in the process ------------------------------------------------------ */

/* What the process gets. */
struct source {
	const char *path;
	const void *data;
	size_t size;
};

struct statement {
	struct jsonread json;
	const char *path;
	const void *data;
	size_t size;
	FILE *lines;
	char keys[DEPTH_MAX][KEY_MAX]; /* of each object and array that is open, "" in an array */
	bool arrays[DEPTH_MAX];
	unsigned int depth;
	bool has_type, has_predicate;
	size_t subjects, inputs;
	struct offsets_error error;
};

/* Ends the parsing. */
static int bad(struct statement *s, const char *why)
{
	offsets_fail(&s->error, -EBADMSG, "%s: %s; give a statement of 'lkccb add --provenance'",
	             s->path, why);
	return 0;
}

static int out_of_depth(struct statement *s)
{
	return bad(s, "objects are nested too deeply");
}

/* Is the value at hand the one of these keys, from the outermost on? Arrays have none. */
static bool is_at(const struct statement *s, const char *path)
{
	char at[DEPTH_MAX * (KEY_MAX + 1)] = "";
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < s->depth; i++)
		if (s->arrays[i])
			n += snprintf(at + n, sizeof(at) - n, "[]");
		else
			n += snprintf(at + n, sizeof(at) - n, ".%s", s->keys[i]);
	return !strcmp(at, path);
}

static bool equals(const void *text, size_t size, const char *word)
{
	return strlen(word) == size && !memcmp(text, word, size);
}

/* What a statement has once. */
static int word_take(struct statement *s, bool *seen, const void *text, size_t size,
                     const char *word, const char *why)
{
	if (*seen || !equals(text, size, word))
		return bad(s, why);
	*seen = true;
	return 1;
}

static int digest_take(struct statement *s, const char *what, size_t *count, const void *text,
                       size_t size)
{
	char hex[SHA256_HEX + 1] = "";

	if (size == SHA256_HEX)
		memcpy(hex, text, size);
	if (strlen(hex) != SHA256_HEX || !digest_valid(hex))
		return bad(s, "a sha256 is not 64 lower-case hexadecimal digits");
	if (++*count > DIGESTS)
		return bad(s, "more than a million digests");
	fprintf(s->lines, "%s %s\n", what, hex);
	return 1;
}

static int on_string(void *arg, const unsigned char *text, size_t size)
{
	struct statement *s = arg;

	jsonread_said(&s->json);
	if (is_at(s, "._type"))
		return word_take(s, &s->has_type, text, size, ATTESTATION_TYPE,
		                 "it is no in-toto Statement v1");
	if (is_at(s, ".predicateType"))
		return word_take(s, &s->has_predicate, text, size, ATTESTATION_PREDICATE,
		                 "its predicate is not SLSA Provenance v1");
	if (is_at(s, ".subject[].digest.sha256"))
		return digest_take(s, "subject", &s->subjects, text, size);
	if (is_at(s, ".predicate.buildDefinition.resolvedDependencies[].digest.sha256"))
		return digest_take(s, "input", &s->inputs, text, size);
	return 1;
}

static int on_other(struct statement *s)
{
	jsonread_said(&s->json);
	return s->depth ? 1 : bad(s, "it does not begin with {");
}

static int on_null(void *arg)
{
	return on_other(arg);
}

static int on_boolean(void *arg, int value)
{
	(void)value;
	return on_other(arg);
}

static int on_number(void *arg, const char *text, size_t size)
{
	(void)text, (void)size;
	return on_other(arg);
}

static int deeper(struct statement *s, bool is_array)
{
	jsonread_said(&s->json);
	if (s->depth == DEPTH_MAX)
		return out_of_depth(s);
	s->arrays[s->depth] = is_array;
	s->keys[s->depth++][0] = '\0';
	return 1;
}

static int on_object(void *arg)
{
	return deeper(arg, false);
}

static int on_array(void *arg)
{
	struct statement *s = arg;

	return s->depth ? deeper(s, true) : bad(s, "it does not begin with {");
}

static int on_end(void *arg)
{
	struct statement *s = arg;

	jsonread_said(&s->json);
	s->depth--;
	return 1;
}

/* A key that is longer, or has a NUL or a dot or bracket, is none that is_at() knows. */
static int on_key(void *arg, const unsigned char *key, size_t size)
{
	struct statement *s = arg;
	char *at = s->keys[s->depth - 1];

	jsonread_said(&s->json);
	if (size >= KEY_MAX || memchr(key, '\0', size) || memchr(key, '.', size) ||
	    memchr(key, '[', size)) {
		strcpy(at, "?");
		return 1;
	}
	memcpy(at, key, size);
	at[size] = '\0';
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

static int parse(struct statement *s)
{
	struct offsets_error why = { "out of memory" };
	int err = jsonread_init(&s->json, &callbacks, s, ATTESTATION_BYTES_MAX, TOKEN_MAX);

	if (!err)
		err = jsonread_whole(&s->json, s->data, s->size, &why);
	if (err && err != -ECANCELED)
		bad(s, why.text);
	jsonread_deinit(&s->json);
	if (!err && !s->has_type)
		bad(s, "it is no in-toto Statement v1");
	else if (!err && !s->has_predicate)
		bad(s, "its predicate is not SLSA Provenance v1");
	else if (!err && !s->subjects)
		bad(s, "it has no subject with a sha256");
	return *s->error.text ? -EBADMSG : 0;
}

int attestation_parse(const char *path, const void *data, size_t size, FILE *lines,
                      struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct statement *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	s->path = path;
	s->data = data;
	s->size = size;
	s->lines = lines;
	err = parse(s);
	if (err)
		*error = s->error;
	return err;
}

static void statement_work(void *arg, FILE *answer)
{
	struct offsets_error error = { "out of memory" };
	CLEANUP(cleanup_free) char *text = NULL;
	const struct source *source = arg;
	size_t size = 0;
	FILE *lines = open_memstream(&text, &size);
	int err = lines ? attestation_parse(source->path, source->data, source->size, lines, &error)
	                : -ENOMEM;

	if (lines && fclose(lines) && !err)
		err = -ENOMEM;
	if (err)
		fprintf(answer, "failed\n%s", error.text);
	else
		fprintf(answer, "%send\n", text);
}

static int statement_open(void *arg, struct isolate_opened *ret, struct offsets_error *error)
{
	(void)arg, (void)ret, (void)error;
	return 0;
}

/* ---- outside -------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void list_sort(char (*list)[65], size_t *count)
{
	size_t i, kept = 0;

	if (!*count)
		return;
	qsort(list, *count, sizeof(*list), compare);
	for (i = 1; i < *count; i++)
		if (strcmp(list[kept], list[i]))
			memmove(list[++kept], list[i], sizeof(*list));
	*count = kept + 1;
}

static bool digest_line(const char *line, const char *what, char (*list)[65], size_t *count)
{
	size_t size = strlen(what);

	if (strncmp(line, what, size) || strlen(line + size) != SHA256_HEX ||
	    !digest_valid(line + size))
		return false;
	strcpy(list[(*count)++], line + size);
	return true;
}

static size_t lines_count(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* False: not what statement_work() prints. */
static bool answer_take(char *text, struct attestation *ret)
{
	char *line;

	while ((line = strsep(&text, "\n")) && strcmp(line, "end"))
		if (!digest_line(line, "subject ", ret->subjects, &ret->subject_count) &&
		    !digest_line(line, "input ", ret->inputs, &ret->input_count))
			return false;
	return line && ret->subject_count;
}

static int answer_read(const char *path, const char *text, struct attestation *ret,
                       struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *copy = strdup(text);
	size_t lines = lines_count(text);

	ret->subjects = calloc(lines + 1, sizeof(*ret->subjects));
	ret->inputs = calloc(lines + 1, sizeof(*ret->inputs));
	if (!copy || !ret->subjects || !ret->inputs)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	if (!answer_take(copy, ret))
		return offsets_fail(error, -EBADMSG,
		                    "%s: the process that read it gave a wrong answer", path);
	list_sort(ret->subjects, &ret->subject_count);
	list_sort(ret->inputs, &ret->input_count);
	return 0;
}

int attestation_read(const char *path, const void *data, size_t size,
                     const struct isolate_limits *limits, struct attestation *ret,
                     struct offsets_error *error)
{
	struct source source = { path, data, size };
	const struct isolate_job job = { path, statement_open, statement_work, &source };
	struct isolated process = { 0 };
	const char *text;
	size_t answer_size;
	int err;

	*ret = (struct attestation){ 0 };
	err = isolate_run(&process, &job, limits, &text, &answer_size, error);
	if (!err)
		err = answer_read(path, text, ret, error);
	isolate_free(&process);
	if (err)
		attestation_free(ret);
	return err;
}

void attestation_free(struct attestation *a)
{
	free(a->subjects);
	free(a->inputs);
	*a = (struct attestation){ 0 };
}
