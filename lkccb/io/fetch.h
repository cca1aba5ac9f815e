/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of repositories: over HTTP(S), or of a local mirror. */
#ifndef LKCCB_FETCH_H
#define LKCCB_FETCH_H

#include <stdint.h>

#include "offsets/offsets.h"

/* Seconds that a download may stand still, or crawl below 1 kB/s (default and maximum: 60). */
void fetch_patience(unsigned int seconds);

/*
 * Downloads into a new, empty file, and goes on after a line that drops. max:
 * more bytes than these are refused; 0: 64 MiB. Proxies are taken from the
 * environment. https is not left for http. -ENOENT: there is no such file.
 */
int fetch_file(const char *url, int fd, uint64_t max, struct offsets_error *error);

/* The same of a local file: what its owner does with it later does not matter then. */
int fetch_copy(const char *path, int fd, uint64_t max, struct offsets_error *error);

/* How large it is, of a server that gives ranges; -ENOTSUP: it does not. */
int fetch_size(const char *url, uint64_t *ret, struct offsets_error *error);

/*
 * size bytes at offset, no more and no less, of a file of so many bytes in all.
 * -ENOTSUP: the server cannot do that.
 */
int fetch_range(const char *url, uint64_t offset, uint64_t size, uint64_t total, void *ret,
                struct offsets_error *error);

/* -EBADMSG: not of that size (0: any) and digest (digest.h). name is for messages. */
int fetch_verify(int fd, const char *name, uint64_t size, const char *digest,
                 struct offsets_error *error);

/* The path that a file: URL names, to be freed; NULL: it is none, or no memory. */
char *fetch_local_path(const char *url);

/* Text as a part of a URL, '/' kept, to be freed; NULL: no memory. */
char *fetch_escape(const char *path);

#endif
