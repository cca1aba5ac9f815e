/* SPDX-License-Identifier: BSD-2-Clause */
/* The first page: the database by distribution and by stream. */
#include <string.h>

#include "lkccb/site/pages.h"

/* Of a range of streams; modules do not count. */
struct summary {
	size_t kernels, streams, matched, sensor, whole;
};

static void kernel_count(struct summary *s, const struct model *model,
                         const struct model_kernel *kernel)
{
	size_t states[GIVES_ALL + 1];

	if (model_key(kernel, OFFSETS_KEY_MODULE))
		return;
	s->kernels++;
	s->matched += pages_matched_by(kernel) != NULL;
	if (!kernel->gives.tier)
		return;
	s->sensor++;
	pages_states_count(model, kernel, states);
	s->whole += !states[GIVES_PARTS] && !states[GIVES_NOTHING];
}

/* The streams of a distribution, from the i-th on; returns the end. */
static size_t distribution_count(const struct model *model, size_t i, struct summary *ret)
{
	const char *name = model->streams[i].distribution;
	size_t j;

	*ret = (struct summary){ .kernels = 0 };
	for (; i < model->stream_count && !strcmp(model->streams[i].distribution, name); i++) {
		ret->streams++;
		for (j = 0; j < model->streams[i].count; j++)
			kernel_count(ret, model, model->streams[i].kernels[j]);
	}
	return i;
}

static void summary_row(FILE *out, const char *name, const struct summary *s)
{
	fputs("<tr>", out);
	html_cell(out, name);
	html_number(out, s->kernels);
	html_number(out, s->streams);
	html_number(out, s->matched);
	html_number(out, s->sensor);
	html_number(out, s->whole);
	fputs("</tr>\n", out);
}

static void distributions_write(FILE *out, const struct model *model)
{
	static const char *const heads[] = {
		"Distribution",      "Kernels",           "Streams", "Matched by themselves",
		"Sensor runs there", "All classes whole", NULL
	};
	struct summary summary;
	const char *name;
	size_t i;

	pages_heading(out, "Distributions");
	html_table_begin(out, "Distributions", heads);
	for (i = 0; i < model->stream_count;) {
		name = model->streams[i].distribution;
		i = distribution_count(model, i, &summary);
		summary_row(out, name, &summary);
	}
	html_table_end(out);
	fputs("<p>An entry is matched by itself if it has the kernel's build-id or uname -v; "
	      "others "
	      "are used only if --kernel-override names them. The sensor runs on x86_64, on RHEL 7 "
	      "from 3.10.0-957 on and Linux 4.4 and later. A class is whole if no field of its "
	      "events is null for lack of an offset. A host whose kernel has BTF adds what its "
	      "entry lacks; 'sextant check' there says what works.</p>\n",
	      out);
}

static void stream_row(FILE *out, const struct model_stream *s)
{
	char title[512];

	pages_stream_title(s, title, sizeof(title));
	fputs("<tr><td>", out);
	html_link(out, "streams", s->file, title);
	fputs("</td>", out);
	html_number(out, s->count);
	html_number(out, s->layouts);
	html_cell(out, model_key(s->kernels[0], OFFSETS_KEY_RELEASE));
	html_cell(out, model_key(s->kernels[s->count - 1], OFFSETS_KEY_RELEASE));
	fputs("</tr>\n", out);
}

static void streams_write(FILE *out, const struct model *model)
{
	static const char *const heads[] = {
		"Stream", "Entries", "Layouts", "First", "Last", NULL
	};
	size_t i;

	pages_heading(out, "Streams");
	html_table_begin(out, "Streams", heads);
	for (i = 0; i < model->stream_count; i++)
		stream_row(out, &model->streams[i]);
	html_table_end(out);
}

static int page_write(const struct model *model, struct safedir *dir, struct offsets_error *error)
{
	struct html html;
	int err = html_begin(&html, false, "Kernels of the database", error);

	if (err)
		return err;
	fprintf(html.out,
	        "<p>%zu entries of kernels and modules, %zu layouts, %zu streams. A stream has the "
	        "kernels of one distribution, series, flavour and machine. "
	        "<a href=\"index.json\">As JSON</a></p>\n",
	        model->count, model->layout_count, model->stream_count);
	distributions_write(html.out, model);
	streams_write(html.out, model);
	return html_end(&html, dir, "index", error);
}

static void distributions_json(struct jsonw *json, const struct model *model)
{
	struct summary summary;
	size_t i;

	jsonw_array_open(json, "distributions");
	for (i = 0; i < model->stream_count;) {
		jsonw_object_open(json, NULL);
		jsonw_string(json, "distribution", model->streams[i].distribution);
		i = distribution_count(model, i, &summary);
		jsonw_u64(json, "kernels", summary.kernels);
		jsonw_u64(json, "streams", summary.streams);
		jsonw_u64(json, "matched", summary.matched);
		jsonw_u64(json, "sensor", summary.sensor);
		jsonw_u64(json, "whole", summary.whole);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

static int json_write(const struct model *model, struct safedir *dir, struct offsets_error *error)
{
	struct jsonw json;
	size_t i;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_u64(&json, "entries", model->count);
	distributions_json(&json, model);
	jsonw_array_open(&json, "streams");
	for (i = 0; i < model->stream_count; i++) {
		const struct model_stream *s = &model->streams[i];

		jsonw_object_open(&json, NULL);
		jsonw_string(&json, "stream", s->file);
		jsonw_u64(&json, "entries", s->count);
		jsonw_u64(&json, "layouts", s->layouts);
		jsonw_object_close(&json);
	}
	jsonw_array_close(&json);
	jsonw_array_open(&json, "layouts");
	for (i = 0; i < model->layout_count; i++)
		jsonw_string(&json, NULL, model->layouts[i]->id);
	jsonw_array_close(&json);
	jsonw_object_close(&json);
	return html_json_end(&json, dir, "index", error);
}

int pages_index(const struct model *model, struct safedir *dir, struct offsets_error *error)
{
	int err = page_write(model, dir, error);

	return err ? err : json_write(model, dir, error);
}
