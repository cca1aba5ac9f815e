/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals, and calls that they interrupt, for tests/host/calls.c. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/host/calls.h"

/* Inside of the kernel: include/linux/errno.h. */
#define ERESTARTSYS           512
#define ERESTARTNOHAND        514
#define ERESTART_RESTARTBLOCK 516

static long tid(void)
{
	return syscall(SYS_gettid);
}

/* ---- calls about signals ---------------------------------------------------- */

/* struct sigaction of the kernel. */
struct action {
	uint64_t handler, flags, restorer, mask;
};

static void masks(void)
{
	struct action ignore = { (uintptr_t)SIG_IGN, SA_NODEFER, 0, 1ULL << (SIGUSR1 - 1) },
		      before = { 0 };
	uint64_t block = 1ULL << (SIGUSR2 - 1), old = 0;
	siginfo_t info;
	long n;

	n = syscall(SYS_rt_sigaction, SIGUSR2, &ignore, &before, 8);
	call_begin("rt_sigaction", n);
	word("sig", "SIGUSR2");
	json("act",
	     "{\"sa_handler\":\"SIG_IGN\",\"sa_flags\":\"SA_NODEFER\",\"sa_mask\":\"0x200\"}");
	json("oact", "{\"sa_handler\":\"SIG_DFL\",\"sa_flags\":\"0\"}");
	call_end();
	n = syscall(SYS_rt_sigaction, SIGKILL, &ignore, NULL, 8);
	call_begin("rt_sigaction", n); /* EINVAL */
	word("sig", "SIGKILL");
	call_end();
	n = syscall(SYS_rt_sigprocmask, SIG_BLOCK, &block, &old, 8);
	call_begin("rt_sigprocmask", n);
	word("how", "SIG_BLOCK");
	word("nset", "0x800");
	json("oset", old ? "\"%#llx\"" : "\"0\"", (unsigned long long)old);
	call_end();
	signal(SIGUSR2, SIG_DFL);
	n = syscall(SYS_tgkill, getpid(), tid(), SIGUSR2);
	call_begin("tgkill", n);
	number("pid", tid());
	word("sig", "SIGUSR2");
	call_end();
	n = syscall(SYS_rt_sigtimedwait, &block, &info, NULL, 8);
	call_begin("rt_sigtimedwait", n);
	word("uthese", "0x800");
	json("uinfo", "{\"si_signo\":\"SIGUSR2\",\"si_code\":\"SI_TKILL\"}");
	call_end();
	n = syscall(SYS_kill, getpid(), 0);
	call_begin("kill", n);
	number("pid", getpid());
	word("sig", "0");
	call_end();
	n = syscall(SYS_kill, 1 << 30, SIGTERM);
	call_begin("kill", n); /* ESRCH */
	word("sig", "SIGTERM");
	call_end();
}

/* ---- calls that a signal interrupts ------------------------------------------ */

static int wakes[2]; /* a pipe */
static timer_t timer;

/* Comes again until it is stopped: the first one may come before the call. */
static void alarm_begin(int flags, void (*handler)(int, siginfo_t *, void *))
{
	const struct itimerspec soon = { { 0, 20000000 }, { 0, 20000000 } };
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigaction(SIGALRM, &action, NULL);
	timer_settime(timer, 0, &soon, NULL);
}

static void alarm_end(void)
{
	timer_settime(timer, 0, &(struct itimerspec){ 0 }, NULL);
}

static void interrupt(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info, (void)context;
}

/* Lets a read begin again that waits for these bytes: its instruction is the next one. Once:
 * another signal may have come before the timer is stopped. */
static void restart(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;
	const char *next = (const char *)at->uc_mcontext.gregs[REG_RIP];
	static volatile sig_atomic_t is_done;

	(void)signal, (void)info;
	if (is_done || memcmp(next, "\x0f\x05", 2) != 0) /* syscall */
		return;
	is_done = 1;
	alarm_end();
	if (write(wakes[1], "woken", 5) != 5)
		_exit(1);
}

