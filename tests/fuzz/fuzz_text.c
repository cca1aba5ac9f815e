/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows as text; what is read must come out again the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/offsets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int kernel_write(struct offsets_kernel *kernel, void *arg, struct offsets_error *error)
{
	(void)error;
	offsets_kernel_write(kernel, arg);
	return 0;
}

/* The text of all kernels of a text; NULL: it was refused. */
static char *through(const char *data, size_t size, size_t *ret_size)
{
	char *text = NULL;
	FILE *in = fmemopen((void *)data, size, "r"), *out = open_memstream(&text, ret_size);
	struct offsets_error error;
	int err = in && out ? offsets_text_read(in, "fuzz", kernel_write, out, &error) : -1;

	if (in)
		fclose(in);
	if (out)
		fclose(out);
	if (!err)
		return text;
	free(text);
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *once, *twice;
	size_t n, m;

	if (!size)
		return 0;
	once = through((const char *)data, size, &n);
	if (!once)
		return 0;
	twice = through(once, n, &m);
	if (!twice || n != m || memcmp(once, twice, n))
		abort();
	free(once);
	free(twice);
	return 0;
}
