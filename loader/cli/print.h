/* SPDX-License-Identifier: BSD-2-Clause */
/* What several reports print alike, as text on standard output and as JSON. */
#ifndef LOADER_CLI_PRINT_H
#define LOADER_CLI_PRINT_H

#include <stdbool.h>

#include "loader/host/host.h"
#include "offsets/layout.h"
#include "offsets/util/jsonw.h"

/* Sets of event classes: 1 << enum event_type. Names, of other kernels too, are escaped. */
void print_kernel(const struct host *host);
void print_classes(unsigned int classes); /* "exec, fork" */

void json_kernel(struct jsonw *json, const struct host *host); /* members, without an object */
void json_classes(struct jsonw *json, const char *name, unsigned int classes);

/* The names of the facts that are set. */
void json_facts(struct jsonw *json, const char *name, const bool facts[LAYOUT_MAX]);

#endif
