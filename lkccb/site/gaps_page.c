/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of gaps: what is missing, and which package would close it. */
#include <string.h>

#include "lkccb/site/pages.h"
#include "offsets/facts.h"

struct gaps {
	const struct model *model;
	const struct site_options *options;
	FILE *out;
	struct jsonw *json;
};

static void package_of(const struct gaps *g, const struct model_kernel *kernel, char *ret,
                       size_t size)
{
	const char *package = model_key(kernel, OFFSETS_KEY_PACKAGE);

	if (package)
		snprintf(ret, size, "%s", package);
	else
		g->options->package(model_key(kernel, OFFSETS_KEY_RELEASE),
		                    model_key(kernel, OFFSETS_KEY_MACHINE),
		                    model_key(kernel, OFFSETS_KEY_PACKAGE_VERSION), ret, size);
}

/* ---- of an inventory ------------------------------------------------------------- */

static void asked_write(const struct gaps *g)
{
	static const char *const heads[] = { "Release", "Machine", "What would close the gap",
		                             NULL };
	size_t i;

	if (!g->options->asked)
		return;
	pages_heading(g->out, "Kernels of the inventory that are not in the database");
	fprintf(g->out, "<p>%zu of %zu.</p>\n", g->options->gap_count, g->options->asked);
	if (!g->options->gap_count)
		return;
	html_table_begin(g->out, "Kernels that are not in the database", heads);
	for (i = 0; i < g->options->gap_count; i++) {
		fputs("<tr>", g->out);
		html_cell(g->out, g->options->gaps[i].release);
		html_cell(g->out, g->options->gaps[i].machine);
		html_cell(g->out, g->options->gaps[i].package);
		fputs("</tr>\n", g->out);
	}
	html_table_end(g->out);
}

static void asked_json(const struct gaps *g)
{
	size_t i;

	jsonw_u64(g->json, "asked", g->options->asked);
	jsonw_array_open(g->json, "missing");
	for (i = 0; i < g->options->gap_count; i++) {
		jsonw_object_open(g->json, NULL);
		jsonw_string(g->json, "release", g->options->gaps[i].release);
		jsonw_string(g->json, "machine", g->options->gaps[i].machine);
		jsonw_string(g->json, "package", g->options->gaps[i].package);
		jsonw_object_close(g->json);
	}
	jsonw_array_close(g->json);
}

/* ---- entries that nothing matches ---------------------------------------------------- */

static bool is_unmatched(const struct model_kernel *kernel)
{
	return !model_key(kernel, OFFSETS_KEY_MODULE) && !pages_matched_by(kernel);
}

static void unmatched_row(const struct gaps *g, const struct model_kernel *kernel)
{
	char package[512];

	package_of(g, kernel, package, sizeof(package));
	fputs("<tr><td>", g->out);
	html_link(g->out, "kernels", kernel->file, model_key(kernel, OFFSETS_KEY_RELEASE));
	fputs("</td>", g->out);
	html_cell(g->out, model_key(kernel, OFFSETS_KEY_MACHINE));
	html_cell(g->out, model_key(kernel, OFFSETS_KEY_SOURCE));
	html_cell(g->out, package);
	fputs("</tr>\n", g->out);
}

static void unmatched_write(const struct gaps *g)
{
	static const char *const heads[] = { "Kernel", "Machine", "Source",
		                             "What would close the gap", NULL };
	size_t i;

	pages_heading(g->out, "Entries without build-id and version");
	fputs("<p>They are used only if --kernel-override names them.</p>\n", g->out);
	html_table_begin(g->out, "Entries without build-id and version", heads);
	for (i = 0; i < g->model->count; i++)
		if (is_unmatched(g->model->kernels[i]))
			unmatched_row(g, g->model->kernels[i]);
	html_table_end(g->out);
}

static void unmatched_json(const struct gaps *g)
{
	char package[512];
	size_t i;

	jsonw_array_open(g->json, "unmatched");
	for (i = 0; i < g->model->count; i++) {
		const struct model_kernel *kernel = g->model->kernels[i];

		if (!is_unmatched(kernel))
			continue;
		package_of(g, kernel, package, sizeof(package));
		jsonw_object_open(g->json, NULL);
		jsonw_string(g->json, "page", kernel->file);
		jsonw_string(g->json, "release", model_key(kernel, OFFSETS_KEY_RELEASE));
		jsonw_string(g->json, "machine", model_key(kernel, OFFSETS_KEY_MACHINE));
		jsonw_string(g->json, "package", package);
		jsonw_object_close(g->json);
	}
	jsonw_array_close(g->json);
}

/* ---- facts that are missing -------------------------------------------------------------- */

/* The facts without which something is missing, of a kernel on which the sensor runs. */
static void missing_set(const struct gives_kernel *gives, const struct layout *layout,
                        bool facts[LAYOUT_MAX + 1])
{
	const struct class_unit *next;
	const struct class_field *field;
	enum layout_id missing;
	size_t i;

	for (i = 0; i < event_needs_count; i++) {
		const struct class_source *source =
			gives_source(&event_needs[i], gives, layout, &missing);

		facts[missing] = true;
		next = source ? source->units : NULL;
		while (source && gives_unit_lacking(next, layout, &next, &missing))
			facts[missing] = true;
		for (field = event_needs[i].fields; field->paths; field++)
			facts[gives_missing(field->facts, layout)] = true;
	}
	facts[LAYOUT_MAX] = false;
}

static bool of_module(enum layout_id fact)
{
	const char *name = offsets_fact_name(fact);

	return !strncmp(name, "btrfs_", 6) || !strncmp(name, "ovl_", 4);
}

