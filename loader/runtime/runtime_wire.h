/* SPDX-License-Identifier: BSD-2-Clause */
/* What the engine and the reader of runtimes' files say to each other: each question gets an
 * answer. */
#ifndef LOADER_RUNTIME_RUNTIME_WIRE_H
#define LOADER_RUNTIME_RUNTIME_WIRE_H

#include <stdint.h>

#include "loader/state/container.h"
#include "loader/state/container_facts.h"

struct runtime_question {
	uint64_t id;
	char container[CONTAINER_ID_BYTES];
};

struct runtime_answer {
	uint64_t id;
	uint32_t is_known;
	struct container_facts facts;
};

#endif
