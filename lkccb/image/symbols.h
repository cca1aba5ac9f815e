/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of a kernel: from System.map, where its package has one, else from .symtab. */
#ifndef LKCCB_SYMBOLS_H
#define LKCCB_SYMBOLS_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"

/* The sections that have to be there, ending with NULL; none where System.map tells. */
const char *const *symbols_sections(const struct elffile *file);

/* name: size bytes, without a NUL. -ENOTSUP: the file has no symbols that could be read. */
typedef void (*symbol_fn)(void *arg, const char *name, size_t size, uint64_t address);
int symbols_each(const struct elffile *file, symbol_fn fn, void *arg);

/* Adds the facts of ".symtab". A file without symbols adds nothing and is no error. */
int symbols_read(const struct elffile *file, struct kernel_row *row, struct offsets_error *error);

#endif
