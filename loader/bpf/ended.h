/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs keep of a thread in maps, from the start of a call to its return.
 * A call that does not return (an exec of a thread gets another id, a return may be
 * missed) leaves its entry there; it is removed once its thread has ended.
 */
#ifndef LOADER_BPF_ENDED_H
#define LOADER_BPF_ENDED_H

struct bpf_object;

/* groups: enum map_group of the maps that the object has. */
void ended_remove(const struct bpf_object *object, unsigned int groups);

/* The same of one map, whose keys begin with the id of a thread (bpf_get_current_pid_tgid()). */
void ended_remove_from(int map, unsigned int key_bytes, unsigned int entries_max);

#endif
