/* SPDX-License-Identifier: BSD-2-Clause */
/* The classes and their lists of sources. */
#include "loader/bpf/sources.h"

#define SOURCES_OF(class, list) { EVENT_##class, list },

const struct class_sources class_sources[] = { CLASS_SOURCES(SOURCES_OF) };

const size_t class_sources_count = sizeof(class_sources) / sizeof(class_sources[0]);

_Static_assert(sizeof(class_sources) / sizeof(class_sources[0]) == EVENT_TYPES,
               "each class has sources");
