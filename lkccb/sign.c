/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lkccb keygen, sign, verify-signature: Ed25519 over the whole file, detached.
 * Keys and signatures are hex in a line of their own, as small text files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "cleanup.h"
#include "escape.h"
#include "lkccb.h"

#define SIGNATURE_SUFFIX ".sig"

struct contents {
	unsigned char *data;
	size_t size;
};

static int sodium_ready(struct offsets_error *error)
{
	return sodium_init() < 0
	               ? offsets_fail(error, -EIO, "libsodium finds no random numbers here")
	               : 0;
}

static int contents_map(const char *path, struct contents *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return offsets_fail(error, -EINVAL, "%s: empty, or not a regular file", path);
	ret->size = st.st_size;
	ret->data = mmap(NULL, ret->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (ret->data == MAP_FAILED)
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* Exactly so many bytes of hex in the first line. */
static int hex_read(const char *path, unsigned char *ret, size_t size, struct offsets_error *error)
{
	CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
	char line[512];
	size_t n = 0;

	if (!file)
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (strlen(line) != 2 * size || sodium_hex2bin(ret, size, line, 2 * size, NULL, &n, NULL) ||
	    n != size)
		return offsets_fail(error, -EBADMSG,
		                    "%s: not %zu bytes in hex; name the right file", path, size);
	return 0;
}

/* Whole, or not there; an existing file stays. */
static int hex_write(const char *path, const unsigned char *data, size_t size, bool replace,
                     mode_t mode, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *text = malloc(2 * size + 2);
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL);
	CLEANUP(cleanup_fd) int fd = -1;

	if (!text)
		return offsets_fail(error, -ENOMEM, "out of memory");
	sodium_bin2hex(text, 2 * size + 1, data, size);
	strcat(text, "\n");
	fd = open(path, flags, mode);
	if (fd < 0)
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (write(fd, text, 2 * size + 1) != (ssize_t)(2 * size + 1)) {
		unlink(path);
		return offsets_fail(error, -EIO, "%s: cannot be written", path);
	}
	return 0;
}

static int signature_path(const struct options *o, char *ret, size_t size)
{
	return o->signature ? snprintf(ret, size, "%s", o->signature)
	                    : snprintf(ret, size, "%s" SIGNATURE_SUFFIX, o->db);
}

int lkccb_keygen(const struct options *o, int argc, char **argv)
{
	unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	struct offsets_error error;
	char path[4096];
	bool made;
	int err;

	(void)o, (void)argc;
	if (sodium_ready(&error))
		return report(&error);
	crypto_sign_keypair(public, secret);
	snprintf(path, sizeof(path), "%s.pub", argv[0]);
	err = hex_write(argv[0], secret, sizeof(secret), false, 0600, &error);
	made = !err;
	if (!err)
		err = hex_write(path, public, sizeof(public), false, 0644, &error);
	if (err && made) /* a secret key without its public one is of no use */
		unlink(argv[0]);
	sodium_memzero(secret, sizeof(secret));
	if (err)
		return report(&error);
	escape_print(stdout, "%s: secret key\n", argv[0]);
	escape_print(stdout, "%s: public key\n", path);
	return EXIT_DONE;
}

static int needs_key(const struct options *o, const char *which)
{
	if (o->key)
		return 0;
	fprintf(stderr, "lkccb: which %s key? give --key; see 'lkccb --help'\n", which);
	return EXIT_MISUSE;
}

int lkccb_sign(const struct options *o, int argc, char **argv)
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
	struct contents contents;
	struct offsets_error error;
	char path[4096];
	int err;

	(void)argc, (void)argv;
	if (needs_key(o, "secret"))
		return EXIT_MISUSE;
	err = sodium_ready(&error);
	if (!err)
		err = hex_read(o->key, secret, sizeof(secret), &error);
	if (!err)
		err = contents_map(o->db, &contents, &error);
	if (err)
		return report(&error);
	crypto_sign_detached(signature, NULL, contents.data, contents.size, secret);
	sodium_memzero(secret, sizeof(secret));
	munmap(contents.data, contents.size);
	signature_path(o, path, sizeof(path));
	if (hex_write(path, signature, sizeof(signature), true, 0644, &error))
		return report(&error);
	escape_print(stdout, "%s: signature of %s\n", path, o->db);
	return EXIT_DONE;
}

int lkccb_verify_signature(const struct options *o, int argc, char **argv)
{
	unsigned char public[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES];
	struct contents contents;
	struct offsets_error error;
	char path[4096];
	bool good;
	int err;

	(void)argc, (void)argv;
	if (needs_key(o, "public"))
		return EXIT_MISUSE;
	signature_path(o, path, sizeof(path));
	err = sodium_ready(&error);
	if (!err)
		err = hex_read(o->key, public, sizeof(public), &error);
	if (!err)
		err = hex_read(path, signature, sizeof(signature), &error);
	if (!err)
		err = contents_map(o->db, &contents, &error);
	if (err)
		return report(&error);
	good = !crypto_sign_verify_detached(signature, contents.data, contents.size, public);
	munmap(contents.data, contents.size);
	if (!good) {
		escape_print(
			stderr,
			"lkccb: %s: the signature %s is not of this file by that key; do not use "
			"it\n",
			o->db, path);
		return EXIT_FAILED;
	}
	escape_print(stdout, "%s: signature is good\n", o->db);
	return EXIT_DONE;
}
