/* SPDX-License-Identifier: BSD-2-Clause */
/* The DWARF of a few units of a kernel, which define nearly all wanted structs. */
#ifndef LKCCB_IMAGE_UNITS_H
#define LKCCB_IMAGE_UNITS_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"

/*
 * Makes the sections that units_open() needs available, all at once, and those
 * of "more", a list that ends with NULL.
 */
int units_prefetch(const struct elffile *file, const char *const *more);

struct units;

/* -ENOTSUP: the units of this file cannot be read alone. */
int units_open(const struct elffile *file, struct units **ret);
void units_close(struct units *units);

/*
 * Reads more units and adds their facts. First the units of certain functions
 * (found by symbols and .debug_aranges), whose files define nearly all that is
 * wanted; then others, doubling the number each time. The facts are those of
 * these units, not of all: only for comparison with another source. -ENOENT: so
 * many that all should be read. -ENOTUNIQ: units differ.
 */
int units_more(struct units *units, struct offsets_kernel *kernel, struct offsets_error *error);

#endif
