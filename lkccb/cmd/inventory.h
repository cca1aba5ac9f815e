/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels that somebody has: --inventory and --kernels. */
#ifndef LKCCB_CMD_INVENTORY_H
#define LKCCB_CMD_INVENTORY_H

#include "lkccb/cmd/matching.h"
#include "lkccb/cmd/options.h"

/* Non-zero ends the reading. */
typedef int (*inventory_fn)(const struct host *host, void *arg, struct offsets_error *error);

/* Each kernel of the files that the options name, in their order. */
int inventory_read(const struct options *o, inventory_fn fn, void *arg,
                   struct offsets_error *error);

#endif
