/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of a kernel from what its files say; the command line may have given some. */
#ifndef LKCCB_IMAGE_IDENTITY_H
#define LKCCB_IMAGE_IDENTITY_H

#include "offsets/offsets.h"

/*
 * Sets a key. One that the caller gave must be the same: -EINVAL. name, of the
 * file, is for messages. -EBADMSG: malformed.
 */
int identity_agree(struct offsets_kernel *kernel, enum offsets_key key, const char *value,
                   const char *name, struct offsets_error *error);

/* Sets release, version and distribution from a "Linux version ..." line, likewise. */
int identity_banner(struct offsets_kernel *kernel, const char *banner, const char *name,
                    struct offsets_error *error);

#endif
