/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fileloop DIRECTORY COUNT: so many times a file is made, written, looked at,
 * read, renamed and removed, six operations each; prints the nanoseconds of all.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

static void operate(void)
{
	char data[100] = { 0 };
	struct stat st;
	int fd = open("file", O_WRONLY | O_CREAT | O_EXCL, 0600);

	require(fd >= 0 && write(fd, data, sizeof(data)) == sizeof(data) && !close(fd), "file");
	require(!stat("file", &st), "stat");
	fd = open("file", O_RDONLY);
	require(fd >= 0 && read(fd, data, sizeof(data)) == sizeof(data) && !close(fd), "read");
	require(!rename("file", "renamed"), "rename");
	require(!unlink("renamed"), "unlink");
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	int i, count;

	require(argc == 3 && !chdir(argv[1]), "usage: fileloop DIRECTORY COUNT");
	count = atoi(argv[2]);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < count; i++)
		operate();
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%lld\n", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec);
	return 0;
}
