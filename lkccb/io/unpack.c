/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stddef.h>

#include <archive.h>

#include "lkccb/io/unpack.h"

typedef int (*filter_fn)(struct archive *archive);

static const filter_fn filters[] = {
	archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
	archive_read_support_filter_xz,   archive_read_support_filter_lzma,
	archive_read_support_filter_zstd,
};

/*
 * ARCHIVE_WARN: libarchive would start a program from $PATH. A filter cannot be
 * removed, so it is tried on a separate archive.
 */
static bool built_in(filter_fn filter)
{
	struct archive *trial = archive_read_new();
	bool result = trial && filter(trial) == ARCHIVE_OK;

	archive_read_free(trial);
	return result;
}

void unpack_filters(struct archive *archive)
{
	size_t i;

	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (built_in(filters[i]))
			filters[i](archive);
}
