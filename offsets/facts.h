/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catalogue as tables, for the programs of this repository: what to look
 * for in debug data, and how the facts of a kernel become the value of the BPF
 * map. Not installed: enum layout_id and struct layout change with every fact.
 */
#ifndef OFFSETS_FACTS_H
#define OFFSETS_FACTS_H

#include "offsets/layout.h"
#include "offsets/offsets.h"

/* What a fact is about; catalogue.h says how each is written. */
enum offsets_fact_kind {
	OFFSETS_FACT_MEMBER, /* or the size of a struct or union */
	OFFSETS_FACT_ENUMERATOR,
	OFFSETS_FACT_ARGUMENT,
	OFFSETS_FACT_SYMBOL,
	OFFSETS_FACT_KINDS
};

/* From the type: "task_struct", "enum pid_type", "commit_creds()", ".symtab". */
enum offsets_fact_kind offsets_fact_kind(const char *type);

/* One name that the catalogue asks for. For each of its structs there is also "sizeof". */
struct offsets_wanted {
	const char *type;   /* as in the catalogue */
	const char *member; /* path inside the struct: "pid", "ns.inum" */
	/* "*mount,list_head": the types that the probes can read; NULL: any. */
	const char *expected;
};

/* The name of a type, as catalogue.h has them, without a comma. */
#define OFFSETS_TYPE_BYTES 64

bool offsets_type_expected(const struct offsets_wanted *wanted, const char *type);

/* Could a member of this size be of an expected type? */
bool offsets_size_expected(const struct offsets_wanted *wanted, uint32_t size);

/* Says in OFFSETS_KEY_ORIGIN that a member is left out for its type. 0 or -errno. */
int offsets_type_note(const struct offsets_wanted *wanted, const char *type,
                      struct offsets_kernel *kernel);

/* All names, sorted by type, then member, each once. */
const struct offsets_wanted *offsets_wanted_all(size_t *ret_count);

/*
 * The names wanted of a struct, enum or function; of OFFSETS_FACT_SYMBOL with
 * name "", all symbols. NULL and a count of 0: none.
 */
const struct offsets_wanted *offsets_wanted_of(enum offsets_fact_kind kind, const char *name,
                                               size_t *ret_count);

/* NULL: the catalogue does not ask for it by this name. */
const struct offsets_wanted *offsets_wanted_find(const char *type, const char *member);

/* "task_struct.start_boottime|real_start_time" of a LAYOUT_<id>. */
const char *offsets_fact_name(enum layout_id id);

/*
 * The names of a fact that the kernel has, newest first: the first call, with
 * *at 0, returns the one that counts, further calls return the others. NULL: no more.
 */
const struct offsets_fact *offsets_kernel_alternative(const struct offsets_kernel *kernel,
                                                      enum layout_id id, size_t *at);

/*
 * Calls back for each fact in which two kernels differ; a side that lacks it is NULL.
 * Both must be sorted; fn may be NULL. Returns their number.
 */
typedef void (*offsets_difference_fn)(const struct offsets_fact *a, const struct offsets_fact *b,
                                      void *arg);
size_t offsets_kernel_differences(const struct offsets_kernel *a, const struct offsets_kernel *b,
                                  offsets_difference_fn fn, void *arg);

/* The map's value; a fact that the kernel lacks is LAYOUT_ABSENT. */
void offsets_kernel_layout(const struct offsets_kernel *kernel, struct layout *ret);

#endif
