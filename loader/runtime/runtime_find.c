/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/runtime/runtime_find.h"
#include "loader/runtime/state_file.h"

/* It becomes a name in paths. */
static bool id_take(const char *id, char ret[CONTAINER_ID_BYTES + 1])
{
	size_t i;

	for (i = 0; i < CONTAINER_ID_BYTES && memchr("0123456789abcdef", id[i], 16); i++)
		ret[i] = id[i];
	ret[i] = '\0';
	return i == CONTAINER_ID_BYTES;
}

static bool has_some(const struct container_facts *facts)
{
	size_t i;

	for (i = 0; i < CONTAINER_FACTS; i++)
		if (facts->texts[i].size)
			return true;
	return false;
}

bool runtime_find(const char *root, const char *id, struct container_facts *ret)
{
	static state_find_fn *const runtimes[] = { docker_find, containerd_find, crio_find,
		                                   podman_find };
	char name[CONTAINER_ID_BYTES + 1];
	const struct state_question question = { root, name };
	size_t i;

	if (!id_take(id, name))
		return false;
	for (i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++) {
		memset(ret, 0, sizeof(*ret));
		if (!runtimes[i](&question, ret) && has_some(ret))
			return true;
	}
	return false;
}
