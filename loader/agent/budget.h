/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --cpu-budget: by how much the events of each user are limited, so that the sensor takes
 * no more CPU time than it may. It only counts; loader/agent/shares.c asks for the limits.
 */
#ifndef LOADER_AGENT_BUDGET_H
#define LOADER_AGENT_BUDGET_H

#include <stdint.h>

/* Each level halves the share. */
#define BUDGET_LEVELS 8

struct budget {
	unsigned int percent;  /* of one CPU, for both processes; 0: no limit */
	uint64_t begin_ns;     /* of the measurement under way; 0: none */
	uint64_t begin_cpu_ns; /* what the sensor had taken then */
	unsigned int used;     /* per cent, as last measured */
	unsigned int level;    /* 0: nothing is limited */
	unsigned int calm;     /* measurements in a row that were well below */
};

/* Once a second or less often. cpu_ns: what the sensor has taken since its start. */
void budget_look(struct budget *budget, uint64_t now_ns, uint64_t cpu_ns);

/* What a user has of each ring, bytes in a tick of struct share; 0: all of it. */
uint32_t budget_share(const struct budget *budget);

/*
 * Classes that have twice and four times that: the others are shed first. 1 << enum
 * event_type.
 */
unsigned int budget_classes_twice(void);
unsigned int budget_classes_four(void);

#endif
