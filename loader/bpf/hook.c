/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "offsets/util/cleanup.h"
#include "loader/bpf/hook.h"
#include "loader/host/proc.h"

#define GROUP "sextant"
#define PMU   "/sys/bus/event_source/devices/kprobe/type"

/* Kernels give a kretprobe twice the number of CPUs; calls that sleep need more. */
#define INSTANCES 1024

static const char *const way_names[HOOK_WAYS] = { "tracepoint", "raw_tracepoint", "kprobe",
	                                          "kprobe_events", "fentry" };

const char *hook_way_name(enum hook_way way)
{
	return way < HOOK_WAYS ? way_names[way] : NULL;
}

static unsigned int way_parse(const char *name, size_t size)
{
	unsigned int way;

	for (way = 0; way < HOOK_WAYS; way++)
		if (strlen(way_names[way]) == size && !strncmp(way_names[way], name, size))
			return 1U << way;
	return 0;
}

unsigned int hook_ways_parse(const char *list)
{
	unsigned int ways = 0, way;

	for (;;) {
		size_t size = strcspn(list, ",");

		way = way_parse(list, size);
		if (!way)
			return 0;
		ways |= way;
		if (!list[size])
			return ways;
		list += size + 1;
	}
}

/*
 * From 4.12 on (696ced4fb1d7). Older kernels do not refuse the number, they take
 * the event under another name and group: their own description has to have it.
 */
static bool takes_instances(const char *tracefs)
{
	char path[256], line[512];
	CLEANUP(cleanup_file) FILE *file = NULL;

	snprintf(path, sizeof(path), "%s/README", tracefs);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, "r[maxactive]"))
			return true;
	return false;
}

/* ---- switches --------------------------------------------------------- */

/* A probe at the beginning of a function is reached by way of ftrace (x86: e52538965119, 3.7). */
static struct {
	const char *path; /* of debugfs, if it does not begin with a slash */
	const char *word, *what;
	bool of_probes;
	int fd; /* -1: there is none; 0: not opened yet */
} switches[] = {
	{ "kprobes/enabled", "0", "kprobes are switched off (kprobes/enabled of debugfs is 0)",
	  true, 0 },
	{ "/proc/sys/kernel/ftrace_enabled", "0",
	  "ftrace is switched off (kernel.ftrace_enabled is 0)", true, 0 },
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

bool hook_host_init(struct hook_host *ret, unsigned int ways)
{
	struct offsets_error error;
	bool is_private = false;

	*ret = (struct hook_host){ .ways = ways, .off = switched_off(true) };
	ret->raw = libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL) == 1;
	ret->btf = libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_TRACING, NULL) == 1 &&
	           libbpf_probe_bpf_helper(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_loop, NULL) == 1;
	if (tracefs_ensure(&ret->tracefs, &is_private, &error))
		snprintf(ret->no_tracefs, sizeof(ret->no_tracefs), "%.255s", error.text);
	else
		ret->instances = takes_instances(ret->tracefs);
	return is_private;
}

/* ---- would it work? --------------------------------------------------- */

/* "ffffffff810dcd50 T wake_up_new_task", with "\t[module]" behind those of modules. */
static bool function_exists(const char *name)
{
	CLEANUP(cleanup_file) FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], type, symbol[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %c %255s", &type, symbol) == 2 && (type | 32) == 't' &&
		    !strcmp(symbol, name))
			return true;
	return false;
}

static int tracepoint_way(const struct hook_host *host, const struct hook *hook,
                          struct offsets_error *error)
{
	if (!(host->ways & (1U << WAY_TRACEPOINT)))
		return offsets_fail(error, -EPERM, "tracepoints are switched off by --attach");
	if (!host->tracefs)
		return offsets_fail(error, -ENOENT, "%s", host->no_tracefs);
	return tracefs_fields_check(host->tracefs, hook->category, hook->name, hook->fields, error);
}

static int raw_tracepoint_way(const struct hook_host *host, const struct hook *hook,
                              struct offsets_error *error)
{
	if (!(host->ways & (1U << WAY_RAW_TRACEPOINT)))
		return offsets_fail(error, -EPERM, "raw tracepoints are switched off by --attach");
	if (!host->raw)
		return offsets_fail(error, -ENOTSUP, "this kernel has no raw tracepoints");
	if (!host->tracefs)
		return offsets_fail(error, -ENOENT, "%s", host->no_tracefs);
	return tracefs_fields_check(host->tracefs, hook->category, hook->name, NULL, error);
}

static bool events_usable(const struct hook_host *host)
{
	char path[256];

	if (!host->tracefs || !(host->ways & (1U << WAY_KPROBE_EVENTS)))
		return false;
	snprintf(path, sizeof(path), "%s/kprobe_events", host->tracefs);
	return access(path, W_OK) == 0;
}

