/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of a stream, which lists its kernels; and the page of what moved in all streams. */
#include <string.h>

#include "lkccb/site/pages.h"
#include "offsets/facts.h"

/* ---- a stream --------------------------------------------------------------------- */

static void states_cell(FILE *out, const struct model *model, const struct model_kernel *kernel)
{
	size_t states[GIVES_ALL + 1];

	if (model_key(kernel, OFFSETS_KEY_MODULE) || !kernel->gives.tier) {
		fputs("<td class=\"dim\">data only</td>", out);
		return;
	}
	pages_states_count(model, kernel, states);
	fprintf(out, "<td><span class=\"good\">%zu whole</span>", states[GIVES_ALL]);
	if (states[GIVES_PARTS])
		fprintf(out, ", <span class=\"part\">%zu in part</span>", states[GIVES_PARTS]);
	if (states[GIVES_NOTHING])
		fprintf(out, ", <span class=\"bad\">%zu none</span>", states[GIVES_NOTHING]);
	fputs("</td>", out);
}

static void kernel_row(FILE *out, const struct model *model, const struct model_kernel *kernel)
{
	const char *module = model_key(kernel, OFFSETS_KEY_MODULE);
	const char *matched = pages_matched_by(kernel);

	fputs("<tr><td>", out);
	html_link(out, "../kernels", kernel->file, model_key(kernel, OFFSETS_KEY_RELEASE));
	if (module) {
		fputs(" module ", out);
		html_text(out, module);
	}
	fputs("</td>", out);
	html_cell(out, model_key(kernel, OFFSETS_KEY_SOURCE));
	html_cell(out, matched ? matched : "--kernel-override");
	fputs("<td class=\"id\">", out);
	html_link(out, "../layouts", kernel->layout->id, kernel->layout->id);
	fputs("</td>", out);
	states_cell(out, model, kernel);
	fputs("</tr>\n", out);
}

static int page_write(const struct model *model, const struct model_stream *s, struct safedir *dir,
                      struct offsets_error *error)
{
	static const char *const heads[] = { "Kernel", "Source",        "Matched by",
		                             "Layout", "Event classes", NULL };
	struct html html;
	char title[512];
	size_t i;
	int err;

	pages_stream_title(s, title, sizeof(title));
	err = html_begin(&html, true, title, error);
	if (err)
		return err;
	fprintf(html.out, "<p>%zu entr%s with %zu layout%s. <a href=\"%s.json\">As JSON</a></p>\n",
	        s->count, s->count == 1 ? "y" : "ies", s->layouts, s->layouts == 1 ? "" : "s",
	        s->file);
	html_table_begin(html.out, "Kernels", heads);
	for (i = 0; i < s->count; i++)
		kernel_row(html.out, model, s->kernels[i]);
	html_table_end(html.out);
	return html_end(&html, dir, s->file, error);
}

static void classes_json(struct jsonw *json, const char *key, enum gives_state wanted,
                         const struct model_kernel *kernel, const struct layout *layout)
{
	size_t i;

	jsonw_array_open(json, key);
	for (i = 0; i < event_needs_count; i++)
		if (gives_state(&event_needs[i], &kernel->gives, layout) == wanted)
			jsonw_string(json, NULL, event_needs[i].name);
	jsonw_array_close(json);
}

static void kernel_json(struct jsonw *json, const struct model *model,
                        const struct model_kernel *kernel)
{
	struct layout layout;
	unsigned int i;

	jsonw_object_open(json, NULL);
	for (i = 0; offsets_key_name(i); i++)
		if (model_key(kernel, i))
			jsonw_string(json, offsets_key_name(i), model_key(kernel, i));
	jsonw_string(json, "page", kernel->file);
	jsonw_string(json, "layout", kernel->layout->id);
	jsonw_string(json, "matched_by", pages_matched_by(kernel));
	if (kernel->gives.tier && !model_key(kernel, OFFSETS_KEY_MODULE)) {
		model_kernel_layout(model, kernel, &layout);
		classes_json(json, "classes_in_part", GIVES_PARTS, kernel, &layout);
		classes_json(json, "classes_none", GIVES_NOTHING, kernel, &layout);
	}
	jsonw_object_close(json);
}

static void stream_keys_json(struct jsonw *json, const struct model_stream *s)
{
	jsonw_string(json, "stream", s->file);
	jsonw_string(json, "distribution", s->distribution);
	jsonw_string(json, "series", s->series);
	jsonw_string(json, "flavour", s->flavour);
	jsonw_string(json, "machine", s->machine);
}

