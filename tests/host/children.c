/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario's children. A child that executes a copy of this program finds
 * SCENARIO_CASE in its environment, writes what it sees of itself, and ends as
 * SCENARIO_END says.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario.h"

char *more_env[6];
char *const plain_argv[2] = { "plain", NULL };

/* ---- files -------------------------------------------------------------- */

ssize_t file_read(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n, total = 0;

	if (fd < 0)
		return -1;
	while ((n = read(fd, ret + total, size - total)) > 0)
		total += n;
	close(fd);
	return n < 0 ? -1 : total;
}

void file_write(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0755);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd),
	        path);
}

void file_copy(const char *from, const char *to, mode_t mode)
{
	static char data[8 << 20];
	ssize_t n = file_read(from, data, sizeof(data));
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	require(n > 0 && fd >= 0 && write(fd, data, n) == n, to);
	require(!fchmod(fd, mode) && !close(fd), to);
}

/* ---- children ----------------------------------------------------------- */

int child_wait(const char *name, pid_t child)
{
	struct rusage used;
	int status;

	require(wait4(child, &status, __WALL, &used) == child, name);
	exit_record(name, child, status, &used);
	return status;
}

int in_child(const char *name, void (*run_it)(void))
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		run_it();
		_exit(0);
	}
	fork_record(name, child, getpid());
	return child_wait(name, child);
}

void exec_as(const char *name, const char *path, char *const *argv, const char *end)
{
	char case_text[64], end_text[64];
	char *envp[8] = { case_text, end_text };
	size_t i;

	snprintf(case_text, sizeof(case_text), "SCENARIO_CASE=%s", name);
	snprintf(end_text, sizeof(end_text), "SCENARIO_END=%s", end);
	for (i = 0; more_env[i]; i++)
		envp[2 + i] = more_env[i];
	call_record(name);
	execve(path, argv, envp);
	require(0, path);
}

int end_as_asked(void)
{
	const char *end = getenv("SCENARIO_END");
	int number;

	if (end && sscanf(end, "code %d", &number) == 1)
		return number;
	if (end && sscanf(end, "signal %d", &number) == 1)
		raise(number);
	return 0;
}

void run(const char *name, const char *path, char *const *argv, const char *end,
         void (*prepare)(void))
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		if (prepare)
			prepare();
		exec_as(name, path, argv, end);
	}
	fork_record(name, child, getpid());
	child_wait(name, child);
}

void run_plain(const char *name, const char *end, void (*prepare)(void))
{
	run(name, program, plain_argv, end, prepare);
}

void run_copy(const char *name, const char *path)
{
	file_copy(program, path, 0755);
	run(name, path, plain_argv, "code 0", NULL);
}

void mounts_unshare(void)
{
	require(!unshare(CLONE_NEWNS), "unshare");
	require(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
}
