/* SPDX-License-Identifier: BSD-2-Clause */
/* Flows of datagrams, which programs count in a map (probes/socket_udp.bpf.c), and their end. */
#ifndef LOADER_BPF_FLOWS_H
#define LOADER_BPF_FLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/bpf/kernel_side.h"
#include "loader/stream/decode.h"

struct flows {
	const struct kernel_side *kernel;
	void *kernel_arg;
	uint16_t cpu;            /* of the records: they come from no CPU */
	uint64_t sequence;       /* of the next record */
	uint64_t live;           /* those that go on, or wait */
	bool waiting;            /* some have ended, and there was no room for their records */
	record_fn record;        /* takes the records */
	bool (*room)(void *arg); /* true: FLOWS_AT_ONCE more can be taken */
	void *arg;
	struct flows_taken taken; /* by the last call */
};

/*
 * Takes the flows out of the map that are idle for so long (ns; 0: all), as long
 * as there is room, and makes a record of each: struct socket_event, SOCKET_FLOW,
 * at the time of its last datagram. now_ns: CLOCK_MONOTONIC. 0 or -errno.
 */
int flows_end(struct flows *flows, uint64_t now_ns, uint64_t idle_ns);

#endif
