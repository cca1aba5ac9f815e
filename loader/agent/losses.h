/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that were lost: by class and CPU, how many were reported on standard
 * error, and how many still have to go out as events of their own.
 */
#ifndef LOADER_LOSSES_H
#define LOADER_LOSSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/stream/loss.h"

struct losses; /* its own memory */

struct losses *losses_new(unsigned int cpus); /* one above the highest number; NULL: no memory */
void losses_free(struct losses *losses);

void losses_add(struct losses *losses, const struct loss *loss);

/* A line of what was added since the last call, "123 exec events on CPU 0, ..."; false: nothing. */
bool losses_text(struct losses *losses, char *ret, size_t size);

/* Takes the next one that has not gone out as an event. False: there is none. */
bool losses_next(struct losses *losses, struct loss *ret);

/* Of a class, on all CPUs, since the beginning. */
uint64_t losses_total(const struct losses *losses, enum event_type type);

#endif
