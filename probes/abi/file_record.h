/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The record of an operation on a file, and of a mount; operations and fields of these events. */
#ifndef PROBES_ABI_FILE_RECORD_H
#define PROBES_ABI_FILE_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

/* clang-format off */
#define FILE_OPERATION_TABLE(OPERATION) \
	OPERATION(FILE, FILE_OPEN, "open", "access", "an existing file was opened for writing. Reported even if the file system's own open function then fails") \
	OPERATION(FILE, FILE_CREATE, "create", "creation", "a regular file was created by open or mknod") \
	OPERATION(FILE, FILE_MKDIR, "mkdir", "creation", "a directory was created") \
	OPERATION(FILE, FILE_MKNOD, "mknod", "creation", "a device, pipe or socket was created, also by bind") \
	OPERATION(FILE, FILE_SYMLINK, "symlink", "creation", "a symbolic link was created") \
	OPERATION(FILE, FILE_LINK, "link", "creation", "a hard link was created. `file.path` is the new name, `sextant.other_path` the existing one") \
	OPERATION(FILE, FILE_UNLINK, "unlink", "deletion", "a file was removed") \
	OPERATION(FILE, FILE_RMDIR, "rmdir", "deletion", "a directory was removed") \
	OPERATION(FILE, FILE_RENAME, "rename", "change", "a file was renamed. `file.path` is the new name, `sextant.other_path` the old one") \
	OPERATION(FILE, FILE_EXCHANGE, "exchange", "change", "two files exchanged their names (renameat2). `sextant.other_path` is the other name") \
	OPERATION(FILE, FILE_TRUNCATE, "truncate", "change", "the size was changed") \
	OPERATION(FILE, FILE_CHMOD, "chmod", "change", "the mode was changed") \
	OPERATION(FILE, FILE_CHOWN, "chown", "change", "the owner was changed") \
	OPERATION(FILE, FILE_SETXATTR, "setxattr", "change", "a `security.*` attribute was set (file capabilities are one). The path is resolved through a mount of the file system that is not necessarily the caller's: before 6.18 the oldest one; from 6.18 on that of the caller's root directory or working directory, else the newest one in the caller's mount namespace (the newest 16 are searched)") \
	OPERATION(FILE, FILE_REMOVEXATTR, "removexattr", "change", "such an attribute was removed") \
	OPERATION(FILE, FILE_WRITE, "write", "change", "a file is about to be written for the first time since it was opened") \
	OPERATION(MOUNT, FILE_MOUNT, "mount", "change", "a file system was mounted. `file` is the directory on which it is mounted") \
	OPERATION(MOUNT, FILE_UMOUNT, "umount", "change", "an unmount was requested; reported before the outcome is known") \
	OPERATION(CHROOT, FILE_CHROOT, "chroot", "change", "a process changed its root directory. `file` is the new one")
/* clang-format on */

enum file_operation {
	FILE_NO_OPERATION,
	FILE_OPERATION_TABLE(OPERATION_NUMBER) /* from 1 */
	FILE_OPERATIONS
};

struct file_owner {
	__u32 mode; /* st_mode */
	__u32 uid, gid;
};

/* Sent when an operation has succeeded; its texts follow as those of an exec do. */
struct file_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	__u64 inode, replaced_inode; /* replaced: by a rename; 0: none was there */
	__u64 size;                  /* st_size, as it is now */
	__u32 device;                /* of the file system; kernel encoding: major << 20 | minor */
	__u32 rdev;                  /* of a device */
	struct file_owner before, after; /* before: 0 of what has been made */
	__u32 nlink;
	__u32 operation; /* enum file_operation */
	__u32 flags;     /* open: O_*; mount: MS_*; umount: MNT_*, UMOUNT_*; else 0 */
	__u32 uid;
	char comm[EVENTS_COMM_BYTES];
	char type[EVENTS_COMM_BYTES]; /* of the file system */
	__u16 text_size[TEXT_SLOTS];
};

/* clang-format off */
/* What both classes have; the slots of texts that neither has are never unread. */
#define FILE_ROOT_FIELD(FIELD, NAME, class) \
	FIELD(class, ROOT, "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, WALK_FACTS)) \
	NAME(class, ROOT, "sextant.root", string, OPTIONAL, "", "root directory of the process; missing if it is `/`") \
	FIELD(class, UNUSED_CGROUP, "", NO_FACTS) \
	FIELD(class, UNUSED_CGROUP_V1, "", NO_FACTS)

#define FILE_PATH_FIELD(FIELD, NAME, class) \
	FIELD(class, PATH, "", FACTS(WALK_FACTS)) \
	NAME(class, PATH, "file.path", string, ALWAYS, "", "full path; without a leading `/` if it was truncated")

#define FILE_STAT_FIELDS(FIELD, NAME, class) \
	/* All that stat() has of it. */ \
	FIELD(class, STAT, "", FACTS(LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_SB_DEV, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID, LAYOUT_INODE_NLINK)) \
	NAME(class, STAT, "file.type", file_type, ALWAYS, "", "`file`, `dir`, `symlink`, `block`, `character`, `fifo` or `socket`") \
	/* The first two of them, where stat() has others than the inode. */ \
	FIELD(class, NUMBERS, STACKED, FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER)) \
	NAME(class, NUMBERS, "file.inode", id, ALWAYS, "", "numbers that stat shows ³. On overlayfs the inode is that of the file in the upper layer, or of the file below that was copied there; if the file was not copied up, overlayfs\'s own") \
	NAME(class, STAT, "file.inode", id, ALWAYS, "", "") \
	NAME(class, NUMBERS, "file.device", device, ALWAYS, "", "") \
	NAME(class, STAT, "file.device", device, ALWAYS, "", "") \
	NAME(class, STAT, "file.mode", mode, ALWAYS, "", "after the operation") \
	NAME(class, STAT, "file.uid", id, ALWAYS, "", "") \
	NAME(class, STAT, "file.gid", id, ALWAYS, "", "") \
	NAME(class, STAT, "file.size", count, ALWAYS, "", "") \
	NAME(class, BY_VALUE, "sextant.file_system", short_name, ALWAYS, "", "type of the file system, such as `ext4`") \
	NAME(class, STAT, "sextant.links", count, ALWAYS, "", "number of names (hard links) of the file")

