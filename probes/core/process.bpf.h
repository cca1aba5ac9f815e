/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Who acts: start time, process group and parent of a process. */
#ifndef PROBES_CORE_PROCESS_BPF_H
#define PROBES_CORE_PROCESS_BPF_H

#include "probes/core/read.bpf.h"

/*
 * Start time: a struct timespec before 3.17 (ccbf62d8a284), nanoseconds since
 * then.
 */
INLINE int read_start(const struct layout *layout, __u64 task, __u64 *ret)
{
	__u64 value[2] = { 0, 0 };

	if (layout->facts[LAYOUT_TASK_START_BOOTTIME].size != sizeof(value))
		return READ(layout, ret, task, TASK_START_BOOTTIME);
	if (READ(layout, &value, task, TASK_START_BOOTTIME))
		return -1;
	*ret = value[0] * 1000000000ULL + value[1];
	return 0;
}

/* 0 if it cannot be read. */
INLINE int in_execve(const struct layout *layout, __u64 task)
{
	const struct layout_fact *fact = &layout->facts[LAYOUT_TASK_IN_EXECVE];
	__u8 byte = 0;

	if (read_at(&byte, sizeof(byte), task, fact->offset))
		return 0;
	return byte >> (fact->bit_offset & 7) & 1;
}

/* Start time of the process that a task belongs to. */
INLINE int read_process_start(const struct layout *layout, __u64 task, __u64 *ret)
{
	return read_start(layout, POINTER(layout, task, TASK_GROUP_LEADER), ret);
}

/*
 * The number of a struct pid in the initial pid namespace. The leader (until
 * 4.19, 2c4704756cab) or signal_struct has one struct pid for each type, at an
 * index.
 */
INLINE int group_read(const struct layout *layout, __u64 task, __u32 type, __u32 *ret)
{
	__u64 first, pid;
	__u32 offset;

	if (OFFSET(layout, SIGNAL_PIDS) != LAYOUT_ABSENT) {
		first = POINTER(layout, task, TASK_SIGNAL);
		offset = OFFSET(layout, SIGNAL_PIDS) + type * sizeof(pid);
	} else {
		first = POINTER(layout, task, TASK_GROUP_LEADER);
		offset = OFFSET(layout, TASK_THREAD_PID) + type * SIZE(layout, PID_LINK_SIZE);
	}
	pid = read_pointer(first, offset);
	if (!pid || type == LAYOUT_ABSENT || OFFSET(layout, PID_NUMBERS) == LAYOUT_ABSENT)
		return -1;
	return READ(layout, ret, pid + OFFSET(layout, PID_NUMBERS), UPID_NR);
}

/*
 * The parent: tgid, start time and name of the process that the thread parent
 * belongs to. pgid is the process group of task itself.
 */
INLINE void parent_fill(const struct layout *layout, struct event_header *header, __u64 task,
                        __u64 parent, struct parent_ids *ret)
{
	int failed = READ(layout, &ret->pid, parent, TASK_TGID);

	failed |= read_process_start(layout, parent, &ret->start_boottime_ns);
	failed |= READ(layout, &ret->comm, parent, TASK_COMM);
	unread_if(header, failed, FIELD_PARENT);
	unread_if(header, group_read(layout, task, OFFSET(layout, PIDTYPE_PGID), &ret->pgid),
	          FIELD_GROUPS);
}

#endif
