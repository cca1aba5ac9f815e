/* SPDX-License-Identifier: BSD-2-Clause */
/* What all commands do alike. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lkccb/cmd/lkccb.h"
#include "offsets/util/safefile.h"

int report(const struct offsets_error *error)
{
	fprintf(stderr, "lkccb: %s\n", error->text);
	return EXIT_FAILED;
}

int text_open(const char *path, FILE **ret, struct offsets_error *error)
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

int with_db(const struct options *o, struct offsets **ret)
{
	struct offsets_error error;

	return offsets_open(o->db, OFFSETS_READ, ret, &error) ? report(&error) : EXIT_DONE;
}
