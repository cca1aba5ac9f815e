/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>

#include "loader/bpf/hook.h"
#include "loader/bpf/obstacles.h"
#include "loader/host/host.h"
#include "loader/host/sysfile.h"
#include "offsets/util/cleanup.h"

static void add(struct obstacles *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct obstacles *o, const char *format, ...)
{
	va_list args;

	if (o->count == OBSTACLES_MAX)
		return;
	va_start(args, format);
	vsnprintf(o->text[o->count++], OBSTACLE_BYTES, format, args);
	va_end(args);
}

/* ---- who we are -------------------------------------------------------- */

/* A value of /proc/self/status; base: of the number. */
static uint64_t own_status(const char *key, int base)
{
	CLEANUP(cleanup_file) FILE *file = fopen("/proc/self/status", "re");
	size_t size = strlen(key);
	unsigned long long value = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, size))
			sscanf(line + size, base == 16 ? "%llx" : "%llu", &value);
	return value;
}

static bool has_capability(int capability)
{
	return own_status("CapEff:", 16) & 1ULL << capability;
}

/* Since 5.8, a17b53c4a4b5 and 980737282232; older headers lack them. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF     39
#endif

/* "0 0 4294967295": all users are those of the host. */
static bool is_user_namespace_initial(void)
{
	unsigned int inside, outside, count;
	char line[128];

	return !host_read_line("/proc/self/uid_map", line, sizeof(line)) ||
	       (sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 && !inside && !outside &&
	        count == UINT32_MAX);
}

/* ---- what is refused --------------------------------------------------- */

/* A map of one element; 0 or the number of the error. */
static int map_try(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1
	};
	CLEANUP(cleanup_fd) int fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	return fd < 0 ? errno : 0;
}

static int event_try(void)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
	};
	CLEANUP(cleanup_fd)
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? errno : 0;
}

/* A call that fails for every process for another reason: only a filter refuses it before. */
static bool is_filtered(long call)
{
	return own_status("Seccomp:", 10) == 2 && syscall(call, -1, NULL, 0, 0, 0) < 0 &&
	       errno == EPERM;
}

static void filter_find(struct obstacles *o)
{
	if (is_filtered(SYS_bpf))
		add(o,
		    "a seccomp filter refuses bpf(2): allow it in the container's profile (docker: "
		    "--security-opt seccomp=unconfined) or in SystemCallFilter=");
	if (is_filtered(SYS_perf_event_open))
		add(o, "a seccomp filter refuses perf_event_open(2): allow it in the same way");
}

static void rights_find(struct obstacles *o)
{
	if (!is_user_namespace_initial())
		add(o, "this is a user namespace of its own, whose rights do not count for BPF: "
		       "run it "
		       "in the host's (in a container: --userns=host)");
	if (geteuid())
		add(o, "BPF programs cannot be loaded without root: run as root");
	else if (!has_capability(CAP_SYS_ADMIN) &&
	         !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON)))
		add(o, "CAP_SYS_ADMIN, or from Linux 5.8 on CAP_BPF and CAP_PERFMON, is missing: "
		       "add it "
		       "(in a container --cap-add, in a unit CapabilityBoundingSet=)");
}

/* The security context of this process; "" if there is none. */
static void context_read(char *ret, size_t size)
{
	if (!host_read_line("/proc/self/attr/current", ret, size))
		*ret = '\0';
}

static void selinux_find(struct obstacles *o)
{
	char enforce[8], context[128];

	if (!host_read_line("/sys/fs/selinux/enforce", enforce, sizeof(enforce)) || *enforce != '1')
		return;
	context_read(context, sizeof(context));
	add(o,
	    "SELinux is enforcing, and may refuse BPF to %s: 'ausearch -m AVC -c sextant' shows "
	    "what, and a policy module has to allow it",
	    *context ? context : "this domain");
}

static void paranoid_find(struct obstacles *o)
{
	char level[16];

	if (host_read_line("/proc/sys/kernel/perf_event_paranoid", level, sizeof(level)))
		add(o,
		    "perf events are refused, with kernel.perf_event_paranoid = %s: run it with "
		    "CAP_SYS_ADMIN, or from 5.8 on CAP_PERFMON",
		    level);
}

static void reasons_find(struct obstacles *o, int map, int event)
{
	size_t before = o->count;

	rights_find(o);
	filter_find(o);
	if (map == EACCES || event == EACCES || o->count == before)
		selinux_find(o);
	if (event && !map)
		paranoid_find(o);
	if (o->count == before)
		add(o, "%s is refused: %s; a security module of this host may be the cause",
		    map ? "bpf(2)" : "perf_event_open(2)", strerror(map ? map : event));
}

void obstacles_find(struct obstacles *ret)
{
	const char *off = hook_switched_off();
	int map = map_try(), event = event_try();

	ret->count = 0;
	if (!host_pid_namespace_is_initial())
		add(ret,
		    "this is a pid namespace of its own, where process ids are not those of the "
		    "kernel: run it in the host's (in a container: --pid=host)");
	if (map == ENOSYS)
		add(ret, "this kernel has no bpf(2): it needs CONFIG_BPF_SYSCALL");
	else if (map == EPERM || map == EACCES || event == EPERM || event == EACCES)
		reasons_find(ret, map, event);
	if (off)
		add(ret, "%s: event classes that depend on this report nothing until it changes",
		    off);
}
