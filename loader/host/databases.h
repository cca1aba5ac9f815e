/* SPDX-License-Identifier: BSD-2-Clause */
/* The databases of offsets that the command line names: the shipped one, and those of the host. */
#ifndef LOADER_HOST_DATABASES_H
#define LOADER_HOST_DATABASES_H

#include <stddef.h>

#include "loader/host/dbsource.h"

/* Where no --db says another. */
#ifndef SEXTANT_DB
#define SEXTANT_DB "/usr/share/sextant/kernels.db"
#endif

#define DATABASES_MAX 8

struct databases {
	const char *paths[DATABASES_MAX];
	size_t count;
	/* Of all of them, as in struct dbsource. */
	const char *key, *state;
	bool record;
};

/* Opens the database of that number; the rest as dbsource_open(). */
int databases_open(const struct databases *databases, size_t number, struct offsets **ret,
                   uint64_t *ret_serial, struct offsets_error *error);

/* "a.db, b.db", for messages; what does not fit is cut. */
void databases_names(const struct databases *databases, char *ret, size_t ret_size);

#endif
