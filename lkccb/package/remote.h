/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file on an HTTP server, of which only parts are fetched, into an unlinked
 * sparse file. A fetcher fetches them.
 */
#ifndef LKCCB_PACKAGE_REMOTE_H
#define LKCCB_PACKAGE_REMOTE_H

#include "offsets/offsets.h"
#include "lkccb/package/fetcher.h"

struct remote;

bool remote_is(const char *path); /* http://, https:// */

/* max: largest size of the file. -ENOTSUP: the server does not support range requests. */
int remote_open(const char *url, uint64_t max, struct remote **ret, struct offsets_error *error);
void remote_close(struct remote *remote);

/* The descriptors that must stay open in a sandbox. */
size_t remote_descriptors(const struct remote *remote, int *ret);

int remote_fd(const struct remote *remote); /* the sparse file, of full size */
uint64_t remote_size(const struct remote *remote);
uint64_t remote_fetched(const struct remote *remote); /* bytes so far */

/* Fetches a range, unless it is there already. Threads may call it at the same time. */
int remote_need(void *remote, uint64_t offset, uint64_t size);

#endif
