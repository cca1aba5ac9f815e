/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernels.db: SQLite, one row per kernel or module, layouts that several
 * kernels share stored once. A writer works in one transaction from open to
 * commit, so a failed or killed run changes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "cleanup.h"
#include "offsets.h"

#define APPLICATION_ID 0x5378746e /* "Sxtn" */
#define SCHEMA_VERSION 1
#define STR(x)         #x
#define XSTR(x)        STR(x)

/* clang-format off */
static const char schema[] =
	"PRAGMA application_id = " XSTR(APPLICATION_ID) ";"
	"PRAGMA user_version = " XSTR(SCHEMA_VERSION) ";"
	"CREATE TABLE layout (id INTEGER PRIMARY KEY);"
	"CREATE TABLE name ("
	"	id INTEGER PRIMARY KEY,"
	"	type TEXT NOT NULL,"
	"	name TEXT NOT NULL,"
	"	UNIQUE (type, name));"
	"CREATE TABLE member ("
	"	id INTEGER PRIMARY KEY,"
	"	name INTEGER NOT NULL REFERENCES name,"
	"	offset INTEGER NOT NULL,"	/* bytes */
	"	size INTEGER NOT NULL,"		/* bytes */
	"	bit_offset INTEGER NOT NULL,"	/* of a bit-field, in the byte at offset */
	"	bit_size INTEGER NOT NULL,"	/* 0: no bit-field */
	"	UNIQUE (name, offset, size, bit_offset, bit_size));"
	"CREATE TABLE layout_member ("
	"	layout INTEGER NOT NULL REFERENCES layout,"
	"	member INTEGER NOT NULL REFERENCES member,"
	"	PRIMARY KEY (layout, member)) WITHOUT ROWID;"
	"CREATE TABLE kernel ("			/* columns as enum row_key */
	"	id INTEGER PRIMARY KEY,"
	"	release TEXT NOT NULL,"
	"	machine TEXT NOT NULL,"
	"	version TEXT,"
	"	build_id BLOB,"
	"	module TEXT,"
	"	distribution TEXT,"
	"	package TEXT,"
	"	package_version TEXT,"
	"	package_sha256 BLOB,"
	"	source TEXT,"
	"	origin TEXT,"
	"	layout INTEGER NOT NULL REFERENCES layout);"
	"CREATE INDEX kernel_release ON kernel (release);"
	"CREATE INDEX kernel_build_id ON kernel (build_id) WHERE build_id IS NOT NULL;";
/* clang-format on */

#define KEY_COLUMNS                                                                        \
	"release, machine, version, lower(hex(build_id)), module, distribution, package, " \
	"package_version, lower(hex(package_sha256)), source, origin"
#define ROW_ORDER " ORDER BY release, module, machine, version, build_id, source, id"

/* Columns of every query that row_read() reads. */
enum { COLUMN_ID, COLUMN_LAYOUT, COLUMN_KEYS };
#define SELECT_ROW "SELECT id, layout, " KEY_COLUMNS " FROM kernel "

struct offsets {
	sqlite3 *db;
	char *path;
	bool made; /* the file did not exist: remove it if nothing is committed */
	bool writable;
	struct kernel_row *last; /* facts of the row added last: the next often has them too */
	sqlite3_int64 last_layout;
	bool orphans; /* an update may have left layouts that nobody uses */
};

static void stmt_finalize(sqlite3_stmt **st)
{
	sqlite3_finalize(*st);
}

/* Reports once what SQLite says, in the words of the person who must act. */
static int store_fail(struct offsets *o, struct offsets_error *e)
{
	switch (sqlite3_errcode(o->db)) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_ERROR: /* a table or column is missing */
		return offsets_fail(
			e, -EBADMSG,
			"%s: not a kernels.db, or damaged (%s); restore it or rebuild it with "
			"'make kernels.db'",
			o->path, sqlite3_errmsg(o->db));
	case SQLITE_FULL:
		return offsets_fail(e, -ENOSPC,
		                    "%s: no space left; nothing was changed, free some space",
		                    o->path);
	case SQLITE_NOMEM:
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return offsets_fail(e, -EBUSY, "%s: another process is writing it; try again later",
		                    o->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
	case SQLITE_AUTH:
		return offsets_fail(
			e, -EACCES, "%s: cannot be %s (%s); check the path and its permissions",
			o->path, o->writable ? "written" : "read", sqlite3_errmsg(o->db));
	default:
		return offsets_fail(e, -EIO, "%s: %s; check the disk", o->path,
		                    sqlite3_errmsg(o->db));
	}
}

