/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/input/rows.h"

void rows_free(struct rows *rows)
{
	while (rows->count)
		offsets_row_free(rows->list[--rows->count]);
}

static int complete(const char *path, const struct kernel_row *row, struct offsets_error *error)
{
	if (!row->keys[ROW_RELEASE])
		return offsets_fail(error, -EINVAL,
		                    "%s: does not say its release; give it with --release", path);
	if (!row->keys[ROW_MACHINE])
		return offsets_fail(error, -EINVAL,
		                    "%s: does not say its machine; give it with --machine", path);
	return 0;
}

/* Takes from a module's row what its kernel's has too; both must say the same. */
static int module_reduce(const char *path, struct kernel_row *module,
                         const struct kernel_row *kernel, struct offsets_error *error)
{
	size_t i, kept = 0;

	for (i = 0; i < module->count; i++) {
		struct fact *f = &module->facts[i];
		const struct fact *same = offsets_row_fact(kernel, f->type, f->member);

		if (same && !offsets_fact_same(f, same))
			return offsets_fail(error, -ENOTUNIQ,
			                    "%s: %s.%s is at %u in module %s and at %u in the "
			                    "kernel; the package mixes two builds",
			                    path, f->type, f->member, f->offset,
			                    module->keys[ROW_MODULE], same->offset);
		if (same) {
			free(f->type);
			free(f->member);
		} else {
			module->facts[kept++] = *f;
		}
	}
	module->count = kept;
	return 0;
}

/* A module may define nothing that its kernel lacks: overlay before 4.13. */
static void empty_drop(struct rows *rows)
{
	size_t i, kept = 0;

	for (i = 0; i < rows->count; i++)
		if (rows->list[i]->count)
			rows->list[kept++] = rows->list[i];
		else
			offsets_row_free(rows->list[i]);
	rows->count = kept;
}

/* That of the same release; without one, a package's only kernel. */
static const struct kernel_row *kernel_of(const struct rows *rows, const struct kernel_row *module)
{
	const struct kernel_row *found = NULL;
	size_t i, kernels = 0;

	for (i = 0; i < rows->count; i++) {
		const struct kernel_row *row = rows->list[i];

		if (row->keys[ROW_MODULE])
			continue;
		kernels++;
		if (!found || !strcmp(row->keys[ROW_RELEASE], module->keys[ROW_RELEASE]))
			found = row;
	}
	return kernels > 1 && strcmp(found->keys[ROW_RELEASE], module->keys[ROW_RELEASE]) ? NULL
	                                                                                  : found;
}

static int modules_reduce(const char *path, struct rows *rows, struct offsets_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < rows->count; i++) {
		struct kernel_row *row = rows->list[i];
		const struct kernel_row *kernel =
			row->keys[ROW_MODULE] ? kernel_of(rows, row) : NULL;

		if (kernel)
			err = module_reduce(path, row, kernel, error);
	}
	if (!err)
		empty_drop(rows);
	return err;
}

/* One kernel by two paths of a package is one row. */
static void same_drop(struct rows *rows)
{
	size_t i, j, kept = 0;

	for (i = 0; i < rows->count; i++) {
		const char *id = rows->list[i]->keys[ROW_BUILD_ID];

		for (j = 0; j < kept; j++)
			if (id && rows->list[j]->keys[ROW_BUILD_ID] &&
			    !strcmp(rows->list[j]->keys[ROW_BUILD_ID], id) &&
			    offsets_row_same_facts(rows->list[j], rows->list[i]))
				break;
		if (j == kept)
			rows->list[kept++] = rows->list[i];
		else
			offsets_row_free(rows->list[i]);
	}
	rows->count = kept;
}

int rows_settle(const char *path, struct rows *rows, struct offsets_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < rows->count; i++)
		err = complete(path, rows->list[i], error);
	if (err)
		return err;
	same_drop(rows);
	return modules_reduce(path, rows, error);
}
