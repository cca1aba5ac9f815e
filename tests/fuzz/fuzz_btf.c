/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw BTF, as a kernel or a .BTF section gives it. */
#include <stdint.h>

#include "offsets/facts.h"
#include "offsets/offsets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct offsets_kernel *kernel = offsets_kernel_new();
	struct offsets_error error;
	struct layout layout;

	if (kernel && !offsets_btf_read(data, size, "fuzz", kernel, &error))
		offsets_kernel_layout(kernel, &layout);
	offsets_kernel_free(kernel);
	return 0;
}
