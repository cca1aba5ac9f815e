/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads an in-toto Statement v1 with SLSA Provenance v1, in a sandboxed process. */
#ifndef LKCCB_INPUT_ATTESTATION_H
#define LKCCB_INPUT_ATTESTATION_H

#include <stddef.h>
#include <stdio.h>

#include "lkccb/confine/isolate.h"
#include "offsets/util/error.h"

#define ATTESTATION_TYPE       "https://in-toto.io/Statement/v1"
#define ATTESTATION_PREDICATE  "https://slsa.dev/provenance/v1"
#define ATTESTATION_BUILD_TYPE "urn:lkccb:run:1"
#define ATTESTATION_BUILDER    "urn:lkccb"

#define ATTESTATION_BYTES_MAX ((size_t)256 << 20)

/* Each list has no duplicates. */
struct attestation {
	char (*subjects)[65]; /* SHA-256 in lower-case hex */
	size_t subject_count;
	char (*inputs)[65]; /* of resolvedDependencies; sorted */
	size_t input_count;
};

/*
 * Of the bytes of a file; path is for messages. -EBADMSG: no JSON, or no such statement.
 * Unknown members are ignored.
 */
int attestation_read(const char *path, const void *data, size_t size,
                     const struct isolate_limits *limits, struct attestation *ret,
                     struct offsets_error *error);
void attestation_free(struct attestation *attestation);

/* The same in this process: prints a line for each digest, "subject SHA256" or "input SHA256". */
int attestation_parse(const char *path, const void *data, size_t size, FILE *lines,
                      struct offsets_error *error);

#endif
