/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files whose names, owners and neighbours may be hostile. Internal: both
 * programs and liboffsets use it, it is not installed.
 *
 * Trusted are root, the effective user, and whoever can change or replace the
 * running program anyway: the owners of its file and of the directories that
 * lead to it, and their groups where these may write. So a user's own build
 * works on files in that user's directory, also by sudo. A group that may write
 * has to be root's, the effective one (but for root), or one of the program's.
 *
 * A file is trustworthy if only trusted users can change or replace it: they
 * own it, every directory that the path goes through and every symbolic link
 * on the way; nobody else may write to the file, nor to a directory, unless
 * that is sticky. A relative path begins in the working directory, which is
 * checked itself; what lies above it is not.
 *
 * Nothing here blocks: no FIFO without a writer, no lease, no device.
 */
#ifndef OFFSETS_SAFEFILE_H
#define OFFSETS_SAFEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct offsets_error;

enum safefile_use {
	/* To read a regular file of anybody. A link has to belong to a trusted user, or to
	 * the owner of what it leads to. */
	SAFEFILE_READ,
	/* The same; also a pipe or terminal that the caller inherited, as /dev/stdin or /dev/fd/N.
	 */
	SAFEFILE_TEXT,
	/* To read a regular file that is trustworthy. */
	SAFEFILE_TRUSTED,
	/*
	 * To append to a regular file that is trustworthy and has no second name; a missing
	 * one is made with mode 0600. Or to write to a FIFO that is trustworthy (-ENXIO: it
	 * has no reader), to a character device, or to what the caller inherited. The
	 * descriptor is non-blocking.
	 */
	SAFEFILE_APPEND,
};

/*
 * -EPERM: not trustworthy, or a link that must not be followed. -EINVAL: of the
 * wrong type. Else what open() says. The line of error names the file, the cause,
 * and for the first two the next step.
 */
int safefile_open(const char *path, enum safefile_use use, int *ret_fd,
                  struct offsets_error *error);

/* All bytes of a regular file, for the caller to free. -EFBIG: more than max. -EAGAIN: changed. */
int safefile_read(int fd, const char *path, size_t max, void **ret, size_t *ret_size,
                  struct offsets_error *error);

/*
 * A new file takes the place of an old one in one step: it is written beside it
 * under a name that nobody can guess. The directories must be trustworthy (a last
 * link is followed and stays). Mode and owner become those of the old file if
 * that is trustworthy, else mode (less the umask) and the effective user.
 */
enum safefile_place {
	SAFEFILE_REPLACE,
	SAFEFILE_NEW, /* the name must be free, else -EEXIST */
};

struct safefile;

int safefile_begin(const char *path, enum safefile_place place, mode_t mode, struct safefile **ret,
                   struct offsets_error *error);
int safefile_write(struct safefile *file, const void *data, size_t size,
                   struct offsets_error *error);
/* On failure there is no new file, and the old one is as it was. */
int safefile_commit(struct safefile *file, struct offsets_error *error);
/* Removes the new file unless it was committed. Accepts NULL. */
void safefile_end(struct safefile *file);
/* Takes what safefile_commit() put there of a SAFEFILE_NEW away again. */
void safefile_undo(struct safefile *file);

/*
 * One writer of path at a time: waits so long for the others, then -EBUSY.
 * The lock is a file NAME.lock that only its owner can open; the directories must
 * be trustworthy. New files beside path that a killed writer left are removed.
 */
struct safefile_lock;

int safefile_lock(const char *path, unsigned int wait_ms, struct safefile_lock **ret,
                  struct offsets_error *error);
void safefile_unlock(struct safefile_lock *lock); /* accepts NULL */

/*
 * The first bytes of the regular file that is called as what path leads to and a
 * suffix, and belongs to a trusted user or the same one: how many, or -errno.
 */
ssize_t safefile_beside(const char *path, const char *suffix, void *ret, size_t size);

#endif
