/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of users and groups, from /etc/passwd and /etc/group alone: a directory
 * service may take seconds to answer, and events do not wait.
 */
#ifndef LOADER_STATE_NAMES_H
#define LOADER_STATE_NAMES_H

#include <stdint.h>

#define NAMES_BYTES_MAX 256 /* of one that is shown whole: LOGIN_NAME_MAX */

enum name_type { NAME_USER, NAME_GROUP, NAME_TYPES };

struct names;

/* The paths are the caller's and must stay; a file that is not there has no names. NULL: no memory.
 */
struct names *names_new(const char *passwd, const char *group);
void names_free(struct names *names);

/* NULL: no such name. Valid until the next names_refresh(). */
const char *names_find(const struct names *names, enum name_type type, uint32_t id);

/* Reads a file again if it has changed. */
void names_refresh(struct names *names);

#endif
