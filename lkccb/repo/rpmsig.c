/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An .rpm is a lead of 96 bytes, a header with signatures, padded to 8 bytes,
 * the main header, and the payload. A signature covers either the main header
 * alone, which since rpm 4.14 has the payload's digest, or header and payload.
 *
 * rpmkeys does not suffice: before 4.14 its exit status is 0 for a package
 * without a signature, and librpm's own OpenPGP, before Sequoia, accepts keys that
 * have expired or were revoked.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "lkccb/repo/rpmsig.h"

#define LEAD_BYTES       96
#define BLOB_BYTES_MAX   (256 << 20)
#define BLOB_ENTRIES_MAX (1 << 16)

enum tag {
	TAG_OF_HEADER_DSA = 267, /* signatures of the header; also ECDSA and EdDSA */
	TAG_OF_HEADER_RSA = 268,
	TAG_OF_ALL_RSA = 1002, /* of header and payload */
	TAG_OF_ALL_DSA = 1005,
	TAG_PAYLOAD_DIGEST = 5092,
};

enum { TYPE_BYTES = 7, TYPE_STRINGS = 8 };

struct entry { /* big-endian */
	uint32_t tag, type, offset, count;
};

/* A header: this, the entries, then the data that they refer to. */
struct preamble {
	unsigned char magic[8];
	uint32_t entries, size;
};

struct blob {
	uint64_t offset, size; /* in the file */
	unsigned char *bytes;  /* as they are in the file */
	const struct entry *entries;
	uint32_t count;
	const unsigned char *data;
	uint32_t data_size;
};

struct rpm_file {
	int fd;
	const char *name;
	const struct keyring *keyring;
	struct offsets_error *error;
	struct blob signatures, header;
};

static void blob_free(struct blob *blob)
{
	free(blob->bytes);
}

static int damaged(const struct rpm_file *f)
{
	return offsets_fail(f->error, -EBADMSG,
	                    "%s: truncated or malformed package; download it again", f->name);
}

static int blob_read(const struct rpm_file *f, uint64_t offset, struct blob *ret)
{
	static const unsigned char magic[8] = { 0x8e, 0xad, 0xe8, 0x01 };
	struct preamble head;

	if (pread(f->fd, &head, sizeof(head), offset) != sizeof(head) ||
	    memcmp(head.magic, magic, sizeof(magic)))
		return damaged(f);
	ret->offset = offset;
	ret->count = ntohl(head.entries);
	ret->data_size = ntohl(head.size);
	if (ret->count > BLOB_ENTRIES_MAX || ret->data_size > BLOB_BYTES_MAX)
		return damaged(f);
	ret->size = sizeof(head) + (uint64_t)ret->count * sizeof(struct entry) + ret->data_size;
	ret->bytes = malloc(ret->size);
	if (!ret->bytes)
		return offsets_fail(f->error, -ENOMEM, "%s: out of memory", f->name);
	if (pread(f->fd, ret->bytes, ret->size, offset) != (ssize_t)ret->size)
		return damaged(f);
	ret->entries = (const struct entry *)(ret->bytes + sizeof(head));
	ret->data = (const unsigned char *)(ret->entries + ret->count);
	return 0;
}

/* The first value of a tag; NULL: there is none. */
static const unsigned char *blob_find(const struct blob *blob, enum tag tag, uint32_t type,
                                      uint32_t *ret_count)
{
	uint32_t i, offset;

	for (i = 0; i < blob->count; i++) {
		const struct entry *e = &blob->entries[i];

		offset = ntohl(e->offset);
		*ret_count = ntohl(e->count);
		if (ntohl(e->tag) == (uint32_t)tag && ntohl(e->type) == type && *ret_count &&
		    offset < blob->data_size && *ret_count <= blob->data_size - offset)
			return blob->data + offset;
	}
	return NULL;
}

/* Writes a new file in the private directory. */
static int file_make(const struct rpm_file *f, const char *path, const void *data, size_t size)
{
	CLEANUP(cleanup_fd) int fd = -1;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, data, size) == (ssize_t)size)
		return 0;
	return offsets_fail(f->error, -EIO, "%s: %s; set TMPDIR to a disk with space", path,
	                    strerror(errno));
}

