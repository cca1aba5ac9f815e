/* SPDX-License-Identifier: BSD-2-Clause */
/* Wanted members from DWARF 2 to 5. */
#ifndef LKCCB_DEBUGINFO_H
#define LKCCB_DEBUGINFO_H

#include <elfutils/libdw.h>

#include "offsets.h"

#define DWARF_PARTS_MAX 16

/*
 * Reads every unit that defines a wanted struct; all must agree. dwarfs: one or
 * more handles of the same data, each for a thread. -EBADMSG: malformed.
 * -ENOTUNIQ: two units disagree; the error names them and the member. A file
 * that defines none of the structs adds nothing and is no error.
 */
int dwarf_read(Dwarf **dwarfs, size_t count, const char *name, struct kernel_row *row,
               struct offsets_error *error);

#endif
