/* SPDX-License-Identifier: BSD-2-Clause */
/* Version banners of kernels in any text: a list, or the banners.json of a collection of symbol
 * files. */
#ifndef LKCCB_INPUT_BANNERS_H
#define LKCCB_INPUT_BANNERS_H

#include "offsets/offsets.h"

#define BANNERS_MAX_BYTES ((uint64_t)64 << 20) /* of the text */

/*
 * Finds the banners ("Linux version RELEASE (...) #1 SMP ...") of the kernel's release,
 * also in base64, and sets OFFSETS_KEY_VERSION. Those that another distribution built do not count,
 * if the kernel's is known. name, of the text, is for messages. -ENOENT: none has a version.
 * -ENOTUNIQ: some have different ones.
 */
int banners_find(const char *text, size_t size, const char *name, struct offsets_kernel *kernel,
                 struct offsets_error *error);

#endif
