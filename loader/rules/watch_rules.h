/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules 'watch PATH', 'watch .../NAMES' and 'watch *ENDING'. */
#ifndef LOADER_RULES_WATCH_RULES_H
#define LOADER_RULES_WATCH_RULES_H

#include "loader/rules/ruleset.h"

/* Adds the rule of what stands behind 'watch'. 0 or -EBADMSG. */
int watch_rules_add(struct ruleset *set, const char *path);

/* Adds the rules for a file that has none. 0 or -EBADMSG. */
int watch_rules_add_defaults(struct ruleset *set);

/* Adds the place of a rule: names in a file system. 0 or -EBADMSG: there is no room. */
int watch_rules_add_place(struct filter *filter, unsigned int device, const char *names);

/* Makes *ret a set of one rule: files of that name, wherever they are. */
void watch_rules_of_name(const char *name, struct filter *ret);

/* Adds such a rule to a set. 0 or -EBADMSG: there is no room. */
int watch_rules_add_name(struct filter *filter, const char *name);

#endif
