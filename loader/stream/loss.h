/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that were lost, as one line of the output reports them. */
#ifndef LOADER_STREAM_LOSS_H
#define LOADER_STREAM_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/abi/events.h"

struct loss {
	enum event_type type; /* EVENT_TYPES: not known, hits that the kernel's probes missed */
	unsigned int cpu;     /* as event_header.cpu has it */
	uint64_t count;       /* 0: not known */
	bool is_shed;       /* their user had used up his share; else there was no room for them */
	bool is_unsent;     /* there was no record of them: rings may have room */
	const char *reason; /* in words, if it is neither; else NULL */
	const char *output; /* the one that has dropped them, on whatever CPU; NULL: none */
};

#endif
