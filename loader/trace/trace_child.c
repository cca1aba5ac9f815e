/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/trace/trace_child.h"
#include "offsets/util/escape.h"

#define NOT_FOUND   127 /* as shells have it */
#define NOT_STARTED 126

/* It ends if the tracer does before it is let go. */
static void command_run(char **argv, int go)
{
	ssize_t n;
	char byte;

	do
		n = read(go, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(NOT_STARTED);
	execvp(*argv, argv);
	escape_print(stderr, "sextant: trace: %s: %s\n", *argv, strerror(errno));
	_exit(errno == ENOENT ? NOT_FOUND : NOT_STARTED);
}

int trace_child_start(char **argv, struct trace_child *ret)
{
	int go[2], err;

	*ret = (struct trace_child){ .go = -1 };
	if (pipe2(go, O_CLOEXEC))
		return -errno;
	ret->pid = fork();
	if (ret->pid < 0) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	if (!ret->pid) {
		close(go[1]);
		command_run(argv, go[0]);
	}
	close(go[0]);
	ret->go = go[1];
	return 0;
}

int trace_child_go(struct trace_child *child)
{
	int err = write(child->go, "", 1) == 1 ? 0 : -errno;

	close(child->go);
	child->go = -1;
	return err;
}

bool trace_child_ended(struct trace_child *child, int *ret_code)
{
	int status;

	if (waitpid(child->pid, &status, WNOHANG) != child->pid)
		return false;
	child->status = status;
	*ret_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}
