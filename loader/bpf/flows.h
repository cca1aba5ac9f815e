/* SPDX-License-Identifier: BSD-2-Clause */
/* Flows of datagrams, which programs count in a map (probes/socket_udp.bpf.c), and their end. */
#ifndef LOADER_BPF_FLOWS_H
#define LOADER_BPF_FLOWS_H

#include <stdint.h>

#include "loader/stream/decode.h"

/*
 * Takes the flows out of the map (by its descriptor) that are idle for so long
 * (ns; 0: all), and makes a record of each: struct socket_event, SOCKET_FLOW, at
 * the time of its last datagram. now_ns: CLOCK_MONOTONIC. They come from no CPU:
 * as cpu they have the given number, and sequence is counted on. *ret_live: those
 * that go on. 0, or -errno.
 */
int flows_end(int map, uint64_t now_ns, uint64_t idle_ns, uint16_t cpu, uint64_t *sequence,
              uint64_t *ret_live, record_fn record, void *arg);

#endif
