/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lkccb keygen, sign, verify-signature: a detached signature of the whole file
 * (signature.h). Keys and a file that is signed must be trusted (safefile.h); a
 * file that is verified and its signature need not.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "lkccb/cmd/epoch.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/report.h"
#include "offsets/signature/signature.h"
#include "offsets/util/safefile.h"

#define FILE_BYTES_MAX ((size_t)1 << 30)

/* Writes hex into a new file; safefile_commit() then puts it in place. */
static int hex_begin(const char *path, const unsigned char *data, size_t size,
                     enum safefile_place place, mode_t mode, struct safefile **ret,
                     struct offsets_error *error)
{
	char text[2 * crypto_sign_SECRETKEYBYTES + 2];
	int err = safefile_begin(path, place, mode, ret, error);

	if (err)
		return err;
	sodium_bin2hex(text, sizeof(text), data, size);
	strcat(text, "\n");
	err = safefile_write(*ret, text, strlen(text), error);
	sodium_memzero(text, sizeof(text));
	return err;
}

static int signature_path(const struct options *o, char *ret, size_t size)
{
	return o->signature ? snprintf(ret, size, "%s", o->signature)
	                    : snprintf(ret, size, "%s" SIGNATURE_SUFFIX, o->db);
}

/* Both or none: a secret key without its public key is useless. */
static int keys_commit(struct safefile *secret, struct safefile *public,
                       struct offsets_error *error)
{
	int err = safefile_commit(secret, error);

	if (!err)
		err = safefile_commit(public, error);
	if (err)
		safefile_undo(secret);
	return err;
}

int lkccb_keygen(const struct options *o, int argc, char **argv)
{
	unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	struct safefile *secret_file = NULL, *public_file = NULL;
	struct offsets_error error;
	char path[4096];
	int err = signature_init(&error);

	(void)o, (void)argc;
	if (err)
		return report(&error);
	crypto_sign_keypair(public, secret);
	snprintf(path, sizeof(path), "%s.pub", argv[0]);
	err = hex_begin(argv[0], secret, sizeof(secret), SAFEFILE_NEW, 0600, &secret_file, &error);
	sodium_memzero(secret, sizeof(secret));
	if (!err)
		err = hex_begin(path, public, sizeof(public), SAFEFILE_NEW, 0644, &public_file,
		                &error);
	if (!err)
		err = keys_commit(secret_file, public_file, &error);
	safefile_end(secret_file);
	safefile_end(public_file);
	if (err)
		return report(&error);
	escape_print(stdout, "%s: secret key\n", argv[0]);
	escape_print(stdout, "%s: public key\n", path);
	return EXIT_DONE;
}

/* ---- sign ---------------------------------------------------------------- */

/* The signature that is replaced, if it is by the same key; else zeroes. */
static void signature_before(const char *path, const unsigned char *secret, struct signature *ret)
{
	unsigned char public[crypto_sign_PUBLICKEYBYTES];
	struct offsets_error ignored;

	crypto_sign_ed25519_sk_to_pk(public, secret);
	if (signature_read(path, ret, &ignored) || signature_verify(ret, public))
		*ret = (struct signature){ 0 };
}

/* A host refuses a number that is lower than the highest it has seen. */
static bool serial_grows(const struct signature *old, const struct signature *new)
{
	return new->serial > old->serial ||
	       (new->serial == old->serial &&
	        !memcmp(new->sha256, old->sha256, sizeof(old->sha256)));
}

static int serial_choose(const struct options *o, const char *path, const unsigned char *secret,
                         struct signature *ret, struct offsets_error *error)
{
	uint64_t epoch = 0, now = time(NULL);
	struct signature old = { 0 };
	int err = o->serial ? 0 : epoch_read(&epoch, error);

