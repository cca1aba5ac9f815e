/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/out/rotate.h"
#include "offsets/util/cleanup.h"

/* Where a descriptor's file is now, without symbolic links. */
static int path_of(int fd, char ret[PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return *ret == '/' ? 0 : -ENOENT;
}

/* Does the name lead to the file that is open? */
static bool is_file(int directory, const char *name, int fd)
{
	struct stat a, b;

	return !fstat(fd, &a) && !fstatat(directory, name, &b, AT_SYMLINK_NOFOLLOW) &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Names of one old file: the compressed forms, and the other one. */
#define OLD_NAME_BYTES (NAME_MAX + 24)

static void old_name(char ret[OLD_NAME_BYTES], const char *name, unsigned int number,
                     enum compression form)
{
	if (number)
		snprintf(ret, OLD_NAME_BYTES, "%s.%u%s", name, number, compression_suffix(form));
	else
		snprintf(ret, OLD_NAME_BYTES, "%s", name);
}

/* The old file of that number is what had the number before, in whichever form that is. */
static int old_take(int directory, const char *name, unsigned int number, char from[OLD_NAME_BYTES])
{
	char to[OLD_NAME_BYTES];
	enum compression form, taken = COMPRESSIONS;

	for (form = 0; form < (number > 1 ? COMPRESSIONS : COMPRESSION_GZIP); form++) {
		old_name(from, name, number - 1, form);
		old_name(to, name, number, form);
		if (!renameat(directory, from, directory, to))
			taken = form;
		else if (errno != ENOENT)
			return -errno;
	}
	for (form = 0; taken != COMPRESSIONS && form < COMPRESSIONS; form++) {
		old_name(to, name, number, form);
		if (form != taken)
			unlinkat(directory, to, 0);
	}
	return 0;
}

int rotate_files(int fd, unsigned int keep, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int directory = -1;
	char path[PATH_MAX], from[OLD_NAME_BYTES], *name;
	int err = path_of(fd, path);

	if (err)
		return offsets_fail(error, err, "output: its file is not found: %s",
		                    strerror(-err));
	name = strrchr(path, '/');
	*name++ = '\0';
	directory = open(*path ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0 || !is_file(directory, name, fd))
		return offsets_fail(error, -ENOENT, "%s/%s: is not the file of the output any more",
		                    path, name);
	for (; keep && !err; keep--)
		err = old_take(directory, name, keep, from);
	return err ? offsets_fail(error, err, "%s/%s: cannot be renamed: %s", path, from,
	                          strerror(-err))
	           : 0;
}

int rotate_compressed(int fd, const char *path, enum compression compression,
                      struct offsets_error *error)
{
	char now[PATH_MAX], to[PATH_MAX + 8];
	int err = path_of(fd, now);

	if (err || !is_file(AT_FDCWD, now, fd)) {
		unlink(path);
		return 0;
	}
	snprintf(to, sizeof(to), "%s%s", now, compression_suffix(compression));
	if (rename(path, to) || unlink(now)) {
		err = -errno;
		unlink(path);
		return offsets_fail(error, err, "%s: cannot be replaced by its compressed form: %s",
		                    now, strerror(-err));
	}
	return 0;
}
