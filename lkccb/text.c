/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb import, export. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "escape.h"
#include "lkccb.h"

static int import_one(struct offsets *db, const char *path, size_t *count)
{
	CLEANUP(cleanup_file) FILE *in = NULL;
	struct offsets_error error;

	if (text_open(path, &in, &error))
		return report(&error);
	return offsets_import(db, in, path, count, &error) ? report(&error) : EXIT_DONE;
}

int lkccb_import(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct offsets *db;
	size_t count, total = 0;
	int i, code = EXIT_DONE;

	if (offsets_open(o->db, OFFSETS_WRITE, &db, &error))
		return report(&error);
	for (i = 0; code == EXIT_DONE && i < argc; i++) {
		code = import_one(db, argv[i], &count);
		if (code == EXIT_DONE)
			total += count;
	}
	if (code == EXIT_DONE && offsets_finish(db, &error))
		code = report(&error);
	offsets_close(db);
	if (code == EXIT_DONE)
		escape_print(stdout, "%s: %zu rows imported\n", o->db, total);
	return code;
}

int lkccb_export(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct offsets *db;
	int err;

	(void)argc, (void)argv;
	if (with_db(o, &db))
		return EXIT_FAILED;
	err = offsets_export(db, stdout, &error);
	offsets_close(db);
	return err ? report(&error) : EXIT_DONE;
}
