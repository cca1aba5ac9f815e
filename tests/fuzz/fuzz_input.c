/* SPDX-License-Identifier: BSD-2-Clause */
/* Any file that lkccb add takes: packages, ELF files with DWARF, symbol files, compressed ones. */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lkccb/input/banners.h"
#include "lkccb/input/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The data is also the text in which banners are looked for. */
static void banners(const uint8_t *data, size_t size)
{
	struct offsets_kernel *kernel = offsets_kernel_new();
	struct offsets_error error;

	if (kernel && !offsets_kernel_set(kernel, OFFSETS_KEY_RELEASE, "5.4.0-1009-gcp"))
		banners_find((const char *)data, size, "fuzz", kernel, &error);
	offsets_kernel_free(kernel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct input_options options[] = {
		{ .all_units = true, .modules = true, .threads = 2 }, { .threads = 1 }
	};
	int fd = memfd_create("input", MFD_CLOEXEC), i;
	struct offsets_error error;
	struct kernels kernels;
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (i = 0; i < 2; i++)
		if (!input_read(path, &options[i], &kernels, &error))
			kernels_free(&kernels);
	close(fd);
	banners(data, size);
	return 0;
}
