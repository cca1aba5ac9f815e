/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of HTML that is well-formed XML too. Text of others goes through html_text() alone. */
#ifndef LKCCB_SITE_HTML_H
#define LKCCB_SITE_HTML_H

#include <stdbool.h>
#include <stdio.h>

#include "offsets/util/jsonw.h"
#include "offsets/util/safedir.h"

struct offsets_error;

struct html {
	FILE *out; /* markup goes here with fputs() and fprintf() */
	char *text;
	size_t size;
};

/* folder: the page lies in a folder of the site. title, of any origin, is also its heading. */
int html_begin(struct html *ret, bool folder, const char *title, struct offsets_error *error);

/* Writes the page into dir as NAME.html, and frees it. */
int html_end(struct html *html, struct safedir *dir, const char *name, struct offsets_error *error);

/* Escapes &, <, >, quotes, and characters that steer a terminal or are invisible. */
void html_text(FILE *out, const char *text);

/* A line of a list of terms, a cell of a table; NULL text: an empty one. */
void html_term(FILE *out, const char *term, const char *text);
void html_cell(FILE *out, const char *text);
void html_number(FILE *out, size_t number);

/* A link to FOLDER/NAME.html; folder NULL: of the same one. name and folder are of this site. */
void html_link(FILE *out, const char *folder, const char *name, const char *text);

/* A table that scrolls by itself where it is too wide. heads, of this site: NULL ends them, # is
 * before those of numbers. */
void html_table_begin(FILE *out, const char *label, const char *const *heads);
void html_table_end(FILE *out);

/* Writes JSON as NAME.json into dir, and frees it. */
int html_json_end(struct jsonw *json, struct safedir *dir, const char *name,
                  struct offsets_error *error);

#endif