static int store_exec(struct offsets *o, const char *sql, struct offsets_error *e)
{
	return sqlite3_exec(o->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(o, e);
}

static int store_prepare(struct offsets *o, sqlite3_stmt **ret, const char *sql,
                         struct offsets_error *e)
{
	return sqlite3_prepare_v2(o->db, sql, -1, ret, NULL) == SQLITE_OK ? 0 : store_fail(o, e);
}

/* 1: a row, 0: no more, or -errno */
static int store_step(struct offsets *o, sqlite3_stmt *st, struct offsets_error *e)
{
	int rc = sqlite3_step(st);

	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_fail(o, e);
}

static int store_number(struct offsets *o, const char *sql, sqlite3_int64 *ret,
                        struct offsets_error *e)
{
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, sql, e);

	if (!err)
		err = store_step(o, st, e);
	if (err < 0)
		return err;
	*ret = err ? sqlite3_column_int64(st, 0) : 0;
	return 0;
}

/* ---- open and close --------------------------------------------------- */

static int schema_check(struct offsets *o, struct offsets_error *e)
{
	sqlite3_int64 id, version;
	int err = store_number(o, "PRAGMA application_id", &id, e);

	if (!err)
		err = store_number(o, "PRAGMA user_version", &version, e);
	if (err)
		return err;
	if (id != APPLICATION_ID)
		return offsets_fail(
			e, -EBADMSG,
			"%s: a database, but not a kernels.db; name the right file with --db",
			o->path);
	if (version != SCHEMA_VERSION)
		return offsets_fail(
			e, -EPROTO,
			"%s: has schema %lld, this program reads schema %d; rebuild it with "
			"'make kernels.db' or 'lkccb import'",
			o->path, (long long)version, SCHEMA_VERSION);
	return 0;
}

/* Every page is read before one is written: damage is not built upon. */
static int integrity_check(struct offsets *o, struct offsets_error *e)
{
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
	const char *text;
	int err = store_prepare(o, &st, "PRAGMA quick_check(1)", e);

	if (!err)
		err = store_step(o, st, e);
	if (err < 0)
		return err;
	text = err ? (const char *)sqlite3_column_text(st, 0) : NULL;
	if (text && !strcmp(text, "ok"))
		return 0;
	return offsets_fail(e, -EBADMSG,
	                    "%s: damaged (%s); restore it or rebuild it with 'make kernels.db'",
	                    o->path, text ? text : "no answer");
}

static int store_begin(struct offsets *o, struct offsets_error *e)
{
	return o->writable ? store_exec(o, "BEGIN IMMEDIATE", e) : 0;
}

