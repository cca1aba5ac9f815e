/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of a kernel: where its entry comes from, and which classes and fields it gives. */
#include <string.h>

#include "lkccb/site/pages.h"
#include "offsets/facts.h"
#include "offsets/util/cleanup.h"

static const char *source_text(const char *source)
{
	static const struct {
		const char *source, *text;
	} texts[] = {
		{ "verified-dwarf", "verified-dwarf: read from debug data of a package whose "
		                    "signature was verified" },
		{ "verified-btf",
		  "verified-btf: read from the BTF of a package whose signature was verified" },
		{ "dwarf", "dwarf: read from debug data" },
		{ "btf", "btf: read from the kernel's BTF" },
		{ "isf", "isf: read from a Volatility 3 symbol file of the kernel" },
		{ "stream", "stream: inferred, as it is alike in kernels before and after it" },
		{ "table", "table: inferred, the origin says from what" },
		{ "proven", "proven: inferred, the self-test of a host with this kernel passed" },
	};
	size_t i;

	for (i = 0; source && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(source, texts[i].source))
			return texts[i].text;
	return source;
}

static void layout_write(FILE *out, const struct model_layout *layout)
{
	fprintf(out, "<dt>Offsets</dt><dd>%zu, as in ", offsets_kernel_count(layout->facts));
	html_link(out, "../layouts", layout->id, "layout");
	fprintf(out, " <span class=\"id\">%s</span> (%zu kernel%s)</dd>\n", layout->id,
	        layout->kernels, layout->kernels == 1 ? "" : "s");
}

static void main_write(FILE *out, const struct model_kernel *kernel)
{
	html_term(out, "Module", model_key(kernel, OFFSETS_KEY_MODULE));
	if (!kernel->main)
		return;
	fputs("<dt>Kernel</dt><dd>", out);
	html_link(out, NULL, kernel->main->file, model_key(kernel->main, OFFSETS_KEY_RELEASE));
	fputs("</dd>\n", out);
}

static void identity_write(FILE *out, const struct model_kernel *kernel)
{
	const char *matched = pages_matched_by(kernel);
	char title[512];

	pages_stream_title(kernel->stream, title, sizeof(title));
	fputs("<dl><dt>Stream</dt><dd>", out);
	html_link(out, "../streams", kernel->stream->file, title);
	fputs("</dd>\n", out);
	main_write(out, kernel);
	html_term(out, "Version", model_key(kernel, OFFSETS_KEY_VERSION));
	html_term(out, "Machine", model_key(kernel, OFFSETS_KEY_MACHINE));
	html_term(out, "Build-id", model_key(kernel, OFFSETS_KEY_BUILD_ID));
	html_term(out, "Package", model_key(kernel, OFFSETS_KEY_PACKAGE));
	html_term(out, "Package version", model_key(kernel, OFFSETS_KEY_PACKAGE_VERSION));
	html_term(out, "Its SHA-256", model_key(kernel, OFFSETS_KEY_PACKAGE_SHA256));
	html_term(out, "Source", source_text(model_key(kernel, OFFSETS_KEY_SOURCE)));
	html_term(out, "Origin", model_key(kernel, OFFSETS_KEY_ORIGIN));
	html_term(out, "Matched by", matched ? matched : "nothing but --kernel-override");
	layout_write(out, kernel->layout);
	fputs("</dl>\n", out);
}

/* ---- classes ------------------------------------------------------------------ */

/* Has a class before this one a field of these names, for the same fact? */
static bool said_before(const struct event_needs *needs, const char *paths, enum layout_id missing,
                        const struct layout *layout)
{
	const struct event_needs *before;
	const struct class_field *f;

	for (before = event_needs; before < needs; before++)
		for (f = before->fields; f->paths; f++)
			if (!strcmp(f->paths, paths) && gives_missing(f->facts, layout) == missing)
				return true;
	return false;
}

/* The words are of this program's tables. */
static void row_write(FILE *out, const char *name, const char *before, const char *what,
                      const char *of, const char *missing)
{
	fprintf(out, "<tr><td>%s</td><td>%s%s%s%s%s</td><td>%s</td></tr>\n", name, before, what,
	        *of ? " (" : "", of, *of ? ")" : "", missing);
}

