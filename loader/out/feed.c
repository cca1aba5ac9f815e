/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loader/out/feed.h"
#include "offsets/confine/give_up.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };

/* By files alone, as loader/state/names.h has it. */
static int user_find(const char *name, uid_t *ret_user, gid_t *ret_group,
                     struct offsets_error *error)
{
	CLEANUP(cleanup_file) FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *user;
	char number[16];

	while (file && (user = fgetpwent(file))) {
		snprintf(number, sizeof(number), "%u", user->pw_uid);
		if (strcmp(user->pw_name, name) && strcmp(number, name))
			continue;
		*ret_user = user->pw_uid;
		*ret_group = user->pw_gid;
		return 0;
	}
	return offsets_fail(error, -ENOENT, "%s: /etc/passwd has no such user", name);
}

int feed_check(const char *path, const char *user, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	uid_t uid;
	gid_t gid;
	int err = safefile_open(path, SAFEFILE_TRUSTED, &fd, error);

	if (!err && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
		err = offsets_fail(error, -errno, "%s: cannot be executed: %s", path,
		                   strerror(errno));
	return !err && *user ? user_find(user, &uid, &gid, error) : err;
}

static int input_take(int input)
{
	int null = open("/dev/null", O_WRONLY);

	return dup2(input, STDIN_FILENO) < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0 ? -errno
	                                                                                  : 0;
}

/* The sensor is spared by the OOM killer; its program is as any other. */
static void oom_reset(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "0", 1) < 0)
		return; /* it may already be what it may not lower */
}

/* In the new process: signals and limits are those that a program expects. */
static void execute(const char *path, int input, bool has_user, uid_t user, gid_t group)
{
	int err = input_take(input), number;
	sigset_t none;

	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpriority(PRIO_PROCESS, 0, 0);
	oom_reset();
	give_up_descriptors(NULL, 0);
	if (!err && chdir("/"))
		err = -errno;
	if (!err && !has_user)
		err = give_up_user(user);
	else if (!err && (setgroups(0, NULL) || setgid(group) || setuid(user)))
		err = -errno;
	if (!err)
		execve(path, (char *const[]){ (char *)path, NULL }, environment);
	dprintf(STDERR_FILENO, "sextant: %s: cannot be executed: %s\n", path,
	        strerror(err ? -err : errno));
	_exit(127);
}

int feed_start(const char *path, const char *user, pid_t *ret_pid, int *ret_fd,
               struct offsets_error *error)
{
	uid_t uid = 0;
	gid_t gid = 0;
	int fds[2], err = feed_check(path, user, error);

	*ret_fd = -1;
	if (!err && *user)
		err = user_find(user, &uid, &gid, error);
	if (err)
		return err;
	if (pipe2(fds, O_CLOEXEC))
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	*ret_pid = fork();
	if (!*ret_pid)
		execute(path, fds[0], *user, *user ? uid : user_of_its_own(), gid);
	err = *ret_pid < 0 ? -errno : 0;
	close(fds[0]);
	if (err) {
		close(fds[1]);
		return offsets_fail(error, err, "%s: cannot be started: %s", path, strerror(-err));
	}
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	*ret_fd = fds[1];
	return 0;
}
