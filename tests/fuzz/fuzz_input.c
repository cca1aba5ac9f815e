/* SPDX-License-Identifier: BSD-2-Clause */
/* Any file that lkccb add takes: packages, ELF files with DWARF, symbol files, compressed ones. */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lkccb/input/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	return 0;
}
