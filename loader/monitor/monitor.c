/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/monitor/message.h"
#include "loader/monitor/monitor.h"

/* An answer that does not come within this time never will. */
#define ANSWER_S 60

static struct message message;
static struct answer answer;

/* ---- the monitor ------------------------------------------------------ */

/* Signals are for the engine, which ends the monitor. */
static void signals_leave(void)
{
	static const int ignored[] = {
		SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU
	};
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

/* Takes a request and answers it. 0 or -errno. */
static int request_serve(const struct monitor_job *job, int socket)
{
	size_t size;
	int err = message_receive(socket, &message, &size, NULL);

	if (err)
		return err;
	answer.err = -ENOSYS;
	answer.fd = -1;
	answer.size = 0;
	if (message.kind < job->count) {
		answer.err = 0;
		job->requests[message.kind](job->request_arg, message.data, size, &answer);
	}
	message.err = answer.err;
	memcpy(message.data, answer.data, answer.size);
	err = message_send(socket, &message, answer.size, answer.fd);
	if (answer.fd >= 0)
		close(answer.fd);
	return err;
}

/* Until the engine has ended. */
static void serve(const struct monitor_job *job, int socket)
{
	int err = 0;

	while (!err) {
		struct pollfd fds[] = { { socket, POLLIN, 0 },
			                { job->watched(job->arg), POLLPRI, 0 } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents & POLLPRI)
			job->changed(job->arg);
		if (fds[0].revents)
			err = request_serve(job, socket);
	}
}

static void monitor_run(const struct monitor_job *job, int socket)
{
	int err;

	prctl(PR_SET_NAME, "sextant-monitor");
	signals_leave();
	err = job->begin(job->arg);
	message.err = err;
	if (!err && !message_send(socket, &message, 0, -1))
		serve(job, socket);
	job->end(job->arg);
	_exit(err ? 1 : 0);
}

/* ---- the engine ------------------------------------------------------- */

/* Waits for the monitor to begin. */
static int hello(struct monitor *monitor, struct offsets_error *error)
{
	const struct timeval timeout = { .tv_sec = ANSWER_S };
	size_t size;
	int err;

	setsockopt(monitor->channel.fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	err = message_receive(monitor->channel.fd, &message, &size, NULL);
	if (!err)
		return 0;
	monitor_end(monitor);
	return offsets_fail(error, err, "the monitor process could not begin: %s", strerror(-err));
}

int monitor_fork(const struct monitor_job *job, struct monitor *ret, struct offsets_error *error)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return offsets_fail(error, -errno, "the monitor process has no socket: %s",
		                    strerror(errno));
	*ret = (struct monitor){ .channel.fd = fds[0], .pid = fork() };
	if (ret->pid < 0) {
		int err = -errno;

		close(fds[0]);
		close(fds[1]);
		return offsets_fail(error, err, "the monitor process cannot be started: %s",
		                    strerror(-err));
	}
	if (!ret->pid) {
		close(fds[0]);
		monitor_run(job, fds[1]);
	}
	close(fds[1]);
	return hello(ret, error);
}

void monitor_end(struct monitor *monitor)
{
	if (monitor->pid <= 0)
		return;
	close(monitor->channel.fd);
	while (waitpid(monitor->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*monitor = (struct monitor){ .channel.fd = -1 };
}
