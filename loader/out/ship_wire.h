/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine and a shipper (loader/ship/) say to each other over a socket of type
 * SOCK_STREAM. Both are forks of one program, so that a message is plain memory.
 *
 *   engine                       shipper
 *   struct ship_hello  ------->
 *   lines, each with   ------->          keeps them
 *   struct ship_line
 *                      <-------  struct ship_report: from time to time
 *
 * Lines have numbers, in the order in which they were sent first. What was sent and not
 * reported as taken when a shipper ended is sent to the next one again, which knows its number.
 */
#ifndef LOADER_OUT_SHIP_WIRE_H
#define LOADER_OUT_SHIP_WIRE_H

#include <stdint.h>

#include "loader/out/ledger.h"

struct ship_hello {
	uint64_t run;  /* of the engine: each run numbers its lines from 0 on */
	uint64_t next; /* number of the first line that follows */
};

/* Before each line, which has no newline. */
struct ship_line {
	uint32_t size, tag;
};

/* Lines of a tag, in this run. At any moment kept + taken = delivered + queued + dropped. */
struct ship_counts {
	uint64_t kept;  /* by an earlier run, and not delivered by it */
	uint64_t taken; /* of this one */
	uint64_t delivered, queued;
	uint64_t dropped[DROP_REASONS];
};

#define SHIP_WHY_BYTES 160

struct ship_report {
	uint64_t taken;      /* lines before that number will not get lost */
	uint32_t is_failing; /* the collector takes nothing, because of why */
	uint32_t reserved;
	char why[SHIP_WHY_BYTES]; /* ends with NUL */
	struct ship_counts counts[LEDGER_TAGS];
};

#endif
