/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The fields of a file or mount event (struct file_event). */
#ifndef PROBES_CORE_FILE_EVENT_BPF_H
#define PROBES_CORE_FILE_EVENT_BPF_H

#include "probes/core/inode.bpf.h"
#include "probes/core/file_call.bpf.h"
#include "probes/core/linked.bpf.h"
#include "probes/core/opened.bpf.h"
#include "probes/core/process.bpf.h"
#include "probes/core/texts.bpf.h"

/* FIELD_FILE_STAT stands for the file. */
INLINE void file_fill(const struct layout *layout, struct file_event *e, __u64 inode)
{
	__u64 sb = POINTER(layout, inode, INODE_SB), name;
	int failed = inode_numbers_fill(layout, e, inode);

	name = POINTER(layout, POINTER(layout, sb, SB_TYPE), FILE_SYSTEM_TYPE_NAME);
	if (name)
		bpf_probe_read_str(e->type, sizeof(e->type), (void *)name);
	unread_if(&e->header, failed, FIELD_FILE_STAT);
}

INLINE void replaced_fill(const struct layout *layout, struct file_event *e, __u64 inode)
{
	__u32 device;
	int unknown;

	if (READ(layout, &e->replaced_inode, inode, INODE_INO))
		return;
	inode_as_stat(layout, inode, &e->replaced_inode, &device, &unknown);
	if (unknown)
		e->replaced_inode = 0;
}

/*
 * A file has got a name that a rule matches, or lost one. If it has others, what is
 * done to it by them matches from now on.
 */
INLINE void linked_if_several(const struct layout *layout, __u64 inode)
{
	__u32 links = 0;
	__u16 mode = 0;

	READ(layout, &links, inode, INODE_NLINK);
	READ(layout, &mode, inode, INODE_MODE);
	if (links > 1 && (mode & TYPE_BITS) != TYPE_DIRECTORY)
		linked_keep(layout, inode);
}

/* All fields except the paths, and the walks that find the paths. */
INLINE void file_event_fill(const struct layout *layout, struct scratch *s)
{
	const struct file_call *call = &s->call;
	struct file_event *e = &s->file;
	__u64 task = bpf_get_current_task(), fs;

	s->cursor = sizeof(*e);
	unread_if(&e->header, read_process_start(layout, task, &e->process.start_boottime_ns),
	          FIELD_START);
	parent_fill(layout, &e->header, task, POINTER(layout, task, TASK_REAL_PARENT), &e->parent);
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	e->operation = call->operation;
	e->flags = call->flags;
	e->before = call->before;
	unread_if(&e->header, call->late && changes(call), FIELD_FILE_BEFORE);
	file_fill(layout, e, POINTER(layout, call->dentry, DENTRY_INODE));
	if (call->operation == FILE_LINK || moves_file(call))
		linked_if_several(layout, POINTER(layout, call->dentry, DENTRY_INODE));
	if (call->operation == FILE_EXCHANGE)
		linked_if_several(layout, POINTER(layout, call->other, DENTRY_INODE));
	if (call->operation == FILE_UNLINK && !e->nlink)
		linked_drop(layout, POINTER(layout, call->dentry, DENTRY_INODE));
	if (call->file)
		opened_keep(layout, call->file, call->mount, call->dentry);
	string_fill(s, FILE_STRING, call->string, PATH_BYTES_MAX + 1);
	string_fill(s, FILE_TYPE, call->type, NAME_BYTES);

	fs = POINTER(layout, task, TASK_FS);
	walk_init(layout, &s->walks[FILE_ROOT], fs, OFFSET(layout, FS_ROOT));
	s->walks[FILE_PATH].dentry = call->dentry;
	s->walks[FILE_OTHER_PATH].dentry = call->other;
	if (moves_file(call)) {
		s->walks[FILE_PATH].dentry = call->other;
		s->walks[FILE_OTHER_PATH].dentry = call->dentry;
		replaced_fill(layout, e, POINTER(layout, call->other, DENTRY_INODE));
	}
	s->walks[FILE_PATH].mount = s->walks[FILE_OTHER_PATH].mount = call->mount;
	s->text = FILE_ROOT;
	s->start = s->cursor;
}

#endif
