/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenPGP signatures, which gpgv verifies. */
#ifndef LKCCB_OPENPGP_H
#define LKCCB_OPENPGP_H

#include <stdbool.h>

#include "offsets/offsets.h"

/* Public keys, copied from a binary keyring, a keybox or an armored file into the form of gpgv. */
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
	const char *what; /* that was signed, for messages */
	const char *file; /* absolute */
	/* That the signature is of, from its position on; -1: it is in file, whose text goes to
	 * output. */
	int data;
	const char *output;
};

/*
 * Valid is what a key of the keyring signed that has neither expired nor been
 * revoked, by a digest better than SHA-1. Of several signatures one such
 * suffices, if none is bad. -EBADMSG: it is not. -ENOENT: there is no gpgv.
 */
int keyring_verify(const struct keyring *keyring, const struct signature *signature,
                   struct offsets_error *error);

#endif
