/* SPDX-License-Identifier: BSD-2-Clause */
/* kernels.db as text; import.c has the grammar. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/entries.h"

static void print_kernel(FILE *out, const struct offsets_kernel *kernel)
{
	int key;

	fputs("kernel", out);
	for (key = 0; offsets_key_name(key); key++)
		if (offsets_kernel_key(kernel, key))
			fprintf(out, "\t%s=%s", offsets_key_name(key),
			        offsets_kernel_key(kernel, key));
	fputc('\n', out);
}

static void print_members(FILE *out, const struct offsets_kernel *kernel)
{
	size_t i;

	for (i = 0; i < offsets_kernel_count(kernel); i++) {
		const struct offsets_fact *f = offsets_kernel_fact_at(kernel, i);

		fprintf(out, "member\t%s\t%s\t%u\t%u", f->type, f->member, f->offset, f->size);
		if (f->bit_size)
			fprintf(out, "\t%u\t%u", f->bit_offset, f->bit_size);
		fputc('\n', out);
	}
}

void offsets_kernel_write(const struct offsets_kernel *kernel, FILE *out)
{
	print_kernel(out, kernel);
	print_members(out, kernel);
	fputc('\n', out);
}

/* Kernels that share a layout are written in the stanza of the first one. */
struct export
{
	struct offsets *db;
	FILE *out;
	struct entry *entries; /* sorted; key is NULL once the entry is written */
	size_t count;
	size_t *by_layout; /* indices of entries, by layout, then in order */
	struct offsets_error *error;
};

static int by_layout(const void *a, const void *b, void *arg)
{
	const struct entry *entries = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (entries[x].layout != entries[y].layout)
		return entries[x].layout < entries[y].layout ? -1 : 1;
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
	qsort_r(ex->by_layout, ex->count, sizeof(*ex->by_layout), by_layout, ex->entries);
	return 0;
}

/* The index in by_layout of the first entry with that layout. */
static size_t group_find(const struct export *ex, sqlite3_int64 layout)
{
	size_t low = 0, high = ex->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ex->entries[ex->by_layout[middle]].layout < layout)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int print_entry(struct export *ex, struct entry *at, bool members)
{
	struct offsets_kernel *kernel;
	int err = entries_kernel_by_id(ex->db, at->id, &kernel, ex->error);

	if (err)
		return err;
	if (members)
		print_members(ex->out, kernel);
	else
		print_kernel(ex->out, kernel);
	offsets_kernel_free(kernel);
	return 0;
}

static int print_stanza(struct export *ex, size_t first)
{
	sqlite3_int64 layout = ex->entries[first].layout;
	size_t i;
	int err = 0;

	for (i = group_find(ex, layout); !err && i < ex->count; i++) {
		struct entry *at = &ex->entries[ex->by_layout[i]];

		if (at->layout != layout)
			break;
		err = print_entry(ex, at, false);
		free(at->key);
		at->key = NULL;
	}
	return err ? err : print_entry(ex, &ex->entries[first], true);
}

static int print_stanzas(struct export *ex)
{
	size_t i;
	int err = groups_make(ex);

	for (i = 0; !err && i < ex->count; i++) {
		if (!ex->entries[i].key)
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
	err = entries_sorted(db, NULL, &ex.entries, &ex.count, error);
	if (!err)
		err = print_stanzas(&ex);
	if (!err && (fflush(out) || ferror(out)))
		err = offsets_fail(error, -EIO, "the text could not be written: %s",
		                   strerror(errno));
	entries_free(ex.entries, ex.count);
	return err;
}
