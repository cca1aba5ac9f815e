/* SPDX-License-Identifier: BSD-2-Clause */
/* What several pages say. */
#include <string.h>

#include "lkccb/site/pages.h"

void pages_heading(FILE *out, const char *text)
{
	fprintf(out, "<h2>%s</h2>\n", text);
}

void pages_stream_title(const struct model_stream *s, char *ret, size_t size)
{
	bool said = strstr(s->flavour, s->machine) ||
	            (!strcmp(s->machine, "x86_64") && strstr(s->flavour, "amd64")) ||
	            (!strcmp(s->machine, "aarch64") && strstr(s->flavour, "arm64"));

	snprintf(ret, size, "%.100s%s%.100s%s%.200s%s%.100s", s->distribution,
	         *s->series ? " " : "", s->series, *s->flavour ? " " : "", s->flavour,
	         said ? "" : " ", said ? "" : s->machine);
}

const char *pages_matched_by(const struct model_kernel *kernel)
{
	if (model_key(kernel, OFFSETS_KEY_BUILD_ID))
		return "build-id";
	return model_key(kernel, OFFSETS_KEY_VERSION) ? "release, version and machine" : NULL;
}

void pages_states_count(const struct model *model, const struct model_kernel *kernel,
                        size_t ret[GIVES_ALL + 1])
{
	struct layout layout;
	size_t i;

	memset(ret, 0, (GIVES_ALL + 1) * sizeof(*ret));
	model_kernel_layout(model, kernel, &layout);
	for (i = 0; i < event_needs_count; i++)
		ret[gives_state(&event_needs[i], &kernel->gives, &layout)]++;
}
