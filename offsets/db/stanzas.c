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

#include "offsets/db/store.h"

/* ---- import ----------------------------------------------------------- */

#define STANZA_KERNELS_MAX 4096
#define LINE_MAX_BYTES     32768 /* all keys at their longest */
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
		offsets_row_clear(im->kernels[i]); /* a stanza may have many, with many facts */
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

/* 1: a line without its end, 0: no more. */
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
	im->row = fn;
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

/* Rows that share a layout are written with the first of them. */
struct export
{
	struct offsets *db;
	FILE *out;
	struct row_at *rows; /* in order; the key of one that is written is NULL */
	size_t count;
	size_t *by_layout; /* indices of rows, by layout, then in order */
	struct offsets_error *error;
};

static int by_layout(const void *a, const void *b, void *arg)
{
	const struct row_at *rows = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (rows[x].layout != rows[y].layout)
		return rows[x].layout < rows[y].layout ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int groups_make(struct export *ex)
{
	size_t i;

	ex->by_layout = calloc(ex->count ? ex->count : 1, sizeof(*ex->by_layout));
	if (!ex->by_layout)
		return offsets_fail(ex->error, -ENOMEM, "out of memory");
	for (i = 0; i < ex->count; i++)
		ex->by_layout[i] = i;
	qsort_r(ex->by_layout, ex->count, sizeof(*ex->by_layout), by_layout, ex->rows);
	return 0;
}

/* The first of a layout in by_layout. */
static size_t group_find(const struct export *ex, sqlite3_int64 layout)
{
	size_t low = 0, high = ex->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ex->rows[ex->by_layout[middle]].layout < layout)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int print_row(struct export *ex, struct row_at *at, bool members)
{
	struct kernel_row *row;
	int err = store_row_by_id(ex->db, at->id, &row, ex->error);

	if (err)
		return err;
	if (members)
		print_members(ex->out, row);
	else
		print_kernel(ex->out, row);
	offsets_row_free(row);
	return 0;
}

static int print_stanza(struct export *ex, size_t first)
{
	sqlite3_int64 layout = ex->rows[first].layout;
	size_t i;
	int err = 0;

	for (i = group_find(ex, layout); !err && i < ex->count; i++) {
		struct row_at *at = &ex->rows[ex->by_layout[i]];

		if (at->layout != layout)
			break;
		err = print_row(ex, at, false);
		free(at->key);
		at->key = NULL;
	}
	return err ? err : print_row(ex, &ex->rows[first], true);
}

static int print_stanzas(struct export *ex)
{
	size_t i;
	int err = groups_make(ex);

	for (i = 0; !err && i < ex->count; i++) {
		if (!ex->rows[i].key)
			continue;
		if (i)
			fputc('\n', ex->out);
		err = print_stanza(ex, i);
	}
	free(ex->by_layout);
	return err;
}

int offsets_export(struct offsets *db, FILE *out, struct offsets_error *error)
{
	struct export ex = { .db = db, .out = out, .error = error };
	int err;

	store_work_whole(db);
	err = store_rows_sorted(db, NULL, &ex.rows, &ex.count, error);
	if (!err)
		err = print_stanzas(&ex);
	if (!err && (fflush(out) || ferror(out)))
		err = offsets_fail(error, -EIO, "the text could not be written: %s",
		                   strerror(errno));
	store_rows_free(ex.rows, ex.count);
	return err;
}
