/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The records of changes that a thread makes to itself, and the fields of these events. */
#ifndef PROBES_ABI_CHANGE_RECORD_H
#define PROBES_ABI_CHANGE_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

/* Sent by a thread whose ids, capabilities or user namespace change; not by an exec. */
struct credentials_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct credentials before, after;
	__u32 user_ns_before, user_ns_after; /* inode numbers */
	char comm[EVENTS_COMM_BYTES];
};

/* Inode numbers; 0: the kernel has none. The user namespace is one of the credentials. */
struct namespace_set {
	__u32 pid_for_children, mnt, net, uts, ipc, cgroup;
};

/* Sent by a thread that enters other namespaces: setns, unshare. */
struct namespaces_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct namespace_set before, after;
	__u32 uid, zero;
	char comm[EVENTS_COMM_BYTES];
};

#define NAMESPACE_FACTS                                                                         \
	LAYOUT_NSPROXY_MNT, LAYOUT_MNT_NS_INUM, LAYOUT_NSPROXY_NET, LAYOUT_NET_NS_INUM,         \
		LAYOUT_NSPROXY_UTS, LAYOUT_UTS_NS_INUM, LAYOUT_NSPROXY_IPC, LAYOUT_IPC_NS_INUM, \
		LAYOUT_NSPROXY_PID_FOR_CHILDREN, LAYOUT_PID_NS_INUM

/* clang-format off */
#define CREDENTIALS_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, CREDENTIALS) \
	ACTOR_NAMES(NAME, CREDENTIALS) \
	FIELD(CREDENTIALS, BEFORE, "", FACTS(LAYOUT_TASK_REAL_CRED, CREDENTIAL_FACTS)) \
	NAME(CREDENTIALS, BEFORE, "user.id", id, ALWAYS, "", "real user id before the change") \
	NAME(CREDENTIALS, BEFORE, "sextant.before", credentials, ALWAYS, "", "`user`, `real_user`, `saved_user`, `fs_user`, `group`, `real_group`, `saved_group`, `fs_group`, each with `id` and `name`; `capabilities` as in exec; `user_namespace`, an inode number") \
	FIELD(CREDENTIALS, AFTER, "", FACTS(CREDENTIAL_FACTS)) \
	NAME(CREDENTIALS, AFTER, "sextant.after", credentials, ALWAYS, "", "")

#define NAMESPACES_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, NAMESPACES) \
	ACTOR_NAMES(NAME, NAMESPACES) \
	FIELD(NAMESPACES, BEFORE, "", FACTS(LAYOUT_TASK_NSPROXY, NAMESPACE_FACTS)) \
	NAME(NAMESPACES, BEFORE, "sextant.before", namespace_set, ALWAYS, "", "inode numbers of the namespaces `pid_for_children`, `mnt`, `net`, `uts`, `ipc`, and from 4.6 on `cgroup`. The user namespace is in `credentials`") \
	FIELD(NAMESPACES, AFTER, "", FACTS(NAMESPACE_FACTS)) \
	NAME(NAMESPACES, AFTER, "sextant.after", namespace_set, ALWAYS, "", "")
/* clang-format on */

FIELDS_ENUM(credentials, CREDENTIALS)
FIELDS_ENUM(namespaces, NAMESPACES)

#endif
