/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The detached signature of a file, by Ed25519, with a number that grows from one
 * version of the file to the next. It is text; the first three lines are what is signed:
 *
 *	lkccb signature 1
 *	serial 1764300000
 *	sha256 64 digits, of the file
 *	signature 128 digits
 *
 * Keys are one line of hex. Both programs use this; it needs libsodium and is not
 * part of the liboffsets that is installed.
 */
#ifndef OFFSETS_SIGNATURE_SIGNATURE_H
#define OFFSETS_SIGNATURE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "offsets/util/error.h"
#include "offsets/util/safefile.h"

#define SIGNATURE_SUFFIX       ".sig" /* after the name of the file that is signed */
#define SIGNATURE_KEY_BYTES    32     /* of a public key */
#define SIGNATURE_SHA256_BYTES 32
#define SIGNATURE_BYTES        64
#define SIGNATURE_SERIAL_MAX   999999999999999999ULL
#define SIGNATURE_TEXT_MAX     320 /* of the text and its NUL */

struct signature {
	uint64_t serial; /* 1 to SIGNATURE_SERIAL_MAX */
	unsigned char sha256[SIGNATURE_SHA256_BYTES];
	unsigned char bytes[SIGNATURE_BYTES];
};

/* Before all others. -EIO: there are no random numbers. */
int signature_init(struct offsets_error *error);

/* Reads exactly size bytes in hex, which are the first line of a file. -EBADMSG: they are not. */
int signature_hex_read(const char *path, enum safefile_use use, unsigned char *ret, size_t size,
                       struct offsets_error *error);

/* Anybody's file. -ENOENT: there is none. -EBADMSG: it is no signature. */
int signature_read(const char *path, struct signature *ret, struct offsets_error *error);

/* The SHA-256 of the file that is signed. */
void signature_digest(const void *data, size_t size, unsigned char ret[SIGNATURE_SHA256_BYTES]);

/* The lines that are signed, and all lines. They return the length. */
size_t signature_signed_text(const struct signature *signature, char ret[SIGNATURE_TEXT_MAX]);
size_t signature_text(const struct signature *signature, char ret[SIGNATURE_TEXT_MAX]);

/* -EKEYREJECTED: not by this key. */
int signature_verify(const struct signature *signature,
                     const unsigned char key[SIGNATURE_KEY_BYTES]);

/*
 * The same, and the file is the one that was signed: its bytes are data. path and
 * signature_path are for the message.
 */
int signature_verify_file(const struct signature *signature,
                          const unsigned char key[SIGNATURE_KEY_BYTES], const void *data,
                          size_t size, const char *path, const char *signature_path,
                          struct offsets_error *error);

#endif
