/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The tables of fields, one a class, beside the record of the class. A new field
 * is a new line there. A table has lines of two forms:
 *
 *	FIELD(class, id, of, facts)
 *
 * What is read as one, and fails as one: bit FIELD_<class>_<id> of header.unread
 * and .truncated. Fields are numbered in the order of the table; the first ones
 * are those of enum common_field. Classes that share a record give the same
 * number to the same id (a unit test compares them).
 *
 * of		"", or in which events alone the facts are needed.
 * facts	FACTS(...) that have to be there, or NO_FACTS. Only user space
 *		expands them: offsets/layout.h has the names.
 *
 *	NAME(class, id, path, type, presence, actions, description)
 *
 * A member of the JSON (docs/events.md).
 *
 * id		the field that it is read with: where that could not be read, the
 *		member is null, and read_errors names it by its path. NONE: the member
 *		is never null. BY_VALUE: it has no bit, and an empty value means that
 *		it could not be read.
 * path		"process.user": the name in read_errors, truncated and raw.
 * type		a definition of docs/events.schema.json.
 * presence	ALWAYS: it is in every event of the class, perhaps null. OPTIONAL: it
 *		is missing where there is nothing to say.
 * actions	"", or the values of event.action that have it: "rename exchange".
 * description	for docs/events.md; "": the same as of the line above.
 *
 * Where a class has several values of event.action there is a table of those:
 *
 *	OPERATION(class, id, name, type, description)
 *
 * id is a number from 1 on, name is event.action, type is event.type.
 *
 * This header is shared with BPF programs: names and numbers only.
 */
#ifndef PROBES_ABI_FIELD_TABLE_H
#define PROBES_ABI_FIELD_TABLE_H

#include "probes/abi/head.h"

/* ---- what several tables have ------------------------------------------ */

#define WALK_FACTS                                                                             \
	LAYOUT_PATH_MNT, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME,         \
		LAYOUT_QSTR_NAME, LAYOUT_VFSMOUNT_ROOT, LAYOUT_MOUNT_MNT, LAYOUT_MOUNT_PARENT, \
		LAYOUT_MOUNT_MOUNTPOINT

#define CREDENTIAL_FACTS                                                                           \
	LAYOUT_CRED_UID, LAYOUT_CRED_GID, LAYOUT_CRED_EUID, LAYOUT_CRED_EGID, LAYOUT_CRED_SUID,    \
		LAYOUT_CRED_SGID, LAYOUT_CRED_FSUID, LAYOUT_CRED_FSGID, LAYOUT_CRED_CAP_PERMITTED, \
		LAYOUT_CRED_CAP_EFFECTIVE, LAYOUT_CRED_CAP_INHERITABLE, LAYOUT_CRED_CAP_BSET

/* The inode of such a file is not the one that stat() shows: probes/core/inode.bpf.h. */
#define STACKED "files on btrfs or overlayfs"

/* clang-format off */
#define LINEAGE_FIELDS(FIELD, class) \
	FIELD(class, PARENT, "", FACTS(LAYOUT_TASK_REAL_PARENT, LAYOUT_TASK_TGID, LAYOUT_TASK_COMM)) \
	/* Or by the leader's pids[]: a kernel has one of the two. */ \
	FIELD(class, GROUPS, "", FACTS(LAYOUT_PIDTYPE_PGID, LAYOUT_PIDTYPE_SID, LAYOUT_PID_NUMBERS, LAYOUT_UPID_NR))

#define COMMON_FIELDS(FIELD, class) \
	FIELD(class, START, "", FACTS(LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME)) \
	LINEAGE_FIELDS(FIELD, class)

/* The thread that acts: in all classes but exec, fork, thread and exit. */
#define ACTOR_NAMES(NAME, class) \
	NAME(class, NONE, "process.thread", thread, ALWAYS, "", "`id` of the thread that acts")

