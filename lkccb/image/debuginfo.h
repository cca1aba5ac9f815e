/* SPDX-License-Identifier: BSD-2-Clause */
/* Wanted members from DWARF 2 to 5. */
#ifndef LKCCB_IMAGE_DEBUGINFO_H
#define LKCCB_IMAGE_DEBUGINFO_H

#include <elfutils/libdw.h>

#include "offsets/offsets.h"

#define DWARF_PARTS_MAX 16

enum dwarf_rule {
	DWARF_AGREE, /* all definitions of a struct must agree */
	/*
	 * A struct that is declared in include/ counts before one of the
	 * kernel's own directories, that one before one of a driver. Those of
	 * the highest rank must agree. The origin names what was skipped. Needs
	 * .debug_line.
	 */
	DWARF_BY_FILE,
};

/*
 * Reads every unit that defines a wanted struct. dwarfs: handles of the same
 * data, one per thread. -EBADMSG: malformed. -ENOTUNIQ: two units differ; error
 * names them and the member (with DWARF_BY_FILE, which is for a second try,
 * error is unchanged). -EREMOTE: split DWARF, whose .dwo files are not read;
 * error names the first. A file that defines none of the structs adds nothing
 * and is no error.
 */
int dwarf_read(Dwarf **dwarfs, size_t count, const char *name, enum dwarf_rule rule,
               struct offsets_kernel *kernel, struct offsets_error *error);

#endif
