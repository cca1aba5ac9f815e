/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lkccb keygen, sign, verify-signature: a detached Ed25519 signature of the
 * whole file. Keys and signatures are text files with one line of hex. Keys and
 * a file that is signed must be trusted (safefile.h); a file that is verified
 * and its signature need not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/report.h"
#include "offsets/util/safefile.h"

#define SIGNATURE_SUFFIX ".sig"
#define KEY_BYTES_MAX    4096
#define FILE_BYTES_MAX   ((size_t)1 << 30)

static int sodium_ready(struct offsets_error *error)
{
	return sodium_init() < 0
	               ? offsets_fail(error, -EIO, "no source of random numbers available")
	               : 0;
}

/* The caller's to free. */
static int contents_read(const char *path, enum safefile_use use, size_t max, void **ret,
                         size_t *ret_size, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int err = safefile_open(path, use, &fd, error);

	if (!err)
		err = safefile_read(fd, path, max, ret, ret_size, error);
	if (!err && !*ret_size) {
		free(*ret);
		err = offsets_fail(error, -EINVAL, "%s: empty file; name the right file", path);
	}
	return err;
}

/* Reads exactly size bytes in hex from the first line. */
static int hex_read(const char *path, enum safefile_use use, unsigned char *ret, size_t size,
                    struct offsets_error *error)
{
	void *data;
	size_t text_size, line, n = 0;
	int err = contents_read(path, use, KEY_BYTES_MAX, &data, &text_size, error);
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
	int err = sodium_ready(&error);

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

static int signature_write(const char *path, const unsigned char *signature,
                           struct offsets_error *error)
{
	struct safefile *file;
	int err =
		hex_begin(path, signature, crypto_sign_BYTES, SAFEFILE_REPLACE, 0644, &file, error);

	if (!err)
		err = safefile_commit(file, error);
	safefile_end(file);
	return err;
}

static int database_sign(const struct options *o, const char *path, struct offsets_error *error)
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
	CLEANUP(cleanup_free) void *data = NULL;
	size_t size = 0;
	int err = contents_read(o->db, SAFEFILE_TRUSTED, FILE_BYTES_MAX, &data, &size, error);

	if (!err)
		err = hex_read(o->key, SAFEFILE_TRUSTED, secret, sizeof(secret), error);
	if (err)
		return err;
	crypto_sign_detached(signature, NULL, data, size, secret);
	sodium_memzero(secret, sizeof(secret));
	return signature_write(path, signature, error);
}

int lkccb_sign(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	char path[4096];

	(void)argc, (void)argv;
	if (!o->key)
		return report_misuse("give the secret key with --key");
	signature_path(o, path, sizeof(path));
	if (sodium_ready(&error) || database_sign(o, path, &error))
		return report(&error);
	escape_print(stdout, "%s: signature of %s\n", path, o->db);
	return EXIT_DONE;
}

/* -EBADMSG also if the signature is not valid. */
static int database_verify(const struct options *o, const char *path, struct offsets_error *error)
{
	unsigned char public[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES];
	CLEANUP(cleanup_free) void *data = NULL;
	size_t size = 0;
	int err = hex_read(o->key, SAFEFILE_TRUSTED, public, sizeof(public), error);

	if (!err)
		err = hex_read(path, SAFEFILE_READ, signature, sizeof(signature), error);
	if (!err)
		err = contents_read(o->db, SAFEFILE_READ, FILE_BYTES_MAX, &data, &size, error);
	if (err || !crypto_sign_verify_detached(signature, data, size, public))
		return err;
	return offsets_fail(error, -EBADMSG,
	                    "%s: signature verification failed (%s); do not use this file", o->db,
	                    path);
}

int lkccb_verify_signature(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	char path[4096];

	(void)argc, (void)argv;
	if (!o->key)
		return report_misuse("give the public key with --key");
	signature_path(o, path, sizeof(path));
	if (sodium_ready(&error) || database_verify(o, path, &error))
		return report(&error);
	escape_print(stdout, "%s: the signature is valid\n", o->db);
	return EXIT_DONE;
}
