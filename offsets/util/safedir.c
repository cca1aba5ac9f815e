/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "offsets/util/beside.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/error.h"
#include "offsets/util/safedir.h"
#include "offsets/util/safefile.h"
#include "offsets/util/walk.h"

#define WAIT_MS 10000 /* for another writer */
#define FOLDER  (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct safedir {
	char *path;
	safedir_ours_fn ours;
	struct safefile_lock *lock;
	int directory; /* that has both */
	char name[NAME_MAX + 1];
	char beside[NAME_MAX + 1]; /* of the new one; "" when there is none */
	bool replaces;
	int fd, folder; /* of the new one; of the directory in it that is written to */
};

/* ---- old directories ------------------------------------------------------ */

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static bool is_directory(int at, const char *name)
{
	struct stat st;

	return !fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

typedef int (*entry_fn)(const struct safedir *d, int fd, const char *folder, const char *name);

/* Calls back for each name of a directory and, before it, for each in a directory there. */
static int entries_each(const struct safedir *d, int at, const char *name, const char *folder,
                        entry_fn fn)
{
	int fd = openat(at, name, FOLDER), err = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		err = -errno;
		cleanup_fd(&fd);
		return err;
	}
	while (!err && (entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		if (!folder && is_directory(fd, entry->d_name))
			err = entries_each(d, fd, entry->d_name, entry->d_name, fn);
		if (!err)
			err = fn(d, fd, folder ? folder : "", entry->d_name);
	}
	closedir(dir);
	return err;
}

static int entry_check(const struct safedir *d, int fd, const char *folder, const char *name)
{
	return d->ours(folder, name, is_directory(fd, name)) ? 0 : -EEXIST;
}

static int entry_remove(const struct safedir *d, int fd, const char *folder, const char *name)
{
	bool directory = is_directory(fd, name);

	if (!d->ours(folder, name, directory))
		return -EEXIST;
	return unlinkat(fd, name, directory ? AT_REMOVEDIR : 0) ? -errno : 0;
}

/* Nothing that is not ours. */
static void tree_remove(const struct safedir *d, const char *name)
{
	if (!entries_each(d, d->directory, name, NULL, entry_check) &&
	    !entries_each(d, d->directory, name, NULL, entry_remove))
		unlinkat(d->directory, name, AT_REMOVEDIR);
}

/* A directory that cannot be removed is ignored. */
static void leftover_remove(int directory, const char *name, void *arg)
{
	if (is_directory(directory, name))
		tree_remove(arg, name);
}

/* ---- begin -------------------------------------------------------------------- */

static int old_check(struct safedir *d, struct walk *w)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int err;

	if (w->magic || !S_ISDIR(w->st.st_mode))
		return offsets_fail(w->error, -EEXIST, "%s: not a directory; name another one",
		                    w->path);
	fd = openat(w->directory, w->name, FOLDER);
	if (fd < 0)
		return walk_fail(w, -errno);
	err = walk_owners_check(w, fd, &w->st, &(struct refusal){ "", "", "change" });
	if (err)
		return err;
	err = entries_each(d, w->directory, w->name, NULL, entry_check);
	if (err == -EEXIST)
		return offsets_fail(w->error, err,
		                    "%s: has files of others, which would be removed; name another "
		                    "directory",
		                    w->path);
	return err ? walk_fail(w, err) : 0;
}

static int new_make(struct safedir *d, mode_t mode)
{
	int err = beside_name(d->name, d->beside);

	if (err)
		return err;
	if (mkdirat(d->directory, d->beside, mode)) {
		*d->beside = '\0';
		return -errno;
	}
	d->fd = openat(d->directory, d->beside, FOLDER);
	return d->fd < 0 ? -errno : 0;
}

static int begin_walked(struct safedir *d, struct walk *w)
{
	mode_t mode = w->missing ? 0755 : w->st.st_mode & 0777;
	int err = w->missing ? 0 : old_check(d, w);

	if (err)
		return err;
	strcpy(d->name, w->name);
	d->replaces = !w->missing;
	d->directory = w->directory;
	w->directory = -1;
	beside_each(d->directory, d->name, leftover_remove, d);
	err = new_make(d, mode);
	return err ? offsets_fail(w->error, err,
	                          "%s: cannot create a directory beside it: %s; check the "
	                          "permissions and space there",
	                          w->path, strerror(-err))
	           : 0;
}

