/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: that outlive the first one, that end at once, and one that executes a program. */
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/host/scenario.h"

#define THREADS 3
#define RACERS  8 /* with the first one */
#define RACES   200

static pthread_barrier_t barrier;

static void *thread_body(void *arg)
{
	put("thread\tcase=threads\tpid=%d\ttid=%ld", getpid(), syscall(SYS_gettid));
	record_end();
	pthread_barrier_wait(&barrier);
	usleep((uintptr_t)arg * 20000);
	return NULL;
}

/* The first thread ends first; the process ends with its last one. */
static void outlive_the_first(void)
{
	pthread_t threads[THREADS];
	uintptr_t i;

	pthread_barrier_init(&barrier, NULL, 2);
	for (i = 0; i < THREADS; i++) {
		require(!pthread_create(&threads[i], NULL, thread_body, (void *)(i + 1)), "thread");
		pthread_barrier_wait(&barrier);
	}
	syscall(SYS_exit, 17);
}

/* Many threads that end at the same moment: still one exit event. */
static void *thread_short(void *arg)
{
	pthread_barrier_wait(arg);
	syscall(SYS_exit, 0);
	return NULL;
}

static void end_together(void)
{
	pthread_t threads[RACERS - 1];
	int i;

	pthread_barrier_init(&barrier, NULL, RACERS);
	for (i = 0; i < RACERS - 1; i++)
		require(!pthread_create(&threads[i], NULL, thread_short, &barrier), "thread");
	thread_short(&barrier);
}

static void *thread_exec(void *arg)
{
	(void)arg;
	exec_as("exec-from-thread", program, plain_argv, "code 9");
	return NULL;
}

static void exec_by_a_thread(void)
{
	pthread_t thread;

	require(!pthread_create(&thread, NULL, thread_exec, NULL), "thread");
	pause();
}

static void threads(void)
{
	int i;

	in_child("threads", outlive_the_first);
	for (i = 0; i < RACES; i++)
		in_child("threads-race", end_together);
	in_child("exec-from-thread", exec_by_a_thread);
}

PART(.name = "thread", .run = threads);
