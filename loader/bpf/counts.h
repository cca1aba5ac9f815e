/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs count on each CPU, and what of that was lost: events that
 * had no room, and events that were sent and did not arrive. Also the ends of
 * flows of datagrams, which are counted in a map until they are over.
 */
#ifndef LOADER_BPF_COUNTS_H
#define LOADER_BPF_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/bpf/reader.h"
#include "loader/stream/decode.h"
#include "loader/stream/loss.h"
#include "offsets/offsets.h"

/* cpu: of programs by fentry and of flows a number beyond those of the CPUs. */
typedef void (*probes_loss_fn)(void *arg, const struct loss *loss);

struct counts; /* its own memory */

/* cpus: possible ones. The reader must stay. NULL: out of memory. */
struct counts *counts_new(unsigned int cpus, struct reader *reader);
void counts_free(struct counts *counts);

/* The counters begin at 0, and are read from now on. groups: enum map_group of the maps there are.
 */
void counts_begin(struct counts *counts, unsigned int groups);

/* So many connections came into their map, and not by the programs. */
void counts_adopted(struct counts *counts, uint64_t connections);

/* What the counts ask the kernel is asked so from now on. */
void counts_ask(struct counts *counts, const struct kernel_side *kernel, void *kernel_arg);

/* 0 or -errno. */
int counts_read(struct counts *counts, struct offsets_error *error);

/* As last read: no program is between taking a number for its event and counting it. */
bool counts_settled(const struct counts *counts);

/* Reads, and calls back for what was lost since the last call; fn NULL: it does not count. */
int counts_losses(struct counts *counts, probes_loss_fn fn, void *arg, struct offsets_error *error);

/* Ends the flows that are idle for so long: probes_flows(). */
int counts_flows(struct counts *counts, uint64_t idle_ns, probes_loss_fn fn, void *arg,
                 struct offsets_error *error);

/* After counts_flows(): some have ended and are left, for there was no room for them. */
bool counts_flows_wait(const struct counts *counts);

#endif
