/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file behind HTTP of which only parts are fetched, into an unlinked sparse
 * file: by a process of its own, which has the network and parses nothing else.
 */
#ifndef LKCCB_REMOTE_H
#define LKCCB_REMOTE_H

#include "offsets/offsets.h"

struct remote;

bool remote_is(const char *path); /* http://, https:// */

/* max: of the file's bytes. -ENOTSUP: the server gives whole files only. */
int remote_open(const char *url, uint64_t max, struct remote **ret, struct offsets_error *error);
void remote_close(struct remote *remote);

#define REMOTE_DESCRIPTORS 2
/* Those that have to stay open in a sandbox. */
size_t remote_descriptors(const struct remote *remote, int *ret);

int remote_fd(const struct remote *remote); /* of the sparse file, of the full size */
uint64_t remote_size(const struct remote *remote);
uint64_t remote_fetched(const struct remote *remote); /* bytes so far */

/* Makes the bytes be there; may be called by several threads. */
int remote_need(void *remote, uint64_t offset, uint64_t size);

#endif
