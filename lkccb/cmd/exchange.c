/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb import, export. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/io/textfile.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"

struct import {
	const struct options *o;
	struct offsets *db;
	const char *path;
	size_t total;
};

/* A reviewer sees the text, but not what it would replace: so that is a conflict. */
static int import_kernel(struct offsets_kernel *kernel, void *arg, struct offsets_error *error)
{
	struct import *in = arg;
	const char *id = offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID);
	enum offsets_change change;
	int err = in->o->replace ? offsets_add(in->db, kernel, &change, error)
	                         : offsets_add_new(in->db, kernel, &change, error);

	in->total++;
	return err == -EEXIST
	               ? offsets_fail(error, err,
	                              "%s: conflict: %s (build-id %s) is in %s with other offsets "
	                              "or another name; nothing was imported, give --replace to "
	                              "take the new entries",
	                              in->path, offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE),
	                              id ? id : "unknown", in->o->db)
	               : err;
}

static int import_one(struct import *in, const char *path, struct offsets_error *error)
{
	CLEANUP(cleanup_file) FILE *file = NULL;
	int err = textfile_open(path, &file, error);

	if (err)
		return err;
	in->path = path;
	return offsets_text_read(file, path, import_kernel, in, error);
}

int lkccb_import(const struct options *o, int argc, char **argv)
{
	struct import in = { .o = o };
	struct offsets_error error;
	int i, err = offsets_open(o->db, OFFSETS_WRITE, &in.db, &error);

	if (err)
		return report(&error);
	for (i = 0; !err && i < argc; i++)
		err = import_one(&in, argv[i], &error);
	if (!err)
		err = offsets_finish(in.db, &error);
	offsets_close(in.db);
	if (err == -EEXIST)
		return report(&error), EXIT_DIFFERENT;
	if (err)
		return report(&error);
	escape_print(stdout, "%s: %zu kernel%s imported\n", o->db, in.total, PLURAL(in.total));
	return EXIT_DONE;
}

int lkccb_export(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct offsets *db;
	int err;

	(void)argc, (void)argv;
	if (reading_open(o, &db))
		return EXIT_FAILED;
	err = offsets_export(db, stdout, &error);
	offsets_close(db);
	return err ? report(&error) : EXIT_DONE;
}
