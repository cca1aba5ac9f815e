/* SPDX-License-Identifier: BSD-2-Clause */
/* What --help says of each option of loader/config/option.c, and which commands use it. */
#ifndef LOADER_CLI_OPTION_HELP_H
#define LOADER_CLI_OPTION_HELP_H

#include <stddef.h>

enum command_bit {
	COMMAND_RUN = 1 << 0,
	COMMAND_CHECK = 1 << 1,
	COMMAND_SHOW = 1 << 2,
	COMMAND_STATUS = 1 << 3,
	COMMAND_TOP = 1 << 4,
	COMMAND_RESTART = 1 << 5,
	COMMAND_REPLAY = 1 << 6,
	COMMAND_BUGREPORT = 1 << 7,
	COMMAND_CONFIG = 1 << 8,
	COMMAND_TRACE = 1 << 9, /* it has options of its own */
};

struct option_help {
	const char *name;
	unsigned int commands; /* enum command_bit */
	const char *value;     /* what it takes; NULL: nothing */
	const char *text;
};

size_t option_helps_count(void);
const struct option_help *option_help_get(size_t i);

/* NULL: there is none of that name. */
const struct option_help *option_help_find(const char *name);

#endif
