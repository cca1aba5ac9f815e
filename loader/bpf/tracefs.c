/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "loader/bpf/tracefs.h"

/* debugfs alone on kernels before 4.1 (8434dc9340cd): RHEL7. */
static const struct {
	const char *mount, *type, *path;
} places[] = {
	{ "/sys/kernel/tracing", "tracefs", "/sys/kernel/tracing" },
	{ "/sys/kernel/debug", "debugfs", "/sys/kernel/debug/tracing" },
};

#define PLACES (sizeof(places) / sizeof(places[0]))

static bool usable(const char *path)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/events/sched", path);
	return access(name, R_OK | X_OK) == 0;
}

/*
 * Later mounts of the host still reach us; ours, all below /sys, do not reach
 * the host. Not through "/", which is no mount point in a chroot.
 */
static int namespace_own(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/sys", NULL, MS_REC | MS_SLAVE, NULL))
		return -errno;
	return 0;
}

int tracefs_ensure(const char **ret_path, bool *ret_private, struct offsets_error *error)
{
	size_t i;
	int err;

	*ret_private = false;
	for (i = 0; i < PLACES; i++)
		if (usable(places[i].path)) {
			*ret_path = places[i].path;
			return 0;
		}
	err = namespace_own();
	for (i = 0; !err && i < PLACES; i++)
		if (!mount(places[i].type, places[i].mount, places[i].type, 0, NULL) &&
		    usable(places[i].path)) {
			*ret_path = places[i].path;
			*ret_private = true;
			return 0;
		}
	return offsets_fail(
		error, err ? err : -ENOENT,
		"no tracepoints: neither tracefs nor debugfs is mounted or can be%s%s; mount "
		"tracefs on /sys/kernel/tracing",
		err ? ": " : "", err ? strerror(-err) : "");
}

/* ---- debugfs ---------------------------------------------------------- */

#define DEBUGFS "/sys/kernel/debug"

/* In a child: debugfs in a mount namespace of its own, until the other end of the pipe is closed.
 */
static void debugfs_hold(int in, int out)
{
	char byte = 0;

	if (!namespace_own() && !mount("debugfs", DEBUGFS, "debugfs", 0, NULL) &&
	    write(out, &byte, 1) == 1)
		while (read(in, &byte, 1) < 0 && errno == EINTR)
			continue;
	_exit(0);
}

/* What is open stays there when its namespace is gone. */
static int open_in(pid_t pid, const char *relative)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root" DEBUGFS "/%s", pid, relative);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_by_child(const char *relative)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, fd = -EIO;
	pid_t pid = -1;
	char byte;

	if (!pipe2(in, O_CLOEXEC) && !pipe2(out, O_CLOEXEC))
		pid = fork();
	if (!pid) {
		close(in[1]);
		debugfs_hold(in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	if (pid > 0 && read(out[0], &byte, 1) == 1)
		fd = open_in(pid, relative);
	close(in[1]);
	close(out[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return fd;
}

int tracefs_debugfs_open(const char *relative)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), DEBUGFS "/%s", relative);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd : -errno;
	return open_by_child(relative);
}

/* ---- fields ----------------------------------------------------------- */

/* "	field:u64 clone_flags;	offset:32;	size:8;	signed:0;" */
static bool field_matches(const char *line, const struct tracefs_field *field)
{
	unsigned int offset, size;
	char name[64];
	const char *at = strstr(line, "offset:");

	snprintf(name, sizeof(name), " %s;", field->name);
	return strstr(line, name) && at && sscanf(at, "offset:%u; size:%u;", &offset, &size) == 2 &&
	       offset == field->offset && size == field->size;
}

static bool field_find(FILE *format, const struct tracefs_field *field)
{
	char line[512];

	rewind(format);
	while (fgets(line, sizeof(line), format))
		if (field_matches(line, field))
			return true;
	return false;
}

int tracefs_fields_check(const char *path, const char *category, const char *name,
                         const struct tracefs_field *fields, struct offsets_error *error)
{
	CLEANUP(cleanup_file) FILE *format = NULL;
	char file[256];

	snprintf(file, sizeof(file), "%s/events/%s/%s/format", path, category, name);
	format = fopen(file, "re");
	if (!format)
		return offsets_fail(error, -ENOENT, "this kernel has no tracepoint %s:%s (%s: %s)",
		                    category, name, file, strerror(errno));
	for (; fields && fields->name; fields++)
		if (!field_find(format, fields))
			return offsets_fail(
				error, -EPROTO,
				"tracepoint %s:%s: field %s has an unexpected offset or size",
				category, name, fields->name);
	return 0;
}
