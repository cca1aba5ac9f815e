/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that say which events are reported (docs/sextant.8, FILTER RULES), as the
 * probes have them: the kernel side looks up names by their hashes.
 */
#ifndef LOADER_RULES_FILTER_H
#define LOADER_RULES_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offsets/layout.h"
#include "offsets/offsets.h"
#include "loader/rules/event_rules.h"
#include "probes/abi/maps.h"

struct filter_rule {
	struct filter_key key;
	__u32 verdict; /* enum filter_verdict */
};

/* Room for the paths of the rules. */
#define FILTER_PATHS_BYTES (128 * 1024)

struct filter {
	unsigned int classes;      /* 1 << enum event_type that the rules leave */
	unsigned int kinds, only;  /* as in struct settings */
	unsigned int watched;      /* the same */
	__u64 seed;                /* the same */
	unsigned int places;       /* the same */
	__u64 bloom[16];           /* the same */
	__u8 begins[1024];         /* the same */
	struct event_rules events; /* those that the kernel side does not decide */
	size_t given;              /* rules: lines that are none of the defaults */
	size_t count;              /* keys that the programs look up: a rule may have several */
	struct filter_rule rules[FILTERS_MAX];
	size_t paths_size;
	char paths[FILTER_PATHS_BYTES]; /* "/PATH", or the NAMES of .../NAMES, each with its NUL */
};

/*
 * True: the members of struct dentry and mount that the check of a path reads at
 * once are adjacent in this kernel, so that rules of files work.
 */
bool filter_fits(const struct layout *layout);

/* Sets what the rules decide of the settings, and where the programs read for them. */
void filter_settings(const struct filter *filter, const struct layout *layout,
                     struct settings *settings);

/* The value of a process's name in struct filter_key: as the probes compute it by filter_hash(). */
__u64 filter_name_value(const char *name, size_t limit);

/* The same of the path of a cgroup, name by name: value is that of the cgroup above, or the seed.
 */
__u64 filter_cgroup_value(__u64 value, const char *name, size_t size);

/* The same of a component of a watched path: of its first WATCH_NAME_BYTES. */
__u64 filter_path_name_value(const char *name, size_t size);

#endif
