/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on files, and mounts. */
#include <string.h>
#include <sys/stat.h>

#include "loader/event/actions.h"
#include "loader/event/ecs.h"
#include "loader/event/particulars.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"
#include "loader/util/file_type.h"

/* Its inode. */
static void file_members(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	struct jsonw *json = &f->json;

	jsonw_string(json, "type", file_type_name(e->after.mode));
	ecs_file_numbers(f, e->inode, e->device, event_unread(ev, FIELD_FILE_NUMBERS));
	ecs_mode(json, "mode", e->after.mode & 07777);
	ecs_id_text(f, "uid", e->after.uid, false);
	ecs_id_text(f, "gid", e->after.gid, false);
	jsonw_u64(json, "size", e->size);
}

static void file_members_unread(struct format *f)
{
	static const char *const all[] = {
		"type", "inode", "device", "mode", "uid", "gid", "size"
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ecs_unread(f, all[i]);
}

void file_object(struct format *f, const struct event *ev)
{
	jsonw_object_open(&f->json, "file");
	ecs_text_member(f, "path", ev, FILE_PATH);
	if (ev->file.operation == FILE_SYMLINK)
		ecs_text_member(f, "target_path", ev, FILE_STRING);
	if (event_unread(ev, FIELD_FILE_STAT))
		file_members_unread(f);
	else
		file_members(f, ev);
	jsonw_object_close(&f->json);
}

static void before_object(struct format *f, const struct event *ev)
{
	const struct file_owner *before = &ev->file.before;

	if (event_unread(ev, FIELD_FILE_BEFORE)) {
		ecs_unread(f, "before");
		return;
	}
	jsonw_object_open(&f->json, "before");
	ecs_mode(&f->json, "mode", before->mode & 07777);
	ecs_id_text(f, "uid", before->uid, false);
	ecs_id_text(f, "gid", before->gid, false);
	jsonw_object_close(&f->json);
}

static void mount_object(struct format *f, const struct event *ev)
{
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "mount");
	ecs_text_member(f, "source", ev, FILE_STRING);
	if (ev->file.operation == FILE_MOUNT)
		ecs_text_member(f, "type", ev, FILE_TYPE);
	ecs_number(json, "flags", "0x%x", ev->file.flags);
	jsonw_object_close(json);
}

/* What the operation has of its own. */
static void particulars(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	struct jsonw *json = &f->json;

	switch ((enum file_operation)e->operation) {
	case FILE_OPEN:
	case FILE_CREATE:
		ecs_number(json, "open_flags", "0%o", e->flags);
		break;
	case FILE_MKNOD:
		if (event_unread(ev, FIELD_FILE_STAT))
			ecs_unread(f, "special_device");
		else if (S_ISCHR(e->after.mode) || S_ISBLK(e->after.mode))
			ecs_device(json, "special_device", e->rdev);
		break;
	case FILE_RENAME:
	case FILE_EXCHANGE:
		if (e->replaced_inode)
			ecs_number(json, "replaced_inode", "%llu",
			           (unsigned long long)e->replaced_inode);
		ecs_text_member(f, "other_path", ev, FILE_OTHER_PATH);
		break;
	case FILE_LINK:
		ecs_text_member(f, "other_path", ev, FILE_OTHER_PATH);
		break;
	case FILE_CHMOD:
	case FILE_CHOWN:
	case FILE_TRUNCATE:
		before_object(f, ev);
		break;
	case FILE_SETXATTR:
	case FILE_REMOVEXATTR:
		ecs_text_member(f, "attribute", ev, FILE_STRING);
		break;
	case FILE_MOUNT:
	case FILE_UMOUNT:
		mount_object(f, ev);
		break;
	default:
		break;
	}
}

void file_unmapped(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;

	if (e->type[0])
		ecs_comm(f, "file_system", e->type);
	else
		ecs_unread(f, "file_system");
	ecs_u64(f, "links", e->nlink, event_unread(ev, FIELD_FILE_STAT));
	particulars(f, ev);
	ecs_root(f, ev);
}

void file_json(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	const struct actor actor = ACTOR(e, e->uid);

	ecs_head(f, ev);
	ecs_actor(f, ev, &actor);
	file_object(f, ev);
	ecs_sextant_open(f, ev);
	file_unmapped(f, ev);
	ecs_sextant_close(f);
}

void file_text(struct jsonw *out, const struct event *ev)
{
	const struct file_event *e = &ev->file;

	jsonw_printf(out, "%u ", e->process.pid);
	words_comm(out, e->comm);
	jsonw_printf(out, " uid %u %s ", e->uid, event_action(ev));
	words_text(out, ev, FILE_PATH);
	if (e->operation == FILE_RENAME || e->operation == FILE_EXCHANGE ||
	    e->operation == FILE_LINK) {
		jsonw_printf(out, " from ");
		words_text(out, ev, FILE_OTHER_PATH);
	}
	if (ev->texts[FILE_STRING].size || event_unread(ev, FIELD_TEXTS + FILE_STRING)) {
		jsonw_printf(out, " -> ");
		words_text(out, ev, FILE_STRING);
	}
}
