/* SPDX-License-Identifier: BSD-2-Clause */
/* The DWARF of a few units of a kernel: those that define nearly all that is wanted. */
#ifndef LKCCB_UNITS_H
#define LKCCB_UNITS_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"

/*
 * Makes what units_open() looks at be there, all at once; and "more", a list
 * that ends with NULL.
 */
int units_prefetch(const struct elffile *file, const char *const *more);

struct units;

/* -ENOTSUP: the file is not made so that units could be read alone. */
int units_open(const struct elffile *file, struct units **ret);
void units_close(struct units *units);

/*
 * Reads more units and adds their facts. First those that hold certain functions
 * (symbols, .debug_aranges), in whose files nearly all that is wanted is defined;
 * then others, each time as many as there were before. What they give is true of
 * those units and perhaps not of all: for comparing with another source.
 * -ENOENT: it would be so many that all may as well be read. -ENOTUNIQ: units
 * disagree.
 */
int units_more(struct units *units, struct kernel_row *row, struct offsets_error *error);

#endif
