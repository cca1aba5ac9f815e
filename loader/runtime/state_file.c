/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "loader/runtime/state_file.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/error.h"
#include "offsets/util/safefile.h"

int state_file_pick(const struct json_pick *pick, size_t max, const struct state_question *q,
                    const char *format, ...)
{
	CLEANUP(cleanup_free) void *json = NULL;
	char path[STATE_PATH_BYTES];
	struct offsets_error error;
	size_t used, size;
	va_list args;
	int err;

	used = snprintf(path, sizeof(path), "%.*s", STATE_ROOT_BYTES, q->root);
	va_start(args, format);
	used += vsnprintf(path + used, sizeof(path) - used, format, args);
	va_end(args);
	if (used >= sizeof(path))
		return -ENAMETOOLONG;
	err = safefile_contents(path, SAFEFILE_TRUSTED, max, &json, &size, &error);
	return err ? err : json_pick(pick, json, size);
}
