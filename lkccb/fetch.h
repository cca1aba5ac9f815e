/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of repositories: over HTTP(S), or of a local mirror. */
#ifndef LKCCB_FETCH_H
#define LKCCB_FETCH_H

#include <stdint.h>

#include "offsets.h"

/*
 * Downloads into path, going on where an earlier try ended. max: more bytes
 * than these are refused; 0: 64 MiB. Proxies are taken from the environment.
 */
int fetch_file(const char *url, const char *path, uint64_t max, struct offsets_error *error);

/* How large it is, of a server that gives ranges; -ENOTSUP: it does not. */
int fetch_size(const char *url, uint64_t *ret, struct offsets_error *error);

/* size bytes at offset, no more and no less; -ENOTSUP: the server cannot do that. */
int fetch_range(const char *url, uint64_t offset, uint64_t size, void *ret,
                struct offsets_error *error);

/* -EBADMSG: not of that size (0: any) and SHA-256 (hex). */
int fetch_verify(const char *path, uint64_t size, const char *sha256, struct offsets_error *error);

/* Runs a program without a shell, its output dropped: 0, or -EBADMSG if it did not succeed. */
int fetch_run(const char *const *argv);

#endif
