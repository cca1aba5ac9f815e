/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replaces a whole directory in one step, by the rules of safefile.h: the new one is
 * written beside it, under an unpredictable name. What a killed run left beside it is
 * removed by the next one. One process at a time writes it (safefile_lock()). For what
 * can be made again: it does not wait for the disk, so a power failure may damage it.
 */
#ifndef OFFSETS_UTIL_SAFEDIR_H
#define OFFSETS_UTIL_SAFEDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct offsets_error;
struct safedir;

/*
 * Whether what has this name in an old directory is ours, so that it may be removed.
 * folder: "", or a directory in it. Nothing is deeper.
 */
typedef bool (*safedir_ours_fn)(const char *folder, const char *name, bool is_directory);

/*
 * -EEXIST: path exists and is no directory of ours. -EPERM: not trusted. -EBUSY:
 * another process writes it. error names the cause and the next step.
 */
int safedir_begin(const char *path, safedir_ours_fn ours, struct safedir **ret,
                  struct offsets_error *error);

/* Makes a directory in the new one; name is valid until the end, NULL: the new one itself. */
int safedir_folder(struct safedir *dir, const char *name, struct offsets_error *error);

/* Writes a new file into the directory that safedir_folder() made last. -EEXIST: it is there. */
int safedir_write(struct safedir *dir, const char *name, const void *data, size_t size,
                  struct offsets_error *error);

/* The new directory takes the place of the old one, which is removed. */
int safedir_commit(struct safedir *dir, struct offsets_error *error);

/* Removes the new directory unless it was committed. Accepts NULL. */
void safedir_end(struct safedir *dir);

/*
 * Makes an empty directory, which the place must allow only trusted users to exchange.
 * 0 also if it is there; whether that one is trusted is seen when a file of it is opened.
 */
int safedir_make(const char *path, mode_t mode, struct offsets_error *error);

#endif
