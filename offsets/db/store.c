/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernels.db: SQLite, one row per kernel or module, layouts that several
 * kernels share stored once. Here: statements, open, close, transactions.
 *
 * SQLite sees no file but what onefile.c shows it: a copy in memory, or of a
 * trustworthy file that is only read, its descriptor. So a reader writes, removes
 * and locks nothing. A commit writes the whole copy into a new file that takes
 * the old one's place (replace.c): the file is whole at every moment, and a
 * failed or killed run changes nothing. Writers exclude each other by a file
 * NAME.lock.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/safefile.h"
#include "offsets/db/store.h"

/* 200,000 kernels */
#define BYTES_MAX ((size_t)64 << 20)

#define LOCK_WAIT_MS 10000

/* Reports once what SQLite says, in the words of the person who must act. */
int store_fail(struct offsets *o, struct offsets_error *e)
{
	switch (sqlite3_errcode(o->db)) {
	case SQLITE_INTERRUPT:
		return store_work_fail(o, e);
	case SQLITE_FULL:
		return offsets_fail(e, -EFBIG,
		                    "%s: would be larger than %zu MiB; split it into several with "
		                    "'lkccb slim'",
		                    o->path, BYTES_MAX >> 20);
	case SQLITE_NOMEM:
		return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	case SQLITE_READONLY:
		return offsets_fail(e, -EACCES, "%s: was opened for reading only", o->path);
	default: /* a page, a table or a value is not what it should be */
		return offsets_fail(
			e, -EBADMSG,
			"%s: not a kernels.db, or damaged (%s); restore it or rebuild it with "
			"'make kernels.db'",
			o->path, sqlite3_errmsg(o->db));
	}
}

/* ---- work ------------------------------------------------------------- */

#define PROGRESS_STEPS 1000

void store_work_whole(struct offsets *o)
{
	o->work = WORK_CALL + WORK_PER_BYTE * (int64_t)o->file.size;
	o->adding = false;
}

void store_work_add(struct offsets *o, const struct kernel_row *row)
{
	o->work += WORK_ADD + WORK_ADD_FACT * (int64_t)row->count;
	o->adding = true;
}

int store_work_fail(struct offsets *o, struct offsets_error *e)
{
	if (o->adding)
		return offsets_fail(e, -EBADMSG,
		                    "%s: the rows that it gets take more work than rows of kernels "
		                    "do: where they come from is damaged or hostile; name another "
		                    "source",
		                    o->path);
	return offsets_fail(e, -EBADMSG,
	                    "%s: damaged or hostile: it takes more work than any database of its "
	                    "size; restore it or rebuild it with 'make kernels.db'",
	                    o->path);
}

int store_charge(struct offsets *o, int64_t steps, struct offsets_error *e)
{
	o->work -= steps;
	return o->work < 0 ? store_work_fail(o, e) : 0;
}

static int on_progress(void *arg)
{
	struct offsets *o = arg;

	o->work -= PROGRESS_STEPS;
	return o->work < 0;
}

/* ---- statements ------------------------------------------------------- */

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

/* Nothing of these is needed, so none of it is there for a hostile file. */
static void features_off(sqlite3 *db)
{
	static const struct {
		int what, on;
	} settings[] = {
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
#ifdef SQLITE_DBCONFIG_DEFENSIVE /* 3.26 */
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
#endif
#ifdef SQLITE_DBCONFIG_DQS_DML /* 3.29 */
		{ SQLITE_DBCONFIG_DQS_DML, 0 },        { SQLITE_DBCONFIG_DQS_DDL, 0 },
#endif
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW /* 3.30 */
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA /* 3.31 */
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
#endif
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		sqlite3_db_config(db, settings[i].what, settings[i].on, NULL);
}

/* No query of ours comes near these. */
static void limits_set(sqlite3 *db, bool writable)
{
	const struct {
		int what, max;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 1 << 18 }, /* a layout of all facts that a row can have */
		{ SQLITE_LIMIT_SQL_LENGTH, 8192 },        { SQLITE_LIMIT_COLUMN, 64 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 64 },          { SQLITE_LIMIT_COMPOUND_SELECT, 16 },
		{ SQLITE_LIMIT_VDBE_OP, 20000 },          { SQLITE_LIMIT_FUNCTION_ARG, 16 },
		{ SQLITE_LIMIT_ATTACHED, writable }, /* VACUUM needs one */
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 }, { SQLITE_LIMIT_VARIABLE_NUMBER, 64 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },        { SQLITE_LIMIT_WORKER_THREADS, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db, limits[i].what, limits[i].max);
}

