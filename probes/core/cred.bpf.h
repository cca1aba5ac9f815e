/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Ids and capabilities of a struct cred. */
#ifndef PROBES_CORE_CRED_BPF_H
#define PROBES_CORE_CRED_BPF_H

#include "probes/core/read.bpf.h"

INLINE int credentials_read(const struct layout *layout, struct credentials *c, __u64 cred)
{
	int failed;

	failed = READ(layout, &c->uid, cred, CRED_UID);
	failed |= READ(layout, &c->gid, cred, CRED_GID);
	failed |= READ(layout, &c->euid, cred, CRED_EUID);
	failed |= READ(layout, &c->egid, cred, CRED_EGID);
	failed |= READ(layout, &c->suid, cred, CRED_SUID);
	failed |= READ(layout, &c->sgid, cred, CRED_SGID);
	failed |= READ(layout, &c->fsuid, cred, CRED_FSUID);
	failed |= READ(layout, &c->fsgid, cred, CRED_FSGID);
	failed |= READ(layout, &c->cap_permitted, cred, CRED_CAP_PERMITTED);
	failed |= READ(layout, &c->cap_effective, cred, CRED_CAP_EFFECTIVE);
	failed |= READ(layout, &c->cap_inheritable, cred, CRED_CAP_INHERITABLE);
	failed |= READ(layout, &c->cap_bset, cred, CRED_CAP_BSET);
	READ(layout, &c->cap_ambient, cred, CRED_CAP_AMBIENT);
	return failed;
}

#endif
