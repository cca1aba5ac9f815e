/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernels.db as text that a person can review in a diff:
 *
 *	kernel<TAB>release=3.10.0-1160.el7.x86_64<TAB>machine=x86_64<TAB>...
 *	member<TAB>task_struct<TAB>pid<TAB>1188<TAB>4[<TAB>bit offset<TAB>bit size]
 *
 * A stanza is the kernels that share one layout, then the layout; an empty
 * line ends it. '#' begins a comment line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/kernel.h"
#include "offsets/util/cleanup.h"

#define STANZA_KERNELS_MAX 4096
#define LINE_MAX_BYTES     32768 /* all keys at their longest */
#define WORDS_MAX          (KERNEL_KEYS + 2)

struct import {
	offsets_text_fn kernel;
	void *arg;
	const char *name; /* of the text, for messages */
	size_t line;
	struct offsets_kernel *kernels[STANZA_KERNELS_MAX];
	size_t kernel_count;
	struct offsets_kernel *facts; /* of the stanza */
	size_t kernel_total;          /* kernels of the whole text so far */
	struct offsets_error *error;
};

static int import_fail(struct import *im, const char *cause)
{
	return offsets_fail(im->error, -EBADMSG, "%s:%zu: %s; nothing was imported", im->name,
	                    im->line, cause);
}

static void stanza_drop(struct import *im)
{
	while (im->kernel_count)
		offsets_kernel_free(im->kernels[--im->kernel_count]);
	offsets_kernel_free(im->facts);
	im->facts = NULL;
}

static int facts_unique(struct import *im)
{
	size_t i;

	offsets_kernel_sort(im->facts);
	for (i = 1; i < offsets_kernel_count(im->facts); i++) {
		const struct offsets_fact *a = offsets_kernel_fact_at(im->facts, i - 1);
		const struct offsets_fact *b = offsets_kernel_fact_at(im->facts, i);

		if (!strcmp(a->type, b->type) && !strcmp(a->member, b->member))
			return import_fail(im, "the stanza above has a member twice");
	}
	return 0;
}

static int stanza_end(struct import *im)
{
	size_t i;
	int err;

	if (!im->kernel_count && !im->facts)
		return 0;
	if (!im->kernel_count || !im->facts)
		return import_fail(im, "a stanza needs kernel and member lines");
	err = facts_unique(im);
	for (i = 0; !err && i < im->kernel_count; i++) {
		err = offsets_kernel_copy_facts(im->kernels[i], im->facts);
		if (err)
			return offsets_fail(im->error, err, "%s: out of memory", im->name);
		err = im->kernel(im->kernels[i], im->arg, im->error);
		im->kernel_total++;
		offsets_kernel_clear(im->kernels[i]); /* a stanza may have many, with many facts */
	}
	stanza_drop(im);
	return err;
}

static int parse_key(struct import *im, struct offsets_kernel *kernel, char *word)
{
	char *value = strchr(word, '=');
	int key, err;

	if (!value)
		return import_fail(im, "a kernel line consists of key=value");
	*value++ = '\0';
	for (key = 0; offsets_key_name(key); key++)
		if (!strcmp(word, offsets_key_name(key)))
			break;
	if (key == KERNEL_KEYS)
		return import_fail(im, "unknown key in a kernel line");
	if (offsets_kernel_key(kernel, key))
		return import_fail(im, "a key occurs twice in a kernel line");
	err = offsets_kernel_set(kernel, key, value);
	return err == -EINVAL ? import_fail(im, "a value is empty, too long or malformed") : err;
}

static int parse_kernel(struct import *im, char **words, size_t count)
{
	struct offsets_kernel *kernel;
	size_t i;
	int err = 0;

	if (im->facts)
		return import_fail(im, "a kernel line follows member lines of its stanza");
	if (im->kernel_count == STANZA_KERNELS_MAX)
		return import_fail(im, "too many kernels in a stanza");
	kernel = offsets_kernel_new();
	if (!kernel)
		return offsets_fail(im->error, -ENOMEM, "%s: out of memory", im->name);
	im->kernels[im->kernel_count++] = kernel;
	for (i = 0; !err && i < count; i++)
		err = parse_key(im, kernel, words[i]);
	if (!err && (!offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE) ||
	             !offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE)))
		err = import_fail(im, "a kernel line needs release= and machine=");
	return err;
}

