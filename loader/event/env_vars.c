/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "loader/event/env_vars.h"

/* Is the variable on the list? size: of the name. */
static bool is_listed(const char *list, const char *name, size_t size)
{
	while (*list) {
		size_t len = strcspn(list, ",");

		if (len && len == size && !memcmp(list, name, len))
			return true;
		list += len + (list[len] == ',');
	}
	return false;
}

size_t env_vars_filter(const char *list, const char *env, size_t env_size, char *ret)
{
	size_t kept = 0, size, whole;

	for (; env_size; env += whole, env_size -= whole) {
		const char *end;

		size = strnlen(env, env_size);
		whole = size + (size < env_size);
		end = memchr(env, '=', size);
		if (!end || !is_listed(list, env, end - env))
			continue;
		memcpy(ret + kept, env, size);
		kept += size;
		ret[kept++] = '\0';
	}
	return kept;
}
