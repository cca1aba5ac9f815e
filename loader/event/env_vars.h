/* SPDX-License-Identifier: BSD-2-Clause */
/* The variables of an environment that the user has asked for. */
#ifndef LOADER_EVENT_ENV_VARS_H
#define LOADER_EVENT_ENV_VARS_H

#include <stddef.h>

/*
 * Copies the variables that a list ("LD_PRELOAD,LD_AUDIT") names to ret, which
 * has room for env_size + 1 bytes. Each ends with NUL; in env the last one may
 * lack it. Returns the bytes in ret.
 */
size_t env_vars_filter(const char *list, const char *env, size_t env_size, char *ret);

#endif
