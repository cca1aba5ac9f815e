/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes of files that were read: by inode, device, size and the time of the last change (ctime).
 */
#ifndef LOADER_HASH_HASH_CACHE_H
#define LOADER_HASH_HASH_CACHE_H

#include <sys/stat.h>

#include "loader/hash/hash_wire.h"

/* NULL: it is not known. */
const uint8_t *hash_cache_find(const struct stat *st);
void hash_cache_put(const struct stat *st, const uint8_t sha256[HASH_BYTES]);

#endif