#define FILE_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, FILE) \
	ACTOR_NAMES(NAME, FILE) \
	FIELD(FILE, STRING, "", NO_FACTS) \
	NAME(FILE, STRING, "file.target_path", string, ALWAYS, "symlink", "target of the symbolic link") \
	NAME(FILE, STRING, "sextant.attribute", string, ALWAYS, "setxattr removexattr", "name of the attribute") \
	FIELD(FILE, UNUSED_TYPE, "", NO_FACTS) \
	FILE_ROOT_FIELD(FIELD, NAME, FILE) \
	FILE_PATH_FIELD(FIELD, NAME, FILE) \
	FIELD(FILE, OTHER_PATH, "", FACTS(WALK_FACTS)) \
	NAME(FILE, OTHER_PATH, "sextant.other_path", string, ALWAYS, "link rename exchange", "the existing name, the old name, or the other name") \
	FILE_STAT_FIELDS(FIELD, NAME, FILE) \
	NAME(FILE, STAT, "sextant.special_device", device, OPTIONAL, "mknod", "number of a device; missing for a pipe or socket") \
	NAME(FILE, NONE, "sextant.open_flags", octal, ALWAYS, "open create", "O_* flags, in octal") \
	NAME(FILE, NONE, "sextant.replaced_inode", id, OPTIONAL, "rename exchange", "inode of the file that was overwritten, or of the other file; missing if there was none") \
	FIELD(FILE, BEFORE, "", FACTS(LAYOUT_DENTRY_INODE, LAYOUT_INODE_MODE, LAYOUT_INODE_UID, LAYOUT_INODE_GID)) \
	NAME(FILE, BEFORE, "sextant.before", owner, ALWAYS, "truncate chmod chown", "`mode`, `uid` and `gid` before the operation")

#define MOUNT_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, MOUNT) \
	ACTOR_NAMES(NAME, MOUNT) \
	FIELD(MOUNT, STRING, "", NO_FACTS) \
	NAME(MOUNT, STRING, "sextant.mount.source", string, ALWAYS, "", "what is mounted: a device, a directory, or the name that a file system without a device was given") \
	FIELD(MOUNT, TYPE, "", NO_FACTS) \
	NAME(MOUNT, TYPE, "sextant.mount.type", string, ALWAYS, "mount", "type of the file system, as the caller named it") \
	NAME(MOUNT, NONE, "sextant.mount.flags", hexadecimal, ALWAYS, "", "`mount`: MS_* flags in hexadecimal, 0 if the system calls of 5.2 and later were used (fsmount, move_mount). `umount`: MNT_* and UMOUNT_* flags") \
	FILE_ROOT_FIELD(FIELD, NAME, MOUNT) \
	FILE_PATH_FIELD(FIELD, NAME, MOUNT) \
	FIELD(MOUNT, UNUSED_OTHER_PATH, "", NO_FACTS) \
	FILE_STAT_FIELDS(FIELD, NAME, MOUNT)

#define CHROOT_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, CHROOT) \
	ACTOR_NAMES(NAME, CHROOT) \
	FIELD(CHROOT, UNUSED_STRING, "", NO_FACTS) \
	FIELD(CHROOT, UNUSED_TYPE, "", NO_FACTS) \
	FIELD(CHROOT, ROOT, "", FACTS(LAYOUT_TASK_FS, LAYOUT_FS_ROOT, WALK_FACTS)) \
	NAME(CHROOT, ROOT, "sextant.root", string, OPTIONAL, "", "root directory before the call; missing if it was `/`, and on kernels without kprobes") \
	FIELD(CHROOT, UNUSED_CGROUP, "", NO_FACTS) \
	FIELD(CHROOT, UNUSED_CGROUP_V1, "", NO_FACTS) \
	FILE_PATH_FIELD(FIELD, NAME, CHROOT) \
	FIELD(CHROOT, UNUSED_OTHER_PATH, "", NO_FACTS) \
	FILE_STAT_FIELDS(FIELD, NAME, CHROOT)
/* clang-format on */

FIELDS_ENUM(file, FILE)
FIELDS_ENUM(mount, MOUNT)
FIELDS_ENUM(chroot, CHROOT)

_Static_assert((int)FIELD_FILE_OTHER_PATH == (int)FIELD_TEXTS + FILE_OTHER_PATH &&
                       (int)FIELD_MOUNT_PATH == (int)FIELD_TEXTS + FILE_PATH &&
                       (int)FIELD_CHROOT_PATH == (int)FIELD_TEXTS + FILE_PATH,
               "the fields of texts are in the order of enum event_text");
_Static_assert((int)FIELD_FILE_STAT == (int)FIELD_MOUNT_STAT &&
                       (int)FIELD_FILE_NUMBERS == (int)FIELD_MOUNT_NUMBERS &&
                       (int)FIELD_FILE_STAT == (int)FIELD_CHROOT_STAT &&
                       (int)FIELD_FILE_NUMBERS == (int)FIELD_CHROOT_NUMBERS,
               "a program fills the record for each class");

#endif
