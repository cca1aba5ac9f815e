/* SPDX-License-Identifier: BSD-2-Clause */
/* kernels.db: rows out of it. The file may be hostile: every value is checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/store.h"

static int keys_read(struct offsets *o, sqlite3_stmt *st, struct kernel_row *row,
                     struct offsets_error *e)
{
	int key, err;

	for (key = 0; key < ROW_KEYS; key++) {
		const char *text = (const char *)sqlite3_column_text(st, COLUMN_KEYS + key);

		if (!text || !*text)
			continue;
		err = offsets_row_set(row, key, text);
		if (err)
			return offsets_fail(
				e, err == -EINVAL ? -EBADMSG : err,
				"%s: damaged: a row has an impossible %s; rebuild it with "
				"'make kernels.db'",
				o->path, offsets_row_key_name(key));
	}
	if (!row->keys[ROW_RELEASE] || !row->keys[ROW_MACHINE])
		return offsets_fail(
			e, -EBADMSG,
			"%s: damaged: a row without release or machine; rebuild it with "
			"'make kernels.db'",
			o->path);
	return 0;
}

int store_row_read(struct offsets *o, sqlite3_stmt *st, struct kernel_row **ret,
                   struct offsets_error *e)
{
	struct kernel_row *row = offsets_row_new();
	int err;

	if (!row)
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	err = keys_read(o, st, row, e);
	if (!err)
		err = store_facts_read(o, sqlite3_column_int64(st, COLUMN_LAYOUT), row, e);
	if (err) {
		offsets_row_free(row);
		return err;
	}
	*ret = row;
	return 0;
}

/* ---- in order --------------------------------------------------------- */

void store_rows_free(struct row_at *rows, size_t count)
{
	while (count)
		free(rows[--count].key);
	free(rows);
}

static int by_key(const void *a, const void *b)
{
	const struct row_at *x = a, *y = b;
	int c = strcmp(x->key ? x->key : "", y->key ? y->key : "");

	return c ? c : (x->id > y->id) - (x->id < y->id);
}

struct rows {
	struct row_at *list;
	size_t count;
};

static int row_at_add(struct offsets *o, sqlite3_stmt *st, struct rows *rows,
                      struct offsets_error *e)
{
	const char *key = (const char *)sqlite3_column_text(st, 2);
	struct row_at *list = rows->list, *row;
	int err = store_charge(o, WORK_ROW + (key ? WORK_ROW_BYTE * (int64_t)strlen(key) : 0), e);

	if (err)
		return err;
	if ((rows->count & (rows->count - 1)) == 0)
		list = realloc(list, (rows->count ? 2 * rows->count : 1) * sizeof(*list));
	if (!list)
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	rows->list = list;
	row = &list[rows->count];
	*row = (struct row_at){ sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		                key ? strdup(key) : NULL };
	if (key && !row->key)
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	rows->count++;
	return 0;
}

int store_rows_collect(struct offsets *o, sqlite3_stmt *st, struct row_at **ret, size_t *ret_count,
                       struct offsets_error *e)
{
	struct rows rows = { NULL, 0 };
	int err;

	while ((err = store_step(o, st, e)) == 1) {
		err = row_at_add(o, st, &rows, e);
		if (err)
			break;
	}
	if (err) {
		store_rows_free(rows.list, rows.count);
		return err;
	}
	if (rows.count)
		qsort(rows.list, rows.count, sizeof(*rows.list), by_key);
	*ret = rows.list;
	*ret_count = rows.count;
	return 0;
}

int store_row_by_id(struct offsets *o, sqlite3_int64 id, struct kernel_row **ret,
                    struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, SELECT_ROW "WHERE id = ?1", e);

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, id);
	err = store_step(o, st, e);
	if (err < 0)
		return err;
	if (!err)
		return offsets_fail(e, -EBADMSG,
		                    "%s: damaged: an index has a row that is not there; rebuild it "
		                    "with 'make kernels.db'",
		                    o->path);
	return store_row_read(o, st, ret, e);
}

/* No word has a character below the one that ends it here: texts sort as their columns. */
#define KEY(column) " || ifnull(" column ", '') || char(1)"

int store_rows_sorted(struct offsets *o, const char *release, struct row_at **ret,
                      size_t *ret_count, struct offsets_error *e)
{
	static const char sql[] = "SELECT id, layout, ''" KEY("release") KEY(WORD("module"))
		KEY(WORD("machine")) KEY("version") KEY("lower(hex(build_id))")
			KEY(WORD("source")) " FROM kernel WHERE ?1 IS NULL OR release = ?1";
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, sql, e);

	if (err)
		return err;
	sqlite3_bind_text(st, 1, release, -1, SQLITE_STATIC);
	return store_rows_collect(o, st, ret, ret_count, e);
}

int offsets_each(struct offsets *o, const char *release, offsets_row_fn fn, void *arg,
                 struct offsets_error *error)
{
	struct row_at *rows = NULL;
	struct kernel_row *row;
	size_t count = 0, i;
	int err;

	store_work_whole(o);
	err = store_rows_sorted(o, release, &rows, &count, error);
	for (i = 0; !err && i < count; i++) {
		err = store_row_by_id(o, rows[i].id, &row, error);
		if (err)
			break;
		err = fn(row, arg);
		offsets_row_free(row);
	}
	store_rows_free(rows, count);
	return err ? err : store_unchanged(o, error);
}

/* ---- look-up ---------------------------------------------------------- */