static int begin_locked(struct safedir *d, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	int err;

	if (!w)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", d->path);
	walk_init(w, d->path, false, error);
	err = walk_path(w);
	if (!err)
		err = begin_walked(d, w);
	walk_deinit(w);
	return err;
}

int safedir_begin(const char *path, safedir_ours_fn ours, struct safedir **ret,
                  struct offsets_error *error)
{
	struct safedir *d = calloc(1, sizeof(*d));
	size_t size = strlen(path);
	int err;

	*ret = NULL;
	while (size > 1 && path[size - 1] == '/')
		size--;
	if (d)
		d->path = strndup(path, size);
	if (!d || !d->path) {
		free(d);
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	}
	d->ours = ours;
	d->directory = d->fd = d->folder = -1;
	err = safefile_lock(d->path, WAIT_MS, &d->lock, error);
	if (!err)
		err = begin_locked(d, error);
	if (err) {
		safedir_end(d);
		return err;
	}
	*ret = d;
	return 0;
}

/* ---- write ---------------------------------------------------------------------- */

static int write_fail(const struct safedir *d, const char *name, int err,
                      struct offsets_error *error)
{
	return offsets_fail(
		error, err,
		"%s: %s: %s; nothing was changed, check the permissions and space there", d->path,
		name, strerror(-err));
}

int safedir_folder(struct safedir *d, const char *name, struct offsets_error *error)
{
	if (d->folder >= 0)
		close(d->folder);
	d->folder = -1;
	if (!name)
		return 0;
	if (mkdirat(d->fd, name, 0755))
		return write_fail(d, name, -errno, error);
	d->folder = openat(d->fd, name, FOLDER);
	return d->folder < 0 ? write_fail(d, name, -errno, error) : 0;
}

static int bytes_write(int fd, const char *at, size_t size)
{
	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		size -= n;
	}
	return 0;
}

int safedir_write(struct safedir *d, const char *name, const void *data, size_t size,
                  struct offsets_error *error)
{
	CLEANUP(cleanup_fd)
	int fd = openat(d->folder >= 0 ? d->folder : d->fd, name,
	                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	int err = fd < 0 ? -errno : bytes_write(fd, data, size);

	return err ? write_fail(d, name, err, error) : 0;
}

/* ---- commit ---------------------------------------------------------------------- */

/* Of file systems that cannot exchange two names: for a moment there is none. */
static int swap_by_steps(const struct safedir *d, char old[NAME_MAX + 1])
{
	int err = beside_name(d->name, old);

	if (err)
		return err;
	if (renameat(d->directory, d->name, d->directory, old))
		return -errno;
	if (!renameat(d->directory, d->beside, d->directory, d->name))
		return 0;
	err = -errno;
	renameat(d->directory, old, d->directory, d->name);
	return err;
}

/* old: the name that the old directory has then; "": there was none. */
static int take_place(const struct safedir *d, char old[NAME_MAX + 1])
{
	unsigned int flags = d->replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE;

	strcpy(old, d->replaces ? d->beside : "");
	if (!renameat2(d->directory, d->beside, d->directory, d->name, flags))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (d->replaces)
		return swap_by_steps(d, old);
	return renameat(d->directory, d->beside, d->directory, d->name) ? -errno : 0;
}

int safedir_commit(struct safedir *d, struct offsets_error *error)
{
	char old[NAME_MAX + 1];
	int err = take_place(d, old);

	if (err)
		return offsets_fail(error, err, "%s: cannot be written: %s; nothing was changed",
		                    d->path, strerror(-err));
	*d->beside = '\0';
	if (*old)
		tree_remove(d, old);
	return 0;
}

void safedir_end(struct safedir *d)
{
	if (!d)
		return;
	if (d->folder >= 0)
		close(d->folder);
	if (d->fd >= 0)
		close(d->fd);
	if (*d->beside)
		tree_remove(d, d->beside);
	if (d->directory >= 0)
		close(d->directory);
	safefile_unlock(d->lock);
	free(d->path);
	free(d);
}

/* ---- an empty one --------------------------------------------------------------- */

int safedir_make(const char *path, mode_t mode, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	int err;

	if (!w)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	walk_init(w, path, false, error);
	err = walk_path(w);
	if (!err && w->missing && mkdirat(w->directory, w->name, mode) && errno != EEXIST)
		err = walk_fail(w, -errno);
	walk_deinit(w);
	return err;
}
