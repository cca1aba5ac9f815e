/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When users have shares of the rings (struct share): while rings run over, and while the
 * sensor takes more CPU time than --cpu-budget. So who makes many events loses some of his
 * own, and nobody else's.
 */
#ifndef LOADER_AGENT_SHARES_H
#define LOADER_AGENT_SHARES_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/ask.h"
#include "loader/agent/budget.h"
#include "loader/event/agent_report.h"

struct shares {
	struct channel *monitor;
	struct budget budget;
	uint64_t full_ns; /* when a ring was full or almost full the last time */
	bool is_full;     /* that is not long ago */
	struct request_shares in_force;
};

/* Once a second. is_lost: a ring had no room for events. cpu_ns: budget_look(). 0 or -errno. */
int shares_second(struct shares *shares, uint64_t now_ns, bool is_lost, uint64_t cpu_ns,
                  struct offsets_error *error);

struct budget_report shares_report(const struct shares *shares);

/* A ring was more than three quarters full: there are shares at once. 0 or -errno. */
int shares_pressure(struct shares *shares, uint64_t now_ns, struct offsets_error *error);

#endif
