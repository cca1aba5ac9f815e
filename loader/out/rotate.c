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

int rotate_files(int fd, unsigned int keep, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int directory = -1;
	char path[PATH_MAX], from[NAME_MAX + 16], to[NAME_MAX + 16], *name;
	int err = path_of(fd, path);
	unsigned int i;

	if (err)
		return offsets_fail(error, err, "output: its file is not found: %s",
		                    strerror(-err));
	name = strrchr(path, '/');
	*name++ = '\0';
	directory = open(*path ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0 || !is_file(directory, name, fd))
		return offsets_fail(error, -ENOENT, "%s/%s: is not the file of the output any more",
		                    path, name);
	for (i = keep; i; i--) {
		snprintf(to, sizeof(to), "%s.%u", name, i);
		snprintf(from, sizeof(from), "%s", name);
		if (i > 1)
			snprintf(from, sizeof(from), "%s.%u", name, i - 1);
		if (renameat(directory, from, directory, to) && errno != ENOENT)
			return offsets_fail(error, -errno, "%s/%s: cannot be renamed: %s", path,
			                    from, strerror(errno));
	}
	return 0;
}
