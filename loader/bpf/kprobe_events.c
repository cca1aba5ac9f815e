/* SPDX-License-Identifier: BSD-2-Clause */
/* The file kprobe_events of tracefs: what is written there, and removed again. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "loader/bpf/kprobe_events.h"
#include "loader/host/proc.h"
#include "loader/util/monotonic.h"

/* Kernels give a kretprobe twice the number of CPUs; calls that sleep need more. */
#define INSTANCES 1024

bool kprobe_events_usable(const char *tracefs)
{
	char path[256];

	if (!tracefs)
		return false;
	snprintf(path, sizeof(path), "%s/kprobe_events", tracefs);
	return access(path, W_OK) == 0;
}

/*
 * From 4.12 on (696ced4fb1d7). Older kernels do not refuse the number, they take
 * the event under another name and group: their own description has to have it.
 */
bool kprobe_events_take_instances(const char *tracefs)
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

void kprobe_events_definition(char *ret, size_t size, const struct hook *hook, const char *event,
                              bool with_instances)
{
	char kind[16] = "p";

	if (hook->kind == HOOK_KRETPROBE)
		snprintf(kind, sizeof(kind), with_instances ? "r%d" : "r", INSTANCES);
	snprintf(ret, size, "%s:" KPROBE_EVENTS_GROUP "/%s %s\n", kind, event, hook->name);
}

#define BUSY_STEP_US 50000

/*
 * -EBUSY: a process has it open. One that was killed is still to close it, or one that was just
 * forked has not got to that. Until end_ns it is tried again.
 */
static int remove_until(const char *tracefs, const char *event, uint64_t end_ns)
{
	char line[128];
	int err;

	snprintf(line, sizeof(line), "-:" KPROBE_EVENTS_GROUP "/%.63s\n", event);
	while ((err = events_write(tracefs, line)) == -EBUSY && clock_monotonic_ns() < end_ns)
		usleep(BUSY_STEP_US);
	return err;
}

/* Of all events of this process, from the first one that is busy on. */
#define OWN_BUSY_NS 3000000000ULL

int kprobe_events_remove(const char *tracefs, const char *event)
{
	static uint64_t end_ns;
	int err = remove_until(tracefs, event, 0);

	if (err != -EBUSY)
		return err;
	if (!end_ns)
		end_ns = clock_monotonic_ns() + OWN_BUSY_NS;
	return remove_until(tracefs, event, end_ns);
}

/*
 * "p_t1_exec_kprobe_proc_exec_connector_1234_567890": p or r as in the file;
 * program and function (a program may have several), each cut, of the function
 * the middle; pid, start in ticks. The kernel takes 63 bytes.
 */
#define NAME_PART_BYTES 19
#define NAME_HEAD_BYTES 5

static int event_name(char *ret, const char *program, const struct hook *hook)
{
	const char *function = hook->name;
	size_t length = strlen(function);
	int head = length > NAME_PART_BYTES ? NAME_HEAD_BYTES : 0;
	uint64_t start;
	int err = proc_start(getpid(), &start);

	if (err)
		return err;
	snprintf(ret, KPROBE_EVENTS_NAME_BYTES, "%c_%.*s_%.*s%s_%d_%" PRIu64,
	         hook->kind == HOOK_KRETPROBE ? 'r' : 'p', NAME_PART_BYTES, program, head, function,
	         head ? function + length - (NAME_PART_BYTES - head) : function, getpid(), start);
	return 0;
}

int kprobe_events_add(const struct hook_host *host, const struct hook *hook, const char *program,
                      char *ret)
{
	char line[256];
	int err = event_name(ret, program, hook);

	if (err)
		return err;
	kprobe_events_definition(line, sizeof(line), hook, ret, host->instances);
	return events_write(host->tracefs, line);
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
	       sscanf(at, ":" KPROBE_EVENTS_GROUP "/%63[a-zA-Z0-9_] ", ret_event) == 1;
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

/* So long, for all, a process that was killed may take to close what it had attached. */
#define BUSY_NS 5000000000ULL

/* 1; 0: another process has removed it; -errno. */
static int stale_remove(const char *tracefs, const char *event, uint64_t end_ns)
{
	int err = remove_until(tracefs, event, end_ns);

	return err == -ENOENT ? 0 : err ? err : 1;
}

int hooks_sweep(const char *tracefs, struct offsets_error *error)
{
	char path[256], stale[STALE_MAX][64];
	uint64_t end_ns = clock_monotonic_ns() + BUSY_NS;
	int count, removed = 0, i, done;

	snprintf(path, sizeof(path), "%s/kprobe_events", tracefs);
	count = stale_list(path, stale);
	for (i = 0; i < count; i++) {
		done = stale_remove(tracefs, stale[i], end_ns);
		if (done < 0)
			return offsets_fail(error, done,
			                    "%s: %s, left by a run that was killed, cannot be "
			                    "removed: %s",
			                    path, stale[i], strerror(-done));
		removed += done;
	}
	return removed;
}

uint64_t kprobe_events_missed(const char *tracefs, const char *event)
{
	CLEANUP(cleanup_file) FILE *file = NULL;
	char path[256], line[512], name[KPROBE_EVENTS_NAME_BYTES];
	uint64_t missed;

	snprintf(path, sizeof(path), "%s/kprobe_profile", tracefs);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %*u %" SCNu64, name, &missed) == 2 && !strcmp(name, event))
			return missed;
	return 0;
}
