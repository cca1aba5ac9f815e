/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the descriptors of a call are at its time: the path of an open file, from its struct
 * file, or the ends of a socket. A path is walked by tail calls until it is complete.
 */
#ifndef PROBES_TRACE_CALL_FILES_BPF_H
#define PROBES_TRACE_CALL_FILES_BPF_H

#include "probes/core/descriptor.bpf.h"
#include "probes/core/pathwalk.bpf.h"
#include "probes/core/sock.bpf.h"
#include "probes/trace/call_maps.bpf.h"

#define FILE_STEPS 12 /* in one program */

#define TYPE_MASK   0170000 /* S_IFMT, include/uapi/linux/stat.h */
#define TYPE_SOCKET 0140000 /* S_IFSOCK */

/* ---- sockets -------------------------------------------------------------- */

/*
 * struct socket_alloc { struct socket socket; struct inode vfs_inode; }, include/net/sock.h. The
 * size of the first is not in the database: it is found by the pointer from its sock back to it.
 * The struct has 48 bytes in 3.10, and 128 from 5.4 on.
 */
#define SOCKET_SIZE_LEAST 48
#define SOCKET_SIZES      12 /* in steps of 8 bytes */

/* The sock of the struct socket so far in front of the inode; 0: there is none. */
INLINE __u64 sock_at(const struct layout *layout, __u64 inode, __u32 size)
{
	__u64 socket = inode - size, sk = kernel_follow(socket, OFFSET(layout, SOCKET_SK));

	return kernel_follow(sk, OFFSET(layout, SOCK_SOCKET)) == socket ? sk : 0;
}

/* *size: from a struct socket to its inode, once it is known. */
INLINE __u64 sock_find(const struct layout *layout, __u32 *size, __u64 inode)
{
	__u64 sk = 0;
	__u32 i;

	if (OFFSET(layout, SOCKET_SK) == LAYOUT_ABSENT ||
	    OFFSET(layout, SOCK_SOCKET) == LAYOUT_ABSENT)
		return 0;
	if (*size)
		return sock_at(layout, inode, *size);
#pragma unroll
	for (i = 0; i < SOCKET_SIZES; i++) {
		sk = sock_at(layout, inode, SOCKET_SIZE_LEAST + 8 * i);
		if (sk) {
			*size = SOCKET_SIZE_LEAST + 8 * i;
			break;
		}
	}
	return sk;
}

INLINE void socket_fill(const struct layout *layout, struct call_file *file, __u64 sk)
{
	__u16 port = 0;

	file->is_socket = 1;
	READ(layout, &file->family, sk, SOCK_FAMILY);
	READ(layout, &file->protocol, sk, SOCK_PROTOCOL);
	if (file->family == FAMILY_INET6) {
		READ(layout, &file->local, sk, SOCK_V6_RCV_SADDR);
		READ(layout, &file->remote, sk, SOCK_V6_DADDR);
	} else if (file->family == FAMILY_INET) {
		read_at(file->local, sizeof(__u32), sk, OFFSET(layout, SOCK_RCV_SADDR));
		read_at(file->remote, sizeof(__u32), sk, OFFSET(layout, SOCK_DADDR));
	} else {
		return;
	}
	READ(layout, &port, sk, INET_SPORT);
	file->local_port = swapped(port);
	if (!port) /* bound, and not used yet */
		READ(layout, &file->local_port, sk, SOCK_NUM);
	port = 0;
	READ(layout, &port, sk, SOCK_DPORT);
	file->remote_port = swapped(port);
}

/* ---- paths ---------------------------------------------------------------- */

/* Appends a name, or steps from the root of a mount to its mount point. */
INLINE int file_step(struct call_scratch *s, const struct walk_offsets *o, struct position *at)
{
	__u64 parent, name, end;
	long size;

	if (at->dentry == at->root)
		return mount_step(o, at);
	parent = follow(at->dentry, o->parent);
	name = follow(at->dentry, o->name);
	if (!parent || !name)
		return WALK_FAILED;
	end = s->end;
	BARRIER(end);
	if (end > CALL_RECORD_MAX)
		return WALK_LONG;
	BARRIER(end);
	size = bpf_probe_read_str(s->bytes + end, NAME_BYTES, (void *)name);
	if (size < 0)
		return WALK_FAILED;
	s->end = end + (size ? size : 1);
	if (parent == at->dentry)
		return WALK_TOP; /* not under any mount: a pipe, a memfd */
	at->dentry = parent;
	return WALK_MORE;
}

