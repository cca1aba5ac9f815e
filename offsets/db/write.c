/* SPDX-License-Identifier: BSD-2-Clause */
/* kernels.db: rows into it. */
#include <errno.h>
#include <string.h>

#include "offsets/db/store.h"

/* "linux-image-6.1.0-13-amd64-dbg" -> "linux-image-%-dbg": the same word for all releases. */
static void package_pattern(const struct kernel_row *row, char *ret, size_t size)
{
	const char *package = row->keys[ROW_PACKAGE], *release = row->keys[ROW_RELEASE];
	const char *at = strstr(package, release);

	if (at)
		snprintf(ret, size, "%.*s%%%s", (int)(at - package), package, at + strlen(release));
	else
		snprintf(ret, size, "%s", package);
}

/* Parameters 1 to ROW_KEYS. */
static void keys_bind(sqlite3_stmt *st, const struct kernel_row *row)
{
	char package[512];
	int key;

	for (key = 0; key < ROW_KEYS; key++)
		if (key == ROW_BUILD_ID || key == ROW_PACKAGE_SHA256)
			store_bind_hex(st, 1 + key, row->keys[key]);
		else
			sqlite3_bind_text(st, 1 + key, row->keys[key], -1, SQLITE_STATIC);
	if (row->keys[ROW_PACKAGE]) {
		package_pattern(row, package, sizeof(package));
		sqlite3_bind_text(st, 1 + ROW_PACKAGE, package, -1, SQLITE_TRANSIENT);
	}
}

/* The row of the same kernel: by build-id, or by all that else names one. 0: none. */
static int same_kernel(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret_id,
                       struct kernel_row **ret, struct offsets_error *e)
{
	static const char by_build_id[] =
		SELECT_ROW "WHERE " SAME_BUILD_ID("?4") " AND " SAME_MODULE("?5");
	static const char by_names[] = SELECT_ROW "WHERE " SAME_MODULE(
		"?5") " AND build_id IS NULL AND release = ?1"
		      " AND machine = " WORD_ID(
			      "?2") " AND version IS ?3"
				    " AND (?10 IS NULL AND source IS NULL OR source = " WORD_ID(
					    "?10") ")";
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, row->keys[ROW_BUILD_ID] ? by_build_id : by_names, e);

	*ret_id = 0;
	*ret = NULL;
	if (err)
		return err;
	keys_bind(st, row);
	err = store_step(o, st, e);
	if (err <= 0)
		return err;
	*ret_id = sqlite3_column_int64(st, COLUMN_ID);
	return store_row_read(o, st, ret, e);
}

static bool same_keys(const struct kernel_row *a, const struct kernel_row *b)
{
	int key;

	for (key = 0; key < ROW_KEYS; key++)
		if (strcmp(a->keys[key] ? a->keys[key] : "", b->keys[key] ? b->keys[key] : ""))
			return false;
	return true;
}

static int words_add(struct offsets *o, const struct kernel_row *row, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(
		o, &st,
		"INSERT OR IGNORE INTO word (text) SELECT column1 FROM"
		" (VALUES (?2), (?5), (?6), (?7), (?10), (?11), (?12)) WHERE column1 IS NOT NULL",
		e);

	if (err)
		return err;
	keys_bind(st, row);
	return store_step(o, st, e);
}

static int row_write(struct offsets *o, const struct kernel_row *row, sqlite3_int64 id,
                     struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	sqlite3_int64 layout = 0;
	int err = store_layout_id(o, row, &layout, e);

	if (!err)
		err = words_add(o, row, e);
	if (!err)
		err = store_prepare(
			o, &st,
			"INSERT OR REPLACE INTO kernel (release, machine, version, build_id,"
			" module, distribution, package, package_version, package_sha256,"
			" source, origin, version_code, layout, id)"
			" VALUES (?1, " WORD_ID("?2") ", ?3, ?4, " WORD_ID("?5") ", " WORD_ID("?6") ", " WORD_ID(
				"?7") ", ?8, ?9, " WORD_ID("?10") ", " WORD_ID("?11") ", " WORD_ID("?12") ", ?13, ?14)",
			e);
	if (err)
		return err;
	keys_bind(st, row);
	sqlite3_bind_int64(st, ROW_KEYS + 1, layout);
	if (id)
		sqlite3_bind_int64(st, ROW_KEYS + 2, id);
	return store_step(o, st, e);
}

/*
 * Two packages may hold the same kernel. So that their order does not matter
 * the row names the one that sorts first. True: the row that is there stays.
 */
static bool stays(const struct kernel_row *old, const struct kernel_row *row)
{
	static const enum row_key keys[] = { ROW_PACKAGE, ROW_PACKAGE_VERSION, ROW_PACKAGE_SHA256 };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *a = old->keys[keys[i]], *b = row->keys[keys[i]];
		int c = !a && !b ? 0 : !a ? 1 : !b ? -1 : strcmp(a, b);

		if (c)
			return c < 0;
	}
	return same_keys(old, row);
}

/* One kernel has one name: what only one of both rows says is no contradiction. */
static bool same_identity(const struct kernel_row *a, const struct kernel_row *b)
{
	static const enum row_key keys[] = { ROW_RELEASE, ROW_MACHINE, ROW_VERSION,
		                             ROW_VERSION_CODE };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (a->keys[keys[i]] && b->keys[keys[i]] &&
		    strcmp(a->keys[keys[i]], b->keys[keys[i]]))
			return false;
	return true;
}

static int row_add(struct offsets *o, struct kernel_row *row, bool new_only,
                   enum offsets_change *ret, struct offsets_error *error)
{
	struct kernel_row *old;
	sqlite3_int64 id;
	bool same_facts, same, unchanged;
	int err;

	if (!row->keys[ROW_RELEASE] || !row->keys[ROW_MACHINE] || !row->count)
		return offsets_fail(error, -EINVAL,
		                    "a row for %s needs a release, a machine and at least one fact",
		                    o->path);
	offsets_row_sort(row);
	store_work_add(o, row);
	err = same_kernel(o, row, &id, &old, error);
	if (err)
		return err;
	same_facts = old && offsets_row_same_facts(old, row);
	same = same_facts && same_identity(old, row);
	unchanged = same_facts && stays(old, row);
	offsets_row_free(old);
	if (id && new_only && !same)
		return -EEXIST;
	if (!unchanged) {
		err = row_write(o, row, id, error);
		if (err)
			return err;
		o->orphans = o->orphans || id;
	}
	*ret = unchanged ? OFFSETS_UNCHANGED : id ? OFFSETS_UPDATED : OFFSETS_ADDED;
	return 0;
}

int offsets_add(struct offsets *o, struct kernel_row *row, enum offsets_change *ret,
                struct offsets_error *error)
{
	return row_add(o, row, false, ret, error);
}

int offsets_add_new(struct offsets *o, struct kernel_row *row, enum offsets_change *ret,
                    struct offsets_error *error)
{
	return row_add(o, row, true, ret, error);
}
