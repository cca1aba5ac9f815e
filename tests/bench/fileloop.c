/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fileloop change|look DIRECTORY COUNT: so many times a file is made, written,
 * looked at, read, renamed and removed; or looked at, opened, read and closed,
 * twice: six operations, or eight. Prints the nanoseconds of all.
 * fileloop now: what time it is, for others' loops.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void require(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static char data[100];

static void make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	require(fd >= 0 && write(fd, data, sizeof(data)) == sizeof(data) && !close(fd), name);
}

static void look(void)
{
	struct stat st;
	int fd;

	require(!stat("file", &st), "stat");
	fd = open("file", O_RDONLY);
	require(fd >= 0 && read(fd, data, sizeof(data)) == sizeof(data) && !close(fd), "read");
}

static void look_twice(void)
{
	look();
	look();
}

static void change(void)
{
	make("file");
	look();
	require(!rename("file", "renamed"), "rename");
	require(!unlink("renamed"), "unlink");
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	void (*operate)(void) = change;
	int i, count;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (argc == 2 && !strcmp(argv[1], "now")) {
		printf("%lld\n", begin.tv_sec * 1000000000LL + begin.tv_nsec);
		return 0;
	}
	require(argc == 4 && !chdir(argv[2]), "usage: fileloop change|look DIRECTORY COUNT");
	if (!strcmp(argv[1], "look")) {
		operate = look_twice;
		make("file");
	}
	count = atoi(argv[3]);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < count; i++)
		operate();
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%lld\n", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec);
	if (operate != change)
		unlink("file");
	return 0;
}
