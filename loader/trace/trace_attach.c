/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/attach.h"
#include "loader/bpf/tier.h"
#include "loader/trace/trace_attach.h"

static const struct tracefs_field enter_fields[] = { { "id", 8, 8 }, { "args[6]", 16, 48 }, { 0 } },
				  exit_fields[] = { { "id", 8, 8 }, { "ret", 16, 8 }, { 0 } },
				  executes_fields[] = { { "filename", 8, 4 },
	                                                { "pid", 12, 4 },
	                                                { 0 } },
				  newtask_fields[] = { { "pid", 8, 4 },
	                                               { "clone_flags", 32, 8 },
	                                               { 0 } };

enum { RAW, TRACEPOINT, KPROBE, KPROBE_BY_STACK };

/* clang-format off */
#define FOLLOW   { "t1_call_follow", { HOOK_TRACEPOINT, "task", "task_newtask", newtask_fields, NULL } }
#define EXECUTES { "t1_call_executes", { HOOK_TRACEPOINT, "sched", "sched_process_exec", executes_fields, NULL } }
#define ENTER(program, kind) { program, { kind, "raw_syscalls", "sys_enter", enter_fields, NULL } }
#define EXIT(program, kind)  { program, { kind, "raw_syscalls", "sys_exit", exit_fields, NULL } }
#define BY_KPROBE(program, category, tracepoint) \
	{ program, { HOOK_KPROBE, category, "perf_trace_" tracepoint, NULL, NULL } }

#define KPROBES \
	{ BY_KPROBE("t3_call_follow", "task", "task_newtask"), { 0 }, \
	  BY_KPROBE("t3_call_returns", "raw_syscalls", "sys_exit"), \
	  BY_KPROBE("t3_call_begins", "raw_syscalls", "sys_enter") }

static const struct trace_method methods[] = {
	[RAW] = {
		.text = "raw tracepoints",
		.programs = { FOLLOW, EXECUTES, EXIT("t1_call_returns_raw", HOOK_RAW_TRACEPOINT),
			      ENTER("t1_call_begins_raw", HOOK_RAW_TRACEPOINT) },
		.tails = { "t1_call_list_raw", "t1_call_files_raw" },
		.unused = { "call_steps", "call_parameters" },
	},
	[TRACEPOINT] = {
		.text = "tracepoints",
		.programs = { FOLLOW, EXECUTES, EXIT("t1_call_returns", HOOK_TRACEPOINT),
			      ENTER("t1_call_begins", HOOK_TRACEPOINT) },
		.tails = { "t1_call_list", "t1_call_files" },
		.unused = { "call_steps", "call_parameters" },
	},
	[KPROBE] = {
		.text = "kprobes",
		.programs = KPROBES,
		.tails = { "t3_call_part", "t2_call_file" },
		.unused = { "call_scratch", "call_names" },
		.in_parts = true,
	},
	[KPROBE_BY_STACK] = { /* before 4.8: no helper gives the current task */
		.text = "kprobes",
		.programs = KPROBES,
		.tails = { "t3_call_part", "t3_call_file" },
		.unused = { "call_scratch", "call_names" },
		.in_parts = true,
	},
};
/* clang-format on */

/* ---- choice ---------------------------------------------------------------- */

bool trace_method_exists(const char *word)
{
	return !strcmp(word, "tracepoint") || !strcmp(word, "kprobe");
}

static const struct trace_method *best_method(const char *word)
{
	unsigned int tier = kernel_tier();
	bool by_kprobe = word && !strcmp(word, "kprobe");

	if (by_kprobe || tier > 1)
		return &methods[tier > 2 ? KPROBE_BY_STACK : KPROBE];
	return &methods[!word && kernel_has_raw_tracepoints() ? RAW : TRACEPOINT];
}

