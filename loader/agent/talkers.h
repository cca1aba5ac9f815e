/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which executables (or names of processes, where the executable is not known) make the
 * events: of a fixed number of them the counts, which are
 * halved each minute, so that they are about those of the last two minutes. One that is
 * not among them takes the place of the least of some (and its count, as an upper bound:
 * Metwally and others, Space-Saving).
 */
#ifndef LOADER_AGENT_TALKERS_H
#define LOADER_AGENT_TALKERS_H

#include <stddef.h>
#include <stdint.h>

#include "loader/state/cache.h"
#include "loader/stream/decode.h"
#include "offsets/util/jsonw.h"

struct talkers; /* its own memory */

struct talkers *talkers_new(void); /* NULL: no memory */
void talkers_free(struct talkers *talkers);

/* Counts an event; process: who made it, as the cache knows it, or NULL. */
void talkers_event(struct talkers *talkers, const struct event *ev, const struct cached *process);

/* Once a second. */
void talkers_second(struct talkers *talkers, uint64_t now_ns);

/* The executable that makes most. */
const char *talkers_most(const struct talkers *talkers);

/* Appends the twenty that make most, for people, each with a rule that would leave it out. */
void talkers_text(struct talkers *talkers, struct jsonw *out);

#endif
