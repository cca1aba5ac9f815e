/* SPDX-License-Identifier: BSD-2-Clause */
/* The file of --filter: docs/sextant.8, FILTER RULES. */
#ifndef LOADER_RULES_FILTER_FILE_H
#define LOADER_RULES_FILTER_FILE_H

#include "loader/rules/filter.h"

/*
 * Reads the rules of a file; path NULL: there is none. Without a watch rule the
 * default ones are added. *ret changes only on success. 0; -errno of the file;
 * -EBADMSG: the error names the line. A file that may be half-written (it is
 * empty, or its last line has no newline) is refused.
 */
int filter_file_read(const char *path, struct filter *ret, struct offsets_error *error);

#endif
