/* SPDX-License-Identifier: BSD-2-Clause */
/* Exits: by code, by signal, by a thread, and after CPU time was used. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static void by_code_and_signal(void)
{
	static const char *const ends[] = { "code 0",   "code 1",    "code 42",   "code 255",
		                            "signal 9", "signal 15", "signal 11", "signal 6" };
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "exit-%s", ends[i]);
		*strchr(name, ' ') = '-';
		run_plain(name, ends[i], NULL);
	}
}

/* Uses 0.1 s of CPU time. */
static void *burn(void *arg)
{
	clockid_t clock = (clockid_t)(uintptr_t)arg;
	struct timespec now;

	do
		clock_gettime(clock, &now);
	while (!now.tv_sec && now.tv_nsec < 100000000);
	return NULL;
}

/* The time of a thread that has ended, and of one that has not. */
static void busy(void)
{
	pthread_t thread;

	require(!pthread_create(&thread, NULL, burn, (void *)CLOCK_THREAD_CPUTIME_ID) &&
	                !pthread_join(thread, NULL),
	        "thread");
	burn((void *)CLOCK_THREAD_CPUTIME_ID);
	syscall(SYS_exit_group, 0);
}

static void *thread_exit_group(void *arg)
{
	(void)arg;
	_exit(23);
	return NULL;
}

/* A thread ends the process while the first one runs. */
static void by_a_thread(void)
{
	pthread_t thread;

	require(!pthread_create(&thread, NULL, thread_exit_group, NULL), "thread");
	pause();
}

static void exits(void)
{
	by_code_and_signal();
	in_child("busy", busy);
	in_child("exit-group", by_a_thread);
}

PART(.name = "exit", .run = exits);