int trace_method_choose(const char *word, const struct hook_host *host,
                        const struct trace_method **ret, struct offsets_error *error)
{
	const struct trace_method *method = best_method(word);
	enum attach_method ignored;
	int err = 0;
	size_t i;

	*ret = method;
	if (word && !strcmp(word, "tracepoint") && method->in_parts)
		return offsets_fail(error, -ENOTSUP,
		                    "tracepoints need Linux 4.11 or later, or RHEL 7; use --attach "
		                    "kprobe");
	for (i = 0; !err && i < TRACE_HOOKS; i++) {
		const struct hook *hook = &method->programs[i].hook;

		if (!method->programs[i].name)
			continue;
		if (hook->kind == HOOK_KPROBE)
			err = hook_kprobe_method(host, hook, &ignored, error);
		else
			err = tracefs_fields_check(host->tracefs, hook->category, hook->name,
			                           hook->fields, error);
	}
	return err;
}

/* ---- attach ------------------------------------------------------------------ */

struct trace_attached {
	const struct hook_host *host;
	struct attachment programs[TRACE_HOOKS];
	int events[TRACE_HOOKS]; /* of perf; -1: none */
};

/*
 * An event of perf for a tracepoint, which counts nothing: while it is there, the kernel calls
 * perf_trace_NAME() for it on all CPUs, where the kprobe is.
 */
static int event_open(const struct hook_host *host, const struct hook *hook, int *ret)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT,
		                        .size = sizeof(attr),
		                        .disabled = 1 };
	const char *name = hook->name + strlen("perf_trace_");
	unsigned long long id;
	char path[256];
	FILE *file;
	int fields;

	snprintf(path, sizeof(path), "%s/events/%s/%s/id", host->tracefs, hook->category, name);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	fields = fscanf(file, "%llu", &id);
	fclose(file);
	if (fields != 1)
		return -EPROTO;
	attr.config = id;
	*ret = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return *ret < 0 ? -errno : 0;
}

static enum attach_method method_of(const struct hook_host *host, const struct hook *hook)
{
	enum attach_method method = ATTACH_METHODS;
	struct offsets_error ignored;

	if (hook->kind == HOOK_TRACEPOINT)
		return ATTACH_TRACEPOINT;
	if (hook->kind == HOOK_RAW_TRACEPOINT)
		return ATTACH_RAW_TRACEPOINT;
	hook_kprobe_method(host, hook, &method, &ignored);
	return method;
}

static int hook_attach(struct trace_attached *a, size_t i, const struct trace_program *program,
                       struct bpf_object *object, struct offsets_error *error)
{
	struct bpf_program *loaded = bpf_object__find_program_by_name(object, program->name);
	struct offsets_error cause = { 0 };
	int err = 0;

	if (program->hook.kind == HOOK_KPROBE)
		err = event_open(a->host, &program->hook, &a->events[i]);
	if (err)
		return offsets_fail(error, err,
		                    "the tracepoint of %s cannot be opened for perf: %s",
		                    program->hook.name, strerror(-err));
	err = attachment_open(a->host, &program->hook, method_of(a->host, &program->hook), loaded,
	                      &a->programs[i], &cause);
	if (err == -EEXIST) /* until 4.15 (e87c6bc3852b) */
		return offsets_fail(error, err,
		                    "the tracepoint %s has another program, and this kernel allows "
		                    "one; use --attach kprobe",
		                    program->hook.name);
	return err ? offsets_fail(error, err, "%s %s", program->hook.name, cause.text) : 0;
}

int trace_attach(const struct trace_method *method, const struct hook_host *host,
                 struct bpf_object *object, struct trace_attached **ret,
                 struct offsets_error *error)
{
	struct trace_attached *a = calloc(1, sizeof(*a));
	int err = 0;
	size_t i;

	*ret = a;
	if (!a)
		return offsets_fail(error, -ENOMEM, "out of memory");
	a->host = host;
	for (i = 0; i < TRACE_HOOKS; i++)
		a->events[i] = -1;
	for (i = 0; !err && i < TRACE_HOOKS; i++)
		if (method->programs[i].name)
			err = hook_attach(a, i, &method->programs[i], object, error);
	return err;
}

void trace_detach(struct trace_attached *a)
{
	size_t i;

	for (i = 0; a && i < TRACE_HOOKS; i++) {
		attachment_close(a->host, &a->programs[i]);
		if (a->events[i] >= 0)
			close(a->events[i]);
	}
	free(a);
}
