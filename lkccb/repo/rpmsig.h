/* SPDX-License-Identifier: BSD-2-Clause */
/* The signature inside of an .rpm. */
#ifndef LKCCB_RPMSIG_H
#define LKCCB_RPMSIG_H

#include "offsets/offsets.h"
#include "lkccb/repo/openpgp.h"

/*
 * Whether a key of the keyring signed all of an .rpm: its header and, by a
 * signature or by a SHA-2 digest in the signed header, its payload. name is for
 * messages. -EBADMSG: no. The file's position is changed.
 */
int rpmsig_verify(int fd, const char *name, const struct keyring *keyring,
                  struct offsets_error *error);

#endif
