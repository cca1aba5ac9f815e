/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenPGP signatures, which gpgv verifies. */
#ifndef LKCCB_REPO_OPENPGP_H
#define LKCCB_REPO_OPENPGP_H

#include <stdbool.h>

#include "offsets/util/error.h"

/*
 * Public keys from a binary keyring, a keybox or an armored file, copied into a
 * form that gpgv reads.
 */
struct keyring {
	const char *name; /* as the user gave it, for messages */
	bool armored;
	bool expired_ok;       /* a key or signature that has expired still counts */
	const char *directory; /* private; gpgv's home */
	char path[4096];       /* of the copy in it */
};

/* directory: absolute, and private to this user. -EBADMSG: no public keys in it. */
int keyring_read(const char *name, const char *directory, struct keyring *ret,
                 struct offsets_error *error);

struct signature {
	const char *what; /* what was signed, for messages */
	const char *file; /* absolute */
	/*
	 * The signed file, from its position on. -1: file contains it; its text
	 * is written to output.
	 */
	int data;
	const char *output;
};

/*
 * A signature counts if its key is in the keyring and neither expired nor
 * revoked, and its digest is better than SHA-1. Of several signatures, one that
 * counts suffices, unless another is bad. -EBADMSG: none counts. -ENOENT: no
 * gpgv.
 */
int keyring_verify(const struct keyring *keyring, const struct signature *signature,
                   struct offsets_error *error);

#endif
