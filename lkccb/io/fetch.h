/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of repositories, over HTTP(S) or from a local mirror. */
#ifndef LKCCB_IO_FETCH_H
#define LKCCB_IO_FETCH_H

#include <stdint.h>

#include "offsets/util/error.h"

/* Seconds for which a download may stall or be slower than 1 kB/s (default and maximum: 60). */
void fetch_patience(unsigned int seconds);

/*
 * Downloads into a new, empty file, and resumes after a dropped connection.
 * More than max bytes (0: 64 MiB) are refused. Proxies are taken from the
 * environment. A redirect from https to http is refused. -ENOENT: no such file.
 */
int fetch_file(const char *url, int fd, uint64_t max, struct offsets_error *error);

/* The same for a local file: its owner cannot change the copy. */
int fetch_copy(const char *path, int fd, uint64_t max, struct offsets_error *error);

/* The size of a file whose server supports range requests; -ENOTSUP: it does not. */
int fetch_size(const char *url, uint64_t *ret, struct offsets_error *error);

/*
 * Exactly size bytes at offset, of a file of total bytes. -ENOTSUP: the server
 * does not support range requests.
 */
int fetch_range(const char *url, uint64_t offset, uint64_t size, uint64_t total, void *ret,
                struct offsets_error *error);

/* -EBADMSG: another size (0: any) or digest (digest.h). name is for messages. */
int fetch_verify(int fd, const char *name, uint64_t size, const char *digest,
                 struct offsets_error *error);

/* The path of a file: URL; the caller frees it. NULL: not such a URL, or no memory. */
char *fetch_local_path(const char *url);

/* Escapes a path for a URL, '/' excepted; the caller frees it. NULL: no memory. */
char *fetch_escape(const char *path);

#endif
