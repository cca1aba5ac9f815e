/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-2 digests in lower-case hex; the number of digits says which: SHA-256, SHA-384 or SHA-512. */
#ifndef LKCCB_DIGEST_H
#define LKCCB_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_HEX_MAX 128
#define SHA256_HEX     64

/* Whether the text is a digest of one of these kinds. */
bool digest_valid(const char *hex);

/*
 * The digest, of that many digits, of an open file from offset to its end. The
 * file's position is neither used nor changed. ret has room for
 * DIGEST_HEX_MAX + 1 bytes. 0 or -errno; -EINVAL: there is no such digest.
 */
int digest_file(int fd, uint64_t offset, size_t digits, char *ret);

/* What libcrypto would otherwise look up in files when it is first used. */
void digest_init(void);

#endif
