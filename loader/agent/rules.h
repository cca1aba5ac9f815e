/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of --filter: read at the start and on SIGHUP, and given to the programs. */
#ifndef LOADER_AGENT_RULES_H
#define LOADER_AGENT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/programs.h"
#include "loader/rules/filter.h"
#include "loader/rules/settled.h"

struct rules {
	const char *path; /* NULL: there is no file, only the defaults */
	struct filter *filter;
	unsigned int classes; /* that work: the rules choose of these */
	struct settled file;
};

/* Reads them. 0 or -errno; rules_deinit() takes a zeroed struct too. */
int rules_init(struct rules *rules, const char *path, struct offsets_error *error);
void rules_deinit(struct rules *rules);

/*
 * Gives the rules to the programs. While they are exchanged all events of
 * rules->classes are reported, so that none is missed. 0 or -errno.
 */
int rules_apply(struct rules *rules, struct programs *programs, struct offsets_error *error);

/*
 * Ten times a second: after a SIGHUP reads the file again, once it does not
 * change any more, and applies it; *ret_new: so it was. A file that cannot be
 * read is reported, and leaves the rules as they are. 0 or -errno.
 */
int rules_look(struct rules *rules, struct programs *programs, uint64_t now_ns, bool *ret_new,
               struct offsets_error *error);

#endif
