/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads JSON that may be hostile, as a stream: libyajl, with limits. The callbacks
 * limit depth and counts, and see strings as they are, which may hold a NUL.
 */
#ifndef LKCCB_IO_JSONREAD_H
#define LKCCB_IO_JSONREAD_H

#include <stddef.h>
#include <stdint.h>
#include <yajl/yajl_parse.h>

#include "offsets/util/error.h"

struct jsonread {
	yajl_handle parser;
	uint64_t fed;   /* bytes before the chunk at hand */
	uint64_t bytes; /* limit: of the whole text */
	/*
	 * Limit of what comes between two callbacks, which is kept in memory. As they do
	 * not say where they are in a chunk, a chunk has half of it at most.
	 */
	size_t token;
	uint64_t said_at; /* what was fed when a callback last called jsonread_said() */
};

/* The callbacks get arg. 0 or -ENOMEM. */
int jsonread_init(struct jsonread *ret, const yajl_callbacks *callbacks, void *arg, uint64_t bytes,
                  size_t token);
void jsonread_deinit(struct jsonread *json);

/*
 * The next bytes; size 0: the end. -EBADMSG: no JSON. -EFBIG: a limit. -ECANCELED: a
 * callback returned 0; then *error is not set. The error says where and why, without
 * a name or a next step.
 */
int jsonread_feed(struct jsonread *json, const void *data, size_t size,
                  struct offsets_error *error);

/* A whole text in memory: in chunks as they may be, and the end. */
int jsonread_whole(struct jsonread *json, const void *data, size_t size,
                   struct offsets_error *error);

/* Of each callback: something came. */
void jsonread_said(struct jsonread *json);

#endif
