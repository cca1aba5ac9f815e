/* SPDX-License-Identifier: BSD-2-Clause */
/* What a shipper does: lines from the engine into the spool, batches from there to the sender. */
#ifndef LOADER_SHIP_SHIPPING_H
#define LOADER_SHIP_SHIPPING_H

#include "loader/ship/sender.h"
#include "loader/ship/spool.h"

struct shipping_use {
	const struct sender_ops *ops;
	struct sender_use sender;
	struct spool_use spool;
	const char *name; /* of the collector, for messages */
};

/* Until the engine has closed its end and what is here is sent, or cannot be sent soon. 0 or
 * -errno. */
int shipping_run(const struct shipping_use *use, int engine, struct offsets_error *error);

#endif
