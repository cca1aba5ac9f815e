/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on files and mounts: File System Activity. chroot: Kernel Activity. */
#include "loader/ocsf/ocsf.h"
#include "loader/event/particulars.h"
#include "loader/ocsf/ocsf_writers.h"

static const struct {
	unsigned int id;
	const char *name;
} activities[FILE_OPERATIONS] = {
	[FILE_OPEN] = { 14, "Open" },
	[FILE_CREATE] = { 1, "Create" },
	[FILE_MKDIR] = { 1, "Create" },
	[FILE_MKNOD] = { 1, "Create" },
	[FILE_SYMLINK] = { 1, "Create" },
	[FILE_LINK] = { 1, "Create" },
	[FILE_UNLINK] = { 4, "Delete" },
	[FILE_RMDIR] = { 4, "Delete" },
	[FILE_RENAME] = { 5, "Rename" },
	[FILE_EXCHANGE] = { 5, "Rename" },
	[FILE_TRUNCATE] = { 3, "Update" },
	[FILE_WRITE] = { 3, "Update" },
	[FILE_CHMOD] = { 7, "Set Security" },
	[FILE_CHOWN] = { 7, "Set Security" },
	[FILE_SETXATTR] = { 6, "Set Attributes" },
	[FILE_REMOVEXATTR] = { 6, "Set Attributes" },
	[FILE_MOUNT] = { 12, "Mount" },
	[FILE_UMOUNT] = { 13, "Unmount" },
};

static void stat_write(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	bool unread = event_unread(ev, FIELD_FILE_STAT);

	ocsf_file_type(&f->json, unread ? 0 : e->after.mode);
	if (unread)
		ecs_unread(f, "type_id");
	ecs_inode(f, "uid", e->inode, unread || event_unread(ev, FIELD_FILE_NUMBERS));
	ocsf_identity(f, "owner", NAME_USER, e->after.uid, unread);
	ecs_u64(f, "size", e->size, unread);
}

static void path_object(struct format *f, const char *key, const struct event *ev,
                        enum event_text path)
{
	jsonw_object_open(&f->json, key);
	ocsf_path_text(f, ev, path);
	stat_write(f, ev);
	jsonw_object_close(&f->json);
}

/* What is renamed is the file by its old path; the result has the new one. */
static void files_write(struct format *f, const struct event *ev)
{
	bool is_rename = activities[ev->file.operation].id == 5;

	path_object(f, "file", ev, is_rename ? FILE_OTHER_PATH : FILE_PATH);
	if (is_rename)
		path_object(f, "file_result", ev, FILE_PATH);
}

/* Where the stat could not be read, the members above are named. */
static void file_rest(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	struct jsonw *json = &f->json;

	jsonw_object_open(json, "file");
	if (e->operation == FILE_SYMLINK)
		ecs_text_member(f, "target_path", ev, FILE_STRING);
	if (event_unread(ev, FIELD_FILE_STAT)) {
		ecs_unread(f, "device");
		ecs_unread(f, "mode");
		ecs_unread(f, "gid");
	} else {
		if (event_unread(ev, FIELD_FILE_NUMBERS))
			ecs_unread(f, "device");
		else
			ecs_device(json, "device", e->device);
		ecs_mode(json, "mode", e->after.mode & 07777);
		ecs_id_text(f, "gid", e->after.gid, false);
	}
	jsonw_object_close(json);
}

/* Its directory is nothing that the kernel's resources have. */
static void chroot_write(struct jsonw *json)
{
	jsonw_object_open(json, "kernel");
	jsonw_string(json, "name", "chroot");
	ocsf_enum(json, "type_id", 2, "type", "System Call");
	jsonw_string(json, "system_call", "chroot");
	jsonw_object_close(json);
}

static struct ocsf_activity activity_of(const struct event *ev)
{
	unsigned int operation = ev->file.operation;

	if (ev->header.type == EVENT_CHROOT)
		return (struct ocsf_activity){ OCSF_KERNEL, 4, "Invoke", OCSF_SUCCESS, 0 };
	return (struct ocsf_activity){ OCSF_FILE, activities[operation].id,
		                       activities[operation].name, OCSF_SUCCESS, 0 };
}

void file_ocsf(struct format *f, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	const struct actor actor = ACTOR(e, e->uid);
	const struct ocsf_activity activity = activity_of(ev);
	bool is_chroot = ev->header.type == EVENT_CHROOT;

	ocsf_head(f, ev, &activity);
	ocsf_actor(f, ev, &actor);
	if (is_chroot)
		chroot_write(&f->json);
	else
		files_write(f, ev);
	ocsf_actor_rest(f, ev, &actor);
	if (is_chroot)
		file_object(f, ev);
	else
		file_rest(f, ev);
	file_unmapped(f, ev);
	ecs_sextant_close(f);
}
