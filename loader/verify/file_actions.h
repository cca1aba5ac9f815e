/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process of the self-test does with files, in a file system that only it has. */
#ifndef LOADER_VERIFY_FILE_ACTIONS_H
#define LOADER_VERIFY_FILE_ACTIONS_H

#include <stdint.h>

/* What is compared: X(operation, directory of the file, directory of its other name). */
/* clang-format off */
#define FILE_ACTIONS(X) \
	X(FILE_CREATE,   "/a/", "") \
	X(FILE_CHOWN,    "/a/", "") \
	X(FILE_CHMOD,    "/a/", "") \
	X(FILE_TRUNCATE, "/a/", "") \
	X(FILE_LINK,     "/b/", "/a/") \
	X(FILE_SETXATTR, "/b/", "") \
	X(FILE_RENAME,   "/c/", "/b/") \
	X(FILE_MKNOD,    "/b/", "")
/* clang-format on */

#define FILE_ACTION_NUMBER(operation, path, other) ACTION_##operation,
enum file_action { FILE_ACTIONS(FILE_ACTION_NUMBER) FILE_ACTIONS_COUNT };

/* As stat() shows it afterwards. */
struct file_state {
	uint64_t inode, size;
	uint32_t device, rdev; /* kernel encoding: major << 20 | minor */
	uint32_t mode, uid, gid, links;
};

struct file_actions {
	uint32_t done;       /* 1 << enum file_action of those that succeeded */
	uint32_t is_mounted; /* directory is there */
	uint32_t is_rooted;  /* the root directory was changed, to directory or to "/" */
	char directory[64];  /* on two mounts, one in the other */
	struct file_state states[FILE_ACTIONS_COUNT];
	struct file_state root;
};

/*
 * Gives the calling process mounts of its own, and changes into a directory that
 * lies on two of them; source: the name of these. Where that is not possible the
 * working directory stays.
 */
void file_actions_mount(const char *source, struct file_actions *ret);

/* Works on files of that name in directories below, and makes that the root directory. */
void file_actions_do(const char *name, struct file_actions *ret);

#endif
