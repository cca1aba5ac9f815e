/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chooses a source for each event class. Knows the tables and what was found out
 * about this kernel; loads and attaches nothing itself.
 */
#ifndef LOADER_BPF_PLAN_H
#define LOADER_BPF_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/bpf/class_state.h"
#include "loader/bpf/mapset.h"
#include "loader/bpf/sources.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"

/* Whether a hook works here, and by which attach method: as hook_method() says it. */
typedef int (*plan_hook_fn)(void *arg, const struct hook *hook, enum attach_method *ret,
                            struct offsets_error *error);

struct plan_request {
	const struct layout *layout; /* the facts of this kernel; must stay */
	unsigned int classes;        /* 1 << enum event_type that are wanted */
	unsigned int tiers;          /* 1 << tier of the sources that may be used */
	plan_hook_fn hook;
	void *arg;
};

/*
 * A program as the plan knows it: one for each program at each hook, whichever
 * sources name it. So what two classes share is loaded and attached once.
 */
struct planned {
	const char *name;            /* in the ELF file */
	const struct hook *hook;     /* NULL: reached by a tail call */
	const enum layout_id *facts; /* or NULL */
	struct mapset maps;          /* it uses, as far as it may be chosen */
	unsigned int attempts;       /* enum attempts_have */
	bool chosen;                 /* by plan_make() */
	bool checked, refused;       /* checked: its facts and its hook */
	bool absent;                 /* refused, for this kernel does not have its hook */
	enum attach_method method;   /* of one that is checked and not refused */
	char reason[256];            /* of one that is refused */
};

struct plan;

/* NULL: out of memory. */
struct plan *plan_new(const struct plan_request *request);
void plan_free(struct plan *plan);

/*
 * Chooses the first source of each wanted class that nothing is known against, and
 * of its programs all that are usable. False: no class has one.
 */
bool plan_make(struct plan *plan);

/* All that may be chosen, in the order in which they are attached. */
struct planned *plan_list(struct plan *plan, size_t *ret_count);

/* The source in use of a class; NULL: none. */
const struct source *plan_source(const struct plan *plan, enum event_type type);

/* Sets the facts that the source in use of a class, or a program of it, needs; the others stay. */
void plan_facts(struct plan *plan, enum event_type type, bool facts[LAYOUT_MAX]);

/* Whether the source in use of a class has it. */
bool plan_serves(struct plan *plan, const struct planned *planned, enum event_type type);

/* It is not chosen any more: the kernel does not accept it, or it cannot be attached. */
void plan_refuse(struct planned *planned, const char *reason);

/* The source in use of a class is not used any more. */
void plan_refuse_source(struct plan *plan, enum event_type type, const char *reason);

/* Of what is chosen: the maps, and what is kept of an exec (enum attempts_have). */
struct mapset plan_maps(const struct plan *plan);
unsigned int plan_attempts(const struct plan *plan);

const struct class_state *plan_class(const struct plan *plan, enum event_type type);

#endif
