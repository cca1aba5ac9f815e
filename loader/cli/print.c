/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "loader/cli/print.h"
#include "loader/stream/fields.h"
#include "offsets/facts.h"
#include "offsets/util/escape.h"

void print_kernel(const struct host *host)
{
	escape_print(stdout, "kernel:     %s %s\n", host->release, host->machine);
	escape_print(stdout, "            %s\n", host->version);
	printf("build-id:   %s\n", *host->build_id ? host->build_id : "unknown");
}

void print_classes(unsigned int classes)
{
	unsigned int type;
	const char *between = "";

	for (type = 0; type < EVENT_TYPES; type++) {
		if (!(classes & (1U << type)))
			continue;
		printf("%s%s", between, event_type_name(type));
		between = ", ";
	}
}

void json_kernel(struct jsonw *json, const struct host *host)
{
	jsonw_string(json, "release", host->release);
	jsonw_string(json, "version", host->version);
	jsonw_string(json, "machine", host->machine);
	jsonw_string(json, "build_id", *host->build_id ? host->build_id : NULL);
}

void json_classes(struct jsonw *json, const char *name, unsigned int classes)
{
	unsigned int type;

	jsonw_array_open(json, name);
	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type))
			jsonw_string(json, NULL, event_type_name(type));
	jsonw_array_close(json);
}

void json_facts(struct jsonw *json, const char *name, const bool facts[LAYOUT_MAX])
{
	size_t i;

	jsonw_array_open(json, name);
	for (i = 0; i < LAYOUT_MAX; i++)
		if (facts[i])
			jsonw_string(json, NULL, offsets_fact_name(i));
	jsonw_array_close(json);
}
