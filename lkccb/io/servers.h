/* SPDX-License-Identifier: BSD-2-Clause */
/* Which debuginfod servers are asked, and for which build-id. */
#ifndef LKCCB_IO_SERVERS_H
#define LKCCB_IO_SERVERS_H

#include <stddef.h>

#include "offsets/util/error.h"

#define SERVERS_MAX        16
#define BUILD_ID_BYTES_MAX 64

struct server {
	char *url, *name; /* name: for messages, without a password */
};

struct servers {
	struct server list[SERVERS_MAX];
	size_t count;
};

/*
 * URLs with http:// or https://, separated by spaces; NULL: none, which is an
 * error. The caller calls servers_free(), after an error too.
 */
int servers_parse(const char *text, struct servers *ret, struct offsets_error *error);
void servers_free(struct servers *servers);

/*
 * The build-id of a path "build-id:ID": an even number of lower-case hexadecimal
 * digits, 8 at least. NULL: it is another path.
 */
const char *servers_build_id(const char *path);

#endif
