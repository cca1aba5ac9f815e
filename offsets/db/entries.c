/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the table "kernel". The file may be hostile: every value is checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/entries.h"
#include "offsets/db/layouts.h"

static int keys_read(struct offsets *o, sqlite3_stmt *st, struct offsets_kernel *kernel,
                     struct offsets_error *e)
{
	int key, err;

	for (key = 0; offsets_key_name(key); key++) {
		const char *text = (const char *)sqlite3_column_text(st, COLUMN_KEYS + key);

		if (!text || !*text)
			continue;
		err = offsets_kernel_set(kernel, key, text);
		if (err)
			return offsets_fail(e, err == -EINVAL ? -EBADMSG : err,
			                    "%s: damaged: a kernel has an invalid %s; rebuild it "
			                    "with 'make kernels.db'",
			                    o->path, offsets_key_name(key));
	}
	if (!offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE) ||
	    !offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE))
		return offsets_fail(e, -EBADMSG,
		                    "%s: damaged: a kernel without release or machine; rebuild it "
		                    "with 'make kernels.db'",
		                    o->path);
	return 0;
}

int entries_kernel_read(struct offsets *o, sqlite3_stmt *st, struct offsets_kernel **ret,
                        struct offsets_error *e)
{
	struct offsets_kernel *kernel = offsets_kernel_new();
	int err;

	if (!kernel)
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	err = keys_read(o, st, kernel, e);
	if (!err)
		err = layouts_read(o, sqlite3_column_int64(st, COLUMN_LAYOUT), kernel, e);
	if (err) {
		offsets_kernel_free(kernel);
		return err;
	}
	*ret = kernel;
	return 0;
}

/* ---- in order --------------------------------------------------------- */

void entries_free(struct entry *entries, size_t count)
{
	while (count)
		free(entries[--count].key);
	free(entries);
}

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->key ? x->key : "", y->key ? y->key : "");

	return c ? c : (x->id > y->id) - (x->id < y->id);
}

struct entries {
	struct entry *list;
	size_t count;
};

static int entry_add(struct offsets *o, sqlite3_stmt *st, struct entries *entries,
                     struct offsets_error *e)
{
	const char *key = (const char *)sqlite3_column_text(st, 2);
	struct entry *list = entries->list, *kernel;
	int err =
		store_charge(o, WORK_ENTRY + (key ? WORK_ENTRY_BYTE * (int64_t)strlen(key) : 0), e);

	if (err)
		return err;
	if ((entries->count & (entries->count - 1)) == 0)
		list = realloc(list, (entries->count ? 2 * entries->count : 1) * sizeof(*list));
	if (!list)
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	entries->list = list;
	kernel = &list[entries->count];
	*kernel = (struct entry){ sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		                  key ? strdup(key) : NULL };
	if (key && !kernel->key)
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	entries->count++;
	return 0;
}

int entries_collect(struct offsets *o, sqlite3_stmt *st, struct entry **ret, size_t *ret_count,
                    struct offsets_error *e)
{
	struct entries entries = { NULL, 0 };
	int err;

	while ((err = store_step(o, st, e)) == 1) {
		err = entry_add(o, st, &entries, e);
		if (err)
			break;
	}
	if (err) {
		entries_free(entries.list, entries.count);
		return err;
	}
	if (entries.count)
		qsort(entries.list, entries.count, sizeof(*entries.list), by_key);
	*ret = entries.list;
	*ret_count = entries.count;
	return 0;
}

int entries_kernel_by_id(struct offsets *o, sqlite3_int64 id, struct offsets_kernel **ret,
                         struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_by_id(o, &st, SELECT_KERNEL "WHERE id = ?1", id, e);

	if (err < 0)
		return err;
	if (!err)
		return offsets_fail(e, -EBADMSG,
		                    "%s: damaged: an index refers to a missing entry; rebuild it "
		                    "with 'make kernels.db'",
		                    o->path);
	return entries_kernel_read(o, st, ret, e);
}

/* char(1) ends each word: no word has a lower character, so keys sort as their columns would. */
#define KEY(column) " || ifnull(" column ", '') || char(1)"

int entries_sorted(struct offsets *o, const char *release, struct entry **ret, size_t *ret_count,
                   struct offsets_error *e)
{
	static const char sql[] = "SELECT id, layout, ''" KEY("release") KEY(WORD("module"))
		KEY(WORD("machine")) KEY("version") KEY("lower(hex(build_id))")
			KEY(WORD("source")) " FROM kernel WHERE ?1 IS NULL OR release = ?1";
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, sql, e);

	if (err)
		return err;
	sqlite3_bind_text(st, 1, release, -1, SQLITE_STATIC);
	return entries_collect(o, st, ret, ret_count, e);
}
