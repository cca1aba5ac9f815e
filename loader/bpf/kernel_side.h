/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reading of records asks of the kernel and needs rights for. A process
 * that has them does it by kernel_side_local; one that has given them up asks
 * another process (loader/agent/request.h), by the same functions.
 */
#ifndef LOADER_BPF_KERNEL_SIDE_H
#define LOADER_BPF_KERNEL_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/abi/maps.h"

struct bpf_object;

/* Flows that are taken at once, and for whose lines there has to be room. */
#define FLOWS_AT_ONCE 64

struct flows_wanted {
	uint64_t now_ns, idle_ns; /* CLOCK_MONOTONIC; those idle for so long; 0: all */
	unsigned int most;        /* FLOWS_AT_ONCE or fewer; 0: they are counted alone */
};

struct flows_taken {
	uint64_t live;      /* those that go on, or wait */
	unsigned int count; /* of the list */
	bool is_more;       /* some of those that wait are wanted */
	struct flow list[FLOWS_AT_ONCE];
};

/* Each: 0 or -errno. */
struct kernel_side {
	/* Opens a ring for a CPU, which uses it from then on; *ret: its descriptor, not mapped. */
	int (*ring)(void *arg, unsigned int cpu, int *ret);
	/* Rows of the counters, as loader/bpf/counts.c numbers them. */
	int (*counters)(void *arg, unsigned int first, unsigned int count, struct counters *ret);
	/* Takes flows out of the map. */
	int (*flows)(void *arg, const struct flows_wanted *wanted, struct flows_taken *ret);
	/* Counts the connections in the map: no fewer than there are. */
	int (*connections)(void *arg, uint64_t *ret);
	/* No program reports any more; those that run go on to their end. */
	int (*silence)(void *arg);
	/* Hits that the kernel could not deliver to a program. */
	int (*missed)(void *arg, uint64_t *ret);
};

/* Of programs that this process has loaded. */
struct kernel_local {
	const struct bpf_object *object;
	unsigned int cpus; /* possible ones */
};

/* The same with rights; silence and missed are those of loader/bpf/probes.c. */
int kernel_local_ring(const struct kernel_local *local, unsigned int cpu, int *ret);
int kernel_local_counters(const struct kernel_local *local, unsigned int first, unsigned int count,
                          struct counters *ret);
int kernel_local_connections(const struct kernel_local *local, uint64_t *ret);

/* map: descriptor of the map "flows". */
int kernel_local_flows(int map, const struct flows_wanted *wanted, struct flows_taken *ret);

#endif
