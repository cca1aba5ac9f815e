/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernels.db from anybody: opened, walked, looked into; and written to. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/facts.h"
#include "offsets/offsets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int kernel_seen(const struct offsets_kernel *kernel, void *arg)
{
	struct layout layout;

	(void)arg;
	offsets_kernel_layout(kernel, &layout);
	return 0;
}

static int package_seen(const char *sha256, void *arg)
{
	(void)sha256, (void)arg;
	return 0;
}

static void read_all(const char *path, enum offsets_mode mode, FILE *out)
{
	static const struct offsets_query queries[] = {
		{ .build_id = "abcdef01" },
		{ .release = "9.8.7-test", .machine = "x86_64", .by_release = true },
		{ .release = "3.10.0-1160.el7.x86_64", .by_release = true },
	};
	struct offsets_error error;
	enum offsets_match match;
	struct offsets_kernel *kernel;
	struct offsets *db;
	size_t i;

	if (offsets_open(path, mode, &db, &error))
		return;
	offsets_each(db, NULL, kernel_seen, NULL, &error);
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (!offsets_find(db, &queries[i], &kernel, &match, &error))
			offsets_kernel_free(kernel);
	offsets_export(db, out, &error);
	offsets_packages(db, package_seen, NULL, &error);
	offsets_integrity(db, &error);
	offsets_close(db);
}

/* What could be read, and was written: only its size may forbid to read it again. */
static void read_again(const char *path)
{
	struct offsets_error error;
	struct offsets *db;

	if (offsets_open(path, OFFSETS_READ, &db, &error))
		abort();
	if (offsets_each(db, NULL, kernel_seen, NULL, &error) && !strstr(error.text, "more work"))
		abort();
	offsets_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/dev/shm/lkccb-fuzz.XXXXXX";
	static FILE *out;
	int fd = mkstemp(path);
	struct offsets_error error;
	struct offsets *db;

	if (!out)
		out = fopen("/dev/null", "w");
	if (!out || fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	read_all(path, OFFSETS_READ, out);
	read_all(path, OFFSETS_READ_TRUSTED, out);
	if (!offsets_open(path, OFFSETS_WRITE, &db, &error)) {
		bool written = !offsets_finish(db, &error);

		offsets_close(db);
		if (written)
			read_again(path);
	}
	unlink(path);
	return 0;
}
