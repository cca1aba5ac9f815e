/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "loader/verify/child.h"

/* So long the processes may take to come to a step. */
#define STEP_NS 30000000000ULL
#define STEP_MS 10

/* ---- pipes and processes ---------------------------------------------- */

/* Our pids as the probes see them: /proc and they agree unless we are in a pid namespace. */
static int processes_start(struct child *c, const char *name)
{
	int in[2], out[2], err;

	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return -errno;
	}
	c->in = in[1];
	c->out = out[0];
	c->started_ns = clock_monotonic_ns();
	c->parent = fork();
	if (!c->parent) {
		close(in[1]);
		close(out[0]);
		workload_main(in[0], out[1], name);
	}
	close(in[0]);
	close(out[1]);
	if (c->parent > 0)
		return 0;
	err = -errno;
	close(in[1]);
	close(out[0]);
	return err;
}

static void message_take(struct child *c, const struct workload_message *m)
{
	switch (m->step) {
	case STEP_STARTED:
		c->pid = m->started.child;
		c->other = m->started.other;
		break;
	case STEP_FILES:
		c->files = m->files;
		break;
	case STEP_ACTED:
		c->did = m->did;
		break;
	case STEP_ENDS:
		c->cpu_min_ns = m->cpu_ns;
		break;
	case STEP_ENDED:
		c->status = m->ended.child;
		c->other_status = m->ended.other;
		c->lived_ns = clock_monotonic_ns() - c->started_ns;
		break;
	}
}

/*
 * Until these steps (1 << enum workload_step) are done. -ETIMEDOUT: they say nothing;
 * -EINTR: we are to end; -ECHILD: they have ended before.
 */
static int steps_wait(struct child *c, unsigned int steps)
{
	uint64_t end = clock_monotonic_ns() + STEP_NS;
	struct pollfd fd = { c->out, POLLIN, 0 };
	struct workload_message message;

	while (steps) {
		if (signals_end())
			return -EINTR;
		if (clock_monotonic_ns() > end)
			return -ETIMEDOUT;
		if (poll(&fd, 1, STEP_MS) <= 0)
			continue;
		if (read(c->out, &message, sizeof(message)) != sizeof(message) ||
		    message.step >= STEPS)
			return -ECHILD;
		message_take(c, &message);
		steps &= ~(1U << message.step);
		if (steps && message.step == STEP_ENDED)
			return -ECHILD;
	}
	return 0;
}

/* ---- what is true ----------------------------------------------------- */

static pid_t second_thread(pid_t pid)
{
	const struct dirent *entry;
	pid_t found = 0;
	char path[32];
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && !found && (entry = readdir(tasks))) {
		pid_t tid = atoi(entry->d_name); /* 0: "." and ".." */

		found = tid != pid ? tid : 0;
	}
	if (tasks)
		closedir(tasks);
	return found;
}

static int observe(struct child *c, const char *name)
{
	int err = processes_start(c, name);

	if (!err)
		err = steps_wait(c, 1U << STEP_STARTED | 1U << STEP_FILES | 1U << STEP_ACTED |
		                            1U << STEP_EXECUTED);
	if (!err)
		err = proc_read(c->pid, &c->truth);
	if (!err)
		err = proc_read(c->parent, &c->above);
	if (!err)
		err = proc_read(c->other, &c->beside);
	if (!err)
		err = proc_read(getpid(), &c->own);
	if (!err && write(c->in, "x", 1) != 1)
		err = -errno;
	if (!err)
		err = steps_wait(c, 1U << STEP_CHANGED);
	if (err)
		return err;
	c->thread = second_thread(c->pid);
	c->root_is_initial = proc_root_is_initial();
	return proc_read(c->pid, &c->changed);
}

/* Those below first, while the parent has not waited for them. */
static void processes_kill(const struct child *c)
{
	const pid_t pids[] = { c->pid, c->other, c->parent };
	size_t i;

	for (i = 0; i < sizeof(pids) / sizeof(pids[0]); i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
}

/* A process that is stopped or delayed does not delay the sensor. */
static int finish(struct child *c)
{
	int err, status = 0;

	close(c->in);
	err = steps_wait(c, 1U << STEP_ENDED);
	if (err)
		processes_kill(c);
	close(c->out);
	while (waitpid(c->parent, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (err == -ECHILD && WIFEXITED(status) && WEXITSTATUS(status))
		return -WEXITSTATUS(status);
	return err;
}

/* ---- errors ----------------------------------------------------------- */

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

int child_start(struct child *c, const char *name, struct offsets_error *error)
{
	int err = observe(c, name);

	return err ? child_failed(c, err, error) : 0;
}

int child_finish(struct child *c, int err, struct offsets_error *error)
{
	int ended = c->parent > 0 ? finish(c) : 0;

	/* Why it did not start, if its end says that. */
	if (err == -ECHILD && !ended && WIFEXITED(c->status) && WEXITSTATUS(c->status))
		return child_failed(c, -WEXITSTATUS(c->status), error);
	if (err)
		return err;
	return ended ? child_failed(c, ended, error) : 0;
}
