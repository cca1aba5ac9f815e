/* SPDX-License-Identifier: BSD-2-Clause */
/* A place in the kernel that programs are attached to, and the ways to attach there. */
#ifndef LOADER_HOOK_H
#define LOADER_HOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "offsets/offsets.h"
#include "loader/bpf/tracefs.h"

struct bpf_link;
struct bpf_program;

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
};

/*
 * In the order of choice. A raw tracepoint (4.17, c4f6699dfcb8) gives a program
 * what the kernel's own code is given there, pointers to its objects among it.
 * The perf PMU (4.17, e12f03d7031a) goes away with the process; what is written to kprobe_events
 * stays, and is removed by us: at the end, or at the next start (hooks_sweep()). A kretprobe takes
 * kprobe_events first, because there alone it can be given more instances.
 * By fentry (5.5, fec56f5890d9; ours from 5.17 on) a function calls the program itself, with its
 * parameters, or with its result: the kernel has to have BTF.
 */
enum hook_way {
	WAY_TRACEPOINT,
	WAY_RAW_TRACEPOINT,
	WAY_KPROBE,
	WAY_KPROBE_EVENTS,
	WAY_FENTRY,
	HOOK_WAYS
};

const char *hook_way_name(enum hook_way way); /* for people and options; NULL: no such way */

/* "tracepoint,kprobe" -> bits 1 << enum hook_way; 0: a name is unknown. */
unsigned int hook_ways_parse(const char *list);

/* What the ways need. */
struct hook_host {
	const char *tracefs;  /* NULL: there is none */
	char no_tracefs[256]; /* why */
	const char *off;      /* why neither kprobes nor fentry reach programs; NULL: they do */
	unsigned int ways;    /* that may be used: 1 << enum hook_way */
	bool raw;             /* it takes programs for raw tracepoints */
	bool btf;             /* it takes programs for fentry, and has the helpers of 5.17 */
	bool instances;       /* of a kretprobe: kprobe_events takes their number */
};

/*
 * What the administrator has switched off so that programs are attached but see
 * nothing: kprobes, ftrace, or reading of kernel memory (lockdown). In words;
 * NULL: nothing that can be seen. May change at any time.
 */
const char *hook_switched_off(void);

/* Finds or mounts tracefs (tracefs_ensure()); true: it had to be mounted. */
bool hook_host_init(struct hook_host *ret, unsigned int ways);

/* Would this hook work, and by which way? -errno with the reason. Attaches nothing. */
int hook_way(const struct hook_host *host, const struct hook *hook, enum hook_way *ret,
             struct offsets_error *error);

struct attachment {
	struct bpf_link *link;
	int program;    /* by fentry: its descriptor, else -1 */
	char event[64]; /* in kprobe_events; empty: none */
};

/* name: of the program, for kprobe_events. */
int hook_attach(const struct hook_host *host, const struct hook *hook, enum hook_way way,
                struct bpf_program *program, struct attachment *ret, struct offsets_error *error);
void hook_detach(const struct hook_host *host, struct attachment *attachment);

/*
 * Removes what runs that were killed left in kprobe_events: events of our
 * group whose process does not exist any more (pid and start time are in the
 * name). Returns how many; -errno: one could not be removed.
 */
int hooks_sweep(const char *tracefs, struct offsets_error *error);

/*
 * Hits that the kernel could not deliver: all instances of a kretprobe in use, or inside of
 * another probe, as kprobe_profile counts them; a program by fentry that already ran on that CPU.
 * For kprobes of the PMU kernels before 6.7 do not tell.
 */
uint64_t hook_missed(const char *tracefs, const struct attachment *attachment);

/* The line for kprobe_events: for tests. */
void hook_definition(char *ret, size_t size, const struct hook *hook, const char *event,
                     bool with_instances);

#endif