	if (err)
		return err;
	signature_before(path, secret, &old);
	ret->serial = o->serial          ? o->serial
	              : epoch            ? epoch
	              : now > old.serial ? now
	                                 : old.serial + 1;
	if (ret->serial > SIGNATURE_SERIAL_MAX)
		return offsets_fail(error, -ERANGE,
		                    "%s: no number is left after that of this signature; use a new "
		                    "key",
		                    path);
	if (serial_grows(&old, ret))
		return 0;
	return offsets_fail(error, -EINVAL,
	                    "%s: this signature of another file has the number %" PRIu64
	                    ", and %" PRIu64 " is not larger; give a larger one with --serial",
	                    path, old.serial, ret->serial);
}

static int signature_write(const char *path, const struct signature *signature,
                           struct offsets_error *error)
{
	char text[SIGNATURE_TEXT_MAX];
	size_t size = signature_text(signature, text);

	return safefile_replace(path, 0644, text, size, error);
}

static int signature_make(const struct options *o, const char *path, const void *data, size_t size,
                          const unsigned char *secret, struct signature *ret,
                          struct offsets_error *error)
{
	char text[SIGNATURE_TEXT_MAX];
	int err;

	signature_digest(data, size, ret->sha256);
	err = serial_choose(o, path, secret, ret, error);
	if (err)
		return err;
	crypto_sign_detached(ret->bytes, NULL, (const unsigned char *)text,
	                     signature_signed_text(ret, text), secret);
	return signature_write(path, ret, error);
}

static int file_sign(const struct options *o, const char *path, struct signature *ret,
                     struct offsets_error *error)
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES];
	CLEANUP(cleanup_free) void *data = NULL;
	size_t size = 0;
	int err = safefile_contents(o->db, SAFEFILE_TRUSTED, FILE_BYTES_MAX, &data, &size, error);

	if (!err)
		err = signature_hex_read(o->key, SAFEFILE_TRUSTED, secret, sizeof(secret), error);
	if (err)
		return err;
	err = signature_make(o, path, data, size, secret, ret, error);
	sodium_memzero(secret, sizeof(secret));
	return err;
}

int lkccb_sign(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct signature signature;
	char path[4096];

	(void)argc, (void)argv;
	if (!o->key)
		return report_misuse("give the secret key with --key");
	signature_path(o, path, sizeof(path));
	if (signature_init(&error) || file_sign(o, path, &signature, &error))
		return report(&error);
	escape_print(stdout, "%s: signature of %s, number %" PRIu64 "\n", path, o->db,
	             signature.serial);
	return EXIT_DONE;
}

/* ---- verify ---------------------------------------------------------------- */

static int file_verify(const struct options *o, const char *path, struct signature *ret,
                       struct offsets_error *error)
{
	unsigned char public[SIGNATURE_KEY_BYTES];
	CLEANUP(cleanup_free) void *data = NULL;
	size_t size = 0;
	int err = signature_hex_read(o->key, SAFEFILE_TRUSTED, public, sizeof(public), error);

	if (!err)
		err = signature_read(path, ret, error);
	if (!err)
		err = safefile_contents(o->db, SAFEFILE_READ, FILE_BYTES_MAX, &data, &size, error);
	return err ? err : signature_verify_file(ret, public, data, size, o->db, path, error);
}

/* With --serial an older file is refused, too. */
static int serial_check(const struct options *o, const struct signature *signature,
                        struct offsets_error *error)
{
	if (signature->serial >= o->serial)
		return 0;
	return offsets_fail(error, -EKEYREJECTED,
	                    "%s: its signature has the number %" PRIu64 ", which is lower than "
	                    "--serial %" PRIu64 "; get a newer file",
	                    o->db, signature->serial, o->serial);
}

int lkccb_verify_signature(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct signature signature;
	char path[4096];

	(void)argc, (void)argv;
	if (!o->key)
		return report_misuse("give the public key with --key");
	signature_path(o, path, sizeof(path));
	if (signature_init(&error) || file_verify(o, path, &signature, &error) ||
	    serial_check(o, &signature, &error))
		return report(&error);
	escape_print(stdout, "%s: the signature is valid, number %" PRIu64 "\n", o->db,
	             signature.serial);
	return EXIT_DONE;
}
