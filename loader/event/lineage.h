/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom an exec descends from, beyond its parent. */
#ifndef LOADER_EVENT_LINEAGE_H
#define LOADER_EVENT_LINEAGE_H

#include "loader/event/format.h"

/*
 * A member of "process": with what the session, the service or the container began that it is
 * in. Nothing where some process on the way there is not known.
 */
void lineage_entry_leader(struct format *f, const struct event *exec);

/* A member of "sextant": its parent's parent and those above, up to ANCESTORS_MAX. */
void lineage_ancestors(struct format *f, const struct event *exec);

#endif
