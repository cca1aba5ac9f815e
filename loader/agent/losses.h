/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The count of lost events, by class and CPU, and by whether they were shed: in all, those
 * that were not reported on standard error yet, and those that were not reported as an event
 * "loss" yet.
 */
#ifndef LOADER_AGENT_LOSSES_H
#define LOADER_AGENT_LOSSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/stream/loss.h"

struct losses; /* its own memory */

/* cpus: one above the highest number. NULL: no memory. */
struct losses *losses_new(unsigned int cpus);
void losses_free(struct losses *losses);

void losses_add(struct losses *losses, const struct loss *loss);

/*
 * Writes what was added since the last call as text, "123 exec events on CPU 0,
 * ...". False: nothing was added.
 */
bool losses_text(struct losses *losses, char *ret, size_t size);

/* Takes the next loss that has to be reported as an event. False: there is none. */
bool losses_next(struct losses *losses, struct loss *ret);

/* Lost events of a class on all CPUs since the beginning; those of them that were shed. */
uint64_t losses_total(const struct losses *losses, enum event_type type);
uint64_t losses_shed(const struct losses *losses, enum event_type type);

/* Of all classes, and of none. */
uint64_t losses_all(const struct losses *losses);

/* Of one CPU those that were shed, or the others; and the numbers of CPUs that there are. */
uint64_t losses_of_cpu(const struct losses *losses, enum event_type type, bool is_shed,
                       unsigned int cpu);
unsigned int losses_cpus(const struct losses *losses);

#endif
