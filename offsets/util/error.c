/* SPDX-License-Identifier: BSD-2-Clause */
/* One line per failure. Names in it may come from hostile files, so it is escaped. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "offsets/util/error.h"
#include "offsets/util/escape.h"

int offsets_fail(struct offsets_error *error, int err, const char *format, ...)
{
	char text[sizeof(error->text)];
	size_t size;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size = strlen(text);
	while (size && strchr(" \r\n", text[size - 1])) /* as libraries end their messages */
		size--;
	escape_text(text, size, error->text, sizeof(error->text));
	return err;
}
