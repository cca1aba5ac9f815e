/* SPDX-License-Identifier: BSD-2-Clause */
/* The DWARF of a few units of a kernel: those that define nearly all that is wanted. */
#ifndef LKCCB_UNITS_H
#define LKCCB_UNITS_H

#include "elffile.h"
#include "offsets.h"

/* What units_read() looks at, apart from parts of .debug_info. */
#define UNITS_SECTIONS                                                                            \
	".symtab", ".strtab", ".debug_aranges", ".debug_abbrev", ".debug_str", ".debug_line_str", \
		".debug_str_offsets"

/*
 * Finds the units by the functions that they hold (symbols, .debug_aranges) and
 * reads these alone. What it gives is true of those units and perhaps not all:
 * for comparing with another source. -ENOTSUP: the file is not made so that
 * this could be done.
 */
int units_read(const struct elffile *file, struct kernel_row *row, struct offsets_error *error);

#endif
