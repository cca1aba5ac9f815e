/* SPDX-License-Identifier: BSD-2-Clause */
/* Forks: by vfork() and clone(), for another parent, with an awkward name, with a pid used again.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario.h"

/* A name that is not UTF-8: the process's in its exit, and the parent's in the child's events. */
static void with_a_name(void)
{
	pid_t child;

	require(!prctl(PR_SET_NAME, "bad\xff name"), "prctl");
	child = fork();
	require(child >= 0, "fork");
	if (!child)
		_exit(4);
	fork_record("name-child", child, getpid());
	child_wait("name-child", child);
	_exit(3);
}

static void by_vfork(void)
{
	pid_t child = vfork();

	require(child >= 0, "vfork");
	if (!child)
		exec_as("vfork", program, plain_argv, "code 7");
	fork_record("vfork", child, getpid());
	child_wait("vfork", child);
}

static void clone_for_the_parent(void)
{
	pid_t child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	require(child >= 0, "clone");
	if (!child)
		_exit(8);
	fork_record("clone-parent", child, getppid());
}

/* The child's parent is its caller's parent: this process. */
static void by_clone_parent(void)
{
	struct rusage used;
	pid_t child;
	int status;

	in_child("clone-parent-caller", clone_for_the_parent);
	child = wait4(-1, &status, __WALL, &used);
	require(child > 0, "clone-parent");
	exit_record("clone-parent", child, status, &used);
}

/* Into namespaces that the clone itself makes. */
static void into_namespaces(void)
{
	pid_t child = syscall(SYS_clone, CLONE_NEWUTS | CLONE_NEWIPC | SIGWINCH, 0, 0, 0, 0);

	require(child >= 0, "clone");
	if (!child)
		_exit(0);
	fork_record("clone-namespaces", child, getpid());
	child_wait("clone-namespaces", child);
}

/* ---- a pid that is used again ------------------------------------------- */

static pid_t forked_and_ended(int code)
{
	pid_t child = fork();
	int status;

	require(child >= 0, "fork");
	if (!child)
		_exit(code);
	require(waitpid(child, &status, 0) == child, "waitpid");
	return child;
}

/* 0: this kernel does not have the file. */
static int last_pid_read(void)
{
	char text[16];
	ssize_t n = file_read("/proc/sys/kernel/ns_last_pid", text, sizeof(text) - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return atoi(text);
}

/* False: this kernel does not let a process choose the next pid. */
static int last_pid_write(int pid)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	int written = fd >= 0 && dprintf(fd, "%d", pid) > 0;

	close(fd);
	return written;
}

/* The next pids go on from where they were: no other process of the scenario gets one twice. */
static void pid_again(void)
{
	pid_t first = forked_and_ended(1), second;
	int last;

	usleep(30000); /* the unit of a process's start is 10 ms */
	last = last_pid_read();
	if (!last || !last_pid_write(first - 1))
		return;
	second = forked_and_ended(2);
	require(last_pid_write(last), "ns_last_pid");
	if (second == first) {
		put("again\tcase=pid-again\tpid=%d", first);
		record_end();
	}
}

/* ---- commands ----------------------------------------------------------- */

/* Executes so many programs, one after the other, and prints their pids. */
static void storm(int count)
{
	char *argv[] = { "true", NULL };
	volatile int i; /* the vfork child shares our memory */
	int status;

	for (i = 0; i < count; i++) {
		pid_t child = vfork();

		require(child >= 0, "vfork");
		if (!child) {
			execve("/bin/true", argv, NULL);
			_exit(127);
		}
		require(waitpid(child, &status, 0) == child && !status, "storm");
		printf("%d\n", child);
	}
}

/* So many processes that do nothing, until this one ends. */
static void sleepers(int count)
{
	int i;

	for (i = 0; i < count; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
	}
	printf("%d\n", count);
	fflush(stdout);
	pause();
}

static void forks(void)
{
	in_child("name", with_a_name);
	by_vfork();
	by_clone_parent();
	into_namespaces();
	pid_again();
}

/*
 * So many processes with one pid, one after the other; prints the pid, and how
 * many there were. Where the clock is coarse, they have one start as well.
 */
static void one_pid(int count)
{
	pid_t pid = forked_and_ended(0);
	int made = 1;

	while (--count > 0 && last_pid_write(pid - 1))
		made += forked_and_ended(0) == pid;
	printf("%d %d\n", pid, made);
}

static const struct command commands[] = {
	{ "one-pid", one_pid }, { "storm", storm }, { "sleepers", sleepers }, { 0 }
};

PART(.name = "fork", .run = forks, .commands = commands);
