/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of a kernel, from System.map if its package has one, else from .symtab. */
#ifndef LKCCB_IMAGE_SYMBOLS_H
#define LKCCB_IMAGE_SYMBOLS_H

#include "lkccb/image/elffile.h"
#include "offsets/facts.h"

/* The sections that must be available, ending with NULL; none with System.map. */
const char *const *symbols_sections(const struct elffile *file);

/* name: size bytes, without NUL. -ENOTSUP: the file has no readable symbols. */
typedef void (*symbol_fn)(void *arg, const char *name, size_t size, uint64_t address);
int symbols_each(const struct elffile *file, symbol_fn fn, void *arg);

/* The facts of ".symtab", from the names of functions, one by one. */
struct symbol_facts {
	const struct offsets_wanted *w;
	size_t count;
	struct offsets_kernel *kernel; /* gets the facts, unsorted */
	int err;                       /* 0, or -errno of the first that could not be added */
};

void symbol_facts_init(struct symbol_facts *ret, struct offsets_kernel *kernel);
void symbol_facts_name(void *facts, const char *name, size_t size); /* size: without NUL */

/* Adds the facts of ".symtab". A file without symbols adds nothing and is no error. */
int symbols_read(const struct elffile *file, struct offsets_kernel *kernel,
                 struct offsets_error *error);

#endif