static int kprobe_way(const struct hook_host *host, const struct hook *hook, enum hook_way *ret,
                      struct offsets_error *error)
{
	bool pmu = host->ways & (1U << WAY_KPROBE) && access(PMU, R_OK) == 0;
	bool events = events_usable(host);

	if (!pmu && !events)
		return offsets_fail(error, -ENOTSUP, "this kernel has no %s",
		                    host->ways & (1U << WAY_KPROBE | 1U << WAY_KPROBE_EVENTS)
		                            ? "kprobes (or tracefs is missing)"
		                            : "way to it that --attach allows");
	if (host->off)
		return offsets_fail(error, -ENOTSUP, "%s", host->off);
	if (!function_exists(hook->name))
		return offsets_fail(error, -ENOENT, "this kernel has no function %s()", hook->name);
	*ret = pmu && !(hook->kind == HOOK_KRETPROBE && events) ? WAY_KPROBE : WAY_KPROBE_EVENTS;
	return 0;
}

static int fentry_way(const struct hook_host *host, const struct hook *hook,
                      struct offsets_error *error)
{
	if (!(host->ways & (1U << WAY_FENTRY)))
		return offsets_fail(error, -EPERM, "fentry is switched off by --attach");
	if (!host->btf)
		return offsets_fail(error, -ENOTSUP,
		                    "this kernel takes no programs for fentry, which needs 5.17 "
		                    "and BTF");
	if (host->off)
		return offsets_fail(error, -ENOTSUP, "%s", host->off);
	if (!function_exists(hook->name))
		return offsets_fail(error, -ENOENT, "this kernel has no function %s()", hook->name);
	return 0;
}

int hook_way(const struct hook_host *host, const struct hook *hook, enum hook_way *ret,
             struct offsets_error *error)
{
	switch (hook->kind) {
	case HOOK_TRACEPOINT:
		*ret = WAY_TRACEPOINT;
		return tracepoint_way(host, hook, error);
	case HOOK_RAW_TRACEPOINT:
		*ret = WAY_RAW_TRACEPOINT;
		return raw_tracepoint_way(host, hook, error);
	case HOOK_FENTRY:
	case HOOK_FEXIT:
		*ret = WAY_FENTRY;
		return fentry_way(host, hook, error);
	case HOOK_KPROBE:
	case HOOK_KRETPROBE:
		break;
	}
	return kprobe_way(host, hook, ret, error);
}

/* ---- kprobe_events ---------------------------------------------------- */

/* One definition a write. Never O_TRUNC: that would remove everybody's events. */
static int events_write(const char *tracefs, const char *line)
{
	char path[256];
	CLEANUP(cleanup_fd) int fd = -1;

	snprintf(path, sizeof(path), "%s/kprobe_events", tracefs);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		return -errno;
	return 0;
}

void hook_definition(char *ret, size_t size, const struct hook *hook, const char *event,
                     bool with_instances)
{
	char kind[16] = "p";

	if (hook->kind == HOOK_KRETPROBE)
		snprintf(kind, sizeof(kind), with_instances ? "r%d" : "r", INSTANCES);
	snprintf(ret, size, "%s:" GROUP "/%s %s\n", kind, event, hook->name);
}

static int event_add(const struct hook_host *host, const struct hook *hook, const char *event)
{
	char line[256];

	hook_definition(line, sizeof(line), hook, event, host->instances);
	return events_write(host->tracefs, line);
}

static int event_remove(const char *tracefs, const char *event)
{
	char line[128];

	snprintf(line, sizeof(line), "-:" GROUP "/%.63s\n", event);
	return events_write(tracefs, line);
}

/*
 * "p_t1_exec_kprobe_proc_exec_connector_1234_567890": p or r as in the file;
 * program and function (a program may have several), each cut, of the function
 * the end; pid, start in ticks. The kernel takes 63 bytes.
 */
#define NAME_PART_BYTES 19

static int event_name(char *ret, size_t size, const struct bpf_program *program,
                      const struct hook *hook)
{
	const char *function = hook->name;
	size_t length = strlen(function);
	uint64_t start;
	int err = proc_start(getpid(), &start);

	if (err)
		return err;
	snprintf(ret, size, "%c_%.*s_%s_%d_%" PRIu64, hook->kind == HOOK_KRETPROBE ? 'r' : 'p',
	         NAME_PART_BYTES, bpf_program__name(program),
	         length > NAME_PART_BYTES ? function + length - NAME_PART_BYTES : function,
	         getpid(), start);
	return 0;
}

