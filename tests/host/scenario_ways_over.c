/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways by FUSE, as fusermount(1) lets every user mount: what is mounted over the
 * directory or the file stands in the file's place for all programs of the user.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Returns the size of the answer; 0: there is none but that it is done. */
static size_t answer(const struct fuse_in_header *in, void *ret)
{
	struct fuse_init_out *init = ret;
	struct fuse_attr_out *attributes = ret;
	struct fuse_entry_out *entry = ret;

	switch (in->opcode) {
	case FUSE_INIT:
		init->major = FUSE_KERNEL_VERSION;
		init->minor = 12; /* the structs of then, which all kernels take */
		init->max_write = 4096;
		return FUSE_COMPAT_22_INIT_OUT_SIZE;
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

static void serve(int fd)
{
	static union {
		struct fuse_in_header header;
		char bytes[1 << 17];
	} in;

	for (;;) {
		struct {
			struct fuse_out_header header;
			char body[256];
		} out = { 0 };
		ssize_t n = read(fd, &in, sizeof(in));

		if (n < (ssize_t)sizeof(in.header)) {
			if (n < 0 && errno != EINTR && errno != ENOENT)
				_exit(0);
			continue;
		}
		out.header.unique = in.header.unique;
		out.header.len = sizeof(out.header) + answer(&in.header, out.body);
		if (write(fd, &out, out.header.len) < 0)
			continue;
	}
}

static void mount_over(const char *path, mode_t mode, const char *more)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	pid_t server;

	can(fd >= 0);
	root_mode = mode;
	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=%d,group_id=%d%s", fd, mode,
	         WAYS_UID, WAYS_UID, more);
	can(!mount("ways", path, "fuse", MS_NOSUID | MS_NODEV, options));
	server = fork();
	can(server >= 0);
	if (!server)
		serve(fd);
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