static void null_write(FILE *out, const struct event_needs *needs, const struct class_field *f,
                       const struct layout *layout)
{
	enum layout_id missing = gives_missing(f->facts, layout);

	if (missing == LAYOUT_MAX || said_before(needs, f->paths, missing, layout))
		return;
	row_write(out, needs->name, "null: ", f->paths, f->of, offsets_fact_name(missing));
}

/* Units in a row may lack the same. */
static void units_write(FILE *out, const char *name, const struct class_unit *unit,
                        const struct layout *layout)
{
	enum layout_id missing, missing_before = LAYOUT_MAX;
	const char *before = NULL;
	const struct class_unit *lacking;

	while ((lacking = gives_unit_lacking(unit, layout, &unit, &missing))) {
		if (!before || strcmp(before, lacking->lacks) || missing != missing_before)
			row_write(out, name, "without ", lacking->lacks, "",
			          offsets_fact_name(missing));
		before = lacking->lacks;
		missing_before = missing;
	}
}

static void class_write(FILE *out, const struct event_needs *needs,
                        const struct gives_kernel *gives, const struct layout *layout)
{
	enum layout_id missing;
	const struct class_source *source = gives_source(needs, gives, layout, &missing);
	const struct class_field *field;

	if (!source) {
		row_write(out, needs->name, "no events", "", "",
		          missing == LAYOUT_MAX ? "none: the sensor has no programs for it on "
		                                  "kernels like this one"
		                                : offsets_fact_name(missing));
		return;
	}
	units_write(out, needs->name, source->units, layout);
	for (field = needs->fields; field->paths; field++)
		null_write(out, needs, field, layout);
}

static void names_write(FILE *out, const char *term, enum gives_state wanted,
                        const struct gives_kernel *gives, const struct layout *layout)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < event_needs_count; i++) {
		if (gives_state(&event_needs[i], gives, layout) != wanted)
			continue;
		if (!*between)
			fprintf(out, "<dt>%s</dt><dd>", term);
		fprintf(out, "%s%s", between, event_needs[i].name);
		between = ", ";
	}
	if (*between)
		fputs("</dd>\n", out);
}

/* An empty table is not shown. */
static void reasons_write(FILE *out, const struct gives_kernel *gives, const struct layout *layout)
{
	static const char *const heads[] = { "Class", "What", "Offset that the entry lacks", NULL };
	CLEANUP(cleanup_free) char *rows = NULL;
	size_t size = 0, i;
	FILE *to = open_memstream(&rows, &size);

	for (i = 0; to && i < event_needs_count; i++)
		class_write(to, &event_needs[i], gives, layout);
	if (!to || fclose(to) || !size)
		return;
	html_table_begin(out, "What the entry does not give", heads);
	fwrite(rows, 1, size, out);
	html_table_end(out);
}

static void classes_write(FILE *out, const struct model *model, const struct model_kernel *kernel)
{
	struct layout layout;

	if (model_key(kernel, OFFSETS_KEY_MODULE))
		return;
	pages_heading(out, "Event classes, by this entry alone");
	if (!kernel->gives.tier) {
		fputs("<p>The entry is data: sextant has no programs for this kernel.</p>\n", out);
		return;
	}
	model_kernel_layout(model, kernel, &layout);
	fputs("<dl>", out);
	names_write(out, "All fields", GIVES_ALL, &kernel->gives, &layout);
	names_write(out, "In part", GIVES_PARTS, &kernel->gives, &layout);
	names_write(out, "None", GIVES_NOTHING, &kernel->gives, &layout);
	fputs("</dl>\n", out);
	reasons_write(out, &kernel->gives, &layout);
}

int pages_kernel(const struct model *model, const struct model_kernel *kernel, struct safedir *dir,
                 struct offsets_error *error)
{
	struct html html;
	int err = html_begin(&html, true, model_key(kernel, OFFSETS_KEY_RELEASE), error);

	if (err)
		return err;
	identity_write(html.out, kernel);
	classes_write(html.out, model, kernel);
	return html_end(&html, dir, kernel->file, error);
}
