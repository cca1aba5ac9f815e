/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/content.h"
#include "offsets/kernel.h"
#include "offsets/util/cleanup.h"

/* Text in memory, until it is digested. */
struct text {
	char *bytes;
	size_t size;
};

static int text_digest(FILE *file, struct text *text, char ret[SHA256_HEX + 1])
{
	char hex[DIGEST_HEX_MAX + 1];
	int err = fclose(file) ? -ENOMEM : digest_bytes(text->bytes, text->size, hex);

	free(text->bytes);
	if (!err)
		memcpy(ret, hex, SHA256_HEX + 1);
	return err;
}

int content_digest(struct offsets *db, char ret[SHA256_HEX + 1], struct offsets_error *error)
{
	struct text text = { NULL, 0 };
	FILE *file = open_memstream(&text.bytes, &text.size);
	int err, export_err;

	if (!file)
		return offsets_fail(error, -ENOMEM, "out of memory");
	export_err = offsets_export(db, file, error);
	err = text_digest(file, &text, ret);
	if (export_err)
		return export_err;
	return err ? offsets_fail(error, err, "out of memory") : 0;
}

int content_entry(const struct offsets_kernel *kernel, char ret[SHA256_HEX + 1])
{
	struct text text = { NULL, 0 };
	FILE *file = open_memstream(&text.bytes, &text.size);

	if (!file)
		return -ENOMEM;
	offsets_kernel_write(kernel, file);
	return text_digest(file, &text, ret);
}

/* As the database finds the same kernel (offsets/db/write.c). */
int content_identity(const struct offsets_kernel *kernel, char ret[SHA256_HEX + 1])
{
	static const enum offsets_key by_id[] = { OFFSETS_KEY_BUILD_ID, OFFSETS_KEY_MODULE },
				      by_names[] = { OFFSETS_KEY_RELEASE, OFFSETS_KEY_MACHINE,
		                                     OFFSETS_KEY_VERSION, OFFSETS_KEY_MODULE,
		                                     OFFSETS_KEY_SOURCE };
	bool has_id = offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID);
	const enum offsets_key *keys = has_id ? by_id : by_names;
	size_t i, count = has_id ? 2 : 5;
	struct text text = { NULL, 0 };
	FILE *file = open_memstream(&text.bytes, &text.size);

	if (!file)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		const char *value = offsets_kernel_key(kernel, keys[i]);
		size_t verified = strlen(KERNEL_VERIFIED);

		if (value && keys[i] == OFFSETS_KEY_SOURCE &&
		    !strncmp(value, KERNEL_VERIFIED, verified))
			value += verified;
		fprintf(file, "%u=%s\n", keys[i], value ? value : "");
	}
	return text_digest(file, &text, ret);
}
