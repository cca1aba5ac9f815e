/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages of a site, one function for each kind. Inside lkccb/site. */
#ifndef LKCCB_SITE_PAGES_H
#define LKCCB_SITE_PAGES_H

#include "lkccb/site/html.h"
#include "lkccb/site/model.h"
#include "lkccb/site/site.h"

/* index.html, index.json */
int pages_index(const struct model *model, struct safedir *dir, struct offsets_error *error);

/* streams/STREAM.html and .json */
int pages_stream(const struct model *model, const struct model_stream *stream, struct safedir *dir,
                 struct offsets_error *error);

/* kernels/KERNEL.html */
int pages_kernel(const struct model *model, const struct model_kernel *kernel, struct safedir *dir,
                 struct offsets_error *error);

/* layouts/LAYOUT.html and .json */
int pages_layout(const struct model *model, const struct model_layout *layout, struct safedir *dir,
                 struct offsets_error *error);

/* moved.html, moved.json */
int pages_moved(const struct model *model, struct safedir *dir, struct offsets_error *error);

/* gaps.html, gaps.json */
int pages_gaps(const struct model *model, const struct site_options *options, struct safedir *dir,
               struct offsets_error *error);

/* ---- what several pages say ------------------------------------------------- */

/* "debian 6.1 amd64"; the machine follows if the flavour does not have it. */
void pages_stream_title(const struct model_stream *stream, char *ret, size_t size);

/* How sextant finds the entry on a host; NULL: not by itself. */
const char *pages_matched_by(const struct model_kernel *kernel);

/* Of the event classes, how many are in each enum gives_state. */
void pages_states_count(const struct model *model, const struct model_kernel *kernel,
                        size_t ret[GIVES_ALL + 1]);

/* A heading of this site, and how many things are below it. */
void pages_heading(FILE *out, const char *text);

#endif
