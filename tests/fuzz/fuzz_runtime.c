/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of container runtimes: strings at places like theirs, which are taken as references to
 * images. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/runtime/image_reference.h"
#include "loader/runtime/json_pick.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *arg, size_t place, const char *text, size_t size)
{
	struct container_facts *facts = arg;
	size_t i;

	image_reference_split(text, size, facts);
	container_fact_set(facts, FACT_NAME + place % CONTAINER_FACTS, text, size);
	for (i = 0; i < CONTAINER_FACTS; i++)
		if (facts->texts[i].size > sizeof(facts->texts[i].bytes))
			abort();
}

static void item_end(void *arg)
{
	memset(arg, 0, sizeof(struct container_facts));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct json_place places[] = {
		{ { "Name" } },
		{ { "Config", "Image" } },
		{ { "annotations", "io.kubernetes.cri.image-name" } },
		{ { "[]", "id" } },
		{ { "[]", "names", "[]" } },
		{ { "[]", "[]", "[]", "[]" } },
		{ { "[]", "metadata" } },
	};
	struct container_facts facts = { .runtime = RUNTIME_DOCKER };
	const struct json_pick pick = { places, sizeof(places) / sizeof(places[0]), take, item_end,
		                        &facts };

	json_pick(&pick, data, size);
	return 0;
}
