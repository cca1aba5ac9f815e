/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of --help. */
#ifndef LOADER_CLI_USAGE_H
#define LOADER_CLI_USAGE_H

#include <stddef.h>
#include <stdio.h>

/* Where no --db says another. */
#ifndef SEXTANT_DB
#define SEXTANT_DB "/usr/share/sextant/kernels.db"
#endif

/* Variables that can inject code into a program or change what a shell runs. */
#define ENV_DEFAULT                                                                             \
	"LD_PRELOAD,LD_AUDIT,LD_LIBRARY_PATH,BASH_ENV,ENV,PYTHONSTARTUP,PERL5OPT,NODE_OPTIONS," \
	"JAVA_TOOL_OPTIONS"

struct config;

struct command {
	const char *name;
	int (*run)(const struct config *config); /* returns an enum exit_code */
	const char *help;
};

void usage_print(FILE *out, const struct command *commands, size_t count);

#endif
