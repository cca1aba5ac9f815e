/* SPDX-License-Identifier: BSD-2-Clause */
/* ECS: what the sensor's events and the lines of 'sextant trace' have in common. */
#ifndef LOADER_STATE_ECS_COMMON_H
#define LOADER_STATE_ECS_COMMON_H

#include <stdint.h>

#include "offsets/util/jsonw.h"

/* "ecs": the version of ECS whose names are used. */
void ecs_common_version(struct jsonw *json);

/*
 * The entity_id of a process: boot, pid and start (start_ticks() of decode.h). boot_id: a UUID,
 * or empty.
 */
void ecs_common_entity_id(struct jsonw *json, const char *key, const char *boot_id, uint32_t pid,
                          uint64_t ticks);

#endif
