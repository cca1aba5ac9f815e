/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs by the process that executes them: session, ids, namespaces, cgroup, terminal. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "tests/host/scenario.h"

#define OWNER_UID 61022

static void lead_session(void)
{
	require(setsid() == getpid(), "setsid");
}

static void lead_group(void)
{
	require(!setpgid(0, 0), "setpgid");
}

/* ---- ids ---------------------------------------------------------------- */

static void become_other(void)
{
	require(!setresgid(OTHER_UID, OTHER_UID, OTHER_UID), "setresgid");
	require(!setresuid(OTHER_UID, OTHER_UID, OTHER_UID), "setresuid");
}

static void become_mixed(void)
{
	require(!setresgid(61031, 61032, 61033), "setresgid");
	require(!setresuid(61041, 0, 0), "setresuid");
}

static void ids(void)
{
	char path[1100];

	snprintf(path, sizeof(path), "%s/set-user-id", directory);
	file_copy(program, path, 0755);
	require(!chown(path, OWNER_UID, 61023) && !chmod(path, 06755), path);
	run("set-user-id", path, plain_argv, "code 0", become_other);
	run_plain("ids-mixed", "code 0", become_mixed);
	run_plain("ids-other", "code 0", become_other);
}

/* ---- umask -------------------------------------------------------------- */

static void mask_others(void)
{
	umask(0137);
}

static void mask_nothing(void)
{
	umask(0);
}

static void umasks(void)
{
	run_plain("umask-0137", "code 0", mask_others);
	run_plain("umask-0000", "code 0", mask_nothing);
}

/* ---- namespaces --------------------------------------------------------- */

static void own_uts_ipc_net(void)
{
	require(!unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET), "unshare");
}

/* The child is pid 1 of its namespace; /proc stays the host's. */
static void own_pids(void)
{
	pid_t child;

	require(!unshare(CLONE_NEWPID), "unshare");
	child = fork();
	require(child >= 0, "fork");
	if (!child)
		exec_as("pid-namespace", program, plain_argv, "code 5");
	fork_record("pid-namespace", child, getpid());
	child_wait("pid-namespace", child);
}

/* ---- cgroups ------------------------------------------------------------ */

/* A container's cgroup, as systemd makes it, and one that looks like it. */
#define CONTAINER "docker-c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc.scope"
#define REAL      "scenario.slice"
#define FORGED    "scenario.service"

/* By controllers of version 1, and by version 2: at least one of them is there. */
static const char *const cgroup_roots[][3] = { { "cgroup-memory", "cgroup", "memory" },
	                                       { "cgroup-cpu", "cgroup", "cpu" },
	                                       { "cgroup2", "cgroup2", NULL } };
#define CGROUP_ROOTS 3

static int cgroup_mounted[CGROUP_ROOTS];
static const char *cgroup_above; /* REAL or FORGED */

static void enter_cgroups(void)
{
	char path[256];
	int entered = 0, fd;
	size_t i;

	for (i = 0; i < CGROUP_ROOTS; i++) {
		snprintf(path, sizeof(path), "%s/%s/" CONTAINER "/cgroup.procs", cgroup_roots[i][0],
		         cgroup_above);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			entered += write(fd, "0", 1) == 1;
		close(fd);
	}
	require(entered, "cgroup");
}

/* Those that this kernel lacks stay unmounted. */
static void cgroups_mount(void)
{
	size_t i;

	for (i = 0; i < CGROUP_ROOTS; i++) {
		const char *const *root = cgroup_roots[i];

		require(!mkdir(root[0], 0755) || errno == EEXIST, root[0]);
		cgroup_mounted[i] = !mount("scenario", root[0], root[1], 0, root[2]);
	}
}

static void cgroup_make(const char *root)
{
	char above[64], path[200];

	snprintf(above, sizeof(above), "%s/%s", root, cgroup_above);
	snprintf(path, sizeof(path), "%s/" CONTAINER, above);
	require(!mkdir(above, 0755) || errno == EEXIST, above);
	require(!mkdir(path, 0755) || errno == EEXIST, path);
}

static void cgroup_remove(const char *root)
{
	char above[64], path[200];

	snprintf(above, sizeof(above), "%s/%s", root, cgroup_above);
	snprintf(path, sizeof(path), "%s/" CONTAINER, above);
	rmdir(path);
	rmdir(above);
}

static void in_cgroups_below(const char *above, const char *name)
{
	size_t i;

	cgroup_above = above;
	for (i = 0; i < CGROUP_ROOTS; i++)
		if (cgroup_mounted[i])
			cgroup_make(cgroup_roots[i][0]);
	run_plain(name, "code 0", enter_cgroups);
	for (i = 0; i < CGROUP_ROOTS; i++)
		if (cgroup_mounted[i])
			cgroup_remove(cgroup_roots[i][0]);
}

static void in_own_cgroups(void)
{
	mounts_unshare();
	cgroups_mount();
	in_cgroups_below(REAL, "cgroup");
	in_cgroups_below(FORGED, "cgroup-forged");
}

/* ---- a terminal --------------------------------------------------------- */

static int terminal; /* the other side of the child's */

static void lead_terminal(void)
{
	char path[64];
	int fd;

	require(setsid() == getpid(), "setsid");
	require(!ptsname_r(terminal, path, sizeof(path)), "ptsname");
	fd = open(path, O_RDWR | O_CLOEXEC);
	require(fd >= 0 && !ioctl(fd, TIOCSCTTY, 0), path);
}

static void at_a_terminal(void)
{
	struct statfs fs;

	/* A virtual machine without an init has no devpts. */
	if (statfs("/dev/pts", &fs) || fs.f_type != DEVPTS_SUPER_MAGIC)
		require((!mkdir("/dev/pts", 0755) || errno == EEXIST) &&
		                !mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666"),
		        "/dev/pts");
	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal), "terminal");
	run_plain("terminal", "code 0", lead_terminal);
	close(terminal);
}

static void processes(void)
{
	run_plain("session-leader", "code 0", lead_session);
	run_plain("group-leader", "code 0", lead_group);
	ids();
	umasks();
	run_plain("uts-ipc-net-namespaces", "code 0", own_uts_ipc_net);
	require(!in_child("pid-namespace-parent", own_pids), "pid-namespace");
	require(!in_child("cgroup-parent", in_own_cgroups), "cgroup");
	at_a_terminal();
}

PART(.name = "exec-process", .run = processes);
