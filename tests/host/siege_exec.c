/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs: as fast as they can be started, and as awkwardly. */
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/siege.h"

#define PROGRAM "program"

/* What the sensor sends of an exec's arguments; and so much of it that JSON stays below 256 KiB. */
#define ARGS_MAX      32768
#define ARGS_TAME_MAX 20000

static char *const no_environment[] = { NULL };

static void program_here(void)
{
	if (access(PROGRAM, X_OK))
		program_write(PROGRAM);
}

static size_t args_max(void)
{
	return without_huge ? ARGS_TAME_MAX : ARGS_MAX + 1000;
}

/* ---- arguments -------------------------------------------------------- */

static void plain(void)
{
	char *argv[] = { PROGRAM, "plain", NULL };

	program_here();
	execute(PROGRAM, argv, no_environment);
}

static void bytes(void)
{
	static char text[2 * ARGS_MAX], *argv[66];
	size_t left = any(8) ? any(2000) : any(args_max()), count = any(64), i;
	char *at = text;

	for (i = 0; i < count && left; i++) {
		size_t size = any(left / (count - i) * 2 + 2);

		size = size > left ? left : size;
		argv[i] = at;
		bytes_any(at, size);
		at[size] = '\0';
		at += size + 1;
		left -= size;
	}
	argv[i] = NULL;
	program_here();
	execute(PROGRAM, argv, no_environment);
}

/* What is costliest to write down: each byte becomes six. */
static void controls(void)
{
	static char text[ARGS_MAX];
	char *argv[] = { "x", text, NULL };

	if (!text[0]) {
		memset(text, 1, sizeof(text) - 1);
		if (without_huge)
			text[31 << 10] = '\0';
		else
			text[32750] = '\xff', text[32751] = '\0';
	}
	program_here();
	execute(PROGRAM, argv, no_environment);
}

/* Tens of thousands of them, none, or one that is as long as the kernel takes. */
static void counts(void)
{
	static char *argv[60001], one[131072], *single[] = { one, NULL };
	size_t i, count = any(60001);

	program_here();
	switch (any(4)) {
	case 0:
		execute(PROGRAM, NULL, NULL);
		return;
	case 1:
		execute(PROGRAM, no_environment, no_environment);
		return;
	case 2:
		memset(one, 'a', sizeof(one) - any(2)); /* sometimes one too long */
		execute(PROGRAM, single, no_environment);
		memset(one, 0, sizeof(one));
		return;
	}
	for (i = 0; i < count; i++)
		argv[i] = i % 3 ? "" : "\"";
	argv[count] = NULL;
	execute(PROGRAM, argv, no_environment);
}

static void environment(void)
{
	static char text[8][8000], *envp[1000];
	static const char *const names[] = {
		"LD_PRELOAD=", "LD_AUDIT=",      "BASH_ENV=", "LD_PRELOAD",
		"=",           "PYTHONSTARTUP=", "",          "NODE_OPTIONS="
	};
	char *argv[] = { PROGRAM, NULL };
	size_t count = any(8) ? 1 + any(8) : 999, i;

	for (i = 0; i < 8; i++) {
		size_t size = any(4) ? any(300) : any(without_huge ? 500 : 7900);

		strcpy(text[i], names[any(8)]);
		bytes_any(text[i] + strlen(text[i]), size);
		text[i][size + 20] = '\0';
	}
	for (i = 0; i < count; i++)
		envp[i] = text[i % 8];
	envp[count] = NULL;
	program_here();
	execute(PROGRAM, argv, envp);
	memset(text, 0, sizeof(text));
}

/* Bad pointers, for programs that exist and that do not. */
static void pointers(void)
{
	static char *const bad[] = { (char *)8, (char *)-4096, (char *)0x7fffffffe000, NULL };
	char *argv[] = { "x", bad[any(4)], NULL };

	program_here();
	execute(any(2) ? PROGRAM : bad[any(4)], any(3) ? argv : (char **)bad[any(3)],
	        any(2) ? no_environment : (char **)bad[any(3)]);
}

/* ---- names ------------------------------------------------------------ */

static void names(void)
{
	char name[256], way[4100] = "", *argv[] = { "x", NULL };
	size_t dots = any(3) ? 0 : any(1900);

	name_any(name, without_huge ? 100 : 255);
	program_here();
	while (dots--)
		strcat(way, "./");
	strcat(way, name);
	if (any(2) ? link(PROGRAM, name) : symlink(PROGRAM, name))
		return;
	execute(way, argv, no_environment);
	unlink(name);
}

static void comm(void)
{
	char name[17] = "", *argv[] = { PROGRAM, NULL };

	bytes_any(name, 1 + any(16));
	prctl(PR_SET_NAME, name);
	program_here();
	execute(PROGRAM, argv, no_environment);
}

/* From a directory whose path the kernel itself cannot say. */
static void deep_child(void)
{
	char name[256], way[1024] = "", *argv[] = { "x", NULL };
	size_t depth = 1 + any(200), size = 1 + any(250), i;

	memset(name, 'd', size);
	name[size] = '\0';
	program_here();
	for (i = 0; i < depth; i++)
		if ((mkdir(name, 0700) && access(name, X_OK)) || chdir(name))
			break;
	if (i == depth && program_write(PROGRAM))
		execute("./" PROGRAM, argv, no_environment);
	for (i = 0; i < 300; i++)
		strcat(way, "../");
	execute(way, argv, no_environment);
}

