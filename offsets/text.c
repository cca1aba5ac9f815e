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

#include "cleanup.h"
#include "offsets.h"

/* ---- import ----------------------------------------------------------- */

#define STANZA_KERNELS_MAX 4096
#define WORDS_MAX          (ROW_KEYS + 2)

struct import {
	offsets_text_fn row;
	void *arg;
	const char *name; /* of the text, for messages */
	size_t line;
	struct kernel_row *kernels[STANZA_KERNELS_MAX];
	size_t kernel_count;
	struct kernel_row *facts; /* of the stanza */
	size_t row_count;         /* rows added so far */
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
		offsets_row_free(im->kernels[--im->kernel_count]);
	offsets_row_free(im->facts);
	im->facts = NULL;
}

static int facts_unique(struct import *im)
{
	size_t i;

	offsets_row_sort(im->facts);
	for (i = 1; i < im->facts->count; i++) {
		const struct fact *a = &im->facts->facts[i - 1], *b = a + 1;

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
		return import_fail(im, "a stanza needs kernels and members");
	err = facts_unique(im);
	for (i = 0; !err && i < im->kernel_count; i++) {
		err = offsets_row_copy_facts(im->kernels[i], im->facts);
		if (err)
			return offsets_fail(im->error, err, "%s: out of memory", im->name);
		err = im->row(im->kernels[i], im->arg, im->error);
		im->row_count++;
	}
	stanza_drop(im);
	return err;
}

static int parse_key(struct import *im, struct kernel_row *row, char *word)
{
	char *value = strchr(word, '=');
	int key, err;

	if (!value)
		return import_fail(im, "a kernel line is made of key=value");
	*value++ = '\0';
	for (key = 0; key < ROW_KEYS; key++)
		if (!strcmp(word, offsets_row_key_name(key)))
			break;
	if (key == ROW_KEYS)
		return import_fail(im, "unknown key in a kernel line");
	if (row->keys[key])
		return import_fail(im, "a key stands twice in a kernel line");
	err = offsets_row_set(row, key, value);
	return err == -EINVAL ? import_fail(im, "a value is empty, too long or malformed") : err;
}

static int parse_kernel(struct import *im, char **words, size_t count)
{
	struct kernel_row *row;
	size_t i;
	int err = 0;

	if (im->facts)
		return import_fail(im, "a kernel line stands after member lines of its stanza");
	if (im->kernel_count == STANZA_KERNELS_MAX)
		return import_fail(im, "too many kernels in a stanza");
	row = offsets_row_new();
	if (!row)
		return offsets_fail(im->error, -ENOMEM, "%s: out of memory", im->name);
	im->kernels[im->kernel_count++] = row;
	for (i = 0; !err && i < count; i++)
		err = parse_key(im, row, words[i]);
	if (!err && (!row->keys[ROW_RELEASE] || !row->keys[ROW_MACHINE]))
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
	struct fact fact = { 0 };
	uint32_t *numbers[] = { &fact.offset, &fact.size, &fact.bit_offset, &fact.bit_size };
	size_t i;
	int err;

	if (count != 4 && count != 6)
		return import_fail(im, "a member line has a struct, a member and 2 or 4 numbers");
	for (i = 2; i < count; i++)
		if (!parse_number(words[i], numbers[i - 2]))
			return import_fail(im, "not a number in a member line");
	fact.type = words[0];
	fact.member = words[1];
	if (!im->facts)
		im->facts = offsets_row_new();
	err = im->facts ? offsets_row_add_fact(im->facts, &fact) : -ENOMEM;
	if (err == -EINVAL)
		return import_fail(im, "an impossible member line");
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

int offsets_text_read(FILE *in, const char *name, offsets_text_fn fn, void *arg,
                      struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct import *im = calloc(1, sizeof(*im));
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0;
	ssize_t size;
	int err = 0;

	if (!im)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", name);
	im->row = fn;
	im->arg = arg;
	im->name = name;
	im->error = error;
	while (!err && (size = getline(&line, &room, in)) >= 0) {
		im->line++;
		if (line[size - 1] == '\n')
			line[--size] = '\0';
		if (strlen(line) != (size_t)size)
			err = import_fail(im, "a NUL byte");
		else
			err = parse_line(im, line);
	}
	if (!err && ferror(in))
		err = offsets_fail(error, -EIO, "%s: %s", name, strerror(errno));
	if (!err)
		err = stanza_end(im);
	if (!err && !im->row_count)
		err = import_fail(im, "no kernel in it");
	stanza_drop(im);
	return err;
}

struct import_into {
	struct offsets *db;
	size_t count;
};

static int import_row(struct kernel_row *row, void *arg, struct offsets_error *error)
{
	struct import_into *into = arg;
	enum offsets_change change;

	into->count++;
	return offsets_add(into->db, row, &change, error);
}

int offsets_import(struct offsets *db, FILE *in, const char *name, size_t *ret_count,
                   struct offsets_error *error)
{
	struct import_into into = { .db = db };
	int err = offsets_text_read(in, name, import_row, &into, error);

	if (!err)
		*ret_count = into.count;
	return err;
}

/* ---- export ----------------------------------------------------------- */

/* All rows in order; rows that share a layout are written with the first. */
struct export
{
	struct kernel_row **rows;
	size_t count, room;
};

static char *string_copy(const char *s)
{
	return s ? strdup(s) : NULL;
}

static int export_collect(const struct kernel_row *row, void *arg)
{
	struct export *ex = arg;
	struct kernel_row *copy;
	int key;

	if (ex->count == ex->room) {
		size_t room = ex->room ? ex->room * 2 : 64;
		struct kernel_row **rows = realloc(ex->rows, room * sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		ex->rows = rows;
		ex->room = room;
	}
	copy = offsets_row_new();
	if (!copy)
		return -ENOMEM;
	for (key = 0; key < ROW_KEYS; key++)
		copy->keys[key] = string_copy(row->keys[key]);
	ex->rows[ex->count++] = copy;
	return offsets_row_copy_facts(copy, row);
}

static void print_kernel(FILE *out, const struct kernel_row *row)
{
	int key;

	fputs("kernel", out);
	for (key = 0; key < ROW_KEYS; key++)
		if (row->keys[key])
			fprintf(out, "\t%s=%s", offsets_row_key_name(key), row->keys[key]);
	fputc('\n', out);
}

static void print_members(FILE *out, const struct kernel_row *row)
{
	size_t i;

	for (i = 0; i < row->count; i++) {
		const struct fact *f = &row->facts[i];

		fprintf(out, "member\t%s\t%s\t%u\t%u", f->type, f->member, f->offset, f->size);
		if (f->bit_size)
			fprintf(out, "\t%u\t%u", f->bit_offset, f->bit_size);
		fputc('\n', out);
	}
}

void offsets_row_write(const struct kernel_row *row, FILE *out)
{
	print_kernel(out, row);
	print_members(out, row);
	fputc('\n', out);
}

static void print_stanzas(FILE *out, struct export *ex)
{
	size_t i, j;

	for (i = 0; i < ex->count; i++) {
		if (!ex->rows[i])
			continue;
		if (i)
			fputc('\n', out);
		print_kernel(out, ex->rows[i]);
		for (j = i + 1; j < ex->count; j++) {
			if (!ex->rows[j] || !offsets_row_same_facts(ex->rows[i], ex->rows[j]))
				continue;
			print_kernel(out, ex->rows[j]);
			offsets_row_free(ex->rows[j]);
			ex->rows[j] = NULL;
		}
		print_members(out, ex->rows[i]);
	}
}

int offsets_export(struct offsets *db, FILE *out, struct offsets_error *error)
{
	struct export ex = { 0 };
	int err = offsets_each(db, NULL, export_collect, &ex, error);

	if (err == -ENOMEM)
		offsets_fail(error, err, "out of memory");
	if (!err) {
		print_stanzas(out, &ex);
		if (fflush(out) || ferror(out))
			err = offsets_fail(error, -EIO, "the text could not be written: %s",
			                   strerror(errno));
	}
	while (ex.count)
		offsets_row_free(ex.rows[--ex.count]);
	free(ex.rows);
	return err;
}
