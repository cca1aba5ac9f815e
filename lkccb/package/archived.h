/* SPDX-License-Identifier: BSD-2-Clause */
/* A member of an archive that libarchive reads. */
#ifndef LKCCB_PACKAGE_ARCHIVED_H
#define LKCCB_PACKAGE_ARCHIVED_H

#include <sys/types.h>

struct archive;
struct package;

struct archived {
	struct package *package; /* for messages */
	struct archive *archive; /* at the member */
};

/* A package_read_fn (package.h); arg: struct archived. */
ssize_t archived_read(void *arg, void *data, size_t size);

#endif
