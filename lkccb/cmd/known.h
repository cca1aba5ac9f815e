/* SPDX-License-Identifier: BSD-2-Clause */
/* The packages that the kernels of a database came from, by SHA-256. */
#ifndef LKCCB_CMD_KNOWN_H
#define LKCCB_CMD_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "lkccb/io/digest.h"
#include "offsets/offsets.h"

struct known {
	char (*list)[SHA256_HEX + 1]; /* sorted */
	size_t count;
};

int known_read(struct offsets *db, struct known *ret, struct offsets_error *error);
void known_free(struct known *known);

bool known_has(const struct known *known, const char *sha256); /* NULL: no */

#endif
