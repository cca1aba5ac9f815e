/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of a layout: its facts, its kernels, and what moved against the layout before it. */
#include <string.h>

#include "lkccb/site/pages.h"
#include "offsets/facts.h"

#define MOVED_MAX 400 /* of each comparison: more are counted */

/* ---- numbers -------------------------------------------------------------------- */

static void fact_number(FILE *out, const struct offsets_fact *f)
{
	fprintf(out, "%u", f->offset);
	if (f->bit_size)
		fprintf(out, " bits %u-%u", f->bit_offset, f->bit_offset + f->bit_size - 1);
}

/* "1256:4"; the size of a struct is its only number. */
static void fact_write(FILE *out, const struct offsets_fact *f)
{
	fputs("<span>", out);
	html_text(out, f->member);
	fputc(' ', out);
	if (!strcmp(f->member, "sizeof")) {
		fprintf(out, "%u", f->size);
	} else {
		fact_number(out, f);
		if (f->size)
			fprintf(out, ":%u", f->size);
	}
	fputs("</span> ", out);
}

static void facts_write(FILE *out, const struct model_layout *layout)
{
	const struct offsets_fact *f, *before = NULL;
	size_t i;

	pages_heading(out, "Offsets");
	fputs("<p>Byte offset and size of each member; the value of an enumerator, the position of "
	      "a parameter, the number of a function's clone.</p>\n<dl class=\"facts\">",
	      out);
	for (i = 0; (f = offsets_kernel_fact_at(layout->facts, i)); i++) {
		if (!before || strcmp(before->type, f->type)) {
			fputs(before ? "</dd>\n<dt>" : "<dt>", out);
			html_text(out, f->type);
			fputs("</dt><dd>", out);
		}
		fact_write(out, f);
		before = f;
	}
	fputs(before ? "</dd></dl>\n" : "<dt>none</dt><dd></dd></dl>\n", out);
}

/* ---- what moved -------------------------------------------------------------------- */

struct moved {
	FILE *out;
	struct jsonw *json;
	const char *type; /* of the fact before; NULL: none */
	size_t shown;
};

static void place_write(FILE *out, const struct offsets_fact *f)
{
	if (!f)
		fputs("none", out);
	else if (!strcmp(f->member, "sizeof"))
		fprintf(out, "%u", f->size);
	else
		fact_number(out, f);
}

static bool is_resized(const struct offsets_fact *before, const struct offsets_fact *after)
{
	return before && after && before->size != after->size && strcmp(after->member, "sizeof");
}

/* "pid 1256 → 1264" */
static void moved_write(const struct offsets_fact *before, const struct offsets_fact *after,
                        void *arg)
{
	const struct offsets_fact *named = after ? after : before;
	struct moved *moved = arg;
	FILE *out = moved->out;

	if (moved->shown++ >= MOVED_MAX)
		return;
	if (!moved->type || strcmp(moved->type, named->type)) {
		fputs(moved->type ? "</dd>\n<dt>" : "<dt>", out);
		html_text(out, named->type);
		fputs("</dt><dd>", out);
	}
	moved->type = named->type;
	fputs("<span>", out);
	html_text(out, named->member);
	fputc(' ', out);
	place_write(out, before);
	fputs(" \xe2\x86\x92 ", out);
	place_write(out, after);
	if (is_resized(before, after))
		fprintf(out, ", size %u \xe2\x86\x92 %u", before->size, after->size);
	fputs("</span> ", out);
}

static void before_write(FILE *out, const struct model_before *before,
                         const struct model_layout *layout)
{
	struct moved moved = { .out = out };
	char title[512];

	pages_stream_title(before->stream, title, sizeof(title));
	fputs("<h3>Against ", out);
	html_link(out, NULL, before->layout->id, before->layout->id);
	fputs(", before it in ", out);
	html_link(out, "../streams", before->stream->file, title);
	fputs("</h3>\n<dl class=\"facts\">", out);
	offsets_kernel_differences(before->layout->facts, layout->facts, moved_write, &moved);
	fputs("</dd></dl>\n", out);
	if (moved.shown > MOVED_MAX)
		fprintf(out, "<p>%zu more are not shown.</p>\n", moved.shown - MOVED_MAX);
}

static size_t before_shown(const struct model_layout *layout)
{
	return layout->before_count < MODEL_BEFORE_MAX ? layout->before_count : MODEL_BEFORE_MAX;
}

static void moves_write(FILE *out, const struct model_layout *layout)
{
	size_t i, shown = before_shown(layout);

	if (!shown)
		return;
	pages_heading(out, "What moved");
	for (i = 0; i < shown; i++)
		before_write(out, &layout->before[i], layout);
	if (layout->before_count > shown)
		fputs("<p>In other streams other layouts were before it; they are not compared "
		      "here.</p>\n",
		      out);
}

/* ---- kernels ------------------------------------------------------------------------ */

