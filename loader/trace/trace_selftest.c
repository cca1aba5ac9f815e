/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/trace/call_file.h"
#include "loader/trace/trace_selftest.h"
#include "offsets/util/cleanup.h"

#define WRONG "the offsets are not this kernel's: "
#define NEXT  "; nothing is traced: correct --kernel-override or --db"

/* ---- descriptors ------------------------------------------------------------- */

/* The one whose calls are looked at, and what was found. */
struct looked {
	int fd;
	bool is_seen;
	struct call_seen_file file, directory;
};

static void record_take(void *arg, const void *data, size_t size)
{
	const struct call_record *r = data;
	const struct call_seen seen = { .begins = r };
	struct looked *l = arg;

	if (!call_record_check(data, size) || r->header.type != CALL_BEGINS ||
	    r->process.pid != (uint32_t)getpid() || (int)r->arguments[0] != l->fd)
		return;
	l->is_seen = call_file_find(&seen, 0, &l->file) &&
	             call_file_find(&seen, CALL_VALUE_CWD, &l->directory);
}

/* flock(fd, LOCK_UN): it changes nothing, and this process makes no other one. */
static int look(struct trace_kernel *kernel, int fd, struct looked *ret,
                struct offsets_error *error)
{
	int err;

	*ret = (struct looked){ .fd = fd };
	syscall(SYS_flock, fd, LOCK_UN);
	err = trace_kernel_read(kernel, true, record_take, ret);
	if (err)
		return offsets_fail(error, err, "the rings cannot be read: %s", strerror(-err));
	return ret->is_seen ? 0
	                    : offsets_fail(error, -EBADMSG,
	                                   WRONG "a descriptor's file is not found" NEXT);
}

/* As the link of /proc says. That begins at this process's root, which may lie deeper. */
static int path_compare(const char *link, const struct event_path *found,
                        struct offsets_error *error)
{
	static const char deleted[] = " (deleted)";
	char path[PATH_MAX];
	ssize_t size = readlink(link, path, sizeof(path));
	ssize_t end = size - (ssize_t)strlen(deleted);

	if (size < 0)
		return offsets_fail(error, -errno, "%s cannot be read: %s", link, strerror(errno));
	if (end > 0 && !memcmp(path + end, deleted, strlen(deleted)))
		size = end;
	if (size == 1 || *path != '/') /* the root itself, or what is not below it */
		return 0;
	if (found->size >= (size_t)size && !memcmp(found->text + found->size - size, path, size))
		return 0;
	return offsets_fail(error, -EBADMSG, WRONG "the path of %s is said to be %.*s" NEXT, link,
	                    found->size > 200 ? 200 : (int)found->size, found->text);
}

static int file_test(struct trace_kernel *kernel, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct looked looked;
	char link[64];
	int err;

	if (fd < 0)
		return offsets_fail(error, -errno, "/proc/self/exe cannot be opened: %s",
		                    strerror(errno));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	err = look(kernel, fd, &looked, error);
	if (!err)
		err = path_compare(link, &looked.file.path, error);
	return err ? err : path_compare("/proc/self/cwd", &looked.directory.path, error);
}

/* Without the offsets of sockets there are none of their addresses, and that is right. */
static int socket_test(struct trace_kernel *kernel, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(own);
	struct looked looked;
	int err;

	if (fd < 0 || bind(fd, (struct sockaddr *)&own, size) ||
	    getsockname(fd, (struct sockaddr *)&own, &size))
		return 0; /* there is no loopback */
	err = look(kernel, fd, &looked, error);
	if (err || !looked.file.head.is_socket)
		return err;
	if (looked.file.head.family == AF_INET &&
	    looked.file.head.local_port == ntohs(own.sin_port) &&
	    !memcmp(looked.file.head.local, &own.sin_addr, sizeof(own.sin_addr)))
		return 0;
	return offsets_fail(error, -EBADMSG,
	                    WRONG "the address of a socket at port %u is said to have port %u" NEXT,
	                    ntohs(own.sin_port), looked.file.head.local_port);
}

static int settings_put(struct trace_kernel *kernel, const struct call_settings *settings,
                        bool running, struct offsets_error *error)
{
	struct call_settings s = *settings;

	s.running = running;
	s.only_pids = s.follow = 1;
	return trace_kernel_settings(kernel, &s, error);
}

int trace_selftest_files(struct trace_kernel *kernel, const struct call_settings *settings,
                         struct offsets_error *error)
{
	const struct call_plan plan = {
		.wanted = 1, .list = CALL_NO_LIST, .kept = ~0U, .files = 1U | 1U << CALL_VALUE_CWD
	};
	struct offsets_error ignored;
	int err = trace_kernel_plan(kernel, CALL_64, SYS_flock, &plan, error);

	if (!err)
		err = trace_kernel_pid(kernel, getpid(), error);
	if (!err)
		err = settings_put(kernel, settings, true, error);
	if (!err)
		err = file_test(kernel, error);
	if (!err)
		err = socket_test(kernel, error);
	settings_put(kernel, settings, false, &ignored);
	return err;
}

/* ---- children ------------------------------------------------------------------ */

int trace_selftest_children(struct trace_kernel *kernel, const struct call_settings *settings,
                            struct offsets_error *error)
{
	struct offsets_error ignored;
	int err = trace_kernel_pid(kernel, getpid(), error);
	pid_t child;

	if (!err)
		err = settings_put(kernel, settings, true, error);
	if (err)
		return err;
	child = fork();
	if (!child)
		_exit(0);
	if (child < 0)
		err = offsets_fail(error, -errno, "no process can be started: %s", strerror(errno));
	else if (!trace_kernel_has_pid(kernel, child))
		err = offsets_fail(error, -EBADMSG,
		                   WRONG "a new process is not found (or use --no-follow)" NEXT);
	settings_put(kernel, settings, false, &ignored);
	if (child > 0)
		waitpid(child, NULL, 0);
	trace_kernel_tidy(kernel);
	return err;
}
