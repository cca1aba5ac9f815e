/* SPDX-License-Identifier: BSD-2-Clause */
/* The attach methods of 'sextant trace', and which programs each has. */
#ifndef LOADER_TRACE_TRACE_ATTACH_H
#define LOADER_TRACE_TRACE_ATTACH_H

#include <stdbool.h>

#include "loader/bpf/hook.h"
#include "offsets/offsets.h"
#include "probes/abi/call_record.h"

struct bpf_object;
struct trace_attached;

#define TRACE_HOOKS 4 /* new processes, execs, returns, entries: attached in this order */

struct trace_method {
	const char *text; /* for people: "raw tracepoints" */
	struct trace_program {
		const char *name;
		struct hook hook;
	} programs[TRACE_HOOKS];       /* name NULL: there is none for it */
	const char *tails[CALL_TAILS]; /* by enum call_tail; NULL: none */
	const char *unused[4];         /* maps that no program of it has; ends with NULL */
	bool in_parts;                 /* records come in parts: call_parts.h */
};

/* The word of --attach for a method: "tracepoint" or "kprobe"; NULL: the best one. */
bool trace_method_exists(const char *word);

/*
 * The method for this kernel; checks the tracepoints that it reads. -ENOTSUP: this kernel does not
 * have it. Other -errno.
 */
int trace_method_choose(const char *word, const struct hook_host *host,
                        const struct trace_method **ret, struct offsets_error *error);

/* Attaches the loaded programs. *ret is set on failure, too. */
int trace_attach(const struct trace_method *method, const struct hook_host *host,
                 struct bpf_object *object, struct trace_attached **ret,
                 struct offsets_error *error);
void trace_detach(struct trace_attached *attached); /* or NULL */

#endif
