/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Is an event wanted? By its class, and by the rules (--filter) about the
 * process that acts. Programs ask before they read anything for the event.
 */
#ifndef PROBES_CORE_WANTED_BPF_H
#define PROBES_CORE_WANTED_BPF_H

#include "probes/core/cgroup.bpf.h"
#include "probes/core/mapdefs.bpf.h"

#define CGROUP_LEVELS 8 /* how deep a cgroup may be for rules about it */

INLINE int filter_passes(const struct settings *s, __u32 kind, __u64 value)
{
	struct filter_key key = { .kind = kind, .value = value };
	__u32 *verdict = bpf_map_lookup_elem(&filters, &key);

	if (!verdict)
		return !(s->only & (1U << kind));
	return *verdict == FILTER_ALLOW;
}

INLINE __u64 comm_hash(void)
{
	__u64 words[EVENTS_COMM_BYTES / 8] = { 0, 0 }, alive = -1, hash;

	bpf_get_current_comm(words, sizeof(words));
	hash = filter_hash(0, word_keep(words[0], &alive));
	return filter_hash(hash, word_keep(words[1], &alive));
}

/*
 * A walk from a cgroup to the root. It lies in memory, which the event has later:
 * registers that a program saves have room of their own on the stack.
 */
struct cgroup_walk {
	struct cgroup_offsets at;
	__u32 verdicts;
	__u64 node;              /* where the walk is; 0 behind the root */
	__u64 top[CGROUP_NAMES]; /* the last nodes but the root, the one below the root first */
	struct filter_key key;
};

INLINE void cgroup_climb(struct cgroup_walk *w)
{
	unsigned int i, j;
	__u64 parent;

#pragma unroll
	for (i = 0; i < CGROUP_LEVELS; i++) {
		parent = kernel_follow(w->node, w->at.parent);
		if (!parent) {
			w->node = 0;
			break;
		}
#pragma unroll
		for (j = CGROUP_NAMES - 1; j > 0; j--)
			w->top[j] = w->top[j - 1];
		w->top[0] = w->node;
		w->node = parent;
	}
}

/* The hash of a path goes on with its next name, as filter_cgroup_value() has it. */
INLINE __u64 cgroup_hash(__u64 hash, __u64 name)
{
	__u64 word = 0, alive = -1;
	unsigned int i;

#pragma unroll
	for (i = 0; i < CGROUP_NAME_BYTES / sizeof(word); i++) {
		bpf_probe_read(&word, sizeof(word), (void *)(name + i * sizeof(word)));
		hash = filter_hash(hash, word_keep(word, &alive));
		BARRIER(hash);
	}
	return hash;
}

/*
 * What the rules say about a cgroup and those above it: bits of enum
 * filter_verdict. A cgroup that is too deep, or whose path cannot be read, is
 * allowed: it is reported. The walk begins with zeroes from a map, for the
 * reason in probes/core/stack.bpf.h.
 */
INLINE __u32 cgroup_verdicts(const struct layout *layout, const struct settings *s, __u64 node)
{
	struct cgroup_walk w = { .node = node, .verdicts = s->nothing };
	unsigned int i;
	__u32 *verdict;

	w.top[0] = w.top[1] = w.top[2] = s->nothing;
	w.key = (struct filter_key){ .kind = FILTER_CGROUP, .value = s->seed };
	asm volatile("" : : "r"(&w) : "memory");
	if (cgroup_offsets_find(layout, &w.at))
		return FILTER_ALLOW;
	cgroup_climb(&w);
	if (w.node)
		return FILTER_ALLOW;
#pragma unroll
	for (i = 0; i < CGROUP_NAMES; i++) {
		if (!w.top[i])
			break;
		w.key.value = cgroup_hash(w.key.value, follow(w.top[i], w.at.name) + w.at.skip);
		verdict = bpf_map_lookup_elem(&filters, &w.key);
		if (verdict)
			w.verdicts |= *verdict;
	}
	return w.verdicts;
}

/* A container may be known in one hierarchy only: a rule about either cgroup counts. */
INLINE int cgroup_passes(const struct layout *layout, const struct settings *s, __u64 task)
{
	__u32 verdicts = cgroup_verdicts(layout, s, cgroup_v2(layout, task));

	verdicts |= cgroup_verdicts(layout, s, cgroup_v1(layout, task));
	if (verdicts & FILTER_DENY)
		return 0;
	return !(s->only & (1U << FILTER_CGROUP)) || verdicts & FILTER_ALLOW;
}

/* By its class alone: for an event whose process is not the one that runs. */
INLINE int class_wanted(__u32 type)
{
	__u32 key = 0;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	return s && s->classes & (1U << type);
}

INLINE int event_wanted(const struct layout *layout, __u64 task, __u32 type)
{
	__u32 key = 0, tgid = bpf_get_current_pid_tgid() >> 32;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	if (!s)
		return 0;
	CHECKED(s);
	if (!(s->classes & (1U << type)) || tgid == s->self_tgid || tgid == s->monitor_tgid)
		return 0;
	if (tgid == s->canary_tgid)
		return 1;
	if (s->filters & (1U << FILTER_UID) &&
	    !filter_passes(s, FILTER_UID, (__u32)bpf_get_current_uid_gid()))
		return 0;
	if (s->filters & (1U << FILTER_COMM) && !filter_passes(s, FILTER_COMM, comm_hash()))
		return 0;
	return !(s->filters & (1U << FILTER_CGROUP)) || cgroup_passes(layout, s, task);
}

#endif
