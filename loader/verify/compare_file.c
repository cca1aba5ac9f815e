/* SPDX-License-Identifier: BSD-2-Clause */
/* Files, mounts, and changes of the root directory. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "loader/stream/fields.h"
#include "loader/verify/comparison.h"

/* What stat() shows is not in every inode: probes/core/inode.bpf.h. */
static bool file_is_plain(const struct file_event *e)
{
	return strcmp(e->type, "btrfs") && strcmp(e->type, "overlay");
}

static void compare_state(const struct comparison *c, const struct event *ev,
                          const struct file_state *truth)
{
	const struct file_event *e = &ev->file;
	const struct pair pairs[] = {
		{ "file.mode", e->after.mode, truth->mode },
		{ "file.uid", e->after.uid, truth->uid },
		{ "file.gid", e->after.gid, truth->gid },
		{ "file.size", e->size, truth->size },
		{ "sextant.special_device", e->rdev, truth->rdev },
	};
	const struct pair numbers[] = {
		{ "sextant.links", e->nlink, truth->links },
		{ "file.inode", e->inode, truth->inode },
		{ "file.device", e->device, truth->device },
	};

	if (!can_compare(c, ev, FIELD_FILE_STAT))
		return;
	COMPARE_NUMBERS(c, ev, FIELD_FILE_STAT, pairs);
	if (file_is_plain(e))
		COMPARE_NUMBERS(c, ev, FIELD_FILE_NUMBERS, numbers);
}

/* ---- the sensor's own file -------------------------------------------- */

/* By its name: the directory may be reached through a symlink. It has no other name any more. */
static void compare_own_file(const struct comparison *c)
{
	const struct event *ev = &c->sample->file;
	const struct stat *st = &c->actions->file;
	const struct file_state truth = {
		.inode = st->st_ino,
		.device = major(st->st_dev) << 20 | minor(st->st_dev),
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.links = 1,
	};

	const struct pair opens[] = { { "events of one file", c->sample->file_opens, 1 } };
	const struct pair mode[] = { { "sextant.open_flags, the mode", ev->file.flags & O_ACCMODE,
		                       O_WRONLY } };

	compare_actor(c, ev, &c->child->own, &ev->file.parent, NULL);
	if (can_compare(c, ev, FIELD_FILE_PATH))
		compare_path(c, ev, FIELD_FILE_PATH, &ev->texts[FILE_PATH],
		             strrchr(c->actions->path, '/'));
	compare_state(c, ev, &truth);
	if (file_is_plain(&ev->file)) /* overlayfs opens the file below as well */
		COMPARE_NUMBERS(c, ev, FIELD_FILE_STAT, opens);
	if (ev->file.flags) /* the end of a system call does not know them */
		COMPARE_NUMBERS(c, ev, FIELD_FILE_STAT, mode);
}

/* ---- files of another process ----------------------------------------- */

#define FILE_ACTION_LINE(operation, path, other) { path, other },

static const struct {
	const char *directory, *other_directory;
} actions[] = { FILE_ACTIONS(FILE_ACTION_LINE) };

/* What the operation found; NULL: its event does not have that. */
static const struct file_state *state_before(const struct file_actions *f, unsigned int action)
{
	switch (action) {
	case ACTION_FILE_CHOWN:
		return &f->states[ACTION_FILE_CREATE];
	case ACTION_FILE_CHMOD:
		return &f->states[ACTION_FILE_CHOWN];
	case ACTION_FILE_TRUNCATE:
		return &f->states[ACTION_FILE_CHMOD];
	}
	return NULL;
}

static void compare_before(const struct comparison *c, const struct event *ev,
                           const struct file_state *truth)
{
	const struct file_owner *seen = &ev->file.before;
	const struct pair pairs[] = {
		{ "sextant.before.mode", seen->mode, truth->mode },
		{ "sextant.before.uid", seen->uid, truth->uid },
		{ "sextant.before.gid", seen->gid, truth->gid },
	};

	/* The end of a system call does not know it. */
	if (!event_unread(ev, FIELD_FILE_BEFORE))
		COMPARE_NUMBERS(c, ev, FIELD_FILE_BEFORE, pairs);
}

static void compare_name(const struct comparison *c, const struct event *ev, unsigned int field,
                         const struct event_path *seen, const char *directory)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s%s", c->child->files.directory, directory,
	         c->actions->name);
	if (can_compare(c, ev, field))
		compare_path(c, ev, field, seen, path);
}

static void compare_action(const struct comparison *c, unsigned int action)
{
	const struct event *ev = &c->sample->files[action];
	const struct file_actions *f = &c->child->files;
	const struct file_state *before = state_before(f, action);

	compare_actor(c, ev, &c->child->beside, &ev->file.parent, &c->child->above);
	compare_name(c, ev, FIELD_FILE_PATH, &ev->texts[FILE_PATH], actions[action].directory);
	if (*actions[action].other_directory)
		compare_name(c, ev, FIELD_FILE_OTHER_PATH, &ev->texts[FILE_OTHER_PATH],
		             actions[action].other_directory);
	compare_state(c, ev, &f->states[action]);
	differences_bytes(c->differences, EVENT_FILE, FIELD_FILE_STAT, "sextant.file_system",
	                  ev->file.type, strnlen(ev->file.type, sizeof(ev->file.type)), "tmpfs", 5);
	if (before)
		compare_before(c, ev, before);
}

void compare_file(const struct comparison *c)
{
	unsigned int action, done = c->child->files.done & c->sample->files_seen;

	compare_own_file(c);
	for (action = 0; action < FILE_ACTIONS_COUNT; action++)
		if (done & (1U << action))
			compare_action(c, action);
}

/* ---- mounts and roots ------------------------------------------------- */

void compare_mount(const struct comparison *c)
{
	const struct event *ev = &c->sample->mount;
	const char *whole = c->child->files.directory, *last = strrchr(whole, '/');
	char path[64];

	/* The last mount is on the directory above. */
	snprintf(path, sizeof(path), "%.*s", (int)(last ? last - whole : 0), whole);
	compare_actor(c, ev, &c->child->above, &ev->file.parent, &c->child->own);
	if (can_compare(c, ev, FIELD_MOUNT_PATH))
		compare_path(c, ev, FIELD_MOUNT_PATH, &ev->texts[FILE_PATH], path);
}

/* Without mounts of its own it made "/" the root, whose path may be another one. */
void compare_chroot(const struct comparison *c)
{
	const struct event *ev = &c->sample->chroot;
	const struct file_actions *f = &c->child->files;

	compare_actor(c, ev, &c->child->beside, &ev->file.parent, &c->child->above);
	if ((f->is_mounted || c->child->root_is_initial) && can_compare(c, ev, FIELD_CHROOT_PATH))
		compare_path(c, ev, FIELD_CHROOT_PATH, &ev->texts[FILE_PATH],
		             f->is_mounted ? f->directory : "/");
	if (f->is_mounted)
		compare_state(c, ev, &f->root);
}