/* Of o->file, which is set. */
static int database_open(struct offsets *o, struct offsets_error *e)
{
	o->file.max = BYTES_MAX;
	if (onefile_open(&o->file, o->writable, &o->db))
		return o->db ? store_fail(o, e)
		             : offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
	features_off(o->db);
	limits_set(o->db, o->writable);
	store_work_whole(o);
	sqlite3_progress_handler(o->db, PROGRESS_STEPS, on_progress, o);
	return store_exec(o,
	                  "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = MEMORY;"
	                  "PRAGMA cell_size_check = ON",
	                  e);
}

static int file_missing(struct offsets *o, int err, struct offsets_error *e)
{
	return offsets_fail(
		e, err,
		"%s: %s; make it with 'make kernels.db' or 'lkccb add', or name another "
		"with --db",
		o->path, strerror(-err));
}

/* ---- journals of others ------------------------------------------------ */

#define JOURNAL "-journal"

static bool journal_there(const struct offsets *o)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	unsigned char head[sizeof(magic)];

	return safefile_beside(o->path, JOURNAL, head, sizeof(head)) == sizeof(head) &&
	       !memcmp(head, magic, sizeof(magic));
}

/*
 * We make no journal, but earlier versions and other programs do; with one the
 * file itself is half of the truth. A journal can have SQLite remove any file.
 */
static int journal_check(struct offsets *o, struct offsets_error *e)
{
	if (!journal_there(o))
		return 0;
	return offsets_fail(e, -EBUSY,
	                    "%s: another program is writing it, or was killed half way (there is "
	                    "%s" JOURNAL "); if none is, the next 'lkccb add', 'import' or 'merge' "
	                    "of its owner rolls that back",
	                    o->path, o->path);
}

/* SQLite plays it by itself: only what trusted users wrote. */
static int journal_play(struct offsets *o, struct offsets_error *e)
{
	CLEANUP(cleanup_fd) int fd = -1, journal_fd = -1;
	char path[PATH_MAX], journal[PATH_MAX + sizeof(JOURNAL)];
	sqlite3 *db = NULL;
	int err;

	if (!journal_there(o))
		return 0;
	if (!realpath(o->path, path)) /* the journal is where a link leads to */
		return offsets_fail(e, -EBUSY, "%s: %s", o->path, strerror(errno));
	snprintf(journal, sizeof(journal), "%s" JOURNAL, path);
	err = safefile_open(path, SAFEFILE_TRUSTED, &fd, e);
	if (!err)
		err = safefile_open(journal, SAFEFILE_TRUSTED, &journal_fd, e);
	if (!err && !sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL))
		sqlite3_exec(db, "PRAGMA user_version", NULL, NULL, NULL);
	sqlite3_close(db);
	return err == -ENOENT ? 0 : err; /* somebody else was faster */
}

static int file_find(struct offsets *o, enum safefile_use use, struct offsets_error *e)
{
	int err = safefile_open(o->path, use, &o->file.fd, e);

	if (err == -ENOENT || err == -ENOTDIR)
		return file_missing(o, err, e);
	if (err == -EINVAL || err == -EISDIR)
		return offsets_fail(e, -EBADMSG,
		                    "%s: not a regular file; name a kernels.db with --db", o->path);
	return err;
}

static int file_copy(struct offsets *o, struct offsets_error *e)
{
	void *data = NULL;
	int err = safefile_read(o->file.fd, o->path, BYTES_MAX, &data, &o->file.size, e);

	close(o->file.fd);
	o->file.fd = -1;
	o->file.data = data;
	return err;
}

/* Nobody who is not trusted can change it, so it is read as far as it is needed. */
static int file_keep(struct offsets *o, struct offsets_error *e)
{
	if (fstat(o->file.fd, &o->before))
		return offsets_fail(e, -errno, "%s: %s", o->path, strerror(errno));
	o->file.size = o->before.st_size;
	return 0;
}

int store_unchanged(struct offsets *o, struct offsets_error *e)
{
	struct stat st;

	if (o->file.fd < 0 || (!fstat(o->file.fd, &st) && st.st_size == o->before.st_size &&
	                       st.st_mtim.tv_sec == o->before.st_mtim.tv_sec &&
	                       st.st_mtim.tv_nsec == o->before.st_mtim.tv_nsec))
		return 0;
	return offsets_fail(e, -EAGAIN, "%s: changed while it was read; try again", o->path);
}

