/* SPDX-License-Identifier: BSD-2-Clause */
/* Execs that fail: no file, no permission, no program, and a name longer than the event's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static void exec_fails(const char *path)
{
	char *const argv[] = { "fails", NULL };

	execve(path, argv, argv + 1);
	put("exec_failed\tcase=exec-failed\tpid=%d\tcode=%s", getpid(), strerrorname_np(errno));
	put_hex("name", path, strlen(path));
	record_end();
}

static void fail(void)
{
	static char long_name[200];
	int fd;

	memset(long_name, 'x', sizeof(long_name) - 1);
	fd = open("no-program", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	require(fd >= 0 && write(fd, "\1\2\3\4", 4) == 4 && !close(fd), "no-program");
	fd = open("not-executable", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	require(fd >= 0 && !close(fd), "not-executable");
	exec_fails("./nothing-here\n");
	exec_fails("./not-executable");
	exec_fails("./no-program");
	exec_fails(long_name);
}

static void failed_execs(void)
{
	in_child("exec-failed", fail);
}

PART(.name = "exec-failed", .run = failed_execs);
