/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor says of itself: parts that the forms of JSON share. */
#ifndef LOADER_EVENT_OWN_H
#define LOADER_EVENT_OWN_H

#include "loader/event/agent_report.h"
#include "loader/stream/loss.h"

/* event.action */
const char *own_agent_action(enum agent_action action);
const char *own_class_action(const char *reason);
const char *own_budget_action(const struct budget_report *budget);

/* Members of "sextant": loss, and the CPU; those of agent; class. */
void own_loss(struct jsonw *json, const struct loss *loss);
void own_agent(struct jsonw *json, enum agent_action action, const struct agent_report *report);
void own_class(struct jsonw *json, enum event_type type, const char *reason);

#endif
