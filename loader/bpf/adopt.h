/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is open on the host, and known by programs alone: connections, and files that nobody
 * has written to yet. A newer sensor takes it from the maps of the one that it follows.
 */
#ifndef LOADER_BPF_ADOPT_H
#define LOADER_BPF_ADOPT_H

#include <stddef.h>
#include <stdint.h>

struct bpf_object;

#define ADOPT_MAPS 2

/* Descriptors of such maps, which stay the object's; -1: it has none. */
void adopt_maps(const struct bpf_object *object, int ret[ADOPT_MAPS]);

/*
 * Adds what is in the maps of another sensor, whose elements have to be of the same size, to
 * those of the object, whose programs have to run already. 0 or -errno; *ret_connections and
 * *ret_files: how many were added.
 */
int adopt(const struct bpf_object *object, const int maps[ADOPT_MAPS], uint64_t *ret_connections,
          uint64_t *ret_files);

#endif
