/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The workload: "execloop exec N" executes itself N times, as UnixBench's execl
 * does; "execloop fork N" forks N children that end at once, one after another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char left[16];
	int n = argc == 3 ? atoi(argv[2]) : 0;

	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "exec")) {
		if (!n)
			return 0;
		snprintf(left, sizeof(left), "%d", n - 1);
		execl(argv[0], argv[0], "exec", left, (char *)NULL);
		return 1;
	}
	while (n--) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		if (child < 0 || waitpid(child, NULL, 0) != child)
			return 1;
	}
	return 0;
}
