/* SPDX-License-Identifier: BSD-2-Clause */
/* in-toto statements, as lkccb verify --provenance reads them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lkccb/input/attestation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct offsets_error error;
	char *text = NULL;
	size_t text_size;
	FILE *lines = open_memstream(&text, &text_size);

	if (!lines)
		return 0;
	attestation_parse("fuzz", data, size, lines, &error);
	fclose(lines);
	free(text);
	return 0;
}
