/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb add: many inputs into the database, one transaction each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "offsets/util/jsonw.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/input/rows.h"

struct add {
	const struct options *o;
	struct offsets *db;
	char (*known)[65]; /* SHA-256 of the packages that the database knows, sorted */
	size_t known_count;
	size_t total, done, outcomes[ADD_OUTCOMES];
	const struct paths *named; /* on the command line, of which each should have a kernel */
	add_outcome_fn outcome;
	void *arg;
	bool progress; /* a line on the terminal that is written over */
	/* Of the result at hand. */
	const struct batch_result *result;
	enum offsets_change changes[ROWS_MAX];
	size_t row; /* at hand */
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
		fprintf(stderr, "[%zu/%zu] %zu failed", add->done, add->total,
		        add->outcomes[ADD_FAILED]);
}

static const char *const words[] = {
	[OFFSETS_ADDED] = "added",
	[OFFSETS_UPDATED] = "updated",
	[OFFSETS_UNCHANGED] = "unchanged",
};

/* Once all rows of the input are in the database. */
static int row_report(struct kernel_row *row, void *arg, struct offsets_error *error)
{
	struct add *add = arg;
	enum offsets_change change = add->changes[add->row++];
	static const enum row_key keys[] = { ROW_RELEASE, ROW_MACHINE, ROW_MODULE, ROW_BUILD_ID,
		                             ROW_SOURCE };
	size_t i;

	(void)error;
	if (add->json) {
		jsonw_object_open(add->json, NULL);
		jsonw_string(add->json, "change", words[change]);
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			jsonw_string(add->json, offsets_row_key_name(keys[i]), row->keys[keys[i]]);
		jsonw_u64(add->json, "facts", row->count);
		jsonw_object_close(add->json);
		return 0;
	}
	escape_print(stdout, "%s %s%s%s %s, %zu facts from %s, build-id %s: %s\n", words[change],
	             row->keys[ROW_RELEASE], row->keys[ROW_MODULE] ? " module " : "",
	             row->keys[ROW_MODULE] ? row->keys[ROW_MODULE] : "", row->keys[ROW_MACHINE],
	             row->count, row->keys[ROW_SOURCE],
	             row->keys[ROW_BUILD_ID] ? row->keys[ROW_BUILD_ID] : "unknown",
	             add->result->path);
	return 0;
}

/* ---- results ---------------------------------------------------------- */

static int conflict(const struct add *add, const struct kernel_row *row,
                    struct offsets_error *error)
{
	const char *module = row->keys[ROW_MODULE], *id = row->keys[ROW_BUILD_ID];

	return offsets_fail(error, -EEXIST,
	                    "%s: conflict: %s%s%s (build-id %s) has other facts or another name "
	                    "in %s; kept what was there, give --replace to take these",
	                    add->result->path, row->keys[ROW_RELEASE], module ? " module " : "",
	                    module ? module : "", id ? id : "unknown", add->o->db);
}

static int row_add(struct kernel_row *row, void *arg, struct offsets_error *error)
{
	struct add *add = arg;
	enum offsets_change *change = &add->changes[add->row];
	int err;

	if (add->row++ == ROWS_MAX)
		return offsets_fail(error, -E2BIG, "%s: more than %d kernels and modules",
		                    add->result->path, ROWS_MAX);
	err = add->o->replace ? offsets_add(add->db, row, change, error)
	                      : offsets_add_new(add->db, row, change, error);
	return err == -EEXIST ? conflict(add, row, error) : err;
}

static int rows_each(struct add *add, offsets_text_fn fn, struct offsets_error *error)
{
	const struct batch_result *result = add->result;
	CLEANUP(cleanup_file)
	FILE *in = fmemopen((void *)result->text, result->size ? result->size : 1, "r");

	add->row = 0;
	return in ? offsets_text_read(in, result->path, fn, add, error)
	          : offsets_fail(error, -errno, "%s: %s", result->path, strerror(errno));
}