static int store_open(struct offsets *o, struct offsets_error *e)
{
	struct stat st;
	int flags = o->writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	int err;

	if (stat(o->path, &st)) {
		err = errno;
		if (!o->writable || err != ENOENT)
			return offsets_fail(e, -err,
			                    "%s: %s; make it with 'make kernels.db' or "
			                    "'lkccb add', or name another with --db",
			                    o->path, strerror(err));
		o->made = true;
	} else if (!S_ISREG(st.st_mode)) {
		return offsets_fail(e, -EBADMSG,
		                    "%s: not a regular file; name a kernels.db with --db", o->path);
	}
	if (sqlite3_open_v2(o->path, &o->db, flags, NULL) != SQLITE_OK)
		return store_fail(o, e);
	/* The file may be hostile: no code from it, no huge values. */
	sqlite3_db_config(o->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_exec(o->db, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL);
	sqlite3_limit(o->db, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_busy_timeout(o->db, 10000);
	if (o->made) {
		err = store_begin(o, e);
		return err ? err : store_exec(o, schema, e);
	}
	err = schema_check(o, e);
	if (!err && o->writable)
		err = integrity_check(o, e);
	return err ? err : store_begin(o, e);
}

int offsets_open(const char *path, enum offsets_mode mode, struct offsets **ret,
                 struct offsets_error *error)
{
	struct offsets *o = calloc(1, sizeof(*o));
	int err;

	*ret = NULL;
	if (o)
		o->path = strdup(path);
	if (!o || !o->path) {
		free(o);
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	}
	o->writable = mode == OFFSETS_WRITE;
	err = store_open(o, error);
	if (err) {
		offsets_close(o);
		return err;
	}
	*ret = o;
	return 0;
}

void offsets_close(struct offsets *o)
{
	if (!o)
		return;
	sqlite3_close(o->db); /* rolls back */
	if (o->made)
		unlink(o->path);
	row_free(o->last);
	free(o->path);
	free(o);
}

static void last_forget(struct offsets *o)
{
	row_free(o->last);
	o->last = NULL;
}

static int orphans_remove(struct offsets *o, struct offsets_error *e)
{
	int err;

	if (!o->orphans)
		return 0;
	err = store_exec(o,
	                 "DELETE FROM layout WHERE id NOT IN (SELECT layout FROM kernel);"
	                 "DELETE FROM layout_member WHERE layout NOT IN (SELECT id FROM layout);"
	                 "DELETE FROM member WHERE id NOT IN (SELECT member FROM layout_member);"
	                 "DELETE FROM name WHERE id NOT IN (SELECT name FROM member);",
	                 e);
	o->orphans = false;
	last_forget(o);
	return err;
}

int offsets_commit(struct offsets *o, struct offsets_error *error)
{
	int err = orphans_remove(o, error);

	if (!err)
		err = store_exec(o, "COMMIT", error);
	if (err)
		return err;
	o->made = false;
	return store_begin(o, error);
}

int offsets_rollback(struct offsets *o)
{
	struct offsets_error ignored;
	int err;

	o->orphans = false;
	last_forget(o);
	if (o->made) /* the schema is part of the first transaction */
		return sqlite3_exec(o->db, "ROLLBACK", NULL, NULL, NULL) ||
		                       store_begin(o, &ignored) || store_exec(o, schema, &ignored)
		               ? -EIO
		               : 0;
	err = store_exec(o, "ROLLBACK", &ignored);
	return err ? err : store_begin(o, &ignored);
}

/* ---- reading ---------------------------------------------------------- */

static int facts_read(struct offsets *o, sqlite3_int64 layout, struct kernel_row *row,
                      struct offsets_error *e)
{
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st,
	                        "SELECT name.type, name.name, offset, size, bit_offset, bit_size"
	                        " FROM layout_member JOIN member ON member.id = member"
	                        " JOIN name ON name.id = member.name WHERE layout = ?",
	                        e);

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, layout);
	while ((err = store_step(o, st, e)) == 1) {
		const char *type = (const char *)sqlite3_column_text(st, 0);
		const char *member = (const char *)sqlite3_column_text(st, 1);
		sqlite3_int64 n[4];
		bool sane = type && member;
		int i;

		for (i = 0; i < 4; i++) {
			n[i] = sqlite3_column_int64(st, 2 + i);
			sane = sane && sqlite3_column_type(st, 2 + i) == SQLITE_INTEGER &&
			       n[i] >= 0 && n[i] <= UINT32_MAX;
		}
		err = -EINVAL;
		if (sane)
			err = row_add_fact(row, &(struct fact){ (char *)type, (char *)member, n[0],
			                                        n[1], n[2], n[3] });
		if (err)
			return offsets_fail(
				e, err == -EINVAL ? -EBADMSG : err,
				"%s: damaged: %s has an impossible member; rebuild it with "
				"'make kernels.db'",
				o->path, row->keys[ROW_RELEASE]);
	}
	row_sort(row);
	return err;
}

static int keys_read(struct offsets *o, sqlite3_stmt *st, struct kernel_row *row,
                     struct offsets_error *e)
{
	int key, err;

	for (key = 0; key < ROW_KEYS; key++) {
		const char *text = (const char *)sqlite3_column_text(st, COLUMN_KEYS + key);

		if (!text || !*text)
			continue;
		err = row_set(row, key, text);
		if (err)
			return offsets_fail(
				e, err == -EINVAL ? -EBADMSG : err,
				"%s: damaged: a row has an impossible %s; rebuild it with "
				"'make kernels.db'",
				o->path, row_key_name(key));
	}
	if (!row->keys[ROW_RELEASE] || !row->keys[ROW_MACHINE])
		return offsets_fail(
			e, -EBADMSG,
			"%s: damaged: a row without release or machine; rebuild it with "
			"'make kernels.db'",
			o->path);
	return 0;
}

static int row_read(struct offsets *o, sqlite3_stmt *st, struct kernel_row **ret,
                    struct offsets_error *e)
{
	struct kernel_row *row = row_new();
	int err;

	if (!row)
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	err = keys_read(o, st, row, e);
	if (!err)
		err = facts_read(o, sqlite3_column_int64(st, COLUMN_LAYOUT), row, e);
	if (err) {
		row_free(row);
		return err;
	}
	*ret = row;
	return 0;
}

