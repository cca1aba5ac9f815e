/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of safefile.h that writes: new files that replace old ones, and the writers' lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "offsets/util/beside.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/error.h"
#include "offsets/util/safefile.h"
#include "offsets/util/walk.h"

/* ---- replace ---------------------------------------------------------- */

struct safefile {
	char *path;
	enum safefile_place place;
	int directory, fd;
	char name[NAME_MAX + 1];
	char beside[NAME_MAX + 1]; /* "" when there is none */
	bool committed;
};

static int beside_make(struct safefile *f, mode_t mode)
{
	int err = beside_name(f->name, f->beside);

	if (err)
		return err;
	f->fd = openat(f->directory, f->beside,
	               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0777);
	if (f->fd >= 0)
		return 0;
	err = -errno;
	*f->beside = '\0';
	return err;
}

/* If the group cannot be kept, the new group gets only the rights of others. */
static int like_old(struct safefile *f, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;
	struct stat st;

	if (fstat(f->fd, &st))
		return -errno;
	if (!geteuid() && st.st_uid != old->st_uid && fchown(f->fd, old->st_uid, -1))
		return -errno;
	if (st.st_gid != old->st_gid && fchown(f->fd, -1, old->st_gid))
		mode &= ~S_IRWXG | (mode & S_IRWXO) << 3;
	return fchmod(f->fd, mode) ? -errno : 0;
}

static bool old_trusted(struct walk *w)
{
	struct offsets_error ignored, *error = w->error;
	CLEANUP(cleanup_fd) int fd = openat(w->directory, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool trusted;

	w->error = &ignored;
	trusted = fd >= 0 && !fstat(fd, &w->st) && S_ISREG(w->st.st_mode) &&
	          !walk_owners_check(w, fd, &w->st, &(struct refusal){ "", "", "" });
	w->error = error;
	return trusted;
}

static int begin_walked(struct walk *w, struct safefile *f, mode_t mode)
{
	int err;

	if (!w->missing && f->place == SAFEFILE_NEW)
		return offsets_fail(w->error, -EEXIST, "%s: exists; name a new file", w->path);
	if (!w->missing && (w->magic || !S_ISREG(w->st.st_mode)))
		return offsets_fail(w->error, -EINVAL, "%s: not a regular file; name another file",
		                    w->path);
	if (!w->missing && faccessat(w->directory, w->name, W_OK, AT_EACCESS))
		return walk_fail(w, -errno);
	strcpy(f->name, w->name);
	f->directory = w->directory;
	w->directory = -1;
	err = beside_make(f, mode);
	if (err)
		return offsets_fail(w->error, err,
		                    "%s: cannot create a file in its directory: %s; check the "
		                    "directory's permissions and space",
		                    w->path, strerror(-err));
	w->directory = f->directory;
	if (!w->missing && old_trusted(w))
		err = like_old(f, &w->st);
	w->directory = -1;
	return err ? walk_fail(w, err) : 0;
}

int safefile_begin(const char *path, enum safefile_place place, mode_t mode, struct safefile **ret,
                   struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	struct safefile *f = calloc(1, sizeof(*f));
	int err;

	*ret = NULL;
	if (f)
		f->path = strdup(path);
	if (!w || !f || !f->path) {
		free(f);
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	}
	f->place = place;
	f->directory = f->fd = -1;
	walk_init(w, path, false, error);
	err = walk_path(w);
	if (!err)
		err = begin_walked(w, f, mode);
	walk_deinit(w);
	if (err) {
		safefile_end(f);
		return err;
	}
	*ret = f;
	return 0;
}

int safefile_write(struct safefile *f, const void *data, size_t size, struct offsets_error *error)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(f->fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n < 0 ? -errno : -EIO;

			return offsets_fail(error, err,
			                    "%s: %s; nothing was changed, free some disk space",
			                    f->path, strerror(-err));
		}
		at += n;
		size -= n;
	}
	return 0;
}

static int take_place(struct safefile *f)
{
	if (fsync(f->fd))
		return -errno;
	if (f->place == SAFEFILE_REPLACE)
		return renameat(f->directory, f->beside, f->directory, f->name) ? -errno : 0;
	if (linkat(f->directory, f->beside, f->directory, f->name, 0))
		return -errno;
	return unlinkat(f->directory, f->beside, 0) ? -errno : 0;
}

/* Some file systems cannot sync a directory: not an error. */
static void directory_sync(int directory)
{
	CLEANUP(cleanup_fd) int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && fsync(fd))
		return;
}

