/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files whose names, owners and neighbours may be hostile. Internal: both
 * programs and liboffsets use it, it is not installed.
 *
 * Trusted users are root, the effective user, and everybody who can change or
 * replace the running program: the owners of its file and of the directories
 * that lead to it, and their groups if these may write. So a user's own build
 * works on files in that user's directory, also by sudo. Of groups that may write,
 * root's, the effective one (unless it is root who runs) and those of the program
 * are trusted.
 *
 * A file is trusted if only trusted users can change or replace it: they own it,
 * every directory on the path and every symbolic link that is followed, and nobody
 * else may write to the file, or to a directory that is not sticky. A relative
 * path is checked from the working directory on.
 *
 * Nothing here blocks: neither a FIFO without a writer, nor a lease, nor a device.
 */
#ifndef OFFSETS_UTIL_SAFEFILE_H
#define OFFSETS_UTIL_SAFEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct offsets_error;

enum safefile_use {
	/*
	 * To read anybody's regular file. A symbolic link must belong to a
	 * trusted user, or to the owner of its target.
	 */
	SAFEFILE_READ,
	/* The same, or an inherited pipe or terminal, as /dev/stdin or /dev/fd/N. */
	SAFEFILE_TEXT,
	/* To read a trusted regular file. */
	SAFEFILE_TRUSTED,
	/*
	 * To append to a trusted regular file with one hard link, which is
	 * created with mode 0600 if it is missing. Or to write to a trusted
	 * FIFO (-ENXIO: it has no reader), a character device, or an inherited
	 * descriptor. The descriptor is non-blocking.
	 */
	SAFEFILE_APPEND,
};

/*
 * -EPERM: not trusted, or a link that must not be followed. -EINVAL: wrong type
 * of file. Else the error of open(). error names the file, the cause, and for
 * the first two the next step.
 */
int safefile_open(const char *path, enum safefile_use use, int *ret_fd,
                  struct offsets_error *error);

/*
 * Reads a whole regular file; the caller frees *ret. -EFBIG: larger than max.
 * -EAGAIN: it changed.
 */
int safefile_read(int fd, const char *path, size_t max, void **ret, size_t *ret_size,
                  struct offsets_error *error);

/* Opens, reads and closes it. -EINVAL also if it is empty. */
int safefile_contents(const char *path, enum safefile_use use, size_t max, void **ret,
                      size_t *ret_size, struct offsets_error *error);

/*
 * Replaces a file in one step: the new one is written beside it, under an
 * unpredictable name. The directories must be trusted (a symbolic link at the
 * end is followed and stays). The new file gets mode and owner of the old one
 * if that is trusted, else mode (less the umask) and the effective user.
 */
enum safefile_place {
	SAFEFILE_REPLACE,
	SAFEFILE_NEW, /* -EEXIST if the name exists */
};

struct safefile;

int safefile_begin(const char *path, enum safefile_place place, mode_t mode, struct safefile **ret,
                   struct offsets_error *error);
int safefile_write(struct safefile *file, const void *data, size_t size,
                   struct offsets_error *error);
/* On failure there is no new file, and the old one is unchanged. */
int safefile_commit(struct safefile *file, struct offsets_error *error);
/* Removes the new file unless it was committed. Accepts NULL. */
void safefile_end(struct safefile *file);
/* Removes a SAFEFILE_NEW file after safefile_commit(). */
void safefile_undo(struct safefile *file);

/* All of it: SAFEFILE_REPLACE, with these bytes. */
int safefile_replace(const char *path, mode_t mode, const void *data, size_t size,
                     struct offsets_error *error);

/*
 * Makes this process the only writer of path. Waits wait_ms for another writer,
 * then -EBUSY. The lock is a file NAME.lock that only its owner can open; the
 * directories must be trusted. Removes new files that a killed writer left
 * beside path.
 */
struct safefile_lock;

int safefile_lock(const char *path, unsigned int wait_ms, struct safefile_lock **ret,
                  struct offsets_error *error);
void safefile_unlock(struct safefile_lock *lock); /* accepts NULL */

/*
 * Reads the first bytes of the regular file whose name is the target of path
 * and a suffix, if a trusted user or the owner of path owns it. Returns their
 * number, or -errno.
 */
ssize_t safefile_beside(const char *path, const char *suffix, void *ret, size_t size);

#endif
