/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/state/ecs_common.h"

void ecs_common_version(struct jsonw *json)
{
	jsonw_object_open(json, "ecs");
	jsonw_string(json, "version", "8.17.0");
	jsonw_object_close(json);
}

void ecs_common_entity_id(struct jsonw *json, const char *key, const char *boot_id, uint32_t pid,
                          uint64_t ticks)
{
	jsonw_text_open(json, key);
	jsonw_put(json, boot_id, strnlen(boot_id, 8));
	jsonw_put(json, "-", 1);
	jsonw_digits(json, pid, 10, 0);
	jsonw_put(json, "-", 1);
	jsonw_digits(json, ticks, 10, 0);
	jsonw_text_close(json);
}
