/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs keep of a thread in maps, from the start of a call to its return.
 * A call that does not return (an exec of a thread gets another id, a return may be
 * missed) leaves its entry there; it is removed once its thread has ended.
 */
#ifndef LOADER_BPF_ENDED_H
#define LOADER_BPF_ENDED_H

#include <limits.h>

struct bpf_object;

#define IN_KEY UINT_MAX /* the key begins with it: bpf_get_current_pid_tgid() */

struct ended_map {
	const char *name;
	unsigned int tid; /* where the value has the id of the thread, or of its process; IN_KEY */
	const char *also; /* a map from which an entry with this key goes as well; or NULL */
};

/* groups: enum map_group of the maps that the object has. How many entries were removed. */
unsigned int ended_remove(const struct bpf_object *object, unsigned int groups);

/* The same of one map. also: descriptor of the other one, -1: none. */
unsigned int ended_remove_from(int map, const struct ended_map *what, unsigned int key_bytes,
                               unsigned int entries_max, int also);

#endif
