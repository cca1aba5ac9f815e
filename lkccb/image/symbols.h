/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of a kernel, from System.map if its package has one, else from .symtab. */
#ifndef LKCCB_IMAGE_SYMBOLS_H
#define LKCCB_IMAGE_SYMBOLS_H

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"

/* The sections that must be available, ending with NULL; none with System.map. */
const char *const *symbols_sections(const struct elffile *file);

/* name: size bytes, without NUL. -ENOTSUP: the file has no readable symbols. */
typedef void (*symbol_fn)(void *arg, const char *name, size_t size, uint64_t address);
int symbols_each(const struct elffile *file, symbol_fn fn, void *arg);

/* Adds the facts of ".symtab". A file without symbols adds nothing and is no error. */
int symbols_read(const struct elffile *file, struct offsets_kernel *kernel,
                 struct offsets_error *error);

#endif
