/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the database of offsets is, and whose signature it must have. Where a key is
 * given, a database is used only if its signature is valid and its number is not
 * lower than the highest that this host has used, which is kept in a directory.
 */
#ifndef LOADER_HOST_DBSOURCE_H
#define LOADER_HOST_DBSOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "offsets/offsets.h"

#define DBSOURCE_STATE "/var/lib/sextant"

struct dbsource {
	const char *path;
	const char *key;   /* file of the public key; NULL: signatures do not matter */
	const char *state; /* directory of the highest number; made when it is first needed */
	bool record;       /* keep a higher number; else only compare with the one that is kept */
};

/*
 * *ret_serial: the number of the signature; 0: no key is given. -ENXIO: there is no
 * database. -EKEYREJECTED: it is not signed, its signature is not valid or its number is
 * too low. No error of the key or of the directory is -ENOENT, -ENXIO or -EKEYREJECTED.
 */
int dbsource_open(const struct dbsource *source, struct offsets **ret, uint64_t *ret_serial,
                  struct offsets_error *error);

#endif
