/* SPDX-License-Identifier: BSD-2-Clause */
/* What 'sextant trace' has lost, as lines on standard error. */
#ifndef LOADER_TRACE_TRACE_LOSSES_H
#define LOADER_TRACE_TRACE_LOSSES_H

#include <stdbool.h>

#include "probes/abi/call_record.h"

/* now - before, of each count of losses. */
struct call_counts trace_losses_since(const struct call_counts *before,
                                      const struct call_counts *now);

/* False: nothing was lost. */
bool trace_losses_say(const struct call_counts *since);

#endif
