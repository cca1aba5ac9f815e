/* SPDX-License-Identifier: BSD-2-Clause */
#include <archive.h>

#include "lkccb/package/archived.h"
#include "lkccb/package/package.h"

ssize_t archived_read(void *arg, void *data, size_t size)
{
	const struct archived *archived = arg;
	la_ssize_t n = archive_read_data(archived->archive, data, size);

	return n < 0 ? package_damaged(archived->package, archive_error_string(archived->archive))
	             : n;
}
