/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of --help. */
#ifndef LOADER_CLI_USAGE_H
#define LOADER_CLI_USAGE_H

#include <stddef.h>
#include <stdio.h>

#include "loader/cli/option_help.h"

struct config;

struct command {
	const char *name;
	enum command_bit bit;
	int (*run)(const struct config *config); /* returns an enum exit_code; NULL: trace, which
	                                            has options of its own */
	const char *help;
};

/* Of all commands and options. */
void usage_print(FILE *out, const struct command *commands, size_t count);

/* Of one command, with the options that it uses. */
void usage_command_print(FILE *out, const struct command *command);

#endif
