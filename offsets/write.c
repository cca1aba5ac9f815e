/* SPDX-License-Identifier: BSD-2-Clause */
/* kernels.db: rows into it. */
#include <errno.h>
#include <string.h>

#include "store.h"

static int member_id(struct offsets *o, const struct fact *f, sqlite3_int64 *ret,
                     struct offsets_error *e)
{
#define SAME_MEMBER                                                                                \
	"name = (SELECT id FROM name WHERE type = ?1 AND name = ?2) AND offset = ?3 AND size = ?4" \
	" AND bit_offset = ?5 AND bit_size = ?6"
	static const char *const sql[] = {
		"INSERT OR IGNORE INTO name (type, name) VALUES (?1, ?2)",
		"INSERT INTO member (name, offset, size, bit_offset, bit_size)"
		" SELECT id, ?3, ?4, ?5, ?6 FROM name WHERE type = ?1 AND name = ?2"
		" AND NOT EXISTS (SELECT 1 FROM member WHERE " SAME_MEMBER ")",
		"SELECT id FROM member WHERE " SAME_MEMBER,
	};
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		CLEANUP(stmt_release) sqlite3_stmt *st = NULL;

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

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *at = data;

	while (size--)
		hash = (hash ^ *at++) * 0x100000001b3;
	return hash;
}

sqlite3_int64 store_layout_hash(const struct kernel_row *row)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < row->count; i++) {
		const struct fact *f = &row->facts[i];
		const uint32_t numbers[] = { f->offset, f->size, f->bit_offset, f->bit_size };

		hash = hash_bytes(hash, f->type, strlen(f->type) + 1);
		hash = hash_bytes(hash, f->member, strlen(f->member) + 1);
		hash = hash_bytes(hash, numbers, sizeof(numbers));
	}
	return hash;
}

static int layout_same(struct offsets *o, sqlite3_int64 id, const struct kernel_row *row,
                       struct offsets_error *e)
{
	struct kernel_row *there = offsets_row_new();
	int err = there ? store_facts_read(o, id, there, e)
	                : offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);

	if (!err)
		err = offsets_row_same_facts(there, row);
	offsets_row_free(there);
	return err;
}

static int layout_make(struct offsets *o, const struct kernel_row *row, sqlite3_int64 hash,
                       sqlite3_int64 *ret, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *layout = NULL, *link = NULL;
	sqlite3_int64 member = 0;
	size_t i;
	int err = store_prepare(o, &layout, "INSERT INTO layout (hash) VALUES (?)", e);

	if (!err)
		err = store_prepare(o, &link, "INSERT INTO layout_member VALUES (?, ?)", e);
	if (err)
		return err;
	sqlite3_bind_int64(layout, 1, hash);
	err = store_step(o, layout, e);
	*ret = sqlite3_last_insert_rowid(o->db);
	for (i = 0; !err && i < row->count; i++) {
		err = member_id(o, &row->facts[i], &member, e);
		if (err)
			break;
		sqlite3_bind_int64(link, 1, *ret);
		sqlite3_bind_int64(link, 2, member);
		err = store_step(o, link, e);
		sqlite3_reset(link);
	}
	return err;
}

/* The layout that has exactly these facts; a new one where there is none. */
static int layout_find(struct offsets *o, const struct kernel_row *row, sqlite3_int64 hash,
                       sqlite3_int64 *ret, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, "SELECT id FROM layout WHERE hash = ?", e);

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, hash);
	while ((err = store_step(o, st, e)) == 1) {
		*ret = sqlite3_column_int64(st, 0);
		err = layout_same(o, *ret, row, e);
		if (err)
			return err < 0 ? err : 0;
	}
	return err ? err : layout_make(o, row, hash, ret, e);
}

static int layout_id(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret,
                     struct offsets_error *e)
{
	sqlite3_int64 hash = store_layout_hash(row);
	const struct layout_seen *seen = store_seen_facts(o, row, hash);
	int err;

	if (seen) {
		*ret = seen->id;
		return 0;
	}
	err = layout_find(o, row, hash, ret, e);
	if (!err)
		store_see(o, *ret, row);
	return err;
}

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
		" (VALUES (?2), (?5), (?6), (?7), (?10), (?11)) WHERE column1 IS NOT NULL",
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
	int err = layout_id(o, row, &layout, e);

	if (!err)
		err = words_add(o, row, e);
	if (!err)
		err = store_prepare(
			o, &st,
			"INSERT OR REPLACE INTO kernel (release, machine, version, build_id,"
			" module, distribution, package, package_version, package_sha256,"
			" source, origin, layout, id)"
			" VALUES (?1, " WORD_ID("?2") ", ?3, ?4, " WORD_ID("?5") ", " WORD_ID("?6") ", " WORD_ID(
				"?7") ", ?8, ?9, " WORD_ID("?10") ", " WORD_ID("?11") ", ?12, ?13)",
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

static int row_add(struct offsets *o, struct kernel_row *row, bool new_only,
                   enum offsets_change *ret, struct offsets_error *error)
{
	struct kernel_row *old;
	sqlite3_int64 id;
	bool same_facts, unchanged;
	int err;

	if (!row->keys[ROW_RELEASE] || !row->keys[ROW_MACHINE] || !row->count)
		return offsets_fail(error, -EINVAL,
		                    "a row for %s needs a release, a machine and at least one fact",
		                    o->path);
	offsets_row_sort(row);
	err = same_kernel(o, row, &id, &old, error);
	if (err)
		return err;
	same_facts = old && offsets_row_same_facts(old, row);
	unchanged = same_facts && stays(old, row);
	offsets_row_free(old);
	if (id && new_only && !same_facts)
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