static void deep(void)
{
	in_child(deep_child);
}

/* ---- programs without a name ------------------------------------------ */

static void without_name(void)
{
	char name[256], *argv[] = { "gone", NULL };
	int fd, run;

	name_any(name, 100);
	if (any(2)) {
		fd = run = memfd_create(name, any(2) ? MFD_CLOEXEC : 0);
		if (fd < 0 || write(fd, program_bytes, program_size) < 0)
			return;
	} else {
		if (!program_write(name))
			return;
		fd = run = open(name, O_RDONLY | O_CLOEXEC);
		unlink(name);
	}
	if (!vfork()) {
		syscall(SYS_execveat, run, "", argv, no_environment, AT_EMPTY_PATH);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", run);
		execve(name, argv, no_environment);
		_exit(1);
	}
	wait(NULL);
	close(fd);
}

static void scripts(void)
{
	static const char *const before[] = { "#!", "#! \t", "#!./", "#!\n", "#" };
	static const char *const behind[] = { "\n", "  \n", "", " -x \x1b[2J\n", "\r\n" };
	char name[16], inner[16] = PROGRAM, line[400], *argv[] = { "s\n", "\xff", NULL };
	int i, depth = 1 + any(7);

	program_here();
	for (i = 0; i < depth; i++) {
		int size = snprintf(line, sizeof(line), "%s%s%s", before[any(any(9) ? 3 : 5)],
		                    inner, behind[any(any(3) ? 2 : 5)]);

		if (!any(20))
			bytes_any(line + 2, size = 2 + any(300));
		snprintf(name, sizeof(name), "s%d", i);
		unlink(name);
		file_write(name, line, size);
		strcpy(inner, any(30) ? name : "s0"); /* sometimes one that runs itself */
	}
	execute(name, argv, no_environment);
}

/* ---- what fails ------------------------------------------------------- */

static void fails(void)
{
	static char longest[5000];
	static const char *const paths[] = {
		"/",         "/etc/passwd", "/dev/null",
		"/root/x",   "absent",      "empty",
		"fifo",      "loop",        "busy",
		"",          longest,       "/proc/self/mem",
		"absent/in", PROGRAM "/x",  "/proc/1/exe",
		"no-right",  "\xff\n\x1b",  "/proc/self/fd/99",
	};
	char *argv[] = { "x", NULL };
	int fd;

	memset(longest, 'x', sizeof(longest) - 1);
	program_here();
	file_write("empty", "", 0);
	if (program_write("no-right") && chmod("no-right", 0600))
		return;
	if ((mkfifo("fifo", 0700) && access("fifo", F_OK)) ||
	    (symlink("loop", "loop") && access(".", F_OK)))
		return;
	if (access("busy", F_OK))
		program_write("busy");
	fd = open("busy", O_WRONLY | O_CLOEXEC);
	execute(paths[any(sizeof(paths) / sizeof(paths[0]))], argv, no_environment);
	if (fd >= 0)
		close(fd);
}

/* An ELF file with one byte changed: many die behind the point of no return. */
static void damaged(void)
{
	char file[512], *argv[] = { "damaged", NULL };

	memcpy(file, program_bytes, program_size);
	file[any(program_size)] = any(256);
	unlink("damaged");
	if (file_write("damaged", file, any(4) ? program_size : any(program_size)))
		execute("damaged", argv, no_environment);
}

/* ---- threads ---------------------------------------------------------- */

static void *thread_exec(void *arg)
{
	char *argv[] = { "by-a-thread", NULL };

	prctl(PR_SET_NAME, arg);
	execve(PROGRAM, argv, no_environment);
	return NULL;
}

/* Several at once; one wins, and takes the leader's pid. */
static void threads_race(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 4; i++)
		if (!pthread_create(&thread, NULL, thread_exec, "thread\n\x1b"))
			pthread_detach(thread);
	if (any(2))
		pthread_exit(NULL);
	pause();
}

static void threads(void)
{
	program_here();
	in_child(threads_race);
}

/* Its arguments lie in memory that it shares with somebody who changes them. */
static void changing(void)
{
	static char *argv[3];
	char *text = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t other;
	int i;

	if (text == MAP_FAILED)
		return;
	memset(text, 'a', 8191);
	argv[0] = text, argv[1] = text + 4000;
	program_here();
	other = spawn();
	if (!other)
		for (i = 0; i < 100000; i++)
			text[any(8191)] = any(256);
	if (!other)
		_exit(0);
	for (i = 0; i < 20; i++)
		execute(any(2) ? PROGRAM : text, argv, no_environment);
	munmap(text, 8192);
	reap(other);
}

const struct phase exec_phases[] = {
	{ "exec-plain", plain },
	{ "exec-bytes", bytes },
	{ "exec-controls", controls },
	{ "exec-counts", counts },
	{ "exec-environment", environment },
	{ "exec-pointers", pointers },
	{ "exec-names", names },
	{ "exec-comm", comm },
	{ "exec-deep", deep },
	{ "exec-without-name", without_name },
	{ "exec-scripts", scripts },
	{ "exec-fails", fails },
	{ "exec-damaged", damaged },
	{ "exec-threads", threads },
	{ "exec-changing", changing },
	{ NULL, NULL },
};
