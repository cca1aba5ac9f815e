/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "loader/runtime/image_reference.h"

#define DIGITS 64 /* of a SHA-256 */

void container_fact_set(struct container_facts *facts, enum container_fact_id id, const char *text,
                        size_t size)
{
	struct container_fact *fact = &facts->texts[id];

	fact->size = size < sizeof(fact->bytes) ? size : sizeof(fact->bytes);
	memcpy(fact->bytes, text, fact->size);
}

/* "sha256:DIGITS", or the digits alone: an image that was named by nothing else. */
static bool is_id(const char *text, size_t size)
{
	static const char prefix[] = "sha256:";
	size_t skip = sizeof(prefix) - 1, i;

	if (size == skip + DIGITS && !memcmp(text, prefix, skip)) {
		text += skip;
		size -= skip;
	}
	for (i = 0; i < size && memchr("0123456789abcdef", text[i], 16); i++)
		;
	return i == size && size == DIGITS;
}

void image_reference_split(const char *reference, size_t size, struct container_facts *ret)
{
	const char *at, *slash, *colon;
	size_t rest;

	if (is_id(reference, size))
		return;
	at = memchr(reference, '@', size);
	if (at) {
		rest = reference + size - at - 1;
		container_fact_set(ret, FACT_DIGEST, at + 1, rest);
		size = at - reference;
	}
	slash = memrchr(reference, '/', size);
	colon = memrchr(reference, ':', size);
	if (colon && (!slash || colon > slash)) { /* else it is that of a port */
		rest = reference + size - colon - 1;
		container_fact_set(ret, FACT_TAG, colon + 1, rest);
		size = colon - reference;
	}
	container_fact_set(ret, FACT_IMAGE, reference, size);
}
