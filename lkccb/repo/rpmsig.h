/* SPDX-License-Identifier: BSD-2-Clause */
/* The signature in an .rpm. */
#ifndef LKCCB_REPO_RPMSIG_H
#define LKCCB_REPO_RPMSIG_H

#include "offsets/util/error.h"
#include "lkccb/repo/openpgp.h"

/*
 * Checks that a key of the keyring signed all of an .rpm: its header and, by a
 * signature or by a SHA-2 digest in the signed header, its payload. name is for
 * messages. -EBADMSG: it did not. Changes the file position.
 */
int rpmsig_verify(int fd, const char *name, const struct keyring *keyring,
                  struct offsets_error *error);

#endif