int safefile_commit(struct safefile *f, struct offsets_error *error)
{
	int err = take_place(f);

	if (err)
		return offsets_fail(error, err, "%s: cannot be written: %s; nothing was changed",
		                    f->path, strerror(-err));
	f->committed = true;
	directory_sync(f->directory);
	return 0;
}

void safefile_undo(struct safefile *f)
{
	if (f->committed && f->place == SAFEFILE_NEW)
		unlinkat(f->directory, f->name, 0);
}

void safefile_end(struct safefile *f)
{
	if (!f)
		return;
	if (!f->committed && *f->beside)
		unlinkat(f->directory, f->beside, 0);
	if (f->fd >= 0)
		close(f->fd);
	if (f->directory >= 0)
		close(f->directory);
	free(f->path);
	free(f);
}

int safefile_replace(const char *path, mode_t mode, const void *data, size_t size,
                     struct offsets_error *error)
{
	struct safefile *f;
	int err = safefile_begin(path, SAFEFILE_REPLACE, mode, &f, error);

	if (!err)
		err = safefile_write(f, data, size, error);
	if (!err)
		err = safefile_commit(f, error);
	safefile_end(f);
	return err;
}

/* ---- one writer ------------------------------------------------------- */

#define LOCK_SUFFIX ".lock"
#define LOCK_TRY_MS 50

struct safefile_lock {
	int directory, fd;
	char name[NAME_MAX + 1];
};

/* A file that cannot be removed is ignored. */
static void leftover_remove(int directory, const char *name, void *arg)
{
	(void)arg;
	unlinkat(directory, name, 0);
}

/*
 * The owner of the directory gets the lock file of root: so a killed run of
 * root does not block others.
 */
static int lock_open(struct walk *w, const char *name, int *ret_fd)
{
	CLEANUP(cleanup_fd)
	int fd = openat(w->directory, name,
	                O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	struct stat st, directory;
	int err;

	if (fd < 0 || fstat(fd, &st) || fstat(w->directory, &directory))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	err = walk_owners_check(w, fd, &st, &(struct refusal){ "the lock ", name, "hold" });
	if (err)
		return err;
	if (!geteuid() && directory.st_uid != st.st_uid && !(directory.st_mode & S_ISVTX) &&
	    fchown(fd, directory.st_uid, -1))
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* -EAGAIN: another writer has it, or has just removed the file. */
static int lock_try(struct walk *w, const char *name, int *ret_fd)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st, now;
	int err = lock_open(w, name, &fd);

	if (err)
		return err;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (fstat(fd, &st) || fstatat(w->directory, name, &now, AT_SYMLINK_NOFOLLOW) ||
	    st.st_dev != now.st_dev || st.st_ino != now.st_ino)
		return -EAGAIN;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int lock_walked(struct walk *w, unsigned int wait_ms, struct safefile_lock *lock)
{
	unsigned int waited_ms;
	int err;

	if (snprintf(lock->name, sizeof(lock->name), "%s" LOCK_SUFFIX, w->name) >=
	    (int)sizeof(lock->name))
		return walk_fail(w, -ENAMETOOLONG);
	err = lock_try(w, lock->name, &lock->fd);
	for (waited_ms = 0; err == -EAGAIN && waited_ms < wait_ms; waited_ms += LOCK_TRY_MS) {
		usleep(LOCK_TRY_MS * 1000);
		err = lock_try(w, lock->name, &lock->fd);
	}
	if (err == -EAGAIN)
		return offsets_fail(w->error, -EBUSY,
		                    "%s: another process is writing it; try again later", w->path);
	if (err && err != -EPERM)
		return offsets_fail(w->error, err,
		                    "%s: cannot be written (%s" LOCK_SUFFIX ": %s); check the path "
		                    "and its permissions",
		                    w->path, w->path, strerror(-err));
	return err;
}

int safefile_lock(const char *path, unsigned int wait_ms, struct safefile_lock **ret,
                  struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	CLEANUP(cleanup_free) struct safefile_lock *lock = malloc(sizeof(*lock));
	int err;

	*ret = NULL;
	if (!w || !lock)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	walk_init(w, path, false, error);
	err = walk_path(w);
	if (!err)
		err = lock_walked(w, wait_ms, lock);
	if (!err) {
		beside_each(w->directory, w->name, leftover_remove, NULL);
		lock->directory = w->directory;
		w->directory = -1;
		*ret = lock;
		lock = NULL;
	}
	walk_deinit(w);
	return err;
}

void safefile_unlock(struct safefile_lock *lock)
{
	if (!lock)
		return;
	unlinkat(lock->directory, lock->name, 0);
	close(lock->fd);
	close(lock->directory);
	free(lock);
}
