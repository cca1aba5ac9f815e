/* SPDX-License-Identifier: BSD-2-Clause */
/* Time to open a kernels.db and find one kernel in it, by build-id and by version. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "offsets/offsets.h"

#define ROUNDS 200

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void die(const struct offsets_error *error)
{
	fprintf(stderr, "lookup: %s\n", error->text);
	exit(1);
}

static double find(const char *path, const struct offsets_query *query)
{
	struct offsets_error error;
	enum offsets_match match;
	struct offsets_kernel *kernel;
	struct offsets *db;
	double begin = now_ms();

	if (offsets_open(path, OFFSETS_READ_TRUSTED, &db, &error) ||
	    offsets_find(db, query, &kernel, &match, &error))
		die(&error);
	offsets_kernel_free(kernel);
	offsets_close(db);
	return now_ms() - begin;
}

static int compare(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : 1;
}

int main(int argc, char **argv)
{
	struct offsets_query query = { .machine = "x86_64" };
	char build_id[41], release[64], version[64];
	double times[ROUNDS];
	int i, count = argc == 3 ? atoi(argv[2]) : 0;

	if (count <= 0) {
		fprintf(stderr, "usage: lookup DATABASE COUNT (as made by tests/bench/run)\n");
		return 2;
	}
	for (i = 0; i < ROUNDS; i++) {
		int n = rand() % count;

		snprintf(build_id, sizeof(build_id), "%08x%032x",
		         (unsigned int)(n + 1) * 2654435761U, n);
		snprintf(release, sizeof(release), "5.%d.%d-%d-generic", n % 20, n % 7, n);
		snprintf(version, sizeof(version),
		         "#%d~22.04.1-Ubuntu SMP Mon Nov 16 10:17:00 UTC 2026", n);
		query.build_id = i % 2 ? build_id : NULL;
		query.release = release;
		query.version = version;
		times[i] = find(argv[1], &query);
	}
	qsort(times, ROUNDS, sizeof(times[0]), compare);
	printf("%.3f ms median, %.3f ms worst of %d\n", times[ROUNDS / 2], times[ROUNDS - 1],
	       ROUNDS);
	return 0;
}
