/* SPDX-License-Identifier: BSD-2-Clause */
/* Hooks: what this host has, and what the administrator has disabled. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/bpf/functions.h"
#include "loader/bpf/hook.h"
#include "loader/bpf/kprobe_events.h"
#include "loader/bpf/tier.h"

#define PMU "/sys/bus/event_source/devices/kprobe/type"

static const char *const method_names[ATTACH_METHODS] = { "tracepoint", "raw_tracepoint", "kprobe",
	                                                  "kprobe_events", "fentry" };

const char *attach_method_name(enum attach_method method)
{
	return method < ATTACH_METHODS ? method_names[method] : NULL;
}

static unsigned int method_parse(const char *name, size_t size)
{
	unsigned int method;

	for (method = 0; method < ATTACH_METHODS; method++)
		if (strlen(method_names[method]) == size &&
		    !strncmp(method_names[method], name, size))
			return 1U << method;
	return 0;
}

unsigned int attach_methods_parse(const char *list)
{
	unsigned int methods = 0, method;

	for (;;) {
		size_t size = strcspn(list, ",");

		method = method_parse(list, size);
		if (!method)
			return 0;
		methods |= method;
		if (!list[size])
			return methods;
		list += size + 1;
	}
}

/* ---- switches --------------------------------------------------------- */

/* A probe at the entry of a function is reached through ftrace (x86: e52538965119, 3.7). */
static struct {
	const char *path; /* in debugfs, if it does not begin with a slash */
	const char *word, *what;
	bool of_probes; /* it concerns kprobes and fentry alone */
	int fd;         /* -1: there is none; 0: not opened yet */
} switches[] = {
	{ "kprobes/enabled", "0", "kprobes are disabled (kprobes/enabled of debugfs is 0)", true,
	  0 },
	{ "/proc/sys/kernel/ftrace_enabled", "0", "ftrace is disabled (kernel.ftrace_enabled is 0)",
	  true, 0 },
	{ "/sys/kernel/security/lockdown", "[confidentiality]",
	  "the kernel is locked down (/sys/kernel/security/lockdown says confidentiality)", false,
	  0 },
};

