/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compresses a file by a process of its own, which has nothing but two descriptors and the
 * lowest priority.
 */
#ifndef LOADER_OUT_COMPRESSOR_H
#define LOADER_OUT_COMPRESSOR_H

#include <sys/types.h>

#include "offsets/util/error.h"

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD, COMPRESSIONS };

/* What ends the name of such a file: ".gz"; "" for none. */
const char *compression_suffix(enum compression compression);

/* "no", "gzip", "zstd"; COMPRESSIONS: it is none. */
enum compression compression_parse(const char *name);

/*
 * Reads in to its end, and writes to out, both of which stay the caller's. The process ends
 * with status 0 when all of it is on the disk. 0 or -errno.
 */
int compressor_start(enum compression compression, int in, int out, pid_t *ret_pid,
                     struct offsets_error *error);

#endif
