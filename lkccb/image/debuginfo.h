/* SPDX-License-Identifier: BSD-2-Clause */
/* Wanted members from DWARF 2 to 5. */
#ifndef LKCCB_DEBUGINFO_H
#define LKCCB_DEBUGINFO_H

#include <elfutils/libdw.h>

#include "offsets/offsets.h"

#define DWARF_PARTS_MAX 16

enum dwarf_rule {
	DWARF_AGREE, /* all definitions of a struct must agree */
	/*
	 * One that is declared in include/ goes before one of the kernel's own
	 * folders, that before one of a driver; those of the first kind must agree.
	 * The row's origin names what was passed over. Needs .debug_line.
	 */
	DWARF_BY_FILE,
};

/*
 * Reads every unit that defines a wanted struct. dwarfs: one or more handles of
 * the same data, each for a thread. -EBADMSG: malformed. -ENOTUNIQ: two units
 * disagree; the error names them and the member (not by DWARF_BY_FILE, which is
 * for a second try, and leaves it as it was). -EREMOTE: units are split, and the
 * other halves are in files that are not read; the error names the first. A file
 * that defines none of the structs adds nothing and is no error.
 */
int dwarf_read(Dwarf **dwarfs, size_t count, const char *name, enum dwarf_rule rule,
               struct kernel_row *row, struct offsets_error *error);

#endif
