/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runtimes of this host know of a container, by their files. */
#ifndef LOADER_RUNTIME_RUNTIME_FIND_H
#define LOADER_RUNTIME_RUNTIME_FIND_H

#include <stdbool.h>

#include "loader/state/container.h"
#include "loader/state/container_facts.h"

/*
 * id: CONTAINER_ID_BYTES, of which nothing is believed. root: where the host's files are, ""
 * but in tests. False: no runtime knows it, or none that can be trusted.
 */
bool runtime_find(const char *root, const char *id, struct container_facts *ret);

#endif