INLINE int file_steps(const struct layout *layout, struct call_scratch *s)
{
	struct position at = { .dentry = s->walk.dentry, .mount = s->walk.mount };
	struct walk_offsets o;
	int i, result = WALK_MORE;

	if (path_offsets_init(layout, &o) || !position_init(&at, &o))
		return WALK_FAILED;
#pragma unroll
	for (i = 0; i < FILE_STEPS; i++) {
		result = file_step(s, &o, &at);
		if (result != WALK_MORE)
			break;
	}
	s->walk.dentry = at.dentry;
	s->walk.mount = at.mount;
	return result;
}

/* Goes on with the path of a file. If it is not called again, the path counts as cut. */
INLINE void file_walk(const struct layout *layout, struct call_scratch *s)
{
	int result = file_steps(layout, s);
	struct call_value *value = &s->record.values[below_8(s->file_value)];

	value->size = s->end - value->at;
	if (result == WALK_MORE)
		return;
	s->walk.dentry = 0;
	if (result == WALK_DONE)
		value->state = CALL_READ;
	else if (result == WALK_TOP)
		value->state = CALL_ALONE;
}

/* ---- descriptors ---------------------------------------------------------- */

/* The part of a file's value that is always there. */
INLINE void file_head(const struct layout *layout, __u32 *socket_size, struct call_file *head,
                      __u64 inode)
{
	__u16 mode = 0;
	__u64 sk;

	READ(layout, &head->inode, inode, INODE_INO);
	READ(layout, &mode, inode, INODE_MODE);
	head->mode = mode;
	if ((mode & TYPE_MASK) != TYPE_SOCKET)
		return;
	sk = sock_find(layout, socket_size, inode);
	if (sk)
		socket_fill(layout, head, sk);
}

/* False: there is no room. */
INLINE int file_put(struct call_scratch *s, const struct call_file *head)
{
	__u64 end = s->end;

	BARRIER(end);
	if (end > CALL_RECORD_MAX)
		return 0;
	BARRIER(end);
	__builtin_memcpy(s->bytes + end, head, sizeof(*head));
	s->end = end + sizeof(*head);
	return 1;
}

/* The descriptor of a value: of a parameter, or the result. */
INLINE __s32 descriptor_of(const struct call_scratch *s, __u32 i)
{
	if (i == CALL_VALUE_RESULT)
		return s->record.result;
	return s->record.arguments[below_8(i)];
}

INLINE void value_set(struct call_scratch *s, __u32 i, __u32 state, __u64 at, __u32 size)
{
	struct call_value *value = &s->record.values[below_8(i)];

	value->state = state;
	value->at = at;
	value->size = size;
}

INLINE void file_begin(const struct layout *layout, struct call_scratch *s, __u32 i)
{
	__u64 task = bpf_get_current_task(), at = s->end, file = 0, fs = 0;
	struct call_file head = { 0 };
	__s32 descriptor = descriptor_of(s, i);

	s->file_value = i;
	if (i == CALL_VALUE_CWD || descriptor == CALL_AT_FDCWD)
		fs = POINTER(layout, task, TASK_FS);
	else
		file = descriptor_file(layout, task, descriptor);
	if (file)
		file_head(layout, &s->socket_size, &head, POINTER(layout, file, FILE_INODE));
	if ((!fs && !file) || !file_put(s, &head)) {
		value_set(s, s->file_value, CALL_UNREAD, 0, 0);
		return;
	}
	value_set(s, s->file_value, head.is_socket ? CALL_READ : CALL_CUT, at, sizeof(head));
	if (fs)
		walk_init(layout, &s->walk, fs, OFFSET(layout, FS_PWD));
	else if (!head.is_socket)
		walk_init(layout, &s->walk, file, OFFSET(layout, FILE_PATH));
}

INLINE void file_next(const struct layout *layout, struct call_scratch *s)
{
	__u32 i, left = s->files_left, next = 0;

#pragma unroll
	for (i = CALL_VALUES; i > 0; i--)
		next = left & 1U << (i - 1) ? i - 1 : next;
	s->files_left = left & (left - 1);
	file_begin(layout, s, next);
}

/* A part of the work. True: there is more of it. */
INLINE int files_read(struct call_scratch *s)
{
	const struct layout *layout = layout_find();

	if (!layout)
		return 0;
	if (s->walk.dentry)
		file_walk(layout, s);
	else if (s->files_left)
		file_next(layout, s);
	return s->walk.dentry || s->files_left;
}

#endif
