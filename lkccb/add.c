/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb add: many inputs into the database, one transaction each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "escape.h"
#include "jsonw.h"
#include "lkccb.h"

struct add {
	const struct options *o;
	struct offsets *db;
	char (*known)[65]; /* SHA-256 of the packages that the database knows, sorted */
	size_t known_count;
	size_t total, done, failed;
	bool progress; /* a line on the terminal that is written over */
	/* Of the result at hand. */
	const struct batch_result *result;
	struct jsonw *json;
};

/* ---- what is known ---------------------------------------------------- */

static int known_add(const char *sha256, void *arg)
{
	struct add *add = arg;

	if ((add->known_count & (add->known_count - 1)) == 0) {
		size_t room = add->known_count ? 2 * add->known_count : 1;
		void *list = realloc(add->known, room * sizeof(*add->known));

		if (!list)
			return -ENOMEM;
		add->known = list;
	}
	snprintf(add->known[add->known_count++], sizeof(*add->known), "%s", sha256);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_known(const char *sha256, void *arg)
{
	struct add *add = arg;

	return sha256 &&
	       bsearch(sha256, add->known, add->known_count, sizeof(*add->known), compare);
}

/* ---- report ----------------------------------------------------------- */

static void progress_clear(const struct add *add)
{
	if (add->progress)
		fputs("\r\033[K", stderr);
}

static void progress_show(const struct add *add)
{
	if (add->progress && add->done < add->total)
		fprintf(stderr, "[%zu/%zu] %zu failed", add->done, add->total, add->failed);
}

static const char *const words[] = {
	[OFFSETS_ADDED] = "added",
	[OFFSETS_UPDATED] = "updated",
	[OFFSETS_UNCHANGED] = "unchanged",
};

static void row_report(struct add *add, const struct kernel_row *row, enum offsets_change change)
{
	static const enum row_key keys[] = { ROW_RELEASE, ROW_MACHINE, ROW_MODULE, ROW_BUILD_ID,
		                             ROW_SOURCE };
	size_t i;

	if (add->json) {
		jsonw_object_open(add->json, NULL);
		jsonw_string(add->json, "change", words[change]);
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			jsonw_string(add->json, offsets_row_key_name(keys[i]), row->keys[keys[i]]);
		jsonw_u64(add->json, "facts", row->count);
		jsonw_object_close(add->json);
		return;
	}
	escape_print(stdout, "%s %s%s%s %s, %zu facts from %s, build-id %s: %s\n", words[change],
	             row->keys[ROW_RELEASE], row->keys[ROW_MODULE] ? " module " : "",
	             row->keys[ROW_MODULE] ? row->keys[ROW_MODULE] : "", row->keys[ROW_MACHINE],
	             row->count, row->keys[ROW_SOURCE],
	             row->keys[ROW_BUILD_ID] ? row->keys[ROW_BUILD_ID] : "unknown",
	             add->result->path);
}

/* ---- results ---------------------------------------------------------- */

static int row_add(struct kernel_row *row, void *arg, struct offsets_error *error)
{
	struct add *add = arg;
	enum offsets_change change;
	int err = offsets_add(add->db, row, &change, error);

	if (err)
		return err;
	row_report(add, row, change);
	return 0;
}

static int rows_add(struct add *add, const struct batch_result *result, struct offsets_error *error)
{
	CLEANUP(cleanup_file)
	FILE *in = fmemopen((void *)result->text, result->size ? result->size : 1, "r");
	int err = in ? offsets_text_read(in, result->path, row_add, add, error)
	             : offsets_fail(error, -errno, "%s: %s", result->path, strerror(errno));

	if (!err)
		err = offsets_commit(add->db, error);
	if (err)
		offsets_rollback(add->db);
	return err;
}

/* Returns what makes it senseless to go on. */
static int result_take(struct add *add, const struct batch_result *result)
{
	struct offsets_error error = { "" };
	int err = 0;

	if (add->json)
		jsonw_array_open(add->json, "rows");
	if (result->kind == BATCH_ROWS)
		err = rows_add(add, result, &error);
	else if (result->kind == BATCH_FAILED)
		offsets_fail(&error, -EBADMSG, "%s", result->text);
	else if (!add->json)
		escape_print(stdout, "known %s\n", result->path);
	if (*error.text) {
		add->failed++;
		report(&error);
	}
	if (add->json) {
		jsonw_array_close(add->json);
		jsonw_string(add->json, "status",
		             *error.text                   ? "failed"
		             : result->kind == BATCH_KNOWN ? "known"
		                                           : "done");
		jsonw_string(add->json, "error", *error.text ? error.text : NULL);
	}
	return err == -ENOSPC || err == -EIO || err == -EACCES || err == -EFBIG ? err : 0;
}

static int on_result(const struct batch_result *result, void *arg)
{
	struct add *add = arg;
	struct jsonw json;
	int err;

	progress_clear(add);
	add->done++;
	add->result = result;
	if (!add->o->json) {
		err = result_take(add, result);
	} else {
		jsonw_init(&json);
		add->json = &json;
		jsonw_object_open(&json, NULL);
		jsonw_string(&json, "path", result->path);
		jsonw_u64(&json, "milliseconds", result->seconds * 1000);
		err = result_take(add, result);
		jsonw_object_close(&json);
		jsonw_print(&json, stdout); /* a failed write shows at the end */
		add->json = NULL;
	}
	fflush(stdout);
	progress_show(add);
	return err;
}

/* ---- the command ------------------------------------------------------ */

static int add_all(struct add *add, const struct paths *paths)
{
	struct offsets_error error;
	int err;

	if (!add->o->again && offsets_packages(add->db, known_add, add, &error))
		return report(&error);
	add->total = paths->count;
	add->progress = paths->count > 1 && isatty(STDERR_FILENO);
	err = batch_run(add->o, paths, add->known_count ? is_known : NULL, on_result, add);
	free(add->known);
	if (err == -ENOMEM)
		fprintf(stderr, "lkccb: out of memory\n");
	if (add->done > add->failed && offsets_finish(add->db, &error))
		return report(&error);
	if (err || (add->failed && add->failed == add->done))
		return EXIT_FAILED;
	return add->failed ? EXIT_PARTLY : EXIT_DONE;
}

int lkccb_add(const struct options *o, int argc, char **argv)
{
	struct add add = { .o = o };
	struct offsets_error error;
	struct paths paths;
	int code;

	if (!argc && !o->list) {
		fprintf(stderr, "lkccb: add: nothing to read; see 'lkccb --help'\n");
		return EXIT_MISUSE;
	}
	if (paths_collect(o, argc, argv, &paths, &error))
		return report(&error);
	if (offsets_open(o->db, OFFSETS_WRITE, &add.db, &error)) {
		paths_free(&paths);
		return report(&error);
	}
	code = add_all(&add, &paths);
	offsets_close(add.db);
	paths_free(&paths);
	return code;
}
