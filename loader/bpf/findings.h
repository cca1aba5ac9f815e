/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found missing on this host, and the sentence that is made of it. */
#ifndef LOADER_BPF_FINDINGS_H
#define LOADER_BPF_FINDINGS_H

#include <stddef.h>

/* Beyond so many, no more are kept. A source has fewer units, a class fewer sources. */
#define FINDINGS_MAX 48

struct finding {
	const char *lacks; /* what the class lacks for it; NULL: the whole source is not used */
	const char *name;  /* of the hook or program */
	char reason[256];
};

struct findings {
	size_t count;
	struct finding list[FINDINGS_MAX];
};

void finding_set(struct finding *ret, const char *lacks, const char *name, const char *reason);
void findings_add(struct findings *findings, const char *lacks, const char *name,
                  const char *reason);

/* "kprobe A, kprobe B: reason; kprobe C: another": findings in a row with one reason share it. */
void findings_reasons(const struct findings *findings, char *ret, size_t size);

/*
 * "FIRST; accept, bind (kretprobe A, kprobe B: reason)". first: what is lacking in
 * any case; NULL: nothing. Empty: nothing is lacking at all.
 */
void findings_lacks(const struct findings *findings, const char *first, char *ret, size_t size);

#endif
