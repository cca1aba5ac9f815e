/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of the configuration and of --filter: read at the start and on SIGHUP, and given to the
 * programs. */
#ifndef LOADER_AGENT_RULES_H
#define LOADER_AGENT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/programs.h"
#include "loader/agent/reload.h"
#include "loader/agent/request.h"
#include "loader/rules/filter.h"
#include "loader/rules/places.h"
#include "loader/rules/settled.h"

struct rules {
	const char *canary;    /* name of the canary's file, which is watched as well; NULL: none */
	struct reload reload;  /* the configuration that they are of */
	struct filter *filter; /* as the file has them */
	struct filter *in_force; /* the same, with the places of their paths */
	struct mount_table *mounts;
	int mounts_fd; /* poll() reports changes of it; -1: it cannot be read */
	bool has_new_mounts;
	uint64_t places_ns, executables_ns; /* when they were found the last time */
	unsigned int no_place;              /* paths of which none was found then */
	unsigned int no_room; /* files with several names that have no room in the kernel */
	unsigned int classes; /* that work: the rules choose of these */
	struct settled config_file, file;
	bool is_due; /* one of the files was to be read again */
};

/* Reads them. 0 or -errno; rules_deinit() takes a zeroed struct too. */
int rules_init(struct rules *rules, const struct config *config, struct offsets_error *error);
void rules_deinit(struct rules *rules);

/*
 * Gives the rules to the programs. While they are exchanged all events of
 * rules->classes are reported, so that none is missed. 0 or -errno.
 */
int rules_apply(struct rules *rules, struct programs *programs, struct offsets_error *error);

/*
 * The descriptor that poll() finds to have an exception (POLLPRI) when file systems
 * were mounted or unmounted, which is then to be said by rules_mounts_changed(). -1:
 * there is none.
 */
int rules_mounts_fd(const struct rules *rules);
void rules_mounts_changed(struct rules *rules);

/*
 * Finds the places of the rules again if mounts have changed, and once a second, as symbolic
 * links may have. is_asked: the configuration and the rules are to be read again; this and
 * later calls do so, once their files do not change any more, and apply them. A file that
 * cannot be read is reported, and leaves all as it is. 0 or -errno.
 */
int rules_look(struct rules *rules, struct programs *programs, uint64_t now_ns, bool is_asked,
               enum rules_found *ret, struct offsets_error *error);

#endif
