/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Callers that sleep inside of a function as long as they like, and others that
 * call it meanwhile. Return probes have few instances, and each caller that
 * sleeps holds one: are the others seen, or counted as lost?
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario_fuse.h"
#include "tests/host/scenario_socket.h"

#define OTHERS       10
#define SLEEPERS_MAX 200
#define SLEEPERS_FEW 24

/* ---- a file system that never answers ----------------------------------- */

/*
 * Only a look-up of "dN" in its root is answered: a directory. So each sleeper has
 * a directory of its own, for the kernel locks it while something is made in it.
 */
static int directories_answer(const struct fuse_in_header *in, const char *body, void *ret)
{
	struct fuse_attr_out *attributes = ret;
	struct fuse_entry_out *entry = ret;

	switch (in->opcode) {
	case FUSE_GETATTR:
		attributes->attr_valid = 1000;
		attributes->attr.ino = in->nodeid;
		attributes->attr.mode = S_IFDIR | 0755;
		attributes->attr.nlink = 2;
		return sizeof(*attributes);
	case FUSE_LOOKUP:
		if (in->nodeid != FUSE_ROOT_ID)
			return -ENOENT;
		entry->nodeid = entry->attr.ino = strtoul(body + 1, NULL, 10) + 2;
		entry->entry_valid = entry->attr_valid = 1000;
		entry->attr.mode = S_IFDIR | 0755;
		entry->attr.nlink = 2;
		return *body == 'd' ? (int)sizeof(*entry) : FUSE_NEVER;
	default:
		return FUSE_NEVER;
	}
}

/* 0: there is no FUSE here. */
static pid_t directories_mount(void)
{
	pid_t server;

	require(!mkdir("fuse", 0755) || errno == EEXIST, "fuse");
	server = fuse_mount("fuse", S_IFDIR | 0755, 0, "", directories_answer);
	require(server || errno == ENOENT || errno == ENODEV || errno == ENXIO, "mount -t fuse");
	return server;
}

/* ---- what sleeps, and what the others do -------------------------------- */

static struct sockaddr_un unix_name(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "%s", name);
	return a;
}

static int unix_listen(const char *name, int backlog)
{
	struct sockaddr_un a = unix_name(name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, backlog),
	        name);
	return fd;
}

static void unix_call(const char *name)
{
	struct sockaddr_un a = unix_name(name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)))
		close(fd);
}

static void accept_sleeps(int i)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)i;
	require(fd >= 0 && !listen(fd, 1), "listen");
	accept(fd, NULL, NULL);
}

static void accept_others(int i)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	union address a;

	(void)i;
	require(!listen(fd, 1), "listen");
	a = own_address(fd);
	require(!connect(client, &a.any, sizeof(a.v4)) && accept(fd, NULL, NULL) >= 0, "accept");
}

static void unix_sleeps(int i)
{
	(void)i;
	unix_call("sleepers-full");
}

static void unix_others(int i)
{
	(void)i;
	unix_call("sleepers-free");
}

static void unix_refused(int i)
{
	(void)i;
	unix_call("sleepers-nobody");
}

static const char *in_fuse(int i, const char *rest)
{
	static char path[64];

	snprintf(path, sizeof(path), "fuse/d%d%s", i, rest);
	return path;
}

static void mkdir_sleeps(int i)
{
	mkdir(in_fuse(i, "/made"), 0755);
}

static void mkdir_others(int i)
{
	char path[64];

	snprintf(path, sizeof(path), "others-%d", i);
	require(!mkdir(path, 0755), path);
}

static void chmod_sleeps(int i)
{
	chmod(in_fuse(i, ""), 0700);
}

static void chmod_others(int i)
{
	char path[64];

	snprintf(path, sizeof(path), "others-%d", i);
	require(!chmod(path, 0700), path);
}

static void exec_sleeps(int i)
{
	char *arguments[] = { "sleeps", NULL };

	(void)i;
	execv("fuse/never", arguments);
}

static void exec_others(int i)
{
	char *arguments[] = { "others", NULL };

	(void)i;
	execv("nobody", arguments);
}

/* class: whose losses may stand for others that are missing; "-": none may be. */
static const struct sleep_case {
	const char *name, *class, *action, *outcome;
	void (*sleeps)(int), (*others)(int);
	int needs_fuse;
} cases[] = {
	{ "accept", "-", "accept", "-", accept_sleeps, accept_others, 0 },
	{ "unix", "-", "connect", "success", unix_sleeps, unix_others, 0 },
	{ "unix-refused", "socket", "connect", "failure", unix_sleeps, unix_refused, 0 },
	{ "mkdir", "-", "mkdir", "-", mkdir_sleeps, mkdir_others, 1 },
	{ "chmod", "file", "chmod", "-", chmod_sleeps, chmod_others, 1 },
	{ "exec", "exec_failed", "exec_failed", "failure", exec_sleeps, exec_others, 1 },
};

static pid_t child_of(const char *name, void (*does)(int), int i)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		prctl(PR_SET_NAME, name);
		does(i);
		_exit(0);
	}
	return child;
}

static int asleep(pid_t child)
{
	char path[64], text[512] = "", *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	file_read(path, text, sizeof(text) - 1);
	state = strrchr(text, ')');
	return strstr(text, "(sleepers") && state && (state[2] == 'S' || state[2] == 'D');
}

static void sleepers_begin(pid_t *ret, int count, void (*sleeps)(int))
{
	int i;

	for (i = 0; i < count; i++)
		ret[i] = child_of("sleepers", sleeps, i);
	for (i = 0; i < count; i++)
		while (!asleep(ret[i]))
			usleep(1000);
}

/* server: without it the requests of those who sleep fail; a signal does not end them. */
static void sleepers_end(const pid_t *sleepers, int count, pid_t server)
{
	int i;

	for (i = 0; i < count; i++)
		kill(sleepers[i], SIGKILL);
	if (server) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
		umount2("fuse", MNT_DETACH);
	}
	for (i = 0; i < count; i++)
		waitpid(sleepers[i], NULL, 0);
}

static void case_run(const struct sleep_case *c, int count)
{
	pid_t sleepers[SLEEPERS_MAX], server = 0;
	int i;

	if (c->needs_fuse) {
		server = directories_mount();
		if (!server)
			return;
	}
	sleepers_begin(sleepers, count, c->sleeps);
	for (i = 0; i < OTHERS; i++)
		waitpid(child_of(c->name, c->others, i), NULL, 0);
	sleepers_end(sleepers, count, server);
	printf("%s %s %s %s %d %d\n", c->name, c->class, c->action, c->outcome, OTHERS, count);
}

/* "NAME CLASS ACTION OUTCOME OTHERS SLEEPERS" of each case, for tests/vm/matrix.py. */
static void sleep_in_all(int count)
{
	int full = unix_listen("sleepers-full", 0), free_one = unix_listen("sleepers-free", OTHERS);
	size_t i;

	require(count > 0 && count <= SLEEPERS_MAX, "so many");
	loopback_up();
	unix_call("sleepers-full");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		case_run(&cases[i], count);
	close(full);
	close(free_one);
}

/* One of them beside those who wait: scenario_socket_tcp.c writes the records. */
void beside_sleepers(void (*others)(void))
{
	pid_t sleepers[SLEEPERS_FEW];

	sleepers_begin(sleepers, SLEEPERS_FEW, accept_sleeps);
	others();
	sleepers_end(sleepers, SLEEPERS_FEW, 0);
}

static const struct command commands[] = { { "asleep", sleep_in_all }, { 0 } };

PART(.name = "sleepers", .commands = commands);
