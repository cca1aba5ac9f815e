/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernels.db from anybody: opened, walked, looked into; and written to. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "offsets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int row_seen(const struct kernel_row *row, void *arg)
{
	struct layout layout;

	(void)arg;
	offsets_row_layout(row, &layout);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct offsets_query queries[] = {
		{ .build_id = "abcdef01" },
		{ .release = "9.8.7-test", .machine = "x86_64", .by_release = true },
	};
	char path[] = "/dev/shm/lkccb-fuzz.XXXXXX";
	int fd = mkstemp(path), i;
	struct offsets_error error;
	enum offsets_match match;
	struct kernel_row *row;
	struct offsets *db;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	if (!offsets_open(path, OFFSETS_READ, &db, &error)) {
		offsets_each(db, NULL, row_seen, NULL, &error);
		for (i = 0; i < 2; i++)
			if (!offsets_find(db, &queries[i], &row, &match, &error))
				offsets_row_free(row);
		offsets_close(db);
	}
	if (!offsets_open(path, OFFSETS_WRITE, &db, &error)) {
		offsets_finish(db, &error);
		offsets_close(db);
	}
	unlink(path);
	return 0;
}
