/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/verify/canary.h"
#include "offsets/util/cleanup.h"

/* It is killed if it takes longer. */
#define LIFE_S 10

void canary_init(struct canary *c)
{
	*c = (struct canary){ .go = -1, .result = -1 };
	own_actions_init(&c->actions);
}

/* ---- the process ------------------------------------------------------- */

/* Gets signals, which are reported between sessions, is traced and written to. */
static void other_main(void)
{
	alarm(LIFE_S);
	setsid();
	for (;;)
		pause();
}

/* What changes the process itself. It does nothing with the new rights and namespaces. */
static unsigned int changes_do(unsigned int classes)
{
	char *none[] = { NULL };
	unsigned int done = 0;

	if (classes & (1U << EVENT_EXEC_FAILED) && execve("/" CANARY_NAME, none, none) &&
	    errno == ENOENT)
		done |= 1U << EVENT_EXEC_FAILED;
	if (classes & (1U << EVENT_NAMESPACES) && !unshare(CLONE_NEWUTS))
		done |= 1U << EVENT_NAMESPACES;
	if (classes & (1U << EVENT_CHROOT) && !chroot("/"))
		done |= 1U << EVENT_CHROOT;
	if (classes & (1U << EVENT_CREDENTIALS) && !setresgid(-1, 65534, -1))
		done |= 1U << EVENT_CREDENTIALS;
	return done;
}

/* The result is what was done; a second one, that it could not execute. */
static void process_main(struct canary *c, unsigned int classes, int go, int result)
{
	char *argv[] = { CANARY_NAME, NULL }, *envp[] = { NULL };
	unsigned int done = 1U << EVENT_EXEC | 1U << EVENT_EXIT, none = 0;
	char byte;
	pid_t other;

	prctl(PR_SET_NAME, CANARY_NAME);
	signal(SIGALRM, SIG_DFL);
	alarm(LIFE_S);
	if (read(go, &byte, 1) != 1)
		_exit(0); /* the sensor has ended */
	other = fork();
	if (!other)
		other_main();
	if (other > 0) {
		while (getsid(other) != other)
			sched_yield();
		done |= 1U << EVENT_FORK | own_actions_do(&c->actions, classes, other);
		kill(other, SIGKILL);
		waitpid(other, NULL, 0);
	}
	done |= changes_do(classes);
	if (write(result, &done, sizeof(done)) == sizeof(done)) {
		execve("/proc/self/exe", argv, envp);
		if (write(result, &none, sizeof(none)) != sizeof(none))
			_exit(1);
	}
	_exit(0);
}

int canary_main(void)
{
	return 0;
}

/* ---- the sensor's side ------------------------------------------------- */

int canary_start(struct canary *c, unsigned int classes)
{
	CLEANUP(cleanup_fd) int go = -1;
	CLEANUP(cleanup_fd) int result = -1;
	int pipes[2][2] = { { -1, -1 }, { -1, -1 } }, err = 0;

	if (pipe2(pipes[0], O_CLOEXEC) || pipe2(pipes[1], O_CLOEXEC | O_NONBLOCK))
		err = -errno;
	go = pipes[0][0];
	c->go = pipes[0][1];
	c->result = pipes[1][0];
	result = pipes[1][1];
	memset(&c->actions.sockets, 0, sizeof(c->actions.sockets));
	if (!err) {
		c->pid = fork();
		if (!c->pid) {
			close(c->go);
			process_main(c, classes, go, result);
		}
		err = c->pid < 0 ? -errno : 0;
	}
	if (err)
		canary_end(c, &classes);
	return err;
}

void canary_go(struct canary *c)
{
	if (write(c->go, "", 1) != 1) /* an empty pipe: it cannot fail */
		kill(c->pid, SIGKILL);
}

bool canary_end(struct canary *c, unsigned int *ret_done)
{
	unsigned int results[2];
	ssize_t n = c->result >= 0 ? read(c->result, results, sizeof(results)) : -1;
	int status = 0;

	if (c->pid > 0 && waitpid(c->pid, &status, WNOHANG) != c->pid) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		n = -1;
	}
	if (c->go >= 0)
		close(c->go);
	if (c->result >= 0)
		close(c->result);
	c->pid = 0;
	c->go = c->result = -1;
	if (n < (ssize_t)sizeof(*results) || !WIFEXITED(status))
		return false;
	*ret_done = results[0];
	if (n == sizeof(results)) /* it could not execute */
		*ret_done &= ~(1U << EVENT_EXEC);
	return true;
}