static int rows_add(struct add *add, struct offsets_error *error)
{
	int err = rows_each(add, row_add, error);

	if (!err)
		err = offsets_commit(add->db, error);
	if (err) {
		offsets_rollback(add->db);
		return err;
	}
	return rows_each(add, row_report, error);
}

static bool is_named(const struct add *add, const char *path)
{
	size_t i;

	for (i = 0; add->named && i < add->named->count; i++)
		if (!strcmp(add->named->list[i], path))
			return true;
	return false;
}

static enum add_outcome outcome_of(const struct add *add, const struct batch_result *result,
                                   int err)
{
	switch (result->kind) {
	case BATCH_ROWS:
		return err == -EEXIST ? ADD_CONFLICT : err ? ADD_FAILED : ADD_DONE;
	case BATCH_KNOWN:
		return ADD_KNOWN;
	case BATCH_EMPTY: /* of a directory there may be many, but who names one is mistaken */
		return is_named(add, result->path) ? ADD_FAILED : ADD_EMPTY;
	default:
		return ADD_FAILED;
	}
}

static const char *const statuses[] = {
	[ADD_DONE] = "done",         [ADD_KNOWN] = "known",   [ADD_EMPTY] = "skipped",
	[ADD_CONFLICT] = "conflict", [ADD_FAILED] = "failed",
};

/* Returns what makes it senseless to go on. */
static int result_take(struct add *add, const struct batch_result *result)
{
	struct offsets_error error = { "" };
	enum add_outcome outcome;
	int err = 0;

	if (add->json)
		jsonw_array_open(add->json, "rows");
	if (result->kind == BATCH_ROWS)
		err = rows_add(add, &error);
	outcome = outcome_of(add, result, err);
	if (outcome == ADD_FAILED && result->kind != BATCH_ROWS)
		snprintf(error.text, sizeof(error.text), "%.500s", result->text);
	if (*error.text)
		report(&error);
	else if (!add->json && outcome == ADD_KNOWN)
		escape_print(stdout, "known %s\n", result->path);
	else if (!add->json && outcome == ADD_EMPTY)
		escape_print(stdout, "skipped %s: no vmlinux in it\n", result->path);
	if (add->json) {
		jsonw_array_close(add->json);
		jsonw_string(add->json, "status", statuses[outcome]);
		jsonw_string(add->json, "error", *error.text ? error.text : NULL);
	}
	add->outcomes[outcome]++;
	if (add->outcome)
		add->outcome(result->path, outcome, add->arg);
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

static int exit_code(const struct add *add)
{
	size_t failed = add->outcomes[ADD_FAILED];

	if (failed)
		return failed == add->done ? EXIT_FAILED : EXIT_PARTLY;
	return add->outcomes[ADD_CONFLICT] ? EXIT_DIFFERENT : EXIT_DONE;
}

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
	if (add->outcomes[ADD_DONE] + add->outcomes[ADD_KNOWN] && offsets_finish(add->db, &error))
		return report(&error);
	return err ? EXIT_FAILED : exit_code(add);
}

static int add_open(struct add *add, const struct paths *paths)
{
	struct offsets_error error;
	int code;

	if (offsets_open(add->o->db, OFFSETS_WRITE, &add->db, &error))
		return report(&error);
	code = add_all(add, paths);
	offsets_close(add->db);
	return code;
}

int add_inputs(const struct options *o, const struct paths *paths, add_outcome_fn fn, void *arg)
{
	struct add add = { .o = o, .outcome = fn, .arg = arg };

	return add_open(&add, paths);
}

int lkccb_add(const struct options *o, int argc, char **argv)
{
	const struct paths named = { argv, argc };
	struct add add = { .o = o, .named = &named };
	struct offsets_error error;
	struct paths paths;
	int code;

	if (!argc && !o->list) {
		fprintf(stderr, "lkccb: add: nothing to read; see 'lkccb --help'\n");
		return EXIT_MISUSE;
	}
	if (paths_collect(o, argc, argv, &paths, &error))
		return report(&error);
	code = add_open(&add, &paths);
	paths_free(&paths);
	return code;
}