static bool switch_says(size_t i)
{
	const char *path = switches[i].path, *word = switches[i].word;
	char text[128];
	ssize_t n;

	if (!switches[i].fd)
		switches[i].fd = *path == '/' ? open(path, O_RDONLY | O_CLOEXEC)
		                              : tracefs_debugfs_open(path);
	if (switches[i].fd < 0)
		return false;
	n = pread(switches[i].fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return !strncmp(text, word, strlen(word)) || (*word == '[' && strstr(text, word));
}

/* of_probes: by a switch that concerns kprobes and fentry alone. */
static const char *switched_off(bool of_probes)
{
	size_t i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if ((switches[i].of_probes || !of_probes) && switch_says(i))
			return switches[i].what;
	return NULL;
}

const char *hook_switched_off(void)
{
	return switched_off(false);
}

const char *hook_probes_off(void)
{
	return switched_off(true);
}

bool hook_host_init(struct hook_host *ret, unsigned int methods)
{
	struct offsets_error error;
	bool is_private = false;

	*ret = (struct hook_host){
		.methods = methods,
		.off = hook_probes_off(),
		.raw = kernel_has_raw_tracepoints(),
		.btf = kernel_has_fentry(),
	};
	if (tracefs_ensure(&ret->tracefs, &is_private, &error))
		snprintf(ret->no_tracefs, sizeof(ret->no_tracefs), "%.255s", error.text);
	else
		ret->instances = kprobe_events_take_instances(ret->tracefs);
	return is_private;
}

/* ---- would it work? --------------------------------------------------- */

static bool allowed(const struct hook_host *host, enum attach_method method)
{
	return host->methods & (1U << method);
}

static int no_function(const struct hook *hook, struct offsets_error *error)
{
	return offsets_fail(error, -ENOENT, "this kernel has no function %s()", hook->name);
}

static int tracepoint_check(const struct hook_host *host, const struct hook *hook,
                            struct offsets_error *error)
{
	if (!allowed(host, ATTACH_TRACEPOINT))
		return offsets_fail(error, -EPERM, "--attach excludes tracepoints");
	if (!host->tracefs)
		return offsets_fail(error, -ENOENT, "%s", host->no_tracefs);
	return tracefs_fields_check(host->tracefs, hook->category, hook->name, hook->fields, error);
}

static int raw_tracepoint_check(const struct hook_host *host, const struct hook *hook,
                                struct offsets_error *error)
{
	if (!allowed(host, ATTACH_RAW_TRACEPOINT))
		return offsets_fail(error, -EPERM, "--attach excludes raw tracepoints");
	if (!host->raw)
		return offsets_fail(error, -ENOTSUP, "this kernel has no raw tracepoints");
	if (!host->tracefs)
		return offsets_fail(error, -ENOENT, "%s", host->no_tracefs);
	return tracefs_fields_check(host->tracefs, hook->category, hook->name, NULL, error);
}

static int no_kprobes(const struct hook_host *host, struct offsets_error *error)
{
	if (!allowed(host, ATTACH_KPROBE) && !allowed(host, ATTACH_KPROBE_EVENTS))
		return offsets_fail(error, -ENOTSUP, "--attach excludes kprobes");
	return offsets_fail(error, -ENOTSUP, "this kernel has no kprobes (or tracefs is missing)");
}

/* kprobe_events for returns, because it can give them more instances; else the PMU. */
int hook_kprobe_method(const struct hook_host *host, const struct hook *hook,
                       enum attach_method *ret, struct offsets_error *error)
{
	bool pmu = allowed(host, ATTACH_KPROBE) && access(PMU, R_OK) == 0;
	bool events = allowed(host, ATTACH_KPROBE_EVENTS) && kprobe_events_usable(host->tracefs);

	if (!pmu && !events)
		return no_kprobes(host, error);
	if (host->off)
		return offsets_fail(error, -ENOTSUP, "%s", host->off);
	*ret = pmu && !(hook->kind == HOOK_KRETPROBE && events) ? ATTACH_KPROBE
	                                                        : ATTACH_KPROBE_EVENTS;
	return 0;
}

static int kprobe_check(const struct hook_host *host, const struct hook *hook,
                        enum attach_method *ret, struct offsets_error *error)
{
	int err = hook_kprobe_method(host, hook, ret, error);

	return err || function_exists(hook->name) ? err : no_function(hook, error);
}

static int fentry_check(const struct hook_host *host, const struct hook *hook,
                        struct offsets_error *error)
{
	if (!allowed(host, ATTACH_FENTRY))
		return offsets_fail(error, -EPERM, "--attach excludes fentry");
	if (!host->btf)
		return offsets_fail(error, -ENOTSUP,
		                    "this kernel does not accept programs for fentry, which "
		                    "needs Linux 5.17 and BTF");
	if (host->off)
		return offsets_fail(error, -ENOTSUP, "%s", host->off);
	return function_exists(hook->name) ? 0 : no_function(hook, error);
}

int hook_method(const struct hook_host *host, const struct hook *hook, enum attach_method *ret,
                struct offsets_error *error)
{
	switch (hook->kind) {
	case HOOK_TRACEPOINT:
		*ret = ATTACH_TRACEPOINT;
		return tracepoint_check(host, hook, error);
	case HOOK_RAW_TRACEPOINT:
		*ret = ATTACH_RAW_TRACEPOINT;
		return raw_tracepoint_check(host, hook, error);
	case HOOK_FENTRY:
	case HOOK_FEXIT:
		*ret = ATTACH_FENTRY;
		return fentry_check(host, hook, error);
	case HOOK_KPROBE:
	case HOOK_KRETPROBE:
		break;
	}
	return kprobe_check(host, hook, ret, error);
}
