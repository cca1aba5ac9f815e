/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of records: a head of the caller's, then for each record its size (uint32_t) and its
 * bytes. It is for the version that wrote it, and for the same kind of machine.
 */
#ifndef LOADER_UTIL_RECORD_FILE_H
#define LOADER_UTIL_RECORD_FILE_H

#include <stddef.h>

struct offsets_error;
struct record_file;

/* ---- writing ------------------------------------------------------------- */

/* Makes the file, which must not exist, with mode 0600. path stays the caller's. 0 or -errno. */
int record_file_create(const char *path, const void *head, size_t head_bytes,
                       struct record_file **ret, struct offsets_error *error);

/*
 * A record in two parts; after may be empty. 0, or the -errno of the first write that failed:
 * nothing is written from then on.
 */
int record_file_put(struct record_file *file, const void *before, size_t before_bytes,
                    const void *after, size_t after_bytes);
int record_file_flush(struct record_file *file); /* the same */
int record_file_descriptor(const struct record_file *file);

/* ---- reading ------------------------------------------------------------- */

/*
 * Nothing that is there at this moment is left out, and nothing that is written later is read.
 * most: bytes of a record; longer ones are damage. 0 or -errno.
 */
int record_file_open(const char *path, size_t most, struct record_file **ret,
                     struct offsets_error *error);

/* Before the first record. -EBADMSG: the file is shorter. */
int record_file_head(struct record_file *file, void *ret, size_t bytes);

/*
 * The next record, valid until the next call and aligned to 16 bytes. 1; 0: there are no more;
 * -EBADMSG: the file ends in the middle of one, or is damaged; other -errno.
 */
int record_file_next(struct record_file *file, const void **ret, size_t *ret_bytes);

/* ------------------------------------------------------------------------- */

/* Accepts NULL. 0, or the -errno of the first write that failed. */
int record_file_close(struct record_file *file);

#endif
