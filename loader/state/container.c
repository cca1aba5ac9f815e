/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>

#include "loader/state/container.h"

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

const char *container_id(const char *path, size_t size)
{
	const char *found = NULL;
	size_t i, digits = 0;

	for (i = 0; i <= size; i++) {
		if (i < size && is_hex(path[i])) {
			digits++;
			continue;
		}
		if (digits == CONTAINER_ID_BYTES)
			found = path + i - digits;
		digits = 0;
	}
	return found;
}

const char *container_of_exec(const struct event *ev)
{
	static const enum event_text texts[] = { TEXT_CGROUP_V1, TEXT_CGROUP };
	const char *id = NULL;
	size_t i;

	for (i = 0; !id && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!event_unread(ev, FIELD_TEXTS + texts[i]))
			id = container_id(ev->texts[texts[i]].text, ev->texts[texts[i]].size);
	return id;
}
