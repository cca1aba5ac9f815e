/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/site/html.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/error.h"
#include "offsets/util/escape.h"

/* ---- text ---------------------------------------------------------------- */

static void plain_text(FILE *out, const char *text)
{
	size_t size;

	for (; *text; text += size) {
		size = strcspn(text, "&<>\"'");
		fwrite(text, 1, size, out);
		if (text[size])
			fprintf(out, "&#%d;", text[size++]);
	}
}

void html_text(FILE *out, const char *text)
{
	size_t size = strlen(text);
	CLEANUP(cleanup_free) char *escaped = NULL;

	if (escape_is_plain(text, size)) {
		plain_text(out, text);
		return;
	}
	escaped = malloc(4 * size + 1);
	if (!escaped)
		return;
	escape_text(text, size, escaped, 4 * size + 1);
	plain_text(out, escaped);
}

void html_term(FILE *out, const char *term, const char *text)
{
	if (!text)
		return;
	fprintf(out, "<dt>%s</dt><dd>", term);
	html_text(out, text);
	fputs("</dd>\n", out);
}

void html_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	if (text)
		html_text(out, text);
	fputs("</td>", out);
}

void html_number(FILE *out, size_t number)
{
	fprintf(out, "<td class=\"n\">%zu</td>", number);
}

void html_link(FILE *out, const char *folder, const char *name, const char *text)
{
	fprintf(out, "<a href=\"%s%s%s.html\">", folder ? folder : "", folder ? "/" : "", name);
	html_text(out, text);
	fputs("</a>", out);
}

void html_table_begin(FILE *out, const char *label, const char *const *heads)
{
	fprintf(out,
	        "<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\"><table>\n"
	        "<thead><tr>",
	        label);
	for (; *heads; heads++)
		fprintf(out, "<th scope=\"col\"%s>%s</th>", **heads == '#' ? " class=\"n\"" : "",
		        *heads + (**heads == '#'));
	fputs("</tr></thead>\n<tbody>\n", out);
}

void html_table_end(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

/* ---- pages ------------------------------------------------------------------ */

static int no_memory(const char *what, struct offsets_error *error)
{
	return offsets_fail(error, -ENOMEM, "%s: out of memory", what);
}

/* No script is ever run, also if something of others should look like one. */
static void head_write(FILE *out, const char *up, const char *title)
{
	fputs("<!DOCTYPE html>\n"
	      "<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\"/>"
	      "<meta name=\"viewport\" content=\"width=device-width\"/><title>",
	      out);
	html_text(out, title);
	fprintf(out,
	        "</title><link rel=\"stylesheet\" href=\"%sstyle.css\"/></head><body>\n"
	        "<nav aria-label=\"Site\"><a href=\"%sindex.html\">Kernels</a> "
	        "<a href=\"%smoved.html\">What moved</a> <a href=\"%sgaps.html\">Gaps</a></nav>\n"
	        "<main><h1>",
	        up, up, up, up);
	html_text(out, title);
	fputs("</h1>\n", out);
}

int html_begin(struct html *ret, bool folder, const char *title, struct offsets_error *error)
{
	*ret = (struct html){ .out = NULL };
	ret->out = open_memstream(&ret->text, &ret->size);
	if (!ret->out)
		return no_memory(title, error);
	head_write(ret->out, folder ? "../" : "", title);
	return 0;
}

/* Writes NAME and suffix. */
static int file_write(struct safedir *dir, const char *name, const char *suffix, const void *data,
                      size_t size, struct offsets_error *error)
{
	char file[256];

	snprintf(file, sizeof(file), "%s%s", name, suffix);
	return safedir_write(dir, file, data, size, error);
}

int html_end(struct html *html, struct safedir *dir, const char *name, struct offsets_error *error)
{
	int err;

	fputs("</main></body></html>\n", html->out);
	err = ferror(html->out) | fclose(html->out)
	              ? no_memory(name, error)
	              : file_write(dir, name, ".html", html->text, html->size, error);
	free(html->text);
	return err;
}

int html_json_end(struct jsonw *json, struct safedir *dir, const char *name,
                  struct offsets_error *error)
{
	int err;

	jsonw_put(json, "\n", 1);
	err = json->failed ? no_memory(name, error)
	                   : file_write(dir, name, ".json", json->text, json->size, error);
	jsonw_deinit(json);
	return err;
}
