/* SPDX-License-Identifier: BSD-2-Clause */
/* The DWARF of a few units of a kernel: those that define nearly all that is wanted. */
#ifndef LKCCB_UNITS_H
#define LKCCB_UNITS_H

#include "elffile.h"
#include "offsets.h"

/*
 * Makes what units_read() looks at be there, all at once; and "more", a list
 * that ends with NULL.
 */
int units_prefetch(const struct elffile *file, const char *const *more);

/*
 * Finds the units by the functions that they hold (symbols, .debug_aranges) and
 * reads these alone. What it gives is true of those units and perhaps not all:
 * for comparing with another source. -ENOTSUP: the file is not made so that
 * this could be done.
 */
int units_read(const struct elffile *file, struct kernel_row *row, struct offsets_error *error);

#endif
