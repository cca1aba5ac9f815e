/* SPDX-License-Identifier: BSD-2-Clause */
/* kernels.db: rows out of it. The file may be hostile: every value is checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

/* By release, module, machine, version, build_id, source. */
#define ROW_ORDER " ORDER BY 3, 7, 4, 5, 6, 12, id"

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

int offsets_each(struct offsets *o, const char *release, offsets_row_fn fn, void *arg,
                 struct offsets_error *error)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	struct kernel_row *row;
	int err = store_prepare(o, &st, SELECT_ROW "WHERE ?1 IS NULL OR release = ?1" ROW_ORDER,
	                        error);

	if (err)
		return err;
	sqlite3_bind_text(st, 1, release, -1, SQLITE_STATIC);
	while ((err = store_step(o, st, error)) == 1) {
		err = store_row_read(o, st, &row, error);
		if (err)
			return err;
		err = fn(row, arg);
		offsets_row_free(row);
		if (err)
			return err;
	}
	return err;
}

/* ---- look-up ---------------------------------------------------------- */

/* The parameters of every look-up: ?1 build-id, ?2 release, ?3 version, ?4 machine, ?5 module. */
static const char *const find_sql[] = {
	[OFFSETS_MATCH_BUILD_ID] =
		SELECT_ROW "WHERE " SAME_BUILD_ID("?1") " AND " SAME_MODULE("?5"),
	[OFFSETS_MATCH_VERSION] =
		SELECT_ROW "WHERE release = ?2 AND version = ?3 AND machine = " WORD_ID(
			"?4") " AND " SAME_MODULE("?5"),
	/* Rows read from debug data first: tables only count where there are none. */
	[OFFSETS_MATCH_RELEASE] = SELECT_ROW
	"WHERE release = ?2 AND (?4 IS NULL OR machine = " WORD_ID("?4") ") AND " SAME_MODULE(
		"?5") " ORDER BY source IS " WORD_ID("'table'") ", id",
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

static int find_one(struct offsets *o, enum offsets_match match, const struct offsets_query *q,
                    struct kernel_row **ret, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	struct kernel_row *first = NULL, *row;
	int err = store_prepare(o, &st, find_sql[match], e);
	bool same;

	if (err)
		return err;
	store_bind_hex(st, 1, q->build_id);
	sqlite3_bind_text(st, 2, q->release, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_RELEASE && match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 3, q->version, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 4, q->machine, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 5, q->module, -1, SQLITE_STATIC);
	while ((err = store_step(o, st, e)) == 1) {
		err = store_row_read(o, st, &row, e);
		if (err)
			break;
		if (!first) {
			first = row;
			continue;
		}
		same = offsets_row_same_facts(first, row) ||
		       (row->keys[ROW_SOURCE] && !strcmp(row->keys[ROW_SOURCE], "table") &&
		        strcmp(first->keys[ROW_SOURCE] ? first->keys[ROW_SOURCE] : "", "table"));
		offsets_row_free(row);
		if (!same) {
			err = offsets_fail(
				e, -ENOTUNIQ,
				"%s: several kernels are called %s and their layouts differ; give "
				"the build-id ('lkccb list' shows them)",
				o->path, q->release ? q->release : q->build_id);
			break;
		}
	}
	if (err || !first) {
		offsets_row_free(first);
		return err ? err : -ENOENT;
	}
	*ret = first;
	return 0;
}

int offsets_find(struct offsets *o, const struct offsets_query *q, struct kernel_row **ret,
                 enum offsets_match *ret_match, struct offsets_error *error)
{
	bool usable[] = {
		[OFFSETS_MATCH_BUILD_ID] = q->build_id,
		[OFFSETS_MATCH_VERSION] = q->release && q->version && q->machine,
		[OFFSETS_MATCH_RELEASE] = q->release && q->by_release,
	};
	int match, err;

	for (match = 0; match <= OFFSETS_MATCH_RELEASE; match++) {
		if (!usable[match])
			continue;
		err = find_one(o, match, q, ret, error);
		if (err == -ENOENT)
			continue;
		if (!err)
			*ret_match = match;
		return err;
	}
	return offsets_fail(error, -ENOENT,
	                    "no offsets for %s in %s; add them with 'lkccb add PACKAGE'",
	                    q->release ? q->release : q->build_id, o->path);
}

int offsets_packages(struct offsets *o, offsets_package_fn fn, void *arg,
                     struct offsets_error *error)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st,
	                        "SELECT DISTINCT lower(hex(package_sha256)) FROM kernel"
	                        " WHERE package_sha256 IS NOT NULL ORDER BY 1",
	                        error);

	while (!err && (err = store_step(o, st, error)) == 1) {
		const char *sha256 = (const char *)sqlite3_column_text(st, 0);

		err = sha256 ? fn(sha256, arg) : -EBADMSG;
	}
	return err;
}
