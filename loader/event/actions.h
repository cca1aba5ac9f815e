/* SPDX-License-Identifier: BSD-2-Clause */
/* event.action and event.type of an event: by its class, or by its operation. */
#ifndef LOADER_EVENT_ACTIONS_H
#define LOADER_EVENT_ACTIONS_H

#include "loader/stream/decode.h"

/* event.action: "exec", "open", ... */
const char *event_action(const struct event *ev);

/* event.type: one or two words, with a blank between them. */
const char *event_types(const struct event *ev);

/*
 * Is the event reported before its operation has ended? Its outcome is unknown then. Other
 * events are reported when the operation has succeeded, or have its outcome.
 */
bool event_is_early(const struct event *ev);

#endif
