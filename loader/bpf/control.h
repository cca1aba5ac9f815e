/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loader tells the programs by their maps: offsets, settings, rules. */
#ifndef LOADER_BPF_CONTROL_H
#define LOADER_BPF_CONTROL_H

#include "loader/rules/filter.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"
#include "probes/abi/maps.h"

struct bpf_object;

/* The loaded programs, as they are to be written to. */
struct control {
	const struct bpf_object *object;
	unsigned int groups;   /* enum map_group of the maps that it has */
	unsigned int attempts; /* enum attempts_have of what is loaded */
	__u32 settings_number; /* of those that were written last */
};

/* Each: 0 or -errno. */

/* Gives the programs their offsets: from here on they report. */
int control_arm(struct control *control, const struct layout *layout, struct offsets_error *error);

int control_settings(struct control *control, const struct settings *settings,
                     struct offsets_error *error);

/* Replaces the rules in the kernel by these. */
int control_filter(struct control *control, const struct filter *filter,
                   struct offsets_error *error);

/* Adds these to the rules in the kernel. */
int control_filter_add(struct control *control, const struct filter *filter,
                       struct offsets_error *error);

/* Removes those of *before that *filter does not have. */
void control_filter_drop(struct control *control, const struct filter *before,
                         const struct filter *filter);

/* A file that has other names than those that the rules match. */
int control_link(struct control *control, const struct linked_file *file,
                 struct offsets_error *error);

/* Of how many such files the kernel side had no room. */
unsigned int control_links_lost(struct control *control);

/* Forgets the files that are open for writing. */
int control_forget_opened(struct control *control, struct offsets_error *error);

#endif
