/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file kernels.db: open, commit, close.
 *
 * SQLite sees no file but what onefile.c shows it: a copy in memory or, if only
 * trusted users can change the file and it is only read, its descriptor. So a
 * reader writes, removes and locks nothing. A commit writes the whole copy into a
 * new file that replaces the old one (replace.c): the file is complete at every
 * moment, and a run that fails or is killed changes nothing. Writers exclude each
 * other by a file NAME.lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/database.h"
#include "offsets/db/journal.h"
#include "offsets/db/layouts.h"
#include "offsets/db/tables.h"
#include "offsets/util/safefile.h"

#define LOCK_WAIT_MS 10000

/* ---- open and close --------------------------------------------------- */

static int file_missing(struct offsets *o, int err, struct offsets_error *e)
{
	return offsets_fail(e, err,
	                    "%s: %s; create it with 'make kernels.db' or 'lkccb add', or name "
	                    "another with --db",
	                    o->path, strerror(-err));
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
	int err = safefile_read(o->file.fd, o->path, STORE_BYTES_MAX, &data, &o->file.size, e);

	close(o->file.fd);
	o->file.fd = -1;
	o->file.data = data;
	return err;
}

/* Only trusted users can change the file, so pages are read when they are needed. */
static int file_keep(struct offsets *o, struct offsets_error *e)
{
	if (fstat(o->file.fd, &o->before))
		return offsets_fail(e, -errno, "%s: %s", o->path, strerror(errno));
	o->file.size = o->before.st_size;
	return 0;
}

/* Of the whole file; NULL: none. */
struct check {
	offsets_check_fn fn;
	void *arg;
};

static int file_open(struct offsets *o, enum offsets_mode mode, const struct check *check,
                     struct offsets_error *e)
{
	bool any = mode == OFFSETS_READ, keep = mode == OFFSETS_READ_TRUSTED && !check;
	unsigned char head[SCHEMA_HEADER_BYTES] = { 0 };
	ssize_t size;
	int err = file_find(o, any ? SAFEFILE_READ : SAFEFILE_TRUSTED, e);

	if (err)
		return err;
	size = pread(o->file.fd, head, sizeof(head), 0);
	if (size < 0)
		return offsets_fail(e, -errno, "%s: %s", o->path, strerror(errno));
	err = schema_header_check(o, head, size, e);
	if (!err)
		err = keep ? file_keep(o, e) : file_copy(o, e);
	if (!err && check)
		err = check->fn(o->file.data, o->file.size, check->arg, e);
	if (!err)
		err = journal_check(o, e);
	if (!err)
		err = store_open(o, e);
	return err ? err : schema_check(o, e);
}

static int writer_open(struct offsets *o, struct offsets_error *e)
{
	int err = safefile_lock(o->path, LOCK_WAIT_MS, &o->lock, e);

	if (!err)
		err = journal_play(o, e);
	if (!err)
		err = file_open(o, OFFSETS_WRITE, NULL, e);
	if (err == -ENOENT && o->lock) {
		o->missing = true;
		err = store_open(o, e);
		if (!err)
			err = schema_make(o, e);
	}
	if (!err)
		err = offsets_integrity(o, e);
	return err ? err : store_exec(o, "BEGIN", e);
}

struct offsets *database_new(const char *path, bool writable)
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

static int database_open(const char *path, enum offsets_mode mode, const struct check *check,
                         struct offsets **ret, struct offsets_error *error)
{
	struct offsets *o = database_new(path, mode == OFFSETS_WRITE);
	int err;

	*ret = NULL;
	if (!o)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	err = o->writable ? writer_open(o, error) : file_open(o, mode, check, error);
	if (err) {
		offsets_close(o);
		return err;
	}
	*ret = o;
	return 0;
}

int offsets_open(const char *path, enum offsets_mode mode, struct offsets **ret,
                 struct offsets_error *error)
{
	return database_open(path, mode, NULL, ret, error);
}

int offsets_open_checked(const char *path, offsets_check_fn check, void *arg, struct offsets **ret,
                         struct offsets_error *error)
{
	const struct check whole = { check, arg };

	return database_open(path, OFFSETS_READ_TRUSTED, &whole, ret, error);
}

void offsets_close(struct offsets *o)
{
	if (!o)
		return;
	store_statements_drop(o);
	sqlite3_close(o->db);
	onefile_close(&o->file);
	safefile_unlock(o->lock);
	layouts_forget(o);
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
	layouts_forget(o);
	return err;
}

int database_replace(struct offsets *o, const struct onefile *file, struct offsets_error *e)
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

int database_commit(struct offsets *o, struct offsets_error *e)
{
	int err;

	if (o->broken)
		return offsets_fail(e, o->broken, "%s: an earlier write failed: %s", o->path,
		                    strerror(-o->broken));
	store_work_whole(o);
	err = orphans_remove(o, e);
	return err ? err : store_exec(o, "COMMIT", e);
}

int offsets_commit(struct offsets *o, struct offsets_error *error)
{
	int err = database_commit(o, error);

	if (!err)
		err = database_replace(o, &o->file, error);
	return err ? err : store_exec(o, "BEGIN", error);
}

int offsets_rollback(struct offsets *o)
{
	struct offsets_error ignored;
	int err;

	o->orphans = false;
	layouts_forget(o);
	err = store_exec(o, "ROLLBACK", &ignored);
	return err ? err : store_exec(o, "BEGIN", &ignored);
}