static int file_open(struct offsets *o, enum offsets_mode mode, struct offsets_error *e)
{
	bool any = mode == OFFSETS_READ, keep = mode == OFFSETS_READ_TRUSTED;
	unsigned char head[STORE_HEADER_BYTES] = { 0 };
	ssize_t size;
	int err = file_find(o, any ? SAFEFILE_READ : SAFEFILE_TRUSTED, e);

	if (err)
		return err;
	size = pread(o->file.fd, head, sizeof(head), 0);
	if (size < 0)
		return offsets_fail(e, -errno, "%s: %s", o->path, strerror(errno));
	err = store_header_check(o, head, size, e);
	if (!err)
		err = keep ? file_keep(o, e) : file_copy(o, e);
	if (!err)
		err = journal_check(o, e);
	if (!err)
		err = database_open(o, e);
	return err ? err : store_schema_check(o, e);
}

static int writer_open(struct offsets *o, struct offsets_error *e)
{
	int err = safefile_lock(o->path, LOCK_WAIT_MS, &o->lock, e);

	if (!err)
		err = journal_play(o, e);
	if (!err)
		err = file_open(o, OFFSETS_WRITE, e);
	if (err == -ENOENT && o->lock) {
		o->missing = true;
		err = database_open(o, e);
		if (!err)
			err = store_schema_make(o, e);
	}
	if (!err)
		err = offsets_integrity(o, e);
	return err ? err : store_exec(o, "BEGIN", e);
}

static struct offsets *handle_new(const char *path, bool writable)
{
	struct offsets *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->path = strdup(path);
	o->file.fd = -1;
	o->writable = writable;
	if (o->path)
		return o;
	free(o);
	return NULL;
}

int offsets_open(const char *path, enum offsets_mode mode, struct offsets **ret,
                 struct offsets_error *error)
{
	struct offsets *o = handle_new(path, mode == OFFSETS_WRITE);
	int err;

	*ret = NULL;
	if (!o)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	err = o->writable ? writer_open(o, error) : file_open(o, mode, error);
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
	sqlite3_close(o->db);
	onefile_close(&o->file);
	safefile_unlock(o->lock);
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

/* Into a new file that takes the place of what o has as its path. */
static int file_write(struct offsets *o, const struct onefile *file, struct offsets_error *e)
{
	struct safefile *f;
	int err =
		safefile_begin(o->path, o->missing ? SAFEFILE_NEW : SAFEFILE_REPLACE, 0644, &f, e);

	if (!err)
		err = safefile_write(f, file->data, file->size, e);
	if (!err)
		err = safefile_commit(f, e);
	safefile_end(f);
	if (!err)
		o->missing = false;
	o->broken = err;
	return err;
}

static int commit_copy(struct offsets *o, struct offsets_error *e)
{
	int err;

	if (o->broken)
		return offsets_fail(e, o->broken, "%s: could not be written before: %s", o->path,
		                    strerror(-o->broken));
	store_work_whole(o);
	err = orphans_remove(o, e);
	return err ? err : store_exec(o, "COMMIT", e);
}

int offsets_commit(struct offsets *o, struct offsets_error *error)
{
	int err = commit_copy(o, error);

	if (!err)
		err = file_write(o, &o->file, error);
	return err ? err : store_exec(o, "BEGIN", error);
}

int offsets_rollback(struct offsets *o)
{
	struct offsets_error ignored;
	int err;

	o->orphans = false;
	store_forget(o);
	err = store_exec(o, "ROLLBACK", &ignored);
	return err ? err : store_exec(o, "BEGIN", &ignored);
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

/* Into an empty database, sorted. */
static int rows_copy(struct offsets *o, struct offsets *to, struct offsets_error *error)
{
	struct copying copying = { to, error };
	int err = database_open(to, error);

	if (!err)
		err = store_schema_make(to, error);
	if (!err)
		err = store_exec(to, "BEGIN", error);
	if (!err)
		err = offsets_each(o, NULL, row_copy, &copying, error);
	if (err)
		return err;
	store_work_whole(to);
	return store_exec(to, "COMMIT; VACUUM", error);
}

int offsets_finish(struct offsets *o, struct offsets_error *error)
{
	struct offsets *to;
	int err = commit_copy(o, error);

	if (err)
		return err;
	to = handle_new(o->path, true);
	err = to ? rows_copy(o, to, error)
	         : offsets_fail(error, -ENOMEM, "%s: out of memory", o->path);
	if (!err)
		err = file_write(o, &to->file, error);
	offsets_close(to);
	return err;
}
