/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernels.db: SQLite, one row per kernel or module, layouts that several
 * kernels share stored once. Here: schema, open, close, transactions. A writer
 * works in one transaction from open to commit, so a failed or killed run
 * changes nothing.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define APPLICATION_ID 0x5378746e /* "Sxtn" */
#define SCHEMA_VERSION 3
#define STR(x)         #x
#define XSTR(x)        STR(x)

/* clang-format off */
static const char schema[] =
	"PRAGMA application_id = " XSTR(APPLICATION_ID) ";"
	"PRAGMA user_version = " XSTR(SCHEMA_VERSION) ";"
	"CREATE TABLE layout ("
	"	id INTEGER PRIMARY KEY,"
	"	hash INTEGER NOT NULL,"
	"	facts BLOB NOT NULL);"		/* layout.c has the format */
	"CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
	"CREATE TABLE name ("
	"	id INTEGER PRIMARY KEY,"
	"	type TEXT NOT NULL,"
	"	name TEXT NOT NULL,"
	"	UNIQUE (type, name));"
	"CREATE TABLE kernel ("			/* columns as enum row_key */
	"	id INTEGER PRIMARY KEY,"
	"	release TEXT NOT NULL,"
	"	machine INTEGER NOT NULL REFERENCES word,"
	"	version TEXT,"
	"	build_id BLOB,"
	"	module INTEGER REFERENCES word,"
	"	distribution INTEGER REFERENCES word,"
	"	package INTEGER REFERENCES word,"	/* with % for the release */
	"	package_version TEXT,"
	"	package_sha256 BLOB,"
	"	source INTEGER REFERENCES word,"
	"	origin INTEGER REFERENCES word,"
	"	version_code INTEGER REFERENCES word,"
	"	layout INTEGER NOT NULL REFERENCES layout);"
	"CREATE INDEX kernel_release ON kernel (release);"
	"CREATE INDEX kernel_build_id ON kernel (substr(build_id, 1, 4)) WHERE build_id IS NOT NULL;";
/* clang-format on */

/* Reports once what SQLite says, in the words of the person who must act. */
int store_fail(struct offsets *o, struct offsets_error *e)
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
		if (sqlite3_extended_errcode(o->db) == SQLITE_READONLY_ROLLBACK)
			return offsets_fail(e, -EACCES,
			                    "%s: a writer was killed half way; run 'lkccb list' "
			                    "once as a user who may write it",
			                    o->path);
		/* fall through */
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

