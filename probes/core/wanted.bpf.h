/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Is an event wanted? By its class, and by the rules (--filter) about the
 * process that acts. Programs ask before they read anything for the event.
 */
#ifndef PROBES_CORE_WANTED_BPF_H
#define PROBES_CORE_WANTED_BPF_H

#include "probes/core/cgroup.bpf.h"

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
 * The hash of the name of a cgroup. The name of the root is empty, or "/" until
 * 3.15.
 */
INLINE __u64 cgroup_hash(const struct layout *layout, __u64 cgroup)
{
	__u32 own = VALUE(layout, CGROUP_NAME), at = VALUE(layout, KERNFS_NAME), skip = 0;
	__u64 word = 0, alive = -1, hash = 0, name;
	unsigned int i;

	if (own != LAYOUT_ABSENT) {
		at = own;
		skip = CGROUP_NAME_SKIP;
	}
	name = read_pointer(cgroup, at) + skip;
#pragma unroll
	for (i = 0; i < FILTER_NAME_BYTES / sizeof(word); i++) {
		bpf_probe_read(&word, sizeof(word), (void *)(name + i * sizeof(word)));
		hash = filter_hash(hash, word_keep(word, &alive));
		BARRIER(hash);
	}
	return hash;
}

/*
 * A container may be known in one hierarchy only: a rule that denies either
 * cgroup counts.
 */
INLINE int cgroup_passes(const struct layout *layout, const struct settings *s, __u64 task)
{
	int only = s->only & (1U << FILTER_CGROUP);
	__u64 hash = cgroup_hash(layout, cgroup_v2(layout, task));

	if (!filter_passes(s, FILTER_CGROUP, hash) == !only)
		return !!only;
	hash = cgroup_hash(layout, cgroup_v1(layout, task));
	return filter_passes(s, FILTER_CGROUP, hash);
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
	if (!(s->classes & (1U << type)) || tgid == s->self_tgid)
		return 0;
	if (s->filters & (1U << FILTER_UID) &&
	    !filter_passes(s, FILTER_UID, (__u32)bpf_get_current_uid_gid()))
		return 0;
	if (s->filters & (1U << FILTER_COMM) && !filter_passes(s, FILTER_COMM, comm_hash()))
		return 0;
	return !(s->filters & (1U << FILTER_CGROUP)) || cgroup_passes(layout, s, task);
}

#endif
