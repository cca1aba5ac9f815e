/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of sextant: one table for the command line and the keys of configuration files. */
#ifndef LOADER_CONFIG_OPTION_H
#define LOADER_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/config/config.h"

enum option_takes {
	TAKES_NOTHING, /* a switch; yes or no in a file */
	TAKES_VALUE,
	TAKES_LIST,   /* a value that may be empty */
	TAKES_VALUES, /* may be given several times */
	TAKES_WORDS,  /* the same; in a file on further lines, too, which begin with a blank */
};

struct setting;

struct option_row {
	const char *name;
	enum option_takes takes;
	bool in_files;    /* is a key of configuration files as well */
	bool is_reloaded; /* a SIGHUP applies what the files say then; else a restart does */
	/* Of a setting with a value, or of a switch that is on. -EINVAL: error has what is wrong.
	 */
	int (*apply)(const struct setting *setting, struct config *config,
	             struct offsets_error *error);
	const char *fallback; /* the default, for people; NULL: none */
};

size_t options_count(void);
const struct option_row *option_get(size_t i);

/* NULL: there is none of that name. */
const struct option_row *option_find(const char *name);

/* The key of configuration files that looks most like it; NULL: none does. */
const struct option_row *option_nearest(const char *name);

#endif
