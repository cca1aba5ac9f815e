/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The record of a fork and of a new thread, and the fields of these events. */
#ifndef PROBES_ABI_FORK_RECORD_H
#define PROBES_ABI_FORK_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

/* Sent by the forking process before the child runs. */
struct fork_event {
	struct event_header header;
	struct process_ids process; /* who forked */
	struct process_ids child;   /* "process" of the JSON, and FIELD_START */
	struct parent_ids parent;   /* of the child: differs from process with CLONE_PARENT */
	__u64 clone_flags;          /* CLONE_*; until 5.3 (7f192e3cd316) with the exit signal */
	char comm[EVENTS_COMM_BYTES];
	__u32 uid;
	__u32 exit_signal; /* that the parent gets at the child's end; 0: none, or not known */
};

/* clang-format off */
#define FORK_FIELDS(FIELD, NAME) \
	FIELD(FORK, START, "", FACTS(LAYOUT_TASK_CHILDREN, LAYOUT_TASK_SIBLING, LAYOUT_TASK_PID, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME)) \
	LINEAGE_FIELDS(FIELD, FORK) \
	NAME(FORK, NONE, "process.thread", thread, ALWAYS, "thread", "`id` of the new thread") \
	NAME(FORK, NONE, "sextant.caller.pid", pid_or_zero, ALWAYS, "", "the caller of fork or clone. It is not the parent if CLONE_PARENT was used") \
	FIELD(FORK, CALLER, "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME)) \
	NAME(FORK, CALLER, "sextant.caller.entity_id", entity, ALWAYS, "", "") \
	NAME(FORK, CALLER, "sextant.caller.start", time, ALWAYS, "", "") \
	NAME(FORK, NONE, "sextant.caller.thread", thread, ALWAYS, "", "") \
	NAME(FORK, NONE, "sextant.child_signal", count, OPTIONAL, "fork", "signal that the parent gets when the child ends; missing if there is none") \
	NAME(FORK, NONE, "sextant.clone_flags", hexadecimal, ALWAYS, "", "CLONE_* flags in hexadecimal; before 5.3 the low byte is the child signal") \
	NAME(FORK, NONE, "sextant.new_namespaces", names, OPTIONAL, "", "namespaces that were created for the child: `pid`, `mnt`, `net`, `uts`, `ipc`, `user`, `cgroup`. Missing if none was")
/* clang-format on */

FIELDS_ENUM(fork, FORK)

#endif
