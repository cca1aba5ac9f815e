/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/agent/handover.h"
#include "loader/agent/successor.h"
#include "loader/util/log.h"
#include "loader/util/notify.h"
#include "offsets/util/safefile.h"

static struct {
	char **argv;
	char path[PATH_MAX]; /* of the program; empty: not known */
} command;

/* Now, as the file may be another one later, its name be gone, and the arguments be sorted. */
void successor_command(int argc, char **argv)
{
	ssize_t n = readlink("/proc/self/exe", command.path, sizeof(command.path) - 1);

	command.argv = calloc(argc + 1, sizeof(*argv));
	if (command.argv)
		memcpy(command.argv, argv, argc * sizeof(*argv));
	command.path[n > 0 && command.argv ? n : 0] = '\0';
}

/* In the new process. The monitor ignores signals. */
static void execute(int fd)
{
	static const int signals[] = {
		SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU
	};
	char number[16];
	int own = dup(fd); /* which is inherited */
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	snprintf(number, sizeof(number), "%d", own);
	setenv(HANDOVER_VARIABLE, number, 1);
	notify_environment();
	execv(command.path, command.argv);
	log_line(LEVEL_ERROR, "%s: cannot be executed: %s", command.path, strerror(errno));
	_exit(127);
}

/* What others may write is not executed. */
static int program_check(struct offsets_error *error)
{
	int fd, err;

	if (!*command.path)
		return offsets_fail(error, -ENOENT, "the path of the program is not known");
	err = safefile_open(command.path, SAFEFILE_TRUSTED, &fd, error);
	if (!err)
		close(fd);
	return err;
}

static int process_start(struct successor *s, const int maps[ADOPT_MAPS], int *ret_fd)
{
	int fds[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	handover_prepare(fds[0]);
	err = handover_maps_send(fds[0], maps);
	if (!err) {
		s->pid = fork();
		err = s->pid < 0 ? -errno : 0;
	}
	if (!err && !s->pid)
		execute(fds[1]);
	close(fds[1]);
	if (!err) {
		*ret_fd = fds[0];
		return 0;
	}
	s->pid = 0;
	close(fds[0]);
	return err;
}

int successor_start(struct successor *s, const int maps[ADOPT_MAPS], int *ret_fd,
                    struct offsets_error *error)
{
	int err = s->pid ? -EBUSY : program_check(error);

	*ret_fd = -1;
	if (!s->pid && err)
		return err;
	if (!err)
		err = process_start(s, maps, ret_fd);
	return err ? offsets_fail(error, err, "%s: no process can be started: %s", command.path,
	                          strerror(-err))
	           : 0;
}

void successor_end(struct successor *s)
{
	if (!s->pid)
		return;
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	s->pid = 0;
}
