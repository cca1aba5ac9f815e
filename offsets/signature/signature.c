/* SPDX-License-Identifier: BSD-2-Clause */
#include "offsets/signature/signature.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "offsets/util/cleanup.h"

#define TEXT_FILE_MAX 4096
#define HEAD          "lkccb signature 1\nserial "
#define SHA256        "\nsha256 "
#define SIGNATURE     "signature "

_Static_assert(SIGNATURE_KEY_BYTES == crypto_sign_PUBLICKEYBYTES &&
                       SIGNATURE_SHA256_BYTES == crypto_hash_sha256_BYTES &&
                       SIGNATURE_BYTES == crypto_sign_BYTES,
               "sizes of Ed25519 and SHA-256");

int signature_init(struct offsets_error *error)
{
	return sodium_init() < 0
	               ? offsets_fail(error, -EIO, "no source of random numbers available")
	               : 0;
}

/* ---- files ------------------------------------------------------------- */

int signature_hex_read(const char *path, enum safefile_use use, unsigned char *ret, size_t size,
                       struct offsets_error *error)
{
	void *data;
	size_t text_size, line, n = 0;
	int err = safefile_contents(path, use, TEXT_FILE_MAX, &data, &text_size, error);
	const char *text;

	if (err)
		return err;
	text = data;
	for (line = 0; line < text_size && text[line] != '\n' && text[line] != '\r';)
		line++;
	if (line != 2 * size || sodium_hex2bin(ret, size, text, line, NULL, &n, NULL) || n != size)
		err = offsets_fail(error, -EBADMSG, "%s: not %zu bytes in hex; name the right file",
		                   path, size);
	sodium_memzero(data, text_size);
	free(data);
	return err;
}

/* ---- text -------------------------------------------------------------- */

size_t signature_signed_text(const struct signature *s, char ret[SIGNATURE_TEXT_MAX])
{
	char sha256[2 * SIGNATURE_SHA256_BYTES + 1];

	sodium_bin2hex(sha256, sizeof(sha256), s->sha256, sizeof(s->sha256));
	return snprintf(ret, SIGNATURE_TEXT_MAX, HEAD "%" PRIu64 SHA256 "%s\n", s->serial, sha256);
}

size_t signature_text(const struct signature *s, char ret[SIGNATURE_TEXT_MAX])
{
	char bytes[2 * SIGNATURE_BYTES + 1];
	size_t size = signature_signed_text(s, ret);

	sodium_bin2hex(bytes, sizeof(bytes), s->bytes, sizeof(s->bytes));
	return size + snprintf(ret + size, SIGNATURE_TEXT_MAX - size, SIGNATURE "%s\n", bytes);
}

/* Hex of exactly size bytes, and a newline. Returns what follows it; NULL: it is not that. */
static const char *hex_parse(const char *text, unsigned char *ret, size_t size)
{
	size_t digits = strcspn(text, "\n"), n = 0;

	if (digits != 2 * size || sodium_hex2bin(ret, size, text, digits, NULL, &n, NULL))
		return NULL;
	return n == size && text[digits] == '\n' ? text + digits + 1 : NULL;
}

static bool text_parse(const char *text, struct signature *ret)
{
	char *end;

	if (strncmp(text, HEAD, strlen(HEAD)))
		return false;
	ret->serial = strtoull(text + strlen(HEAD), &end, 10);
	if (!ret->serial || ret->serial > SIGNATURE_SERIAL_MAX ||
	    strncmp(end, SHA256, strlen(SHA256)))
		return false;
	text = hex_parse(end + strlen(SHA256), ret->sha256, sizeof(ret->sha256));
	return text && !strncmp(text, SIGNATURE, strlen(SIGNATURE)) &&
	       hex_parse(text + strlen(SIGNATURE), ret->bytes, sizeof(ret->bytes));
}

/* Only what signature_text() would write: so a signature has one form. */
static bool text_is(const struct signature *s, const void *data, size_t size)
{
	char text[SIGNATURE_TEXT_MAX];

	return signature_text(s, text) == size && !memcmp(text, data, size);
}

int signature_read(const char *path, struct signature *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_free) void *data = NULL;
	char text[SIGNATURE_TEXT_MAX] = "";
	struct signature s;
	size_t size = 0;
	int err = safefile_contents(path, SAFEFILE_READ, TEXT_FILE_MAX, &data, &size, error);

	if (err)
		return err;
	if (size < sizeof(text))
		memcpy(text, data, size);
	if (text_parse(text, &s) && text_is(&s, data, size)) {
		*ret = s;
		return 0;
	}
	return offsets_fail(
		error, -EBADMSG,
		"%s: not a signature of this version of lkccb; sign the file again with "
		"'lkccb sign'",
		path);
}

/* ---- verification ------------------------------------------------------ */

void signature_digest(const void *data, size_t size, unsigned char ret[SIGNATURE_SHA256_BYTES])
{
	crypto_hash_sha256(ret, data, size);
}

int signature_verify(const struct signature *s, const unsigned char key[SIGNATURE_KEY_BYTES])
{
	char text[SIGNATURE_TEXT_MAX];
	size_t size = signature_signed_text(s, text);

	return crypto_sign_verify_detached(s->bytes, (const unsigned char *)text, size, key)
	               ? -EKEYREJECTED
	               : 0;
}

int signature_verify_file(const struct signature *s, const unsigned char key[SIGNATURE_KEY_BYTES],
                          const void *data, size_t size, const char *path,
                          const char *signature_path, struct offsets_error *error)
{
	unsigned char sha256[SIGNATURE_SHA256_BYTES];

	if (signature_verify(s, key))
		return offsets_fail(error, -EKEYREJECTED,
		                    "%s: signature verification failed (%s is not by this key); do "
		                    "not use this file",
		                    path, signature_path);
	signature_digest(data, size, sha256);
	if (!memcmp(sha256, s->sha256, sizeof(sha256)))
		return 0;
	return offsets_fail(error, -EKEYREJECTED,
	                    "%s: signature verification failed (%s is the signature of another "
	                    "file); use the file and the signature that belong together",
	                    path, signature_path);
}
