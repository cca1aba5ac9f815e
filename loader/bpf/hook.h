/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hook: a place in the kernel at which a program runs. And the attach methods:
 * by which means it is attached there, and whether this host has them.
 */
#ifndef LOADER_BPF_HOOK_H
#define LOADER_BPF_HOOK_H

#include <stdbool.h>

#include "offsets/offsets.h"
#include "loader/bpf/tracefs.h"

enum hook_kind {
	HOOK_TRACEPOINT,
	HOOK_RAW_TRACEPOINT,
	HOOK_KPROBE,
	HOOK_KRETPROBE,
	HOOK_FENTRY,
	HOOK_FEXIT
};

struct hook {
	enum hook_kind kind;
	const char *category;               /* of a tracepoint, raw or not */
	const char *name;                   /* tracepoint or function */
	const struct tracefs_field *fields; /* that the program reads of a tracepoint's context */
	const char *text;                   /* for people: "kprobe commit_creds" */
};

/*
 * A raw tracepoint (4.17, c4f6699dfcb8) gives a program what the kernel's own
 * code gets there, pointers to its objects included.
 * KPROBE is the perf PMU (4.17, e12f03d7031a; RHEL7); what it makes ends with the
 * process. KPROBE_EVENTS is the file of tracefs: kprobe_events.h.
 * With fentry (5.5, fec56f5890d9; used from 5.17 on) a function calls the program
 * itself, with its parameters or its result: the kernel needs BTF.
 */
enum attach_method {
	ATTACH_TRACEPOINT,
	ATTACH_RAW_TRACEPOINT,
	ATTACH_KPROBE,
	ATTACH_KPROBE_EVENTS,
	ATTACH_FENTRY,
	ATTACH_METHODS
};

/* For people and options; NULL: there is no such method. Static. */
const char *attach_method_name(enum attach_method method);

/* "tracepoint,kprobe" -> bits 1 << enum attach_method; 0: a name is unknown. */
unsigned int attach_methods_parse(const char *list);

/* What this host has of what the attach methods need. */
struct hook_host {
	const char *tracefs;  /* NULL: there is none */
	char no_tracefs[256]; /* why */
	const char *off;      /* why kprobes and fentry do not reach programs; NULL: they do */
	unsigned int methods; /* that may be used: 1 << enum attach_method */
	bool raw;             /* the kernel accepts programs for raw tracepoints */
	bool btf;             /* it accepts programs for fentry, and has the helpers of 5.17 */
	bool instances;       /* kprobe_events takes the number of instances of a kretprobe */
};

/*
 * What the administrator has disabled so that programs are attached but see
 * nothing: kprobes, ftrace, or the reading of kernel memory (lockdown). Text for
 * people; NULL: nothing that can be seen. May change at any time.
 */
const char *hook_switched_off(void);

/* The same of what concerns kprobes and fentry, but no tracepoint. */
const char *hook_probes_off(void);

/* Finds or mounts tracefs (tracefs_ensure()); true: it had to be mounted. */
bool hook_host_init(struct hook_host *ret, unsigned int methods);

/*
 * Whether a hook works here, and by which attach method. -ENOENT: this kernel
 * does not have it; other -errno: it has no method for it. Attaches nothing.
 */
int hook_method(const struct hook_host *host, const struct hook *hook, enum attach_method *ret,
                struct offsets_error *error);

/* The same for a kprobe or kretprobe at a function that no source names: it may not exist. */
int hook_kprobe_method(const struct hook_host *host, const struct hook *hook,
                       enum attach_method *ret, struct offsets_error *error);

#endif