/* Is the process that made an event gone? Also when another one has its pid now. */
static bool event_stale(const char *event)
{
	const char *start = strrchr(event, '_'), *pid = start;
	uint64_t now;

	while (pid && pid > event && pid[-1] != '_')
		pid--;
	if (!pid || pid == event)
		return false;
	return proc_start(atoi(pid), &now) || now != strtoull(start + 1, NULL, 10);
}

/* "p:sextant/NAME function", "r:..." or "r1024:...". */
static bool event_parse(const char *line, char *ret_event)
{
	const char *at = strchr(line, ':');

	return (*line == 'p' || *line == 'r') && at &&
	       sscanf(at, ":" GROUP "/%63[a-zA-Z0-9_] ", ret_event) == 1;
}

/* More than one run leaves; what is beyond waits for the next start. */
#define STALE_MAX 128

/* All names before the first removal: that moves the lines that are still to be read. */
static int stale_list(const char *path, char ret[STALE_MAX][64])
{
	CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
	char line[512];
	int count = 0;

	while (file && count < STALE_MAX && fgets(line, sizeof(line), file))
		if (event_parse(line, ret[count]) && event_stale(ret[count]))
			count++;
	return count;
}

int hooks_sweep(const char *tracefs, struct offsets_error *error)
{
	char path[256], stale[STALE_MAX][64];
	int count, i, err;

	snprintf(path, sizeof(path), "%s/kprobe_events", tracefs);
	count = stale_list(path, stale);
	for (i = 0; i < count; i++) {
		err = event_remove(tracefs, stale[i]);
		if (err)
			return offsets_fail(error, err,
			                    "%s: %s, left by a run that was killed, cannot be "
			                    "removed: %s",
			                    path, stale[i], strerror(-err));
	}
	return count;
}

/* From 5.12 on (9ed9e9ba2337): a program by fentry does not run inside of itself. */
static uint64_t recursion_misses(int program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return program < 0 || bpf_obj_get_info_by_fd(program, &info, &size) ? 0
	                                                                    : info.recursion_misses;
}

uint64_t hook_missed(const char *tracefs, const struct attachment *attachment)
{
	CLEANUP(cleanup_file) FILE *file = NULL;
	char path[256], line[512], event[64];
	uint64_t missed;

	if (!*attachment->event)
		return attachment->link ? recursion_misses(attachment->program) : 0;
	snprintf(path, sizeof(path), "%s/kprobe_profile", tracefs);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %*u %" SCNu64, event, &missed) == 2 &&
		    !strcmp(event, attachment->event))
			return missed;
	return 0;
}

/* ---- attach ----------------------------------------------------------- */

static struct bpf_link *attach_events(const struct hook_host *host, const struct hook *hook,
                                      struct bpf_program *program, struct attachment *ret)
{
	char event[sizeof(ret->event)];
	struct bpf_link *link;
	int err = event_name(event, sizeof(event), program, hook);

	if (!err)
		err = event_add(host, hook, event);
	if (err) {
		errno = -err;
		return NULL;
	}
	/* To perf it is a tracepoint like any other. */
	link = bpf_program__attach_tracepoint(program, GROUP, event);
	if (!link) {
		err = errno;
		event_remove(host->tracefs, event);
		errno = err;
		return NULL;
	}
	snprintf(ret->event, sizeof(ret->event), "%s", event);
	return link;
}

int hook_attach(const struct hook_host *host, const struct hook *hook, enum hook_way way,
                struct bpf_program *program, struct attachment *ret, struct offsets_error *error)
{
	ret->program = way == WAY_FENTRY ? bpf_program__fd(program) : -1;
	if (way == WAY_TRACEPOINT)
		ret->link = bpf_program__attach_tracepoint(program, hook->category, hook->name);
	else if (way == WAY_RAW_TRACEPOINT)
		ret->link = bpf_program__attach_raw_tracepoint(program, hook->name);
	else if (way == WAY_KPROBE)
		ret->link = bpf_program__attach_kprobe(program, hook->kind == HOOK_KRETPROBE,
		                                       hook->name);
	else if (way == WAY_FENTRY)
		ret->link = bpf_program__attach_trace(program);
	else
		ret->link = attach_events(host, hook, program, ret);
	if (ret->link)
		return 0;
	return offsets_fail(error, -errno, "cannot be attached by %s: %s", hook_way_name(way),
	                    strerror(errno));
}

void hook_detach(const struct hook_host *host, struct attachment *attachment)
{
	bpf_link__destroy(attachment->link);
	if (*attachment->event)
		event_remove(host->tracefs, attachment->event);
	memset(attachment, 0, sizeof(*attachment));
}
