/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw BTF, as a kernel or a .BTF section gives it. */
#include <stdint.h>

#include "offsets/offsets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_row *row = offsets_row_new();
	struct offsets_error error;
	struct layout layout;

	if (row && !offsets_btf_read(data, size, "fuzz", row, &error))
		offsets_row_layout(row, &layout);
	offsets_row_free(row);
	return 0;
}
