/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads what a plan has chosen out of the BPF object that is inside this program. */
#ifndef LOADER_BPF_LOAD_H
#define LOADER_BPF_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/bpf/plan.h"
#include "loader/host/host.h"

struct bpf_object;

/* A program, and what the verifier said of it; only where that was asked for. */
struct program_state {
	char name[32];
	unsigned int walked; /* instructions, by the verifier; 0: it did not say */
	char *log;
};

struct load {
	const struct host *host;     /* must stay, as the layout */
	const struct layout *layout; /* constants of the programs by fentry */
	uint32_t version_code;       /* kernel_version_code() */
	bool measure;                /* keep what the verifier says: slow */

	struct bpf_object *object; /* what is loaded; NULL: nothing */
	struct program_state *programs;
	size_t program_count;
	bool no_rights; /* the last attempt has failed for want of rights */
};

/*
 * Loads all that is chosen and sets the tail calls. Where the kernel does not
 * accept it, finds out which programs it is, refuses them in the plan and
 * returns -EAGAIN: the plan has to be made again. -EPERM: no rights.
 */
int load_chosen(struct load *load, struct plan *plan, struct offsets_error *error);

/* The error of a plan that has nothing left to load: -ENOTSUP, or -EPERM: no rights. */
int load_nothing(const struct load *load, struct offsets_error *error);

/* Unloads. The programs' states stay. */
void load_drop(struct load *load);

/*
 * This process has no more use for the programs: frees its memory and descriptors of
 * them. They stay as they are, for another process has descriptors, too.
 */
void load_leave(struct load *load);

/* Unloads, and forgets the programs' states. */
void load_deinit(struct load *load);

#endif
