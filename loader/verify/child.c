/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "loader/verify/child.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/random.h"
#include "probes/abi/events.h"

/*
 * Ids and an exit code that no host uses and no garbage repeats. A process with
 * the child's real user id could send it signals: the id is a random one of a
 * range that is assigned to nobody (systemd's UIDS-GIDS).
 */
#define CHILD_ID_MIN    0x70000000U
#define CHILD_ID_MASK   0x0fffffffU
#define CHILD_EXIT_CODE 37

/* The child has to write its byte, and to end, within that time. */
#define CHILD_NS 30000000000ULL
#define CHILD_MS 10

int child_main(void)
{
	char byte;

	if (write(STDOUT_FILENO, "x", 1) != 1)
		return 1;
	if (read(STDIN_FILENO, &byte, 1) < 0)
		return 1;
	return CHILD_EXIT_CODE;
}

/* What changes nothing for anybody else, and is not always permitted. */
static unsigned int child_act(void)
{
	char *argv[] = { CHILD_NAME, NULL }, *envp[] = { NULL };
	unsigned int did = 0;

	if (!unshare(CLONE_NEWUTS))
		did |= 1U << EVENT_NAMESPACES;
	if (!chroot("/"))
		did |= 1U << EVENT_CHROOT;
	if (execve("/proc/self/" CHILD_NAME, argv, envp))
		did |= 1U << EVENT_EXEC_FAILED;
	return did;
}

/* The working directory lies behind a mount, the arguments are awkward, the ids odd. */
static void child_exec(int in, int out, const gid_t ids[3])
{
	char *argv[] = { CHILD_NAME, "", "two words", "\xc3\xbc\xff", NULL };
	char *envp[] = { NULL };
	unsigned int did;
	char own[32];

	snprintf(own, sizeof(own), "/proc/%d/task", getpid());
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || chdir(own))
		_exit(errno);
	did = child_act();
	if (write(STDOUT_FILENO, &did, sizeof(did)) != sizeof(did))
		_exit(EIO);
	/* Effective root stays: the program may lie where no other user gets. */
	if (setresgid(ids[0], ids[1], ids[1]) || setresuid(ids[2], (uid_t)-1, (uid_t)-1))
		errno = 0; /* not possible here: /proc says what the ids are */
	execve("/proc/self/exe", argv, envp);
	_exit(errno); /* observe() reports it */
}

static int ids_choose(gid_t ret[3])
{
	int i, err = random_fill(ret, 3 * sizeof(*ret));

	for (i = 0; i < 3; i++)
		ret[i] = CHILD_ID_MIN | (ret[i] & CHILD_ID_MASK & ~3U) | i;
	return err;
}

/* Our pid as the probes see it: /proc and they agree unless we are in a pid namespace. */
static int child_start(struct child *c, int *ret_in, int *ret_out)
{
	gid_t ids[3];
	int in[2], out[2], err = ids_choose(ids);
	pid_t pid;

	if (err)
		return err;
	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return -errno;
	}
	pid = fork();
	if (!pid)
		child_exec(in[0], out[1], ids);
	close(in[0]);
	close(out[1]);
	*ret_in = in[1];
	*ret_out = out[0];
	c->pid = pid;
	return pid < 0 ? -errno : 0;
}

/* -ETIMEDOUT: it says nothing; -EINTR: we are to end; -ECHILD: it has ended. */
static int child_hear(int out, uint64_t end, void *ret, size_t size)
{
	struct pollfd fd = { out, POLLIN, 0 };

	while (poll(&fd, 1, CHILD_MS) <= 0) {
		if (signals_end())
			return -EINTR;
		if (clock_monotonic_ns() > end)
			return -ETIMEDOUT;
	}
	return read(out, ret, size) == (ssize_t)size ? 0 : -ECHILD;
}

/* A child that is stopped or delayed does not delay the sensor. */
static int child_end(struct child *c, uint64_t end)
{
	for (;;) {
		pid_t pid = waitpid(c->pid, &c->status, WNOHANG);

		if (pid == c->pid)
			return 0;
		if (pid < 0 && errno != EINTR)
			return -errno;
		if (signals_end() || clock_monotonic_ns() > end)
			break;
		usleep(CHILD_MS * 1000);
	}
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &c->status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return signals_end() ? -EINTR : -ETIMEDOUT;
}

/* The child runs, is read in /proc, ends. */
static int observe(struct child *c)
{
	uint64_t end = clock_monotonic_ns() + CHILD_NS;
	CLEANUP(cleanup_fd) int in = -1;
	CLEANUP(cleanup_fd) int out = -1;
	int err = child_start(c, &in, &out), ended;
	char byte;

	if (err)
		return err;
	err = child_hear(out, end, &c->did, sizeof(c->did));
	if (!err)
		err = child_hear(out, end, &byte, sizeof(byte));
	if (!err)
		err = proc_read(c->pid, &c->truth);
	if (!err)
		err = proc_read(getpid(), &c->own);
	close(in);
	in = -1;
	ended = child_end(c, err == -ETIMEDOUT ? 0 : end);
	if (err == -ECHILD && !ended && WIFEXITED(c->status) && WEXITSTATUS(c->status))
		return -WEXITSTATUS(c->status);
	return err ? err : ended;
}

static int child_failed(const struct child *c, int err, struct offsets_error *error)
{
	if (err == -EINTR)
		return offsets_fail(error, err, "a signal interrupted the self-test");
	if (err == -ETIMEDOUT)
		return offsets_fail(error, err,
		                    "the child of the self-test did not run and end in time: "
		                    "it was stopped, or this host is very slow; start again");
	if (err == -ECHILD && WIFSIGNALED(c->status))
		return offsets_fail(
			error, err,
			"the child of the self-test was killed by signal %d; start again",
			WTERMSIG(c->status));
	return offsets_fail(error, err,
	                    "the child of the self-test could not be run or read: %s; mount /proc",
	                    strerror(-err));
}

int child_observe(struct child *c, struct offsets_error *error)
{
	int err = observe(c);

	return err ? child_failed(c, err, error) : 0;
}
