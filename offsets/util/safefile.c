/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens files to read or to append to: walks to them (walk.c), opens them and checks them again. */
#include "offsets/util/safefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/error.h"
#include "offsets/util/walk.h"

/* ---- open ------------------------------------------------------------- */

static int type_check(struct walk *w, enum safefile_use use, const struct stat *st)
{
	bool regular = S_ISREG(st->st_mode), fifo = S_ISFIFO(st->st_mode);
	bool device = S_ISCHR(st->st_mode);

	if (regular || (use == SAFEFILE_TEXT && w->inherited && (fifo || device)))
		return 0;
	if (use != SAFEFILE_APPEND)
		return offsets_fail(w->error, -EINVAL, "%s: not a regular file; name another file",
		                    w->path);
	if (fifo || device)
		return 0;
	return offsets_fail(w->error, -EINVAL,
	                    "%s: neither a regular file, a FIFO nor a terminal; name another file",
	                    w->path);
}

static int file_check(struct walk *w, enum safefile_use use, int fd, const struct stat *st)
{
	int err = type_check(w, use, st);

	if (err || w->any || w->inherited || S_ISCHR(st->st_mode))
		return err;
	err = walk_owners_check(w, fd, st, &(struct refusal){ "", "", "change" });
	if (!err && use == SAFEFILE_APPEND && S_ISREG(st->st_mode) && st->st_nlink != 1)
		err = offsets_fail(w->error, -EPERM,
		                   "%s: has %lu hard links; name a file with only one", w->path,
		                   (unsigned long)st->st_nlink);
	return err;
}

static int end_open(struct walk *w, enum safefile_use use)
{
	int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (w->magic ? 0 : O_NOFOLLOW);

	if (use != SAFEFILE_APPEND)
		return openat(w->directory, w->name, flags | O_RDONLY);
	if (w->missing)
		flags |= O_CREAT | O_EXCL;
	return openat(w->directory, w->name, flags | O_WRONLY | O_APPEND, 0600);
}

/* -ESTALE: the name has been replaced since it was checked. */
static int walked_open(struct walk *w, enum safefile_use use, int *ret_fd)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st;
	int err = 0;

	if (w->missing && use != SAFEFILE_APPEND)
		return walk_fail(w, -ENOENT);
	if (!w->missing)
		err = type_check(w, use, &w->st); /* opening a device can have side effects */
	if (err)
		return err;
	fd = end_open(w, use);
	if (fd < 0 && (errno == EEXIST || errno == ELOOP || (errno == ENOENT && !w->missing)))
		return -ESTALE;
	if (fd < 0 || fstat(fd, &st))
		return walk_fail(w, -errno);
	err = file_check(w, use, fd, &st);
	if (!err && use == SAFEFILE_TEXT && !S_ISREG(st.st_mode) &&
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		err = walk_fail(w, -errno);
	if (err)
		return err;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int safefile_open(const char *path, enum safefile_use use, int *ret_fd, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	int tries, err = -ESTALE;

	if (!w)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	for (tries = 0; err == -ESTALE && tries < 100; tries++) {
		walk_init(w, path, use == SAFEFILE_READ || use == SAFEFILE_TEXT, error);
		err = walk_path(w);
		if (!err)
			err = walked_open(w, use, ret_fd);
		walk_deinit(w);
	}
	return err != -ESTALE
	               ? err
	               : offsets_fail(error, -EPERM,
	                              "%s: another process keeps replacing it; name another file",
	                              path);
}

static int bytes_read(int fd, char *data, size_t room, size_t *ret_size)
{
	ssize_t n;

	for (*ret_size = 0; *ret_size < room; *ret_size += n) {
		n = read(fd, data + *ret_size, room - *ret_size);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			break;
		n = n < 0 ? 0 : n;
	}
	return 0;
}

static bool unchanged(int fd, const struct stat *before, size_t size)
{
	struct stat st;

	return !fstat(fd, &st) && (size_t)st.st_size == size &&
	       st.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

int safefile_read(int fd, const char *path, size_t max, void **ret, size_t *ret_size,
                  struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *data = NULL;
	size_t size, room;
	struct stat st;
	int err;

	if (fstat(fd, &st))
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if ((uint64_t)st.st_size > max)
		return offsets_fail(error, -EFBIG, "%s: larger than %zu bytes; name another file",
		                    path, max);
	room = st.st_size + 1; /* one more byte, to see whether the file has grown */
	data = malloc(room);
	if (!data)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	err = bytes_read(fd, data, room, &size);
	if (err)
		return offsets_fail(error, err, "%s: %s", path, strerror(-err));
	if (!unchanged(fd, &st, size))
		return offsets_fail(error, -EAGAIN,
		                    "%s: the file changed while it was read; try again", path);
	*ret = data;
	*ret_size = size;
	data = NULL;
	return 0;
}

int safefile_contents(const char *path, enum safefile_use use, size_t max, void **ret,
                      size_t *ret_size, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int err = safefile_open(path, use, &fd, error);

	if (!err)
		err = safefile_read(fd, path, max, ret, ret_size, error);
	if (err || *ret_size)
		return err;
	free(*ret);
	*ret = NULL;
	return offsets_fail(error, -EINVAL, "%s: empty file; name the right file", path);
}

ssize_t safefile_beside(const char *path, const char *suffix, void *ret, size_t size)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	CLEANUP(cleanup_fd) int fd = -1;
	char name[NAME_MAX + 1];
	struct offsets_error ignored;
	struct stat st;
	size_t n;
	int err;

	if (!w)
		return -ENOMEM;
	walk_init(w, path, true, &ignored);
	err = walk_path(w);
	if (!err && snprintf(name, sizeof(name), "%s%s", w->name, suffix) >= (int)sizeof(name))
		err = -ENAMETOOLONG;
	if (!err)
		fd = openat(w->directory, name,
		            O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (!err && (fd < 0 || fstat(fd, &st)))
		err = -errno;
	walk_deinit(w);
	if (!err &&
	    (!S_ISREG(st.st_mode) || (st.st_uid != w->st.st_uid && !walk_trusts(w, st.st_uid))))
		err = -EPERM;
	if (!err)
		err = bytes_read(fd, ret, size, &n);
	return err ? err : (ssize_t)n;
}
