/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of rules while it is read from a file: adding a rule, and the error of a
 * line. Shared by the parts of loader/rules alone.
 */
#ifndef LOADER_RULES_RULESET_H
#define LOADER_RULES_RULESET_H

#include "loader/rules/filter.h"
#include "loader/rules/filter_file.h"

/* A line that is being parsed. */
struct ruleset {
	const struct rule_source *source;
	const char *path;             /* of the file, for errors */
	unsigned int line;            /* 0: it has no number */
	struct filter *filter;        /* gets the rules */
	unsigned int classes_allowed; /* 1 << enum event_type, by 'allow event' */
	unsigned int output;          /* of the rule: 1 and its index, by 'for NAME'; 0: of all */
	const char *output_name;
	struct offsets_error *error;
};

/* Returns -EBADMSG; the error names file and line, and what is wrong with which value. */
int ruleset_wrong(const struct ruleset *set, const char *what, const char *value);

/* Adds a rule. 0 or -EBADMSG: it contradicts another one, or there are too many. */
int ruleset_add(struct ruleset *set, enum filter_kind kind, __u64 value,
                enum filter_verdict verdict);

#endif
