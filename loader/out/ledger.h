/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What became of the lines that were given to an output, by their tags. At any moment
 *
 *	made = delivered + queued + dropped
 *
 * where queued are those in the output's queue (sink_queued()), and dropped is the sum over all
 * reasons. Delivered means that the kernel has taken the whole line; of TCP, that
 * the other side has acknowledged it (socket.h); of a shipper, that it has the line (shipped.h).
 */
#ifndef LOADER_OUT_LEDGER_H
#define LOADER_OUT_LEDGER_H

#include <stdint.h>

/* Tags of lines are smaller. */
#define LEDGER_TAGS 32

enum drop_reason {
	DROP_FULL,     /* the queue had no room */
	DROP_TOO_LONG, /* the destination takes no line of that length */
	DROP_FAILED,   /* the destination refuses lines, or there was no memory */
	DROP_EXPIRED,  /* they have waited for too long */
	DROP_REASONS
};

struct ledger {
	uint64_t made[LEDGER_TAGS], delivered[LEDGER_TAGS], dropped[LEDGER_TAGS][DROP_REASONS];
};

/* Lines of one tag, at one moment. */
struct ledger_counts {
	uint64_t made, delivered, queued, dropped[DROP_REASONS];
};

/* Of one tag, for all reasons. */
uint64_t ledger_dropped(const struct ledger *ledger, unsigned int tag);

#endif
