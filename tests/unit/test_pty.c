/* SPDX-License-Identifier: BSD-2-Clause */
/* The self-test's pseudoterminals: whose they become, and what their end does. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/verify/pty.h"

enum { HAS_NONE = 1, HAS_ONE, NO_PTY };

static volatile sig_atomic_t hung_up;

static void on_hangup(int number)
{
	(void)number;
	hung_up = 1;
}

/* Whether a session leader has a terminal then; and SIGHUP of its end comes, or not. */
static int session_run(bool is_own)
{
	struct pty pty;
	int fd, ret;

	setsid();
	signal(SIGHUP, on_hangup);
	if (!pty_open(&pty, is_own))
		return NO_PTY;
	fd = open("/dev/tty", O_RDWR);
	ret = fd < 0 ? HAS_NONE : HAS_ONE;
	if (fd >= 0)
		close(fd);
	close(pty.slave);
	close(pty.master);
	return (ret == HAS_ONE) == (hung_up != 0) ? ret : 0;
}

static int session_of(bool is_own)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(session_run(is_own));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PTY)
		skip();
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void one_of_a_sessions_own_is_its_terminal(void **state)
{
	(void)state;
	assert_int_equal(session_of(true), HAS_ONE);
}

/* As a service the sensor leads a session without a terminal, and SIGHUP is for other things. */
static void any_other_is_not(void **state)
{
	(void)state;
	assert_int_equal(session_of(false), HAS_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_a_sessions_own_is_its_terminal),
		cmocka_unit_test(any_other_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
