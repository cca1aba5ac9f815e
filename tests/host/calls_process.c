/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, children and executed programs, for tests/host/calls.c. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/calls.h"

/* ---- threads ------------------------------------------------------------------ */

static void *thread(void *directory)
{
	char path[256];
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/%ld/%d", (char *)directory,
		         (long)syscall(SYS_gettid), i);
		syscall(SYS_rmdir, path);
	}
	return NULL;
}

/* The names say which thread and which call it was. */
static void threads(char *directory)
{
	pthread_t all[4];
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (pthread_create(&all[i], NULL, thread, directory))
			fail("pthread_create");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		pthread_join(all[i], NULL);
}

static void *thread_end(void *ret_tid)
{
	*(long *)ret_tid = syscall(SYS_gettid);
	syscall(SYS_exit, 3);
	return NULL;
}

static void end_of_a_thread(void)
{
	pthread_t ends;
	long tid = 0;

	if (pthread_create(&ends, NULL, thread_end, &tid))
		fail("pthread_create");
	pthread_join(ends, NULL);
	call_without_result(tid, "exit");
	number("error_code", 3);
	call_end();
}

/* ---- children ------------------------------------------------------------------ */

static void child_ends(int status)
{
	syscall(SYS_exit_group, status);
}

static void end_of_a_child(long child, int status)
{
	call_without_result(child, "exit_group");
	number("error_code", status);
	call_end();
}

static void children(void)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} how = { .exit_signal = SIGCHLD };
	struct rusage usage;
	siginfo_t info;
	int status;
	long n, child;

	child = syscall(SYS_clone, (long)(CLONE_FS | SIGCHLD), 0L, 0L, 0L, 0L);
	if (!child)
		child_ends(5);
	call_begin("clone", child);
	word("clone_flags", "CLONE_FS|SIGCHLD");
	call_end();
	end_of_a_child(child, 5);
	n = syscall(SYS_wait4, child, &status, 0, &usage);
	call_begin("wait4", n);
	number("upid", child);
	word("stat_addr", "0x500");
	word("options", "0");
	json("ru", "{\"ru_minflt\":%ld,\"ru_utime.tv_sec\":0}", usage.ru_minflt);
	call_end();
	child = syscall(SYS_fork);
	if (!child)
		child_ends(6);
	call_begin("fork", child);
	call_end();
	n = syscall(SYS_waitid, P_PID, child, &info, WEXITED, NULL);
	call_begin("waitid", n);
	word("which", "P_PID");
	json("infop",
	     "{\"si_signo\":\"SIGCHLD\",\"si_code\":\"CLD_EXITED\",\"si_pid\":%ld,\"si_status\":6}",
	     child);
	word("options", "WEXITED");
	call_end();
	n = syscall(SYS_wait4, -1, NULL, WNOHANG, NULL);
	call_begin("wait4", n); /* ECHILD */
	word("options", "WNOHANG");
	call_end();
	child = syscall(435 /* clone3, 5.3 */, &how, sizeof(how));
	if (!child)
		child_ends(7);
	call_begin("clone3", child);
	json("uargs", "{\"flags\":\"0\",\"exit_signal\":\"SIGCHLD\"}");
	number("size", sizeof(how));
	call_end();
	if (child > 0)
		waitpid(child, NULL, 0);
	n = syscall(SYS_unshare, CLONE_FILES | CLONE_FS);
	call_begin("unshare", n);
	word("unshare_flags", "CLONE_FS|CLONE_FILES");
	call_end();
}

/* ---- executed programs ----------------------------------------------------------- */

static void failures(void)
{
	char *argv[] = { "first", NULL };
	long n;

	n = syscall(SYS_execve, "/no/such/program", argv, argv + 1);
	call_begin("execve", n);
	text("filename", "/no/such/program");
	json("argv", "[\"first\"]");
	call_end();
	n = syscall(SYS_execve, "/no/such/program", (void *)16, NULL);
	call_begin("execve", n); /* EFAULT; ENOENT before 5.8 */
	json("argv", "null");
	call_end();
	n = syscall(SYS_execveat, AT_FDCWD, "no/such/program", argv, NULL, AT_SYMLINK_NOFOLLOW);
	call_begin("execveat", n);
	text("filename", "no/such/program");
	json("argv", "[\"first\"]");
	word("flags", "AT_SYMLINK_NOFOLLOW");
	call_end();
}

static void vfork_and_exec(const char *directory, const char *program)
{
	char *argv[] = { "first word", not_resident(directory, "second\tword"), "", NULL };
	char *empty[] = { NULL };
	pid_t child = vfork();

	if (!child) {
		syscall(SYS_execve, program, argv, empty);
		_exit(111);
	}
	if (child < 0)
		fail("vfork");
	waitpid(child, NULL, 0);
	call_begin("vfork", child);
	call_end();
	call_of(child, "execve", 0);
	text("filename", program);
	json("argv", "[\"first word\",\"second\\tword\",\"\"]");
	call_end();
}

static void *thread_executes(void *ret_tid)
{
	char *argv[] = { "calls", NULL };

	*(long *)ret_tid = syscall(SYS_gettid);
	syscall(SYS_execve, "/proc/self/exe", argv, argv + 1);
	_exit(112);
}

/* It takes the id of the first thread, whose call never returns. */
static void exec_by_a_thread(void)
{
	long *tid = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_t executes;
	int status = -1;
	pid_t child;

	if (tid == MAP_FAILED)
		fail("mmap");
	child = fork();
	if (!child) {
		if (pthread_create(&executes, NULL, thread_executes, tid))
			_exit(113);
		for (;;)
			syscall(SYS_pause);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("exec by a thread");
	call_of(*tid, "execve", 0);
	text("filename", "/proc/self/exe");
	json("argv", "[\"calls\"]");
	call_end();
	end_of_a_child(child, 0);
}

static long int_80(long number, const void *first, long second)
{
	long result;

	asm volatile("int $0x80"
	             : "=a"(result)
	             : "a"(number), "b"(first), "c"(second)
	             : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void is_refused(int sig)
{
	(void)sig;
	_exit(1);
}

/* Tried in a child: kernels without IA32_EMULATION, and some that are guests, send it a signal. */
static bool has_int_80(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		signal(SIGSEGV, is_refused);
		_exit(int_80(20 /* getpid */, NULL, 0) == getpid() ? 0 : 1);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

/* A call of i386 that this program of 64 bits makes, whose number is another call's here: getpid.
 */
static void call_by_int_80(void)
{
	static const char path[] = "/no/such/directory/of/int/80";
	char *low = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result;

	if (low == MAP_FAILED)
		fail("mmap below 2 GiB");
	memcpy(low, path, sizeof(path));
	result = int_80(39, low, 0750);
	call_of(syscall(SYS_gettid), "mkdir", (int)result);
	text("pathname", path);
	word("mode", "0750");
	call_end();
}

void calls_processes(char *directory, const char *program)
{
	threads(directory);
	end_of_a_thread();
	children();
	failures();
	if (has_int_80())
		call_by_int_80();
	exec_by_a_thread();
	if (program)
		vfork_and_exec(directory, program);
}
