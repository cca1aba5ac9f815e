/* SPDX-License-Identifier: BSD-2-Clause */
/* From the JSON text of a symbol file to its tables. */
#ifndef LKCCB_ISF_ISFJSON_H
#define LKCCB_ISF_ISFJSON_H

#include "lkccb/isf/definitions.h"
#include "offsets/util/error.h"

typedef void (*isf_symbol_fn)(void *arg, const char *name, size_t size);

/*
 * Reads the text, and calls back for the name of each symbol (size bytes, without
 * NUL). name, of the file, is for messages. -EBADMSG: malformed, or above a limit.
 */
int isfjson_read(const char *data, size_t size, const char *name, struct isf *ret,
                 isf_symbol_fn symbol, void *arg, struct offsets_error *error);

#endif
