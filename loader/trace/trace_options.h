/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of 'sextant trace'. */
#ifndef LOADER_TRACE_TRACE_OPTIONS_H
#define LOADER_TRACE_TRACE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/host/databases.h"
#include "loader/trace/trace_cgroups.h"
#include "loader/trace/trace_choice.h"

#define TRACE_PIDS   64
#define TRACE_GROUPS 16

struct trace_options {
	char **calls; /* names, and classes with %; none: all calls */
	int call_count;
	char **command; /* NULL: none; ends with NULL */
	pid_t pids[TRACE_PIDS];
	unsigned int pid_count;
	struct trace_group groups[TRACE_GROUPS];
	unsigned int group_count;
	bool follow;
	bool only_uid;
	uint32_t uid;
	uint64_t longer_ns;
	bool files; /* what descriptors are is shown */
	struct databases databases;
	const char *override;       /* the kernel whose offsets are used; NULL: the running one */
	struct trace_choice choice; /* by the other properties of a call */
	enum call_summary summary;
	bool histogram;        /* in the summary */
	bool json, has_format; /* --format is given */
	bool verbose, help;
	const char *output;   /* NULL: standard output, or standard error if there is a command */
	const char *record;   /* file to write; NULL: none */
	const char *read;     /* file to print; NULL: it is traced */
	uint64_t ring_bytes;  /* 0: none */
	unsigned int dump_on; /* a set of enum trace_trigger */
	const char *attach;   /* trace_method_exists(); NULL: the best one */
	unsigned int bytes;
	uint64_t duration_ns; /* 0: until a signal */
};

/* argv[0] is "trace". 0, or an enum exit_code; then the reason was printed. */
int trace_options_parse(int argc, char **argv, struct trace_options *ret);
void trace_usage(void);

/* Whether a call is among the names and classes. */
bool trace_options_want(const struct trace_options *o, const struct call *call);

#endif
