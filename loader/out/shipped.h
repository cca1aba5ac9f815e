/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sink of outputs that a shipper delivers, a process of its own (loader/ship/): the lines go
 * to it, and stay in the queue until it has kept them. If it ends, the next one gets what it has
 * not. sink_counts() are those of the whole way; the ledger's "delivered" are lines that the
 * shipper has.
 */
#ifndef LOADER_OUT_SHIPPED_H
#define LOADER_OUT_SHIPPED_H

#include "loader/out/sink.h"

/* struct sink_use, options. */
struct shipped_options {
	uint64_t run; /* not 0; another one in each run */
	/* Starts a shipper for who has no sink_opener: 0, and a socket to it; or -errno. */
	int (*start)(const void *arg, int *ret_fd, struct offsets_error *error);
	const void *arg;
};

/* The target names the collector, for messages. */
extern const struct sink_ops shipped_ops;

#endif
