/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways to get each class of events: which program on which hook, for which
 * tier of kernels, and what it needs. One line each; probes.c chooses.
 */
#ifndef LOADER_VARIANTS_H
#define LOADER_VARIANTS_H

#include "loader/bpf/hook.h"
#include "probes/abi/maps.h"
#include "offsets/offsets.h"

#define TAILS_MAX    3
#define NEEDS_MAX    6
#define VARIANTS_MAX 256

/* Programs behind the slots of a program array. */
struct tails {
	const char *map;
	struct tail {
		const char *program;
		enum tail_call slot;
	} list[TAILS_MAX]; /* ends with NULL */
};

/* Of variant.classes: it reports nothing, but lets another one of the class report more. */
#define ADDS (1U << 31)

/* With ADDS: only beside a tracepoint, which kernels without kprobes have. */
#define BESIDE_TRACEPOINT (1U << 29)

/* With ADDS: only beside fentry; what has no such bit not there. */
#define BESIDE_FENTRY (1U << 28)

/* With ADDS: where its hook is missing, so is what it reports. */
#define IF_THERE (1U << 30)

/* A way to get one class of events. */
struct variant {
	unsigned int tiers;   /* 1 << tier that may use it: docs/architecture.md, "Probes" */
	unsigned int classes; /* 1 << enum event_type, ADDS */
	const char *name;     /* for people */
	struct hook hook;
	const char *program;
	const struct tails *tails;       /* or NULL */
	const char *map;                 /* that is made for its like alone, or NULL */
	enum layout_id needs[NEEDS_MAX]; /* facts without which it reports nothing; ends with 0 */
};

/* Per class in the order of choice. */
extern const struct variant variants[];
extern const size_t variants_count;

/* Of their indexes. */
struct variant_set {
	bool has[VARIANTS_MAX];
};

#endif
