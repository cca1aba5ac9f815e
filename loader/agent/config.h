/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line says. Strings are argv's. */
#ifndef LOADER_AGENT_CONFIG_H
#define LOADER_AGENT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/host/dbsource.h"

struct config {
	struct dbsource db;
	const char *override;        /* release or build-id; NULL: this kernel's own */
	unsigned int classes;        /* to report: 1 << enum event_type */
	unsigned int required;       /* of these, the ones without which run fails */
	unsigned int attach_methods; /* that may be used: 1 << enum attach_method */
	unsigned int tiers;          /* of programs: 1 << tier; 0: the kernel's */
	const char *env;             /* names of environment variables, separated by commas */
	const char *filter;          /* file of rules; NULL: none */
	const char *output;          /* "-": standard output */
	uint64_t duration_ns;        /* 0: until a signal */
	bool text;                   /* else JSON */
	bool json;                   /* check, show */
	bool instructions;           /* check: the verifier's count of each program */
	bool no_self_test;
	bool verbose; /* also what libbpf says */
};

#endif
