/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways by FUSE, as fusermount(1) lets every user mount: what is mounted over the
 * directory or the file stands in the file's place for all programs of the user.
 */
#include <string.h>
#include <sys/stat.h>

#include "tests/host/scenario_fuse.h"
#include "tests/host/scenario_ways.h"

static mode_t root_mode; /* of the file system: it is a file, or has one */

static void attributes_fill(struct fuse_attr *a, int is_root)
{
	a->ino = is_root ? 1 : 2;
	a->mode = is_root ? root_mode : S_IFREG | 0600;
	a->size = strlen(EVIL);
	a->nlink = 1;
	a->uid = a->gid = WAYS_UID;
}

static int evil_answer(const struct fuse_in_header *in, const char *body, void *ret)
{
	struct fuse_attr_out *attributes = ret;
	struct fuse_entry_out *entry = ret;

	(void)body;
	switch (in->opcode) {
	case FUSE_GETATTR:
		attributes->attr_valid = 1000;
		attributes_fill(&attributes->attr, in->nodeid == FUSE_ROOT_ID);
		return sizeof(*attributes);
	case FUSE_LOOKUP:
		entry->nodeid = 2;
		entry->entry_valid = entry->attr_valid = 1000;
		attributes_fill(&entry->attr, 0);
		return sizeof(*entry);
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		return sizeof(struct fuse_open_out);
	case FUSE_READ:
		memcpy(ret, EVIL, strlen(EVIL));
		return strlen(EVIL);
	default:
		return 0;
	}
}

static void mount_over(const char *path, mode_t mode, const char *more)
{
	root_mode = mode;
	can(fuse_mount(path, mode, WAYS_UID, more, evil_answer) > 0);
}

static void over_bashrc(void)
{
	mount_over(BASHRC, S_IFREG | 0644, "");
}

/* For programs with root's real id too, as fuse.conf(5) may allow. */
static void over_directory(void)
{
	mount_over(".ssh", S_IFDIR | 0700, ",allow_other");
}

const struct way ways_over[] = {
	{ "fuse-bashrc", over_bashrc, NULL, AS_MOUNTER },
	{ "fuse-directory", over_directory, NULL, AS_MOUNTER },
	{ 0 },
};
