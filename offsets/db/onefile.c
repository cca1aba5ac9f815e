/* SPDX-License-Identifier: BSD-2-Clause */
#include "offsets/db/onefile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What SQLite allocates for a file. */
struct handle {
	sqlite3_file base;
	struct onefile *file;
};

static struct onefile *of(sqlite3_file *file)
{
	return ((struct handle *)file)->file;
}

/* ---- the file --------------------------------------------------------- */

static int file_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static size_t descriptor_read(const struct onefile *f, char *buffer, size_t size, off_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(f->fd, buffer + done, size - done, at + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += n;
	}
	return done;
}

static int file_read(sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset)
{
	const struct onefile *f = of(file);
	size_t at = offset, there = at < f->size ? f->size - at : 0;
	size_t n = there < (size_t)size ? there : (size_t)size;

	if (f->fd >= 0)
		n = descriptor_read(f, buffer, n, at);
	else if (n)
		memcpy(buffer, f->data + at, n);
	memset((char *)buffer + n, 0, size - n);
	return n == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int grow(struct onefile *f, size_t size)
{
	size_t room = f->room ? f->room : 1 << 16;
	unsigned char *data;

	while (room < size)
		room *= 2;
	data = realloc(f->data, room);
	if (!data)
		return SQLITE_IOERR_NOMEM;
	f->data = data;
	f->room = room;
	return SQLITE_OK;
}

static int database_replace(sqlite3_file *file, const void *buffer, int size, sqlite3_int64 offset)
{
	struct onefile *f = of(file);
	size_t at = offset, end = at + size;
	int rc;

	if (end > f->max)
		return SQLITE_FULL;
	if (end > f->room) {
		rc = grow(f, end);
		if (rc)
			return rc;
	}
	if (at > f->size)
		memset(f->data + f->size, 0, at - f->size);
	memcpy(f->data + at, buffer, size);
	if (end > f->size)
		f->size = end;
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct onefile *f = of(file);

	if ((size_t)size < f->size)
		f->size = size;
	return SQLITE_OK;
}

static int file_sync(sqlite3_file *file, int flags)
{
	(void)file, (void)flags;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	*ret = of(file)->size;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int lock)
{
	(void)file, (void)lock;
	return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *ret)
{
	(void)file;
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int what, void *arg)
{
	(void)file, (void)what, (void)arg;
	return SQLITE_NOTFOUND;
}

static int file_zero(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = database_replace,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_zero,
	.xDeviceCharacteristics = file_zero,
};

/* ---- the file system -------------------------------------------------- */

/* One database. Opening a journal or a temporary file fails. */
static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
	struct handle *handle = (struct handle *)file;

	(void)name;
	memset(handle, 0, sizeof(*handle));
	if (!(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	handle->base.pMethods = &methods;
	handle->file = vfs->pAppData;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs, (void)name, (void)sync;
	return SQLITE_IOERR_DELETE;
}

/* Reports that no journal exists. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	(void)vfs, (void)name, (void)flags;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
	(void)vfs;
	snprintf(ret, size, "%s", name);
	return SQLITE_OK;
}

/* SQLite uses it only for numbers that are not stored. */
static int vfs_randomness(sqlite3_vfs *vfs, int size, char *ret)
{
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	(void)vfs;
	return real ? real->xRandomness(real, size, ret) : 0;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs, (void)us;
	return 0;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret)
{
	(void)vfs;
	*ret = 0;
	return SQLITE_OK;
}

/* ---- open and close --------------------------------------------------- */

int onefile_open(struct onefile *f, bool writable, sqlite3 **ret)
{
	int flags = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	int rc;

	*ret = NULL;
	f->room = f->size;
	snprintf(f->name, sizeof(f->name), "offsets-%p", (void *)f);
	f->vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = 64,
		.zName = f->name,
		.pAppData = f,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
	};
	rc = sqlite3_vfs_register(&f->vfs, 0);
	return rc ? rc : sqlite3_open_v2("kernels.db", ret, flags, f->name);
}

void onefile_close(struct onefile *f)
{
	if (f->vfs.pAppData)
		sqlite3_vfs_unregister(&f->vfs);
	free(f->data);
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct onefile){ .fd = -1 };
}