static void interruptions(void)
{
	struct timespec nap = { 100, 5 };
	char buffer[16];
	long n;

	alarm_begin(0, interrupt);
	n = syscall(SYS_pause);
	alarm_end();
	call_of(tid(), "pause", n < 0 && errno == EINTR ? -ERESTARTNOHAND : n);
	call_end();

	alarm_begin(SA_RESTART, interrupt); /* of no use to a nap */
	n = syscall(SYS_nanosleep, &nap, NULL);
	alarm_end();
	call_of(tid(), "nanosleep", n < 0 && errno == EINTR ? -ERESTART_RESTARTBLOCK : n);
	json("rqtp", "{\"tv_sec\":100,\"tv_nsec\":5}");
	call_end();

	alarm_begin(0, interrupt);
	n = syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &nap, NULL);
	alarm_end();
	call_of(tid(), "clock_nanosleep", n < 0 && errno == EINTR ? -ERESTART_RESTARTBLOCK : n);
	word("which_clock", "CLOCK_MONOTONIC");
	json("rqtp", "{\"tv_sec\":100}");
	call_end();

	alarm_begin(0, interrupt);
	n = syscall(SYS_read, wakes[0], buffer, sizeof(buffer));
	alarm_end();
	call_of(tid(), "read", n < 0 && errno == EINTR ? -ERESTARTSYS : n);
	number("fd", wakes[0]);
	json("buf", "null");
	call_end();
	call_of(tid(), "rt_sigreturn", -EINTR);
	call_end();

	alarm_begin(SA_RESTART, restart);
	n = syscall(SYS_read, wakes[0], buffer, sizeof(buffer));
	call_of(tid(), "read", -ERESTARTSYS);
	number("fd", wakes[0]);
	call_end();
	call_of(tid(), "rt_sigreturn", SYS_read);
	call_end();
	call_begin("read", n);
	bytes("buf", "woken", 5);
	call_end();
}

/* ---- a call that begins again by itself --------------------------------------- */

#define NAP_MS 1000

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleeping_wait(pid_t child)
{
	char path[64], line[256], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	while (state != 'S') {
		file = fopen(path, "r");
		if (!file || !fgets(line, sizeof(line), file))
			fail(path);
		fclose(file);
		sscanf(strrchr(line, ')') + 1, " %c", &state);
		usleep(1000);
	}
}

/* A child that is stopped in its nap, and continues: the kernel ends it by restart_syscall. */
static void restarted(void)
{
	long begun = now_ms(), stopped;
	char byte;
	pid_t child = fork();

	if (!child) {
		if (write(wakes[1], "", 1) != 1)
			_exit(1);
		syscall(SYS_nanosleep, &(struct timespec){ NAP_MS / 1000, 0 }, NULL);
		_exit(0);
	}
	if (child < 0 || read(wakes[0], &byte, 1) != 1)
		fail("fork");
	sleeping_wait(child);
	kill(child, SIGSTOP);
	waitpid(child, NULL, WUNTRACED);
	stopped = now_ms();
	kill(child, SIGCONT);
	waitpid(child, NULL, 0);
	if (stopped - begun >= NAP_MS) /* of a host under load: the nap may have been over */
		return;
	call_of(child, "nanosleep", -ERESTART_RESTARTBLOCK);
	json("rqtp", "{\"tv_sec\":%d}", NAP_MS / 1000);
	call_end();
	call_of(child, "restart_syscall", 0);
	call_end();
}

void calls_signals(void)
{
	struct sigevent event = { .sigev_signo = SIGALRM };

	masks();
	if (pipe(wakes) || timer_create(CLOCK_MONOTONIC, &event, &timer))
		fail("pipe");
	interruptions();
	restarted();
	timer_delete(timer);
	close(wakes[0]);
	close(wakes[1]);
}
