/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of the BPF object: their sizes, which depend on the number of CPUs,
 * and which of them are created. Kernels may not know what only some programs use.
 */
#ifndef LOADER_BPF_MAPSET_H
#define LOADER_BPF_MAPSET_H

#include <stddef.h>

struct bpf_object;
struct host;

/* Which maps are needed. */
struct mapset {
	unsigned int groups; /* enum map_group */
	unsigned int tiers;  /* 1 << tier of the programs */
};

/* Before the object is loaded. 0 or -errno. */
int mapset_prepare(const struct mapset *set, const struct host *host, struct bpf_object *object);

/* Bytes of kernel memory that the maps take. */
size_t mapset_bytes(const struct mapset *set, const struct host *host);

/* The name of the index-th map that is sized or created here; NULL: there are no more. For tests.
 */
const char *mapset_name(size_t index);

/* The groups with which the map of that name is created; 0: with each. */
unsigned int mapset_groups(const char *name);

#endif