/* The parameters of every look-up: ?1 build-id, ?2 release, ?3 version, ?4 machine, ?5 module. */
static const char *const find_sql[] = {
	[OFFSETS_MATCH_BUILD_ID] = "SELECT id, layout, NULL FROM kernel WHERE " SAME_BUILD_ID(
		"?1") " AND " SAME_MODULE("?5"),
	[OFFSETS_MATCH_VERSION] = "SELECT id, layout, NULL FROM kernel"
				  " WHERE release = ?2 AND version = ?3 AND machine = " WORD_ID(
					  "?4") " AND " SAME_MODULE("?5"),
	/* Rows read from debug data first: tables only count where there are none. */
	[OFFSETS_MATCH_RELEASE] = "SELECT id, layout, source IS " WORD_ID(
		"'table'") " FROM kernel"
			   " WHERE release = ?2 AND (?4 IS NULL OR machine = " WORD_ID(
				   "?4") ") AND " SAME_MODULE("?5"),
};

/* Hex to a blob parameter; NULL or odd text matches nothing. */
void store_bind_hex(sqlite3_stmt *st, int index, const char *hex)
{
	unsigned char bytes[512];
	size_t i, size = hex ? strlen(hex) / 2 : 0;

	if (!size || size > sizeof(bytes) || strlen(hex) % 2 ||
	    hex[strspn(hex, "0123456789abcdef")]) {
		sqlite3_bind_null(st, index);
		return;
	}
	for (i = 0; i < size; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		bytes[i] = strtoul(pair, NULL, 16);
	}
	sqlite3_bind_blob(st, index, bytes, size, SQLITE_TRANSIENT);
}

static int find_rows(struct offsets *o, enum offsets_match match, const struct offsets_query *q,
                     struct row_at **ret, size_t *ret_count, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, find_sql[match], e);

	if (err)
		return err;
	store_bind_hex(st, 1, q->build_id);
	sqlite3_bind_text(st, 2, q->release, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_RELEASE && match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 3, q->version, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 4, q->machine, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 5, q->module, -1, SQLITE_STATIC);
	return store_rows_collect(o, st, ret, ret_count, e);
}

static bool from_table(const struct kernel_row *row)
{
	return row->keys[ROW_SOURCE] && !strcmp(row->keys[ROW_SOURCE], "table");
}

/* Does another row of that name leave it open which one is meant? */
static bool agrees(const struct kernel_row *first, const struct kernel_row *row)
{
	return offsets_row_same_facts(first, row) || (from_table(row) && !from_table(first));
}

/* The first of the rows, if the others agree; -ENOENT: there is none. */
static int rows_agree(struct offsets *o, const struct offsets_query *q, const struct row_at *rows,
                      size_t count, struct kernel_row **ret, struct offsets_error *e)
{
	struct kernel_row *first = NULL, *row;
	int err = count ? store_row_by_id(o, rows[0].id, &first, e) : -ENOENT;
	size_t i;

	for (i = 1; !err && i < count; i++) {
		err = store_row_by_id(o, rows[i].id, &row, e);
		if (err)
			break;
		if (!agrees(first, row))
			err = offsets_fail(
				e, -ENOTUNIQ,
				"%s: several kernels are called %s and their layouts differ; give "
				"the build-id ('lkccb list' shows them)",
				o->path, q->release ? q->release : q->build_id);
		offsets_row_free(row);
	}
	if (err)
		offsets_row_free(first);
	else
		*ret = first;
	return err;
}

static int find_one(struct offsets *o, enum offsets_match match, const struct offsets_query *q,
                    struct kernel_row **ret, struct offsets_error *e)
{
	struct row_at *rows = NULL;
	size_t count = 0;
	int err = find_rows(o, match, q, &rows, &count, e);

	if (!err)
		err = rows_agree(o, q, rows, count, ret, e);
	store_rows_free(rows, count);
	return err;
}

int offsets_find(struct offsets *o, const struct offsets_query *q, struct kernel_row **ret,
                 enum offsets_match *ret_match, struct offsets_error *error)
{
	bool usable[] = {
		[OFFSETS_MATCH_BUILD_ID] = q->build_id,
		[OFFSETS_MATCH_VERSION] = q->release && q->version && q->machine,
		[OFFSETS_MATCH_RELEASE] = q->release && q->by_release,
	};
	struct kernel_row *row = NULL;
	int match, err = -ENOENT;

	store_work_whole(o);
	for (match = 0; err == -ENOENT && match <= OFFSETS_MATCH_RELEASE; match++)
		if (usable[match])
			err = find_one(o, match, q, &row, error);
	if (err == -ENOENT)
		return offsets_fail(error, -ENOENT,
		                    "no offsets for %s in %s; add them with 'lkccb add PACKAGE'",
		                    q->release ? q->release : q->build_id, o->path);
	if (!err)
		err = store_unchanged(o, error);
	if (err) {
		offsets_row_free(row);
		return err;
	}
	*ret = row;
	*ret_match = match - 1;
	return 0;
}

int offsets_packages(struct offsets *o, offsets_package_fn fn, void *arg,
                     struct offsets_error *error)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err;

	store_work_whole(o);
	err = store_prepare(o, &st,
	                    "SELECT DISTINCT lower(hex(package_sha256)) FROM kernel"
	                    " WHERE package_sha256 IS NOT NULL ORDER BY 1",
	                    error);
	while (!err && (err = store_step(o, st, error)) == 1) {
		const char *sha256 = (const char *)sqlite3_column_text(st, 0);

		err = sha256 ? fn(sha256, arg) : -EBADMSG;
	}
	return err;
}
