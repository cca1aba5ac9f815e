/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Terminals: what a process writes to one of its own. The truth is what comes out of the
 * other end. What is typed there, its echo, and what goes to files and pipes is no event.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tests/host/scenario.h"

#define RAW_BYTES    20000 /* more than a terminal holds */
#define BEYOND_BYTES 300000
#define BOUND_BYTES  (512 * 1024 + BEYOND_BYTES)

static int master, slave;
static int number;
static char got[RAW_BYTES];

/* In a file system of its own, as a small guest may have none. */
static void terminal_open(void)
{
	char path[64];
	int unlocked = 0;

	mounts_unshare();
	require(!mkdir("devpts", 0755) || errno == EEXIST, "devpts");
	require(!mount("devpts", "devpts", "devpts", 0, "newinstance,ptmxmode=0600") ||
	                !mount("devpts", "devpts", "devpts", 0, NULL),
	        "devpts");
	master = open("devpts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0) /* before 4.7 without CONFIG_DEVPTS_MULTIPLE_INSTANCES */
		master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(master >= 0 && !ioctl(master, TIOCGPTN, &number) &&
	                !ioctl(master, TIOCSPTLCK, &unlocked),
	        "ptmx");
	snprintf(path, sizeof(path), "devpts/%d", number);
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(slave >= 0, path);
}

static void modes_set(tcflag_t output, tcflag_t local)
{
	struct termios t;

	require(!tcgetattr(slave, &t), "tcgetattr");
	t.c_oflag = output;
	t.c_lflag = local;
	require(!tcsetattr(slave, TCSANOW, &t), "tcsetattr");
}

static void put_terminal(const char *name, pid_t pid)
{
	put("terminal\tcase=%s\tpid=%d\treader=%d\ttty=pts%d", name, pid, getpid(), number);
}

static void all_write(int fd, const char *text, size_t size)
{
	ssize_t n;

	for (; size; text += n, size -= n) {
		n = write(fd, text, size);
		require(n > 0, "write");
	}
}

#define SAY(text) all_write(slave, text, sizeof(text) - 1)

/* Until there are so many bytes, or until nobody has the other end open. */
static size_t got_read(size_t size)
{
	size_t all = 0;
	ssize_t n;

	while (all < size && (n = read(master, got + all, size - all)) > 0)
		all += n;
	return all;
}

/* ---- what is written ----------------------------------------------------- */

/* None of it is written to a terminal. */
static void elsewhere_write(void)
{
	int ends[2], fd = open("no-terminal", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	require(fd >= 0 && !pipe(ends), "pipe");
	all_write(fd, "to a file\n", 10);
	all_write(ends[1], "to a pipe\n", 10);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

static void lines_write(void)
{
	static char wide[5000];
	size_t i;

	SAY("hello\n");
	SAY("two\nlines\n");
	elsewhere_write();
	SAY("\x1b[2J\x1b]0;title\a\tx\b\r'\"\\\n");
	SAY("\xff\xfe\xc3\x28 gr\xc3\xbc\xc3\x9f \xe2\x80\xae\n");
	SAY("a\0b\n");
	for (i = 0; i < sizeof(wide); i++)
		wide[i] = 'a' + i % 26;
	all_write(slave, wide, sizeof(wide));
	for (i = 0; i < 20; i++)
		all_write(slave, "0123456789" + i % 10, 1);
	SAY("\nend");
}

/* Calls it in a child, which has the terminal alone; reads what comes out of it. */
static void written_read(const char *name, void (*run_it)(void))
{
	pid_t child = fork();
	size_t size;

	require(child >= 0, "fork");
	if (!child) {
		close(master);
		run_it();
		_exit(0);
	}
	fork_record(name, child, getpid());
	close(slave);
	size = got_read(sizeof(got));
	child_wait(name, child);
	put_terminal(name, child);
	put_hex("text", got, size);
	record_end();
}

static void lines(void)
{
	terminal_open();
	modes_set(OPOST | ONLCR, 0);
	written_read("terminal-lines", lines_write);
}

/* ---- a terminal that takes nothing for a while, then a part -------------- */

static void raw_write(void)
{
	static char text[RAW_BYTES];
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = 'A' + i % 23;
	all_write(slave, text, sizeof(text));
}

static void slowly(void)
{
	pid_t child;

	terminal_open();
	modes_set(0, 0);
	require(!tcflow(slave, TCOOFF), "tcflow");
	child = fork();
	require(child >= 0, "fork");
	if (!child) {
		raw_write();
		_exit(0);
	}
	fork_record("terminal-slow", child, getpid());
	usleep(200000);
	require(!tcflow(slave, TCOON), "tcflow");
	usleep(200000);
	require(got_read(RAW_BYTES) == RAW_BYTES, "read");
	child_wait("terminal-slow", child);
	put_terminal("terminal-slow", child);
	put_hex("text", got, RAW_BYTES);
	record_end();
}

/* ---- more than is reported of a process ---------------------------------- */

static void much_write(void)
{
	static char text[4000];
	size_t left, size;

	memset(text, 'x', sizeof(text));
	for (left = BOUND_BYTES; left; left -= size) {
		size = left < sizeof(text) ? left : sizeof(text);
		all_write(slave, text, size);
	}
}

static void much(void)
{
	pid_t child;
	size_t left, n;

	terminal_open();
	modes_set(0, 0);
	child = fork();
	require(child >= 0, "fork");
	if (!child) {
		much_write();
		_exit(0);
	}
	fork_record("terminal-much", child, getpid());
	for (left = BOUND_BYTES; left; left -= n) {
		n = got_read(left < sizeof(got) ? left : sizeof(got));
		require(n, "read");
	}
	child_wait("terminal-much", child);
	put_terminal("terminal-much", child);
	put("\tbeyond=%d", BEYOND_BYTES);
	record_end();
}

/* ---- what a user types ---------------------------------------------------- */

/* The terminal writes it again, by a thread of the kernel; this process writes to the master alone.
 */
static void typed(void)
{
	static const char line[] = "typed password\n", echo[] = "typed password\r\n";
	char read_back[sizeof(line)];

	terminal_open();
	modes_set(OPOST | ONLCR, ICANON | ECHO);
	all_write(master, line, sizeof(line) - 1);
	require(got_read(sizeof(echo) - 1) == sizeof(echo) - 1 &&
	                !memcmp(got, echo, sizeof(echo) - 1),
	        "echo");
	require(read(slave, read_back, sizeof(read_back)) == sizeof(line) - 1, "read");
	put("terminal_input\tcase=terminal-typed\tpid=%d", getpid());
	record_end();
}

static void terminals(void)
{
	require(!in_child("terminal-lines", lines), "lines");
	require(!in_child("terminal-slow", slowly), "slow");
	require(!in_child("terminal-much", much), "much");
	require(!in_child("terminal-typed", typed), "typed");
}

PART(.name = "terminal", .run = terminals);