/* In every event. A line of a class's own table takes the place of one with the same path. */
#define EVENT_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, EVENT) \
	NAME(EVENT, NONE, "@timestamp", time, ALWAYS, "", "time in the kernel at which the event happened; UTC, nanoseconds") \
	NAME(EVENT, NONE, "ecs.version", ecs_version, ALWAYS, "", "`8.17.0`") \
	NAME(EVENT, NONE, "event.kind", event_kind, ALWAYS, "", "`event`") \
	NAME(EVENT, NONE, "event.category", event_category, ALWAYS, "", "as in the table of classes; category and type are lists") \
	NAME(EVENT, NONE, "event.type", event_type, ALWAYS, "", "") \
	NAME(EVENT, NONE, "event.action", event_action, ALWAYS, "", "what happened, as in the table of classes") \
	NAME(EVENT, NONE, "event.sequence", count, ALWAYS, "", "number of the event on its CPU (`sextant.cpu`). Lost events have a number too, and those of the canary (`own_events`): a gap is a loss, or one of these") \
	NAME(EVENT, NONE, "event.module", event_module, ALWAYS, "", "`sextant`") \
	NAME(EVENT, NONE, "event.dataset", event_dataset, ALWAYS, "", "`sextant.` and the class") \
	NAME(EVENT, NONE, "event.created", time, ALWAYS, "", "time at which the sensor wrote the event") \
	NAME(EVENT, NONE, "event.id", event_id, ALWAYS, "", "identifies the event for ever: a receiver that has got two events with the same id can drop one. Made of the first 8 digits of the boot id, `agent.ephemeral_id`, the CPU and the sequence number; in events about the sensor itself `own` and a number of their own") \
	NAME(EVENT, NONE, "host.hostname", string, ALWAYS, "", "name of the host, as it is now") \
	NAME(EVENT, NONE, "host.name", string, ALWAYS, "", "") \
	NAME(EVENT, NONE, "host.id", machine_id, OPTIONAL, "", "id of the installation, as in `/etc/machine-id`; missing if there is none") \
	NAME(EVENT, NONE, "host.architecture", string, ALWAYS, "", "`x86_64`") \
	NAME(EVENT, NONE, "host.os", host_os, ALWAYS, "", "`type` (`linux`), `kernel` (its release), and of `/etc/os-release` `platform` (ID), `family` (redhat, debian or suse), `name`, `version` (VERSION_ID) and `full` (PRETTY_NAME), each missing if it does not say") \
	NAME(EVENT, NONE, "agent.type", agent_type, ALWAYS, "", "`sextant`") \
	NAME(EVENT, NONE, "agent.version", string, ALWAYS, "", "version of the sensor") \
	NAME(EVENT, NONE, "agent.ephemeral_id", run_id, ALWAYS, "", "tells this run of the sensor from others") \
	NAME(EVENT, BY_VALUE, "host.boot.id", boot_id, ALWAYS, "", "id of this boot, as in `/proc/sys/kernel/random/boot_id`") \
	NAME(EVENT, NONE, "process.pid", pid, ALWAYS, "", "process id (thread group id)") \
	NAME(EVENT, START, "process.start", time, ALWAYS, "", "start time of the process, UTC, by the wall clock at the time of the event. It may differ by microseconds between two events, and by more if the clock was set: `process.entity_id` identifies a process, not this") \
	NAME(EVENT, START, "process.entity_id", entity, ALWAYS, "", "identifies a process for ever: the first 8 digits of the boot id, the pid, and the start time in 1/100 s since boot (field 22 of `/proc/PID/stat`)") \
	NAME(EVENT, NONE, "process.name", comm, ALWAYS, "", "name of the thread (comm), at most 15 bytes; in an exec the name after it") \
	NAME(EVENT, NONE, "process.executable", string, OPTIONAL, "", "path of the executable file ², except in exec") \
	NAME(EVENT, GROUPS, "process.group_leader", leader, ALWAYS, "", "`pid` of the leader of the process group, and, while that process lives, its `entity_id` and `executable` ²") \
	NAME(EVENT, PARENT, "process.parent", parent, ALWAYS, "", "`pid`, `entity_id`, `start` and `name` of the parent process, and its `executable`, `args`, `args_count` and `command_line` ². Its arguments are known if it has executed its program while the sensor ran. 512 bytes of them are kept; if there are more, `args_count` is missing") \
	NAME(EVENT, NONE, "container.id", container_id, OPTIONAL, "", "id of the container, by [the place of its cgroup](#containers); of containers in a container the outermost. Missing outside of containers, and where the cgroup's path is truncated. In an exec it is exact; in other events it is that of the last exec or fork of the process ²") \
	NAME(EVENT, NONE, "container.name", string, OPTIONAL, "", "its name, as the [files of the runtime](#names-of-containers) have it; in Kubernetes that of the container in its pod. This and the next ones are missing in the first events of a container, and where no file says them; at most 256 bytes of a text") \
	NAME(EVENT, NONE, "container.image.name", string, OPTIONAL, "", "the image that the container was made of, as it was asked for: without tag and digest") \
	NAME(EVENT, NONE, "container.image.tag", strings, OPTIONAL, "", "its tag, a list of one; missing if none was named") \
	NAME(EVENT, NONE, "container.image.hash.all", strings, OPTIONAL, "", "its digest, as `sha256:...`, a list of one; missing if none was named") \
	NAME(EVENT, NONE, "container.runtime", string, OPTIONAL, "", "`docker`, `containerd`, `cri-o` or `podman`; missing where several runtimes use the same place, and no file says which one it is") \
	NAME(EVENT, NONE, "orchestrator.type", string, OPTIONAL, "", "`kubernetes`; missing outside of pods") \
	NAME(EVENT, NONE, "orchestrator.namespace", string, OPTIONAL, "", "namespace of the pod that the container is in") \
	NAME(EVENT, NONE, "orchestrator.resource.type", string, OPTIONAL, "", "`pod`") \
	NAME(EVENT, NONE, "orchestrator.resource.name", string, OPTIONAL, "", "name of the pod") \
	NAME(EVENT, NONE, "orchestrator.resource.id", string, OPTIONAL, "", "its UID in Kubernetes") \
	NAME(EVENT, NONE, "service.name", string, OPTIONAL, "", "the service of systemd that the process belongs to, such as `nginx.service`, by its cgroup; it is as certain as `container.id`. Missing outside of services, and where systemd has a hierarchy of its own (RHEL 7 and others with version 1 alone) and the service has no cgroup of the memory controller") \
	NAME(EVENT, NONE, "user.id", id, ALWAYS, "", "real user id of the process") \
	NAME(EVENT, NONE, "user.name", name, OPTIONAL, "", "its name; missing if it is not listed") \
	NAME(EVENT, NONE, "sextant.cpu", count, ALWAYS, "", "CPU on which the event happened") \
	NAME(EVENT, NONE, "sextant.read_errors", names, OPTIONAL, "", "paths of the fields that could not be read; missing if there are none") \
	NAME(EVENT, NONE, "sextant.truncated", names, OPTIONAL, "", "paths of the fields that were shortened; missing if there are none") \
	NAME(EVENT, NONE, "sextant.raw", raw, OPTIONAL, "", "exact bytes, in hexadecimal, of text that is not UTF-8; missing if there is none")
/* clang-format on */

/* ---- numbers ------------------------------------------------------------ */

#define FIELD_NUMBER(class, id, of, facts)                   FIELD_##class##_##id,
#define OPERATION_NUMBER(class, id, name, type, description) id,
#define NAME_NOTHING(class, id, path, type, presence, actions, description)

/* How many fields the class has, and what stands for a member that has none. */
#define FIELDS_ENUM(name, class)                                                 \
	enum name##_field{                                                       \
		class##_FIELDS(FIELD_NUMBER, NAME_NOTHING) class##_FIELDS_COUNT, \
		FIELD_##class##_NONE = FIELDS_MAX,                               \
		FIELD_##class##_BY_VALUE,                                        \
	};                                                                       \
	_Static_assert(class##_FIELDS_COUNT <= FIELDS_MAX,                       \
	               "header.unread and .truncated have a bit for each");

#endif
