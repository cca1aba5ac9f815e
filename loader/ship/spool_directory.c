/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/ship/spool_directory.h"
#include "loader/util/log.h"
#include "offsets/util/safedir.h"

int spool_directory_make(const char *path, struct offsets_error *error)
{
	char part[512];
	const char *end = path;
	int err = 0;

	while (!err && *end) {
		end = strchrnul(end + 1, '/');
		snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		/* Also of one that is there: nobody else may exchange it. */
		if (!*end || access(part, F_OK))
			err = safedir_make(part, *end ? 0755 : 0700, error);
	}
	return err;
}

/*
 * An earlier shipper could write to the directory: a file with a second hard link, or a link, may
 * be another one's, and keeps its owner.
 */
static void file_give(int directory, const char *name, uid_t user)
{
	int fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	    fchownat(fd, "", user, user, AT_EMPTY_PATH))
		log_line(LEVEL_WARNING, "spool: %s cannot be given to the shipper: %s", name,
		         strerror(errno));
	close(fd);
}

int spool_directory_enter(const char *path, uid_t user, bool *ret_is_given,
                          struct offsets_error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int err;

	if (!dir || fchdir(fd))
		goto fail;
	/* First the directory: nobody but root and the new user changes it from here on. */
	*ret_is_given = !fchown(fd, user, user);
	if ((!*ret_is_given && errno != EPERM) || (fchmod(fd, 0700) && errno != EPERM))
		goto fail;
	while (*ret_is_given && (entry = readdir(dir)))
		file_give(fd, entry->d_name, user);
	closedir(dir);
	return 0;
fail:
	err = offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return err;
}