/* data: the signed file, from its position on. */
static int signature_check(const struct rpm_file *f, const unsigned char *signature, uint32_t size,
                           int data)
{
	struct signature s = { .what = f->name, .data = data };
	char path[4096];
	int err;

	snprintf(path, sizeof(path), "%.4000s/package.sig", f->keyring->directory);
	err = file_make(f, path, signature, size);
	s.file = path;
	if (!err)
		err = keyring_verify(f->keyring, &s, f->error);
	unlink(path);
	return err;
}

static int header_check(const struct rpm_file *f, const unsigned char *signature, uint32_t size)
{
	CLEANUP(cleanup_fd) int data = -1;
	char path[4096];
	int err;

	snprintf(path, sizeof(path), "%.4000s/package.header", f->keyring->directory);
	err = file_make(f, path, f->header.bytes, f->header.size);
	if (!err) {
		data = open(path, O_RDONLY | O_CLOEXEC);
		err = data < 0 ? offsets_fail(f->error, -errno, "%s: %s", path, strerror(errno))
		               : signature_check(f, signature, size, data);
	}
	unlink(path);
	return err;
}

/* Checks the payload against the digest in the verified header. */
static int payload_check(const struct rpm_file *f, const char *digest)
{
	char hex[DIGEST_HEX_MAX + 1];
	int err = digest_file(f->fd, f->header.offset + f->header.size, strlen(digest), hex);

	if (err)
		return offsets_fail(f->error, err, "%s: %s", f->name, strerror(-err));
	if (strcmp(hex, digest))
		return offsets_fail(f->error, -EBADMSG,
		                    "%s: its contents differ from what was signed; the mirror is "
		                    "damaged or hostile, use another",
		                    f->name);
	return 0;
}

static const char *payload_digest(const struct rpm_file *f)
{
	uint32_t count;
	const char *digest =
		(const char *)blob_find(&f->header, TAG_PAYLOAD_DIGEST, TYPE_STRINGS, &count);

	if (!digest ||
	    !memchr(digest, '\0',
	            f->header.data + f->header.data_size - (const unsigned char *)digest))
		return NULL;
	return digest_valid(digest) ? digest : NULL;
}

static int all_check(const struct rpm_file *f, const unsigned char *signature, uint32_t size)
{
	if (lseek(f->fd, f->header.offset, SEEK_SET) < 0)
		return offsets_fail(f->error, -errno, "%s: %s", f->name, strerror(errno));
	return signature_check(f, signature, size, f->fd);
}

static int signatures_check(const struct rpm_file *f)
{
	const struct blob *s = &f->signatures;
	uint32_t header_size, all_size;
	const unsigned char *of_header = blob_find(s, TAG_OF_HEADER_RSA, TYPE_BYTES, &header_size);
	const unsigned char *of_all = blob_find(s, TAG_OF_ALL_RSA, TYPE_BYTES, &all_size);
	const char *digest = payload_digest(f);
	int err;

	if (!of_header)
		of_header = blob_find(s, TAG_OF_HEADER_DSA, TYPE_BYTES, &header_size);
	if (!of_all)
		of_all = blob_find(s, TAG_OF_ALL_DSA, TYPE_BYTES, &all_size);
	if (of_header && digest) {
		err = header_check(f, of_header, header_size);
		return err ? err : payload_check(f, digest);
	}
	if (of_all)
		return all_check(f, of_all, all_size);
	return offsets_fail(f->error, -EBADMSG,
	                    "%s: not signed by a key of %s: %s; use a repository whose packages or "
	                    "index are signed",
	                    f->name, f->keyring->name,
	                    of_header ? "its signature is of its header only, and that has no "
	                                "SHA-2 digest of the rest"
	                              : "it has no signature");
}

int rpmsig_verify(int fd, const char *name, const struct keyring *keyring,
                  struct offsets_error *error)
{
	static const unsigned char magic[4] = { 0xed, 0xab, 0xee, 0xdb };
	CLEANUP(blob_free) struct blob signatures = { 0 };
	CLEANUP(blob_free) struct blob header = { 0 };
	struct rpm_file f = { .fd = fd, .name = name, .keyring = keyring, .error = error };
	unsigned char lead[4];
	int err;

	if (pread(fd, lead, sizeof(lead), 0) != sizeof(lead) || memcmp(lead, magic, sizeof(magic)))
		return damaged(&f);
	err = blob_read(&f, LEAD_BYTES, &signatures);
	if (!err)
		err = blob_read(&f, LEAD_BYTES + ((signatures.size + 7) & ~7ull), &header);
	if (err)
		return err;
	f.signatures = signatures;
	f.header = header;
	return signatures_check(&f);
}
