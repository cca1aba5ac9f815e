/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A static site of a database: pages for people, and the same as JSON. The same
 * database and gaps give the same bytes.
 */
#ifndef LKCCB_SITE_SITE_H
#define LKCCB_SITE_SITE_H

#include <stddef.h>

#include "offsets/offsets.h"

/* A kernel that somebody has and the database lacks; of any origin. */
struct site_gap {
	char *release, *machine, *package;
};

/* Guesses the debug package of a kernel. package_version: NULL, or known. */
typedef void (*site_package_fn)(const char *release, const char *machine,
                                const char *package_version, char *ret, size_t size);

struct site_options {
	const char *db_name; /* for messages */
	const struct site_gap *gaps;
	size_t gap_count;
	size_t asked; /* kernels that were looked for; 0: there is no inventory */
	site_package_fn package;
};

/* *ret_kernels: of how many there is a page. */
int site_write(struct offsets *db, const char *path, const struct site_options *options,
               size_t *ret_kernels, struct offsets_error *error);

#endif