static bool parse_number(const char *word, uint32_t *ret)
{
	char *end;
	unsigned long n;

	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	n = strtoul(word, &end, 10);
	if (errno || *end || n > UINT32_MAX)
		return false;
	*ret = n;
	return true;
}

static int parse_member(struct import *im, char **words, size_t count)
{
	struct offsets_fact fact = { 0 };
	uint32_t *numbers[] = { &fact.offset, &fact.size, &fact.bit_offset, &fact.bit_size };
	size_t i;
	int err;

	if (count != 4 && count != 6)
		return import_fail(im, "a member line has a struct, a member and 2 or 4 numbers");
	for (i = 2; i < count; i++)
		if (!parse_number(words[i], numbers[i - 2]))
			return import_fail(im, "invalid number in a member line");
	fact.type = words[0];
	fact.member = words[1];
	if (!im->facts)
		im->facts = offsets_kernel_new();
	err = im->facts ? offsets_kernel_add_fact(im->facts, &fact) : -ENOMEM;
	if (err == -EINVAL)
		return import_fail(im, "invalid member line");
	return err ? offsets_fail(im->error, err, "%s: out of memory", im->name) : 0;
}

static int parse_line(struct import *im, char *line)
{
	char *words[WORDS_MAX], *word;
	size_t count = 0;

	if (!*line)
		return stanza_end(im);
	if (*line == '#')
		return 0;
	while ((word = strsep(&line, "\t"))) {
		if (count == WORDS_MAX)
			return import_fail(im, "too many words");
		words[count++] = word;
	}
	if (!strcmp(words[0], "kernel"))
		return parse_kernel(im, words + 1, count - 1);
	if (!strcmp(words[0], "member"))
		return parse_member(im, words + 1, count - 1);
	return import_fail(im, "neither a kernel nor a member line");
}

/* 1: a line, without its newline. 0: end of the text. */
static int line_read(struct import *im, FILE *in, char *line)
{
	size_t size = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		im->line += !size;
		if (!c)
			return import_fail(im, "a NUL byte");
		if (size == LINE_MAX_BYTES)
			return import_fail(im, "the line is too long");
		line[size++] = c;
	}
	line[size] = '\0';
	im->line += c == '\n' && !size;
	if (c == EOF && ferror(in))
		return offsets_fail(im->error, -EIO, "%s: %s", im->name, strerror(errno));
	return c != EOF || size;
}

int offsets_text_read(FILE *in, const char *name, offsets_text_fn fn, void *arg,
                      struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct import *im = calloc(1, sizeof(*im));
	CLEANUP(cleanup_free) char *line = malloc(LINE_MAX_BYTES + 1);
	int err;

	if (!im || !line)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", name);
	im->kernel = fn;
	im->arg = arg;
	im->name = name;
	im->error = error;
	while ((err = line_read(im, in, line)) == 1) {
		err = parse_line(im, line);
		if (err)
			break;
	}
	if (!err)
		err = stanza_end(im);
	if (!err && !im->kernel_total)
		err = import_fail(im, "no kernel in it");
	stanza_drop(im);
	return err;
}

struct import_into {
	struct offsets *db;
	size_t count;
};

static int import_kernel(struct offsets_kernel *kernel, void *arg, struct offsets_error *error)
{
	struct import_into *into = arg;
	enum offsets_change change;

	into->count++;
	return offsets_add(into->db, kernel, &change, error);
}

int offsets_import(struct offsets *db, FILE *in, const char *name, size_t *ret_count,
                   struct offsets_error *error)
{
	struct import_into into = { .db = db };
	int err = offsets_text_read(in, name, import_kernel, &into, error);

	if (!err)
		*ret_count = into.count;
	return err;
}