int store_exec(struct offsets *o, const char *sql, struct offsets_error *e)
{
	return sqlite3_exec(o->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(o, e);
}

int store_prepare(struct offsets *o, sqlite3_stmt **ret, const char *sql, struct offsets_error *e)
{
	struct prepared *p = o->prepared;

	while (p < o->prepared + PREPARED_MAX && p->sql && p->sql != sql)
		p++;
	if (p == o->prepared + PREPARED_MAX)
		return offsets_fail(e, -ENOMEM, "%s: more statements than liboffsets has room for",
		                    o->path);
	if (!p->sql && sqlite3_prepare_v3(o->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &p->st, NULL))
		return store_fail(o, e);
	p->sql = sql;
	*ret = p->st;
	return 0;
}

static void prepared_drop(struct offsets *o)
{
	size_t i;

	for (i = 0; i < PREPARED_MAX; i++)
		sqlite3_finalize(o->prepared[i].st);
	memset(o->prepared, 0, sizeof(o->prepared));
}

/* 1: a row, 0: no more, or -errno */
int store_step(struct offsets *o, sqlite3_stmt *st, struct offsets_error *e)
{
	int rc = sqlite3_step(st);

	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_fail(o, e);
}

int store_number(struct offsets *o, const char *sql, sqlite3_int64 *ret, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
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
int offsets_integrity(struct offsets *o, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
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

/* Has another writer put a new file in its place while we waited for the lock? */
static bool replaced(const struct offsets *o, const struct stat *before)
{
	struct stat st;

	return o->writable &&
	       (stat(o->path, &st) || st.st_ino != before->st_ino || st.st_dev != before->st_dev);
}

/* With its tables, or not at all: a run that is killed here leaves no half-made file. */
static int database_make(struct offsets *o, struct offsets_error *e)
{
	char path[4096];
	int err = 0;

	if (snprintf(path, sizeof(path), "%s.%d.new", o->path, getpid()) >= (int)sizeof(path))
		return offsets_fail(e, -ENAMETOOLONG, "%s: the path is too long", o->path);
	unlink(path);
	if (sqlite3_open_v2(path, &o->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
		err = store_fail(o, e);
	/* Small pages: a database of ten thousand kernels is smaller, and read faster. */
	if (!err)
		err = store_exec(o, "PRAGMA page_size = 2048; PRAGMA journal_mode = MEMORY; BEGIN",
		                 e);
	if (!err)
		err = store_exec(o, schema, e);
	if (!err)
		err = store_exec(o, "COMMIT", e);
	sqlite3_close(o->db);
	o->db = NULL;
	/* Unless another run was faster. */
	if (!err && link(path, o->path) && errno != EEXIST)
		err = offsets_fail(e, -errno, "%s: %s", o->path, strerror(errno));
	unlink(path);
	return err;
}

static int store_open(struct offsets *o, struct offsets_error *e)
{
	struct stat st = { 0 };
	int err;

	if (stat(o->path, &st)) {
		err = errno;
		if (!o->writable || err != ENOENT)
			return offsets_fail(e, -err,
			                    "%s: %s; make it with 'make kernels.db' or "
			                    "'lkccb add', or name another with --db",
			                    o->path, strerror(err));
		o->made = true;
		err = database_make(o, e);
		if (err || stat(o->path, &st))
			return err ? err : -EAGAIN;
	} else if (!S_ISREG(st.st_mode)) {
		return offsets_fail(e, -EBADMSG,
		                    "%s: not a regular file; name a kernels.db with --db", o->path);
	}
	/*
	 * A reader too: what a writer that was killed left half done is rolled back
	 * by whoever comes next. Where the file is write-protected SQLite opens it
	 * for reading by itself.
	 */
	if (sqlite3_open_v2(o->path, &o->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return store_fail(o, e);
	/* The file may be hostile: no code from it, no huge values. */
	sqlite3_db_config(o->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_exec(o->db, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL);
	if (!o->writable)
		sqlite3_exec(o->db, "PRAGMA query_only = ON", NULL, NULL, NULL);
	sqlite3_limit(o->db, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_busy_timeout(o->db, 10000);
	err = schema_check(o, e);
	if (!err)
		err = store_begin(o, e);
	if (!err && replaced(o, &st)) {
		prepared_drop(o);
		sqlite3_close(o->db);
		o->db = NULL;
		return -EAGAIN;
	}
	if (!err && o->writable)
		err = offsets_integrity(o, e);
	return err;
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
	do
		err = store_open(o, error);
	while (err == -EAGAIN);
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
	prepared_drop(o);
	sqlite3_close(o->db); /* rolls back */
	if (o->made)
		unlink(o->path);
	store_forget(o);
	free(o->seen);
	free(o->path);
	free(o);
}

/* ---- transactions ----------------------------------------------------- */

static int orphans_remove(struct offsets *o, struct offsets_error *e)
{
	int err;

	if (!o->orphans)
		return 0;
	err = store_exec(o, "DELETE FROM layout WHERE id NOT IN (SELECT layout FROM kernel)", e);
	o->orphans = false;
	store_forget(o);
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
	store_forget(o);
	err = store_exec(o, "ROLLBACK", &ignored);
	return err ? err : store_begin(o, &ignored);
}

/* ---- the same bytes --------------------------------------------------- */

struct copying {
	struct offsets *to;
	struct offsets_error *error;
};

static int row_copy(const struct kernel_row *row, void *arg)
{
	struct copying *copying = arg;
	enum offsets_change change;

	return offsets_add(copying->to, (struct kernel_row *)row, &change, copying->error);
}

/* In place of the old one in one step: at any moment there is a whole database. */
static int file_replace(struct offsets *o, const char *path, const char *target,
                        struct offsets_error *error)
{
	struct stat st;

	if (stat(target, &st) || chmod(path, st.st_mode & 07777) ||
	    (!geteuid() && chown(path, st.st_uid, st.st_gid)) || rename(path, target))
		return offsets_fail(error, -errno, "%s: cannot be replaced: %s; it has all rows",
		                    o->path, strerror(errno));
	return 0;
}

static int rows_copy(struct offsets *o, const char *path, struct offsets_error *error)
{
	struct copying copying = { .error = error };
	int err = offsets_open(path, OFFSETS_WRITE, &copying.to, error);

	if (err)
		return err;
	sqlite3_exec(copying.to->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	err = offsets_each(o, NULL, row_copy, &copying, error);
	if (!err)
		err = offsets_commit(copying.to, error);
	if (!err) /* not inside of the next transaction */
		err = store_exec(copying.to, "ROLLBACK; VACUUM", error);
	offsets_close(copying.to);
	return err;
}

int offsets_finish(struct offsets *o, struct offsets_error *error)
{
	char path[PATH_MAX + 8], target[PATH_MAX];
	int err = offsets_commit(o, error);

	if (err)
		return err;
	if (!realpath(o->path, target)) /* a link to it stays one */
		return offsets_fail(error, -errno, "%s: %s", o->path, strerror(errno));
	snprintf(path, sizeof(path), "%s.new", target);
	unlink(path); /* of a run that was killed; ours is the lock */
	err = rows_copy(o, path, error);
	if (!err)
		err = file_replace(o, path, target, error);
	if (err)
		unlink(path);
	return err;
}
