/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules as people write them: docs/sextant.8, FILTER RULES. */
#ifndef LOADER_RULES_FILTER_FILE_H
#define LOADER_RULES_FILTER_FILE_H

#include "loader/rules/filter.h"

/* A rule that stands elsewhere than in a file of rules. */
struct rule_text {
	const char *text;
	const char *path; /* of the configuration file; NULL: the command line */
	unsigned int line;
};

/* Outputs that rules may name, and their names with NUL. */
#define RULE_OUTPUTS_MAX       8
#define RULE_OUTPUT_NAME_BYTES 32

struct rule_source {
	const char *path; /* of a file of rules; NULL: there is none */
	struct rule_text *texts;
	size_t count;
	char outputs[RULE_OUTPUTS_MAX][RULE_OUTPUT_NAME_BYTES]; /* by their index; empty: none */
	size_t output_count;
};

/*
 * Reads the rules: the texts, then the file. Without a watch rule the default
 * ones are added. *ret changes only on success. 0; -errno of the file; -EBADMSG:
 * the error names the line. A file that may be half-written (it is empty, or its
 * last line has no newline) is refused.
 */
int filter_read(const struct rule_source *source, struct filter *ret, struct offsets_error *error);

#endif
