/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Inode numbers of the namespaces of a struct nsproxy. */
#ifndef PROBES_CORE_NSPROXY_BPF_H
#define PROBES_CORE_NSPROXY_BPF_H

#include "probes/core/read.bpf.h"

/*
 * 0, which no namespace has, if it cannot be read. There is one branch: the
 * verifier walks each with each.
 */
INLINE void namespace_read(__u32 *ret, __u64 proxy, __u32 pointer, __u32 inum)
{
	if (pointer == LAYOUT_ABSENT || inum == LAYOUT_ABSENT)
		return;
	bpf_probe_read(ret, sizeof(*ret), (void *)(follow(proxy, pointer) + inum));
}

#define NAMESPACE(layout, ret, proxy, pointer, inum) \
	namespace_read(ret, proxy, OFFSET(layout, pointer), OFFSET(layout, inum))

INLINE int namespace_set_read(const struct layout *layout, struct namespace_set *ns, __u64 proxy)
{
	NAMESPACE(layout, &ns->mnt, proxy, NSPROXY_MNT, MNT_NS_INUM);
	NAMESPACE(layout, &ns->net, proxy, NSPROXY_NET, NET_NS_INUM);
	NAMESPACE(layout, &ns->uts, proxy, NSPROXY_UTS, UTS_NS_INUM);
	NAMESPACE(layout, &ns->ipc, proxy, NSPROXY_IPC, IPC_NS_INUM);
	NAMESPACE(layout, &ns->pid_for_children, proxy, NSPROXY_PID_FOR_CHILDREN, PID_NS_INUM);
	/* From 4.6 on (a79a908fd2b0). */
	NAMESPACE(layout, &ns->cgroup, proxy, NSPROXY_CGROUP, CGROUP_NS_INUM);
	return !ns->mnt | !ns->net | !ns->uts | !ns->ipc | !ns->pid_for_children;
}

#endif
