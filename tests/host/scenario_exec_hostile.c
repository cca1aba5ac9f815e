/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs by who does not want to be seen: arguments that change, another one's name, many execs.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/host/scenario.h"

#define ROUNDS 20

static char rewritten[64];

/*
 * Never the same argument for long. Both have one length: else a NUL would be missing for a moment,
 * and the argument would run into the environment.
 */
static void *rewrite(void *arg)
{
	static const char *const texts[] = { "--harmless", "--wreck-it" };
	unsigned int i;

	(void)arg;
	for (i = 0;; i++)
		strcpy(rewritten, texts[i & 1]);
	return NULL;
}

/* The truth is what the program got, which it says itself. */
static void exec_rewritten(void)
{
	char *argv[] = { "rewritten", rewritten, NULL };
	pthread_t thread;

	require(!pthread_create(&thread, NULL, rewrite, NULL), "thread");
	usleep(1000);
	exec_as("arguments-rewritten", program, argv, "code 0");
}

static void other_name(void)
{
	require(!prctl(PR_SET_NAME, "sshd"), "prctl");
}

#define AGAIN 1000 /* scenario_exec.py has the same */

/* Executes itself so often; the last exec is the case. */
static void again(int left)
{
	char text[32], *argv[] = { "again", NULL };
	char *envp[] = { text, NULL };

	if (!left)
		exec_as("execs-in-a-row", "/proc/self/exe", plain_argv, "code 0");
	snprintf(text, sizeof(text), "SCENARIO_AGAIN=%d", left - 1);
	execve("/proc/self/exe", argv, envp);
	require(0, "again");
}

static void again_from_environment(void)
{
	const char *left = getenv("SCENARIO_AGAIN");

	if (left)
		again(atoi(left));
}

static void execs_in_a_row(void)
{
	again(AGAIN);
}

static void hostile(void)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		in_child("arguments-rewritten", exec_rewritten);
	run_plain("name-of-another", "code 0", other_name);
	in_child("execs-in-a-row", execs_in_a_row);
}

PART(.name = "exec-hostile", .run = hostile, .resume = again_from_environment);