static void kernels_write(FILE *out, const struct model_layout *layout)
{
	const struct model_kernel *kernel;

	pages_heading(out, "Kernels");
	fputs("<ul>\n", out);
	for (kernel = layout->first; kernel; kernel = kernel->next) {
		fputs("<li>", out);
		html_link(out, "../kernels", kernel->file, model_key(kernel, OFFSETS_KEY_RELEASE));
		if (model_key(kernel, OFFSETS_KEY_MODULE)) {
			fputs(" module ", out);
			html_text(out, model_key(kernel, OFFSETS_KEY_MODULE));
		}
		fputs(" <span class=\"dim\">", out);
		html_text(out, kernel->stream->distribution);
		fputc(' ', out);
		html_text(out, model_key(kernel, OFFSETS_KEY_MACHINE));
		fputs("</span></li>\n", out);
	}
	fputs("</ul>\n", out);
}

static int page_write(const struct model_layout *layout, struct safedir *dir,
                      struct offsets_error *error)
{
	struct html html;
	char title[64];
	int err;

	snprintf(title, sizeof(title), "Layout %s", layout->id);
	err = html_begin(&html, true, title, error);
	if (err)
		return err;
	fprintf(html.out, "<p>%zu offsets, of %zu kernel%s. <a href=\"%s.json\">As JSON</a></p>\n",
	        offsets_kernel_count(layout->facts), layout->kernels,
	        layout->kernels == 1 ? "" : "s", layout->id);
	kernels_write(html.out, layout);
	moves_write(html.out, layout);
	facts_write(html.out, layout);
	return html_end(&html, dir, layout->id, error);
}

/* ---- JSON ---------------------------------------------------------------------------- */

static void numbers_json(struct jsonw *json, const struct offsets_fact *f)
{
	jsonw_u64(json, NULL, f->offset);
	jsonw_u64(json, NULL, f->size);
	if (f->bit_size) {
		jsonw_u64(json, NULL, f->bit_offset);
		jsonw_u64(json, NULL, f->bit_size);
	}
}

/* [type, member, offset, size], or with bit offset and bit size behind. */
static void fact_json(struct jsonw *json, const struct offsets_fact *f)
{
	jsonw_array_open(json, NULL);
	jsonw_string(json, NULL, f->type);
	jsonw_string(json, NULL, f->member);
	numbers_json(json, f);
	jsonw_array_close(json);
}

static void side_json(struct jsonw *json, const struct offsets_fact *f)
{
	jsonw_array_open(json, NULL);
	if (f)
		numbers_json(json, f);
	jsonw_array_close(json);
}

/* [type, member, [offset, size], [offset, size]]: before and here; [] where there is none. */
static void moved_json(const struct offsets_fact *before, const struct offsets_fact *after,
                       void *arg)
{
	const struct offsets_fact *named = after ? after : before;
	struct moved *moved = arg;

	if (moved->shown++ >= MOVED_MAX)
		return;
	jsonw_array_open(moved->json, NULL);
	jsonw_string(moved->json, NULL, named->type);
	jsonw_string(moved->json, NULL, named->member);
	side_json(moved->json, before);
	side_json(moved->json, after);
	jsonw_array_close(moved->json);
}

static void before_json(struct jsonw *json, const struct model_before *before,
                        const struct model_layout *layout)
{
	struct moved moved = { .json = json };

	jsonw_object_open(json, NULL);
	jsonw_string(json, "layout", before->layout->id);
	jsonw_string(json, "stream", before->stream->file);
	jsonw_u64(json, "count",
	          offsets_kernel_differences(before->layout->facts, layout->facts, NULL, NULL));
	jsonw_array_open(json, "moved");
	offsets_kernel_differences(before->layout->facts, layout->facts, moved_json, &moved);
	jsonw_array_close(json);
	jsonw_object_close(json);
}

static int json_write(const struct model_layout *layout, struct safedir *dir,
                      struct offsets_error *error)
{
	const struct model_kernel *kernel;
	const struct offsets_fact *f;
	struct jsonw json;
	size_t i;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_string(&json, "layout", layout->id);
	jsonw_array_open(&json, "kernels");
	for (kernel = layout->first; kernel; kernel = kernel->next)
		jsonw_string(&json, NULL, kernel->file);
	jsonw_array_close(&json);
	jsonw_array_open(&json, "before");
	for (i = 0; i < before_shown(layout); i++)
		before_json(&json, &layout->before[i], layout);
	jsonw_array_close(&json);
	jsonw_array_open(&json, "facts");
	for (i = 0; (f = offsets_kernel_fact_at(layout->facts, i)); i++)
		fact_json(&json, f);
	jsonw_array_close(&json);
	jsonw_object_close(&json);
	return html_json_end(&json, dir, layout->id, error);
}

int pages_layout(const struct model *model, const struct model_layout *layout, struct safedir *dir,
                 struct offsets_error *error)
{
	int err = page_write(layout, dir, error);

	(void)model;
	return err ? err : json_write(layout, dir, error);
}