/* Of a kernel that was read, the entry may be from an lkccb that looked for less. */
static void closes(const struct gaps *g, const struct model_kernel *kernel,
                   const bool facts[LAYOUT_MAX + 1], char *ret, size_t size)
{
	bool module = false, other = false;
	char package[400];
	unsigned int i;

	for (i = 0; i < LAYOUT_MAX; i++) {
		module |= facts[i] && of_module(i);
		other |= facts[i] && !of_module(i);
	}
	package_of(g, kernel, package, sizeof(package));
	snprintf(ret, size, "%s%s%s", package, module ? " --modules" : "",
	         other && !kernel->inferred ? " --again" : "");
}

static void facts_write(FILE *out, const bool facts[LAYOUT_MAX + 1])
{
	const char *between = "";
	unsigned int i;

	fputs("<td>", out);
	for (i = 0; i < LAYOUT_MAX; i++)
		if (facts[i]) {
			fputs(between, out);
			html_text(out, offsets_fact_name(i));
			between = ", ";
		}
	fputs("</td>", out);
}

static void facts_json(struct jsonw *json, const bool facts[LAYOUT_MAX + 1])
{
	unsigned int i;

	jsonw_array_open(json, "facts");
	for (i = 0; i < LAYOUT_MAX; i++)
		if (facts[i])
			jsonw_string(json, NULL, offsets_fact_name(i));
	jsonw_array_close(json);
}

/* The first kernel of a layout on which the sensor runs speaks for all. */
static const struct model_kernel *speaker(const struct model_layout *layout)
{
	const struct model_kernel *kernel = layout->first;

	while (kernel && (!kernel->gives.tier || model_key(kernel, OFFSETS_KEY_MODULE)))
		kernel = kernel->next;
	return kernel;
}

static bool any(const bool facts[LAYOUT_MAX + 1])
{
	return memchr(facts, true, LAYOUT_MAX);
}

static void incomplete_row(const struct gaps *g, const struct model_kernel *kernel,
                           const bool facts[LAYOUT_MAX + 1])
{
	const struct model_layout *layout = kernel->layout;
	char advice[512];

	closes(g, kernel, facts, advice, sizeof(advice));
	if (g->json) {
		jsonw_object_open(g->json, NULL);
		jsonw_string(g->json, "layout", layout->id);
		jsonw_string(g->json, "page", kernel->file);
		jsonw_u64(g->json, "kernels", layout->kernels);
		facts_json(g->json, facts);
		jsonw_string(g->json, "package", advice);
		jsonw_object_close(g->json);
		return;
	}
	fputs("<tr><td class=\"id\">", g->out);
	html_link(g->out, "layouts", layout->id, layout->id);
	fputs("</td><td>", g->out);
	html_link(g->out, "kernels", kernel->file, model_key(kernel, OFFSETS_KEY_RELEASE));
	if (layout->kernels > 1)
		fprintf(g->out, " and %zu more", layout->kernels - 1);
	fputs("</td>", g->out);
	facts_write(g->out, facts);
	html_cell(g->out, advice);
	fputs("</tr>\n", g->out);
}

static void incomplete_each(const struct gaps *g)
{
	size_t i;

	for (i = 0; i < g->model->layout_count; i++) {
		const struct model_kernel *kernel = speaker(g->model->layouts[i]);
		bool facts[LAYOUT_MAX + 1] = { false };
		struct layout layout;

		if (!kernel)
			continue;
		model_kernel_layout(g->model, kernel, &layout);
		missing_set(&kernel->gives, &layout, facts);
		if (any(facts))
			incomplete_row(g, kernel, facts);
	}
}

static void incomplete_write(const struct gaps *g)
{
	static const char *const heads[] = { "Layout", "Kernels", "Offsets that are missing",
		                             "What would close the gap", NULL };

	pages_heading(g->out, "Layouts that lack offsets");
	fputs("<p>Without these offsets, fields of events are null, or events do not come; the "
	      "page "
	      "of the kernel says which. Options are those of 'lkccb add': --modules also reads "
	      "btrfs and overlayfs. --again reads a package that is in the database, because an "
	      "older lkccb may not have looked for all; what is missing then, the kernel does not "
	      "have.</p>\n",
	      g->out);
	html_table_begin(g->out, "Layouts that lack offsets", heads);
	incomplete_each(g);
	html_table_end(g->out);
}

/* ---- all ------------------------------------------------------------------------------------ */

static int json_write(struct gaps *g, struct safedir *dir, struct offsets_error *error)
{
	struct jsonw json;

	jsonw_init(&json);
	g->json = &json;
	jsonw_object_open(&json, NULL);
	asked_json(g);
	unmatched_json(g);
	jsonw_array_open(&json, "incomplete");
	incomplete_each(g);
	jsonw_array_close(&json);
	jsonw_object_close(&json);
	return html_json_end(&json, dir, "gaps", error);
}

int pages_gaps(const struct model *model, const struct site_options *options, struct safedir *dir,
               struct offsets_error *error)
{
	struct gaps g = { .model = model, .options = options };
	struct html html;
	int err = html_begin(&html, false, "Gaps", error);

	if (err)
		return err;
	g.out = html.out;
	fputs("<p>Debug packages are read by 'lkccb add'. <a href=\"gaps.json\">As JSON</a></p>\n",
	      html.out);
	asked_write(&g);
	unmatched_write(&g);
	incomplete_write(&g);
	err = html_end(&html, dir, "gaps", error);
	return err ? err : json_write(&g, dir, error);
}