int offsets_each(struct offsets *o, const char *release, offsets_row_fn fn, void *arg,
                 struct offsets_error *error)
{
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
	struct kernel_row *row;
	int err = store_prepare(o, &st, SELECT_ROW "WHERE ?1 IS NULL OR release = ?1" ROW_ORDER,
	                        error);

	if (err)
		return err;
	sqlite3_bind_text(st, 1, release, -1, SQLITE_STATIC);
	while ((err = store_step(o, st, error)) == 1) {
		err = row_read(o, st, &row, error);
		if (err)
			return err;
		err = fn(row, arg);
		row_free(row);
		if (err)
			return err;
	}
	return err;
}

/* ---- look-up ---------------------------------------------------------- */

/* The parameters of every look-up: ?1 build-id, ?2 release, ?3 version, ?4 machine, ?5 module. */
#define SAME_MODULE " AND module IS ?5"
static const char *const find_sql[] = {
	[OFFSETS_MATCH_BUILD_ID] = SELECT_ROW "WHERE build_id = ?1" SAME_MODULE,
	[OFFSETS_MATCH_VERSION] =
		SELECT_ROW "WHERE release = ?2 AND version = ?3 AND machine = ?4" SAME_MODULE,
	/* Rows read from debug data first: tables only count where there are none. */
	[OFFSETS_MATCH_RELEASE] =
		SELECT_ROW "WHERE release = ?2 AND (?4 IS NULL OR machine = ?4)" SAME_MODULE
			   " ORDER BY source IS 'table', id",
};

/* Hex to a blob parameter; NULL or odd text matches nothing. */
static void bind_hex(sqlite3_stmt *st, int index, const char *hex)
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
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
	struct kernel_row *first = NULL, *row;
	int err = store_prepare(o, &st, find_sql[match], e);
	bool same;

	if (err)
		return err;
	bind_hex(st, 1, q->build_id);
	sqlite3_bind_text(st, 2, q->release, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_RELEASE && match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 3, q->version, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 4, q->machine, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 5, q->module, -1, SQLITE_STATIC);
	while ((err = store_step(o, st, e)) == 1) {
		err = row_read(o, st, &row, e);
		if (err)
			break;
		if (!first) {
			first = row;
			continue;
		}
		same = row_same_facts(first, row) ||
		       (row->keys[ROW_SOURCE] && !strcmp(row->keys[ROW_SOURCE], "table") &&
		        strcmp(first->keys[ROW_SOURCE] ? first->keys[ROW_SOURCE] : "", "table"));
		row_free(row);
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
		row_free(first);
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

/* ---- writing ---------------------------------------------------------- */

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
		CLEANUP(stmt_finalize)
		sqlite3_stmt *st = NULL;

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
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
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

	if (o->last && row_same_facts(o->last, row)) {
		*ret = o->last_layout;
		return 0;
	}
	last_forget(o);
	err = layout_find(o, row, ret, e);
	if (err)
		return err;
	o->last = row_new();
	o->last_layout = *ret;
	if (!o->last || row_copy_facts(o->last, row))
		last_forget(o);
	return 0;
}

/* Parameters 1 to ROW_KEYS. */
static void keys_bind(sqlite3_stmt *st, const struct kernel_row *row)
{
	int key;

	for (key = 0; key < ROW_KEYS; key++)
		if (key == ROW_BUILD_ID || key == ROW_PACKAGE_SHA256)
			bind_hex(st, 1 + key, row->keys[key]);
		else
			sqlite3_bind_text(st, 1 + key, row->keys[key], -1, SQLITE_STATIC);
}

/* The row of the same kernel: by build-id, or by all that else names one. 0: none. */
static int same_kernel(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret_id,
                       struct kernel_row **ret, struct offsets_error *e)
{
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
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
	return row_read(o, st, ret, e);
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
	CLEANUP(stmt_finalize)
	sqlite3_stmt *st = NULL;
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
	row_sort(row);
	err = same_kernel(o, row, &id, &old, error);
	if (err)
		return err;
	same = old && same_keys(old, row) && row_same_facts(old, row);
	row_free(old);
	if (!same) {
		err = row_write(o, row, id, error);
		if (err)
			return err;
		o->orphans = o->orphans || id;
	}
	*ret = same ? OFFSETS_UNCHANGED : id ? OFFSETS_UPDATED : OFFSETS_ADDED;
	return 0;
}
