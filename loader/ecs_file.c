/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on files, and mounts, as ECS JSON. */
#include <string.h>
#include <sys/stat.h>

#include "ecs.h"

static const struct operation {
	const char *name, *type; /* ECS: event.action, event.type */
} operations[FILE_OPERATIONS] = {
	[FILE_OPEN] = { "open", "access" },
	[FILE_CREATE] = { "create", "creation" },
	[FILE_MKDIR] = { "mkdir", "creation" },
	[FILE_MKNOD] = { "mknod", "creation" },
	[FILE_SYMLINK] = { "symlink", "creation" },
	[FILE_LINK] = { "link", "creation" },
	[FILE_UNLINK] = { "unlink", "deletion" },
	[FILE_RMDIR] = { "rmdir", "deletion" },
	[FILE_RENAME] = { "rename", "change" },
	[FILE_EXCHANGE] = { "exchange", "change" },
	[FILE_TRUNCATE] = { "truncate", "change" },
	[FILE_CHMOD] = { "chmod", "change" },
	[FILE_CHOWN] = { "chown", "change" },
	[FILE_SETXATTR] = { "setxattr", "change" },
	[FILE_REMOVEXATTR] = { "removexattr", "change" },
	[FILE_WRITE] = { "write", "change" },
	[FILE_MOUNT] = { "mount", "change" },
	[FILE_UMOUNT] = { "umount", "change" },
};

const char *file_operation_name(enum file_operation operation)
{
	return operations[operation].name;
}

const char *file_operation_type(enum file_operation operation)
{
	return operations[operation].type;
}

/* ECS: "file", "dir" or "symlink"; the others by the words of stat(1). */
static const char *file_type(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "dir";
	case S_IFLNK:
		return "symlink";
	case S_IFBLK:
		return "block";
	case S_IFCHR:
		return "character";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	}
	return NULL;
}

static void file_object(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "file");
	ecs_text_member(json, "path", ev, FILE_PATH);
	if (e->operation == FILE_SYMLINK)
		ecs_text_member(json, "target_path", ev, FILE_STRING);
	if (event_unread(ev, FIELD_EXE_INODE)) {
		jsonw_string(json, "inode", NULL);
		jsonw_object_close(json);
		return;
	}
	jsonw_string(json, "type", file_type(e->after.mode));
	ecs_file_numbers(json, ev, e->inode, e->device);
	ecs_number(json, "mode", "%04o", e->after.mode & 07777);
	ecs_id_text(json, "uid", e->after.uid);
	ecs_id_text(json, "gid", e->after.gid);
	jsonw_u64(json, "size", e->size);
	jsonw_object_close(json);
}

static void before_object(struct jsonw *json, const struct event *ev)
{
	const struct file_owner *before = &ev->file.before;

	if (event_unread(ev, FIELD_BEFORE)) {
		jsonw_string(json, "before", NULL);
		return;
	}
	jsonw_object_open(json, "before");
	ecs_number(json, "mode", "%04o", before->mode & 07777);
	ecs_id_text(json, "uid", before->uid);
	ecs_id_text(json, "gid", before->gid);
	jsonw_object_close(json);
}

static void mount_object(struct jsonw *json, const struct event *ev)
{
	jsonw_object_open(json, "mount");
	ecs_text_member(json, "source", ev, FILE_STRING);
	if (ev->file.operation == FILE_MOUNT)
		ecs_text_member(json, "type", ev, FILE_TYPE);
	ecs_number(json, "flags", "0x%x", ev->file.flags);
	jsonw_object_close(json);
}

/* What the operation has of its own. */
static void particulars(struct jsonw *json, const struct event *ev)
{
	const struct file_event *e = &ev->file;

	switch ((enum file_operation)e->operation) {
	case FILE_OPEN:
	case FILE_CREATE:
		ecs_number(json, "open_flags", "0%o", e->flags);
		break;
	case FILE_MKNOD:
		if (S_ISCHR(e->after.mode) || S_ISBLK(e->after.mode))
			ecs_device(json, "special_device", e->rdev);
		break;
	case FILE_RENAME:
	case FILE_EXCHANGE:
		if (e->replaced_inode)
			ecs_number(json, "replaced_inode", "%llu",
			           (unsigned long long)e->replaced_inode);
		ecs_text_member(json, "other_path", ev, FILE_OTHER_PATH);
		break;
	case FILE_LINK:
		ecs_text_member(json, "other_path", ev, FILE_OTHER_PATH);
		break;
	case FILE_CHMOD:
	case FILE_CHOWN:
	case FILE_TRUNCATE:
		before_object(json, ev);
		break;
	case FILE_SETXATTR:
	case FILE_REMOVEXATTR:
		ecs_text_member(json, "attribute", ev, FILE_STRING);
		break;
	case FILE_MOUNT:
	case FILE_UMOUNT:
		mount_object(json, ev);
		break;
	default:
		break;
	}
}

void ecs_file(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	const struct event_path *root = &ev->texts[FILE_ROOT];
	const struct ecs_text texts[] = {
		ecs_comm_text("process.name", e->comm),
		ecs_comm_text("process.parent.name", e->parent.comm),
		ecs_path_text("file.path", ev, FILE_PATH),
		ecs_path_text("sextant.text", ev, FILE_STRING),
		ecs_path_text("sextant.other_path", ev, FILE_OTHER_PATH),
		ecs_path_text("sextant.root", ev, FILE_ROOT),
		ecs_path_text("sextant.mount.type", ev, FILE_TYPE),
	};
	struct jsonw *json = &f->json;

	ecs_actor(f, ev, e->comm, &e->process, &e->parent, e->uid);
	file_object(f, ev);
	ecs_sextant_open(f, ev);
	jsonw_bytes(json, "file_system", e->type, strnlen(e->type, sizeof(e->type)));
	jsonw_u64(json, "links", e->nlink);
	particulars(json, ev);
	if (event_unread(ev, FIELD_TEXTS + FILE_ROOT) || root->size != 1)
		ecs_text_member(json, "root", ev, FILE_ROOT);
	ecs_sextant_close(json, texts, sizeof(texts) / sizeof(texts[0]));
}
