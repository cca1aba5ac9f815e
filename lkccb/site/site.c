/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lkccb/site/pages.h"
#include "lkccb/site/style.h"

/* ---- files of a site --------------------------------------------------------- */

static const char *const folders[] = { "kernels", "layouts", "streams" };
static const char *const tops[] = { "index.html", "index.json", "moved.html", "moved.json",
	                            "gaps.html",  "gaps.json",  "style.css" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool ends_with(const char *name, const char *end)
{
	size_t size = strlen(name), end_size = strlen(end);

	return size > end_size && !strcmp(name + size - end_size, end);
}

/* No other file is ever removed. */
static bool is_ours(const char *folder, const char *name, bool is_directory)
{
	if (!*folder)
		return is_directory ? is_one_of(name, folders, COUNT(folders))
		                    : is_one_of(name, tops, COUNT(tops));
	return !is_directory && is_one_of(folder, folders, COUNT(folders)) &&
	       (ends_with(name, ".html") || ends_with(name, ".json"));
}

/* ---- all pages ------------------------------------------------------------------ */

static int kernels_write(const struct model *model, struct safedir *dir,
                         struct offsets_error *error)
{
	int err = safedir_folder(dir, "kernels", error);
	size_t i;

	for (i = 0; !err && i < model->count; i++)
		err = pages_kernel(model, model->kernels[i], dir, error);
	return err;
}

static int layouts_write(const struct model *model, struct safedir *dir,
                         struct offsets_error *error)
{
	int err = safedir_folder(dir, "layouts", error);
	size_t i;

	for (i = 0; !err && i < model->layout_count; i++)
		err = pages_layout(model, model->layouts[i], dir, error);
	return err;
}

static int streams_write(const struct model *model, struct safedir *dir,
                         struct offsets_error *error)
{
	int err = safedir_folder(dir, "streams", error);
	size_t i;

	for (i = 0; !err && i < model->stream_count; i++)
		err = pages_stream(model, &model->streams[i], dir, error);
	return err;
}

static int tops_write(const struct model *model, const struct site_options *options,
                      struct safedir *dir, struct offsets_error *error)
{
	int err = safedir_folder(dir, NULL, error);

	if (!err)
		err = safedir_write(dir, "style.css", site_style, strlen(site_style), error);
	if (!err)
		err = pages_index(model, dir, error);
	if (!err)
		err = pages_moved(model, dir, error);
	return err ? err : pages_gaps(model, options, dir, error);
}

static int site_fill(const struct model *model, const struct site_options *options,
                     struct safedir *dir, struct offsets_error *error)
{
	int err = kernels_write(model, dir, error);

	if (!err)
		err = layouts_write(model, dir, error);
	if (!err)
		err = streams_write(model, dir, error);
	if (!err)
		err = tops_write(model, options, dir, error);
	return err ? err : safedir_commit(dir, error);
}

int site_write(struct offsets *db, const char *path, const struct site_options *options,
               size_t *ret_kernels, struct offsets_error *error)
{
	struct safedir *dir = NULL;
	struct model model;
	int err = model_read(db, options->db_name, &model, error);

	if (!err)
		err = safedir_begin(path, is_ours, &dir, error);
	if (!err)
		err = site_fill(&model, options, dir, error);
	safedir_end(dir);
	*ret_kernels = model.count;
	model_free(&model);
	return err;
}
