/* SPDX-License-Identifier: BSD-2-Clause */
/* A handle on kernels.db: its SQLite database, what a call may cost, statements. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/store.h"

int store_fail(struct offsets *o, struct offsets_error *e)
{
	switch (sqlite3_errcode(o->db)) {
	case SQLITE_INTERRUPT:
		return store_work_fail(o, e);
	case SQLITE_FULL:
		return offsets_fail(e, -EFBIG,
		                    "%s: would be larger than %zu MiB; split it into several with "
		                    "'lkccb slim'",
		                    o->path, STORE_BYTES_MAX >> 20);
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

void store_work_add(struct offsets *o, const struct offsets_kernel *kernel)
{
	o->work += WORK_ADD + WORK_ADD_FACT * (int64_t)offsets_kernel_count(kernel);
	o->adding = true;
}

int store_work_fail(struct offsets *o, struct offsets_error *e)
{
	if (o->adding)
		return offsets_fail(e, -EBADMSG,
		                    "%s: the kernels to add take more work than real kernels do: "
		                    "their source is damaged or hostile; name another",
		                    o->path);
	return offsets_fail(e, -EBADMSG,
	                    "%s: damaged or hostile: it takes more work than any real database of "
	                    "its size; restore it or rebuild it with 'make kernels.db'",
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

	while (p < o->prepared + STORE_PREPARED_MAX && p->sql && p->sql != sql)
		p++;
	if (p == o->prepared + STORE_PREPARED_MAX)
		return offsets_fail(e, -ENOMEM, "%s: too many prepared statements", o->path);
	if (!p->sql && sqlite3_prepare_v3(o->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &p->st, NULL))
		return store_fail(o, e);
	p->sql = sql;
	*ret = p->st;
	return 0;
}

void store_statements_drop(struct offsets *o)
{
	size_t i;

	for (i = 0; i < STORE_PREPARED_MAX; i++)
		sqlite3_finalize(o->prepared[i].st);
	memset(o->prepared, 0, sizeof(o->prepared));
}

int store_step(struct offsets *o, sqlite3_stmt *st, struct offsets_error *e)
{
	int rc = sqlite3_step(st);

	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_fail(o, e);
}

int store_by_id(struct offsets *o, sqlite3_stmt **ret, const char *sql, sqlite3_int64 id,
                struct offsets_error *e)
{
	int err = store_prepare(o, ret, sql, e);

	if (err)
		return err;
	sqlite3_bind_int64(*ret, 1, id);
	return store_step(o, *ret, e);
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

/* ---- open ------------------------------------------------------------- */

/* Unused features are disabled, so that a hostile file cannot reach them. */
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

/* Far above what our queries need. */
static void limits_set(sqlite3 *db, bool writable)
{
	const struct {
		int what, max;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 1 << 18 }, /* a layout with as many facts as a kernel can
		                                     have */
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

int store_open(struct offsets *o, struct offsets_error *e)
{
	o->file.max = STORE_BYTES_MAX;
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

int store_unchanged(struct offsets *o, struct offsets_error *e)
{
	struct stat st;

	if (o->file.fd < 0 || (!fstat(o->file.fd, &st) && st.st_size == o->before.st_size &&
	                       st.st_mtim.tv_sec == o->before.st_mtim.tv_sec &&
	                       st.st_mtim.tv_nsec == o->before.st_mtim.tv_nsec))
		return 0;
	return offsets_fail(e, -EAGAIN, "%s: the file changed while it was read; try again",
	                    o->path);
}
