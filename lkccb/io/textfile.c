/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lkccb/io/textfile.h"
#include "offsets/util/safefile.h"

int textfile_open(const char *path, FILE **ret, struct offsets_error *error)
{
	int fd = -1, err = safefile_open(path, SAFEFILE_TEXT, &fd, error);

	if (err)
		return err;
	*ret = fdopen(fd, "r");
	if (*ret)
		return 0;
	err = offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	close(fd);
	return err;
}
