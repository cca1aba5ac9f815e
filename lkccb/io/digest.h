/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-2 digests in lower-case hex; the number of digits says which: SHA-256, SHA-384 or SHA-512. */
#ifndef LKCCB_IO_DIGEST_H
#define LKCCB_IO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_HEX_MAX 128
#define SHA256_HEX     64

/* Is the text one of these digests? */
bool digest_valid(const char *hex);

/*
 * Computes the digest with that many digits, of an open file from offset to its
 * end. The file position is neither used nor changed. ret has room for
 * DIGEST_HEX_MAX + 1 bytes. 0 or -errno; -EINVAL: no digest has so many digits.
 */
int digest_file(int fd, uint64_t offset, size_t digits, char *ret);

/* SHA-256 of bytes in memory; ret has room for SHA256_HEX + 1 bytes. 0 or -errno. */
int digest_bytes(const void *data, size_t size, char *ret);

/* Loads the files that libcrypto would read at its first use: a sandbox has none. */
void digest_init(void);

#endif
