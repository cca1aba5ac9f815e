/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in base64 (RFC 4648), as symbol files and banners have it. */
#ifndef LKCCB_IO_BASE64_H
#define LKCCB_IO_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes text of one line, and appends a NUL. False: not base64, or too long. */
bool base64_text(const char *text, size_t size, char *ret, size_t ret_size);

#endif
