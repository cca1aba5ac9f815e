/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug packages: who they are, and the vmlinux inside. */
#ifndef LKCCB_PACKAGE_H
#define LKCCB_PACKAGE_H

#include "offsets.h"

/*
 * Reads a .deb once, as a stream: its control data into the row's package
 * keys, its vmlinux into an unlinked file under $TMPDIR (or /tmp). What
 * follows the vmlinux is not read. *ret_fd is the caller's to close.
 *
 * -EBADMSG: cut or malformed. -ENODATA: no vmlinux in it.
 */
int package_read(const char *path, struct kernel_row *row, int *ret_fd,
                 struct offsets_error *error);

/* ROW_PACKAGE_SHA256 of the file. */
int package_digest(const char *path, struct kernel_row *row, struct offsets_error *error);

#endif
