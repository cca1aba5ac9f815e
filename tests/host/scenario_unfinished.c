/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that each begin an operation on a file which the kernel then refuses:
 * the sensor has kept it until it succeeds. All end, and one succeeds.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static pthread_barrier_t all;

/* The kernel refuses it behind the hook: a file does not replace a directory. */
static void *fails(void *arg)
{
	require(rename("unfinished", "../unfinished-directory"), "rename");
	pthread_barrier_wait(&all);
	return arg;
}

static void begin_and_end(int count)
{
	pthread_attr_t small;
	pthread_t thread;
	int i;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	require(!pthread_barrier_init(&all, NULL, count + 1), "barrier");
	for (i = 0; i < count; i++)
		require(!pthread_create(&thread, &small, fails, NULL), "so many threads");
	pthread_barrier_wait(&all);
}

/* Until all others have ended. */
static void alone(void)
{
	struct stat st;

	do {
		usleep(10000);
		require(!stat("/proc/self/task", &st), "/proc");
	} while (st.st_nlink > 3);
}

/* Two events: of the file that is made, and of its new name. */
static void unfinished(int count)
{
	int fd = open("unfinished", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	require(fd >= 0 && !close(fd), "unfinished");
	require(!mkdir("../unfinished-directory", 0755), "directory");
	begin_and_end(count);
	alone();
	require(!rename("unfinished", "unfinished-no-more"), "rename");
}

static const struct command commands[] = { { "unfinished", unfinished }, { 0 } };

PART(.name = "unfinished", .commands = commands);