static int json_write(const struct model *model, const struct model_stream *s, struct safedir *dir,
                      struct offsets_error *error)
{
	struct jsonw json;
	size_t i;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	stream_keys_json(&json, s);
	jsonw_array_open(&json, "kernels");
	for (i = 0; i < s->count; i++)
		kernel_json(&json, model, s->kernels[i]);
	jsonw_array_close(&json);
	jsonw_object_close(&json);
	return html_json_end(&json, dir, s->file, error);
}

int pages_stream(const struct model *model, const struct model_stream *stream, struct safedir *dir,
                 struct offsets_error *error)
{
	int err = page_write(model, stream, dir, error);

	return err ? err : json_write(model, stream, dir, error);
}

/* ---- what moved --------------------------------------------------------------------- */

/* A place in a stream where its kernels begin to have another layout. */
struct move {
	const struct model_kernel *from, *to;
};

/* The next one from *at on; false: there is none. */
static bool move_next(const struct model_stream *s, size_t *at, struct move *ret)
{
	size_t i = *at ? *at : 1;

	for (; i < s->count; i++) {
		ret->from = s->kernels[i - 1];
		ret->to = s->kernels[i];
		if (ret->from->layout != ret->to->layout &&
		    !model_key(ret->from, OFFSETS_KEY_MODULE) &&
		    !model_key(ret->to, OFFSETS_KEY_MODULE)) {
			*at = i + 1;
			return true;
		}
	}
	*at = s->count + 1;
	return false;
}

static void move_cell(FILE *out, const struct model_kernel *kernel)
{
	fputs("<td>", out);
	html_link(out, "kernels", kernel->file, model_key(kernel, OFFSETS_KEY_RELEASE));
	fputs("</td>", out);
}

static void moves_write(FILE *out, const struct model_stream *s)
{
	static const char *const heads[] = { "From", "To", "#Offsets that differ", "New layout",
		                             NULL };
	char title[512];
	struct move move;
	size_t at = 0;

	if (!move_next(s, &at, &move))
		return;
	pages_stream_title(s, title, sizeof(title));
	fputs("<h2>", out);
	html_link(out, "streams", s->file, title);
	fputs("</h2>\n", out);
	html_table_begin(out, "What moved", heads);
	do {
		fputs("<tr>", out);
		move_cell(out, move.from);
		move_cell(out, move.to);
		html_number(out, offsets_kernel_differences(move.from->layout->facts,
		                                            move.to->layout->facts, NULL, NULL));
		fputs("<td class=\"id\">", out);
		html_link(out, "layouts", move.to->layout->id, move.to->layout->id);
		fputs("</td></tr>\n", out);
	} while (move_next(s, &at, &move));
	html_table_end(out);
}

static void moves_json(struct jsonw *json, const struct model_stream *s)
{
	struct move move;
	size_t at = 0;

	jsonw_object_open(json, NULL);
	jsonw_string(json, "stream", s->file);
	jsonw_array_open(json, "moves");
	while (move_next(s, &at, &move)) {
		jsonw_object_open(json, NULL);
		jsonw_string(json, "from", move.from->file);
		jsonw_string(json, "to", move.to->file);
		jsonw_string(json, "from_layout", move.from->layout->id);
		jsonw_string(json, "to_layout", move.to->layout->id);
		jsonw_u64(json, "count",
		          offsets_kernel_differences(move.from->layout->facts,
		                                     move.to->layout->facts, NULL, NULL));
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
	jsonw_object_close(json);
}

static int moved_json(const struct model *model, struct safedir *dir, struct offsets_error *error)
{
	struct jsonw json;
	size_t i;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_array_open(&json, "streams");
	for (i = 0; i < model->stream_count; i++)
		moves_json(&json, &model->streams[i]);
	jsonw_array_close(&json);
	jsonw_object_close(&json);
	return html_json_end(&json, dir, "moved", error);
}

int pages_moved(const struct model *model, struct safedir *dir, struct offsets_error *error)
{
	struct html html;
	size_t i;
	int err = html_begin(&html, false, "What moved", error);

	if (err)
		return err;
	fputs("<p>Where the kernels of a stream, by release, begin to have other offsets. The page "
	      "of the new layout names them. <a href=\"moved.json\">As JSON</a></p>\n",
	      html.out);
	for (i = 0; i < model->stream_count; i++)
		moves_write(html.out, &model->streams[i]);
	err = html_end(&html, dir, "moved", error);
	return err ? err : moved_json(model, dir, error);
}
