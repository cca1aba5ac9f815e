/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"

#define CHUNK_BYTES (1 << 18)

/* libcrypto uses the CPU's SHA instructions: four times as fast as libsodium. */
static const EVP_MD *algorithm(size_t digits)
{
	switch (digits) {
	case SHA256_HEX:
		return EVP_sha256();
	case 96:
		return EVP_sha384();
	case DIGEST_HEX_MAX:
		return EVP_sha512();
	default:
		return NULL;
	}
}

bool digest_valid(const char *hex)
{
	size_t digits = strlen(hex);

	return algorithm(digits) && strspn(hex, "0123456789abcdef") == digits;
}

static int file_update(EVP_MD_CTX *context, int fd, uint64_t offset)
{
	CLEANUP(cleanup_free) unsigned char *chunk = malloc(CHUNK_BYTES);
	ssize_t n;

	if (!chunk)
		return -ENOMEM;
	while ((n = pread(fd, chunk, CHUNK_BYTES, offset)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!EVP_DigestUpdate(context, chunk, n))
			return -EIO;
		offset += n;
	}
	return 0;
}

static void hex_write(const unsigned char *digest, size_t size, char *ret)
{
	size_t i;

	for (i = 0; i < size; i++)
		sprintf(ret + 2 * i, "%02x", digest[i]);
}

int digest_file(int fd, uint64_t offset, size_t digits, char *ret)
{
	const EVP_MD *kind = algorithm(digits);
	EVP_MD_CTX *context = kind ? EVP_MD_CTX_new() : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int err;

	if (!context)
		return kind ? -ENOMEM : -EINVAL;
	err = EVP_DigestInit_ex(context, kind, NULL) ? file_update(context, fd, offset) : -EIO;
	if (!err && !EVP_DigestFinal_ex(context, digest, &size))
		err = -EIO;
	EVP_MD_CTX_free(context);
	if (!err)
		hex_write(digest, size, ret);
	return err;
}

int digest_bytes(const void *data, size_t size, char *ret)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_size;

	if (!EVP_Digest(data, size, digest, &digest_size, EVP_sha256(), NULL))
		return -EIO;
	hex_write(digest, digest_size, ret);
	return 0;
}

void digest_init(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context)
		EVP_DigestInit_ex(context, EVP_sha256(), NULL);
	EVP_MD_CTX_free(context);
}
