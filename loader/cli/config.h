/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line says. Strings are argv's. */
#ifndef LOADER_CONFIG_H
#define LOADER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

struct config {
	const char *db;
	const char *override; /* release or build-id; NULL: this kernel's own */
	unsigned int classes; /* 1 << enum event_type */
	unsigned int ways;    /* of attaching: 1 << enum attach_method */
	unsigned int tiers;   /* of programs: 1 << tier; 0: the kernel's */
	const char *env;      /* names of environment variables, separated by commas */
	const char *filter;   /* file of rules; NULL: none */
	const char *output;   /* "-": standard output */
	uint64_t duration_ns; /* 0: until a signal */
	bool text;            /* else JSON */
	bool json;            /* check, show */
	bool instructions;    /* check: what the verifier walked */
	bool no_self_check;
	bool verbose;
};

/* The commands: enum exit_code. */
int command_run(const struct config *config);
int command_check(const struct config *config);
int command_show(const struct config *config);

#endif
