/* SPDX-License-Identifier: BSD-2-Clause */
/* kernels.db: rows into it. */
#include <errno.h>
#include <string.h>

#include "store.h"

static int member_id(struct offsets *o, const struct fact *f, sqlite3_int64 *ret,
                     struct offsets_error *e)
{
	static const char *const sql[] = {
		"INSERT OR IGNORE INTO name (type, name) VALUES (?1, ?2)",
		"INSERT OR IGNORE INTO member (name, offset, size, bit_offset, bit_size)"
		" SELECT id, ?3, ?4, ?5, ?6 FROM name WHERE type = ?1 AND name = ?2",
		"SELECT member.id FROM member JOIN name ON name.id = member.name WHERE name.type = "
		"?1"
		" AND name.name = ?2 AND offset = ?3 AND size = ?4 AND bit_offset = ?5"
		" AND bit_size = ?6",
	};
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		CLEANUP(stmt_finalize) sqlite3_stmt *st = NULL;

		err = store_prepare(o, &st, sql[i], e);
		if (err)
			return err;
		sqlite3_bind_text(st, 1, f->type, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, f->member, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 3, f->offset);
		sqlite3_bind_int64(st, 4, f->size);
		sqlite3_bind_int64(st, 5, f->bit_offset);
		sqlite3_bind_int64(st, 6, f->bit_size);
		err = store_step(o, st, e);
		if (err < 0)
			return err;
		if (err)
			*ret = sqlite3_column_int64(st, 0);
	}
	return 0;
}

static int wanted_fill(struct offsets *o, const struct kernel_row *row, struct offsets_error *e)
{
	CLEANUP(stmt_finalize) sqlite3_stmt *st = NULL;
	sqlite3_int64 id = 0;
	size_t i;
	int err = store_exec(o,
	                     "CREATE TEMP TABLE IF NOT EXISTS new_member (id INTEGER PRIMARY KEY);"
	                     "DELETE FROM new_member",
	                     e);

	if (!err)
		err = store_prepare(o, &st, "INSERT INTO new_member VALUES (?)", e);
	for (i = 0; !err && i < row->count; i++) {
		err = member_id(o, &row->facts[i], &id, e);
		if (err)
			break;
		sqlite3_bind_int64(st, 1, id);
		err = store_step(o, st, e);
		sqlite3_reset(st);
	}
	return err;
}

/* The layout that has exactly these facts; a new one where there is none. */
static int layout_find(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret,
                       struct offsets_error *e)
{
	int err = wanted_fill(o, row, e);

	if (!err)
		err = store_number(o,
		                   "SELECT layout FROM layout_member LEFT JOIN new_member"
		                   " ON new_member.id = member GROUP BY layout"
		                   " HAVING count(*) = count(new_member.id)"
		                   " AND count(*) = (SELECT count(*) FROM new_member)",
		                   ret, e);
	if (err || *ret)
		return err;
	err = store_exec(o, "INSERT INTO layout DEFAULT VALUES", e);
	if (err)
		return err;
	*ret = sqlite3_last_insert_rowid(o->db);
	return store_exec(o,
	                  "INSERT INTO layout_member SELECT (SELECT max(id) FROM layout), id"
	                  " FROM new_member",
	                  e);
}

/* Looking at all layouts takes a while; a stanza of text has many rows of one. */
static int layout_id(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret,
                     struct offsets_error *e)
{
	int err;

	if (o->last && offsets_row_same_facts(o->last, row)) {
		*ret = o->last_layout;
		return 0;
	}
	store_forget_last(o);
	err = layout_find(o, row, ret, e);
	if (err)
		return err;
	o->last = offsets_row_new();
	o->last_layout = *ret;
	if (!o->last || offsets_row_copy_facts(o->last, row))
		store_forget_last(o);
	return 0;
}

/* Parameters 1 to ROW_KEYS. */
static void keys_bind(sqlite3_stmt *st, const struct kernel_row *row)
{
	int key;

	for (key = 0; key < ROW_KEYS; key++)
		if (key == ROW_BUILD_ID || key == ROW_PACKAGE_SHA256)
			store_bind_hex(st, 1 + key, row->keys[key]);
		else
			sqlite3_bind_text(st, 1 + key, row->keys[key], -1, SQLITE_STATIC);
}

/* The row of the same kernel: by build-id, or by all that else names one. 0: none. */
static int same_kernel(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret_id,
                       struct kernel_row **ret, struct offsets_error *e)
{
	CLEANUP(stmt_finalize) sqlite3_stmt *st = NULL;
	int err =
		store_prepare(o, &st,
	                      SELECT_ROW "WHERE module IS ?5 AND CASE WHEN ?4 IS NOT NULL"
	                                 " THEN build_id = ?4"
	                                 " ELSE build_id IS NULL AND release = ?1 AND machine = ?2"
	                                 " AND version IS ?3 AND source IS ?10 END"
	                                 " AND (?4 IS NULL OR build_id IS NOT NULL)",
	                      e);

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

static int row_write(struct offsets *o, const struct kernel_row *row, sqlite3_int64 id,
                     struct offsets_error *e)
{
	CLEANUP(stmt_finalize) sqlite3_stmt *st = NULL;
	sqlite3_int64 layout = 0;
	int err = layout_id(o, row, &layout, e);

	if (!err)
		err = store_prepare(
			o, &st,
			"INSERT OR REPLACE INTO kernel (release, machine, version, build_id,"
			" module, distribution, package, package_version, package_sha256,"
			" source, origin, layout, id)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
			e);
	if (err)
		return err;
	keys_bind(st, row);
	sqlite3_bind_int64(st, ROW_KEYS + 1, layout);
	if (id)
		sqlite3_bind_int64(st, ROW_KEYS + 2, id);
	return store_step(o, st, e);
}

int offsets_add(struct offsets *o, struct kernel_row *row, enum offsets_change *ret,
                struct offsets_error *error)
{
	struct kernel_row *old;
	sqlite3_int64 id;
	bool same;
	int err;

	if (!row->keys[ROW_RELEASE] || !row->keys[ROW_MACHINE] || !row->count)
		return offsets_fail(error, -EINVAL,
		                    "a row for %s needs a release, a machine and at least one fact",
		                    o->path);
	offsets_row_sort(row);
	err = same_kernel(o, row, &id, &old, error);
	if (err)
		return err;
	same = old && same_keys(old, row) && offsets_row_same_facts(old, row);
	offsets_row_free(old);
	if (!same) {
		err = row_write(o, row, id, error);
		if (err)
			return err;
		o->orphans = o->orphans || id;
	}
	*ret = same ? OFFSETS_UNCHANGED : id ? OFFSETS_UPDATED : OFFSETS_ADDED;
	return 0;
}
