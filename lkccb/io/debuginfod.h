/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and sections by build-id, from a debuginfod server, by libdebuginfod. */
#ifndef LKCCB_IO_DEBUGINFOD_H
#define LKCCB_IO_DEBUGINFOD_H

#include <stdbool.h>
#include <stdint.h>

#include "offsets/util/error.h"

/* False: lkccb was built without libdebuginfod. */
bool debuginfod_available(void);

struct debuginfod_request {
	const char *server;     /* its URL */
	const char *name;       /* the same for messages, without a password */
	const char *build_id;   /* lower-case hexadecimal digits */
	const char *section;    /* its name; NULL: the whole file with the debug data */
	const char *cache;      /* a directory of this server, which is made here */
	uint64_t max;           /* bytes */
	unsigned int timeout_s; /* for the start of an answer, and for a stall */
};

/*
 * For a process that does nothing else: it sets environment variables, and the
 * library stores files in the working directory. No ELF data is parsed. *ret is
 * a file that has no name. -ENOENT: the server does not have it. -ENOTSUP: it, or
 * this libdebuginfod, does not have requests for sections.
 */
int debuginfod_fetch(const struct debuginfod_request *request, int *ret,
                     struct offsets_error *error);

#endif
