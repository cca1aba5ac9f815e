/* SPDX-License-Identifier: BSD-2-Clause */
/* Many inputs into the database, one transaction each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/kernel.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "offsets/util/jsonw.h"
#include "lkccb/cmd/add.h"
#include "lkccb/cmd/known.h"
#include "lkccb/cmd/record.h"
#include "lkccb/cmd/report.h"
#include "lkccb/input/batch.h"
#include "lkccb/io/servers.h"

struct add {
	const struct options *o;
	struct offsets *db;
	struct known known;
	size_t total, done, outcomes[ADD_OUTCOMES];
	const struct paths *named; /* on the command line: each must have a kernel */
	add_outcome_fn outcome;
	void *arg;
	bool progress; /* show a progress line on the terminal */
	/* The current result. */
	const struct batch_result *result;
	enum offsets_change changes[KERNELS_MAX];
	size_t kernel; /* the current one, an index into changes */
	offsets_text_fn take;
	char sha256[SHA256_HEX + 1]; /* of the input, if somebody asks (o->record) */
	struct jsonw *json;
};

static bool is_known(const char *sha256, void *arg)
{
	const struct add *add = arg;

	return known_has(&add->known, sha256);
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

/* After all kernels of the input are in the database. */
static int kernel_report(struct offsets_kernel *kernel, void *arg, struct offsets_error *error)
{
	struct add *add = arg;
	enum offsets_change change = add->changes[add->kernel++];
	static const enum offsets_key keys[] = { OFFSETS_KEY_RELEASE, OFFSETS_KEY_MACHINE,
		                                 OFFSETS_KEY_MODULE, OFFSETS_KEY_BUILD_ID,
		                                 OFFSETS_KEY_SOURCE };
	size_t i;

	(void)error;
	if (add->json) {
		jsonw_object_open(add->json, NULL);
		jsonw_string(add->json, "change", words[change]);
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			jsonw_string(add->json, offsets_key_name(keys[i]),
			             offsets_kernel_key(kernel, keys[i]));
		jsonw_u64(add->json, "facts", offsets_kernel_count(kernel));
		jsonw_object_close(add->json);
		return 0;
	}
	escape_print(stdout, "%s %s%s%s %s, %zu offsets from %s, build-id %s: %s\n", words[change],
	             offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE),
	             offsets_kernel_key(kernel, OFFSETS_KEY_MODULE) ? " module " : "",
	             offsets_kernel_key(kernel, OFFSETS_KEY_MODULE)
	                     ? offsets_kernel_key(kernel, OFFSETS_KEY_MODULE)
	                     : "",
	             offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE), offsets_kernel_count(kernel),
	             offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE),
	             offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID)
	                     ? offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID)
	                     : "unknown",
	             add->result->path);
	return 0;
}

/* ---- results ---------------------------------------------------------- */

static int conflict(const struct add *add, const struct offsets_kernel *kernel,
                    struct offsets_error *error)
{
	const char *module = offsets_kernel_key(kernel, OFFSETS_KEY_MODULE),
		   *id = offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID);

	return offsets_fail(error, -EEXIST,
	                    "%s: conflict: %s%s%s (build-id %s) is in %s with other offsets or "
	                    "another name; that entry was kept, give --replace to take the new one",
	                    add->result->path, offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE),
	                    module ? " module " : "", module ? module : "", id ? id : "unknown",
	                    add->o->db);
}

static int kernel_add(struct offsets_kernel *kernel, void *arg, struct offsets_error *error)
{
	struct add *add = arg;
	enum offsets_change *change = &add->changes[add->kernel];
	int err;

	if (add->kernel++ == KERNELS_MAX)
		return offsets_fail(error, -E2BIG, "%s: more than %d kernels and modules",
		                    add->result->path, KERNELS_MAX);
	err = add->o->replace ? offsets_add(add->db, kernel, change, error)
	                      : offsets_add_new(add->db, kernel, change, error);
	return err == -EEXIST ? conflict(add, kernel, error) : err;
}

/* Whether a signature was verified is known here, and not by the process that read the input. */
static int kernel_take(struct offsets_kernel *kernel, void *arg, struct offsets_error *error)
{
	struct add *add = arg;
	const char *sha256 = offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE_SHA256);
	int err;

	if (add->o->record && sha256 && strcmp(sha256, add->sha256))
		return offsets_fail(error, -EAGAIN, "%s: it changed while it was read; try again",
		                    add->result->path);
	err = offsets_kernel_verified(kernel, add->o->is_verified);
	return err ? offsets_fail(error, err, "out of memory") : add->take(kernel, add, error);
}

static int kernels_each(struct add *add, offsets_text_fn fn, struct offsets_error *error)
{
	const struct batch_result *result = add->result;
	CLEANUP(cleanup_file)
	FILE *in = fmemopen((void *)result->text, result->size ? result->size : 1, "r");

	add->kernel = 0;
	add->take = fn;
	return in ? offsets_text_read(in, result->path, kernel_take, add, error)
	          : offsets_fail(error, -errno, "%s: %s", result->path, strerror(errno));
}

static int kernels_add(struct add *add, struct offsets_error *error)
{
	int err = kernels_each(add, kernel_add, error);

	if (!err)
		err = offsets_commit(add->db, error);
	if (err) {
		offsets_rollback(add->db);
		return err;
	}
	return kernels_each(add, kernel_report, error);
}

static enum add_outcome outcome_of(const struct add *add, const struct batch_result *result,
                                   int err)
{
	switch (result->kind) {
	case BATCH_KERNELS:
		return err == -EEXIST ? ADD_CONFLICT : err ? ADD_FAILED : ADD_DONE;
	case BATCH_KNOWN:
		return ADD_KNOWN;
	case BATCH_EMPTY: /* normal in a directory, but an error if it was named */
		return add->named && paths_have(add->named, result->path) ? ADD_FAILED : ADD_EMPTY;
	default:
		return ADD_FAILED;
	}
}

static const char *const statuses[] = {
	[ADD_DONE] = "done",         [ADD_KNOWN] = "known",   [ADD_EMPTY] = "skipped",
	[ADD_CONFLICT] = "conflict", [ADD_FAILED] = "failed",
};

/* By this process: the one that read the input could claim another one. */
static int input_digest_note(struct add *add, struct offsets_error *error)
{
	const struct batch_result *result = add->result;

	if (!add->o->record || (result->kind != BATCH_KERNELS && result->kind != BATCH_KNOWN))
		return 0;
	return record_digest(result->path, add->sha256, error);
}

/* Returns an error after which no further input can be added. */
static int result_take(struct add *add, const struct batch_result *result)
{
	struct offsets_error error = { "" };
	enum add_outcome outcome;
	int err = 0;

	if (add->json)
		jsonw_array_open(add->json, "rows");
	err = input_digest_note(add, &error);
	if (!err && result->kind == BATCH_KERNELS)
		err = kernels_add(add, &error);
	outcome = err && result->kind == BATCH_KNOWN ? ADD_FAILED : outcome_of(add, result, err);
	if (add->o->record && (outcome == ADD_DONE || outcome == ADD_KNOWN))
		record_input(add->o->record, result->path, add->sha256);
	if (outcome == ADD_FAILED && result->kind != BATCH_KERNELS && !err)
		snprintf(error.text, sizeof(error.text), "%.500s", result->text);
	if (*error.text)
		report(&error);
	else if (!add->json && outcome == ADD_KNOWN)
		escape_print(stdout, "known %s\n", result->path);
	else if (!add->json && outcome == ADD_EMPTY)
		escape_print(stdout, "skipped %s: it contains no vmlinux\n", result->path);
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
		jsonw_print(&json, stdout); /* finish() reports a failed write */
		add->json = NULL;
	}
	fflush(stdout);
	progress_show(add);
	return err;
}

/* ---- the inputs ------------------------------------------------------ */

static int exit_code(const struct add *add)
{
	size_t failed = add->outcomes[ADD_FAILED];

	if (failed)
		return failed == add->done ? EXIT_FAILED : EXIT_PARTLY;
	return add->outcomes[ADD_CONFLICT] ? EXIT_DIFFERENT : EXIT_DONE;
}

static int batch_add(struct add *add, const struct paths *inputs)
{
	const struct options *o = add->o;
	const struct batch_options options = {
		.input = o->input,
		.limits = { o->memory, o->disk, o->timeout_s, o->verbose },
		.jobs = o->jobs,
	};

	return batch_run(&options, inputs, add->known.count ? is_known : NULL, on_result, add);
}

/* A kernel that is asked for by its build-id is not fetched if the database has its debug data. */
static bool has_build_id(struct add *add, const char *path)
{
	const struct offsets_query query = { .build_id = servers_build_id(path) };
	struct offsets_kernel *kernel = NULL;
	struct offsets_error ignored;
	enum offsets_match match;
	bool has;

	if (!query.build_id || add->o->again || add->o->replace)
		return false;
	has = !offsets_find(add->db, &query, &kernel, &match, &ignored) &&
	      offsets_kernel_is_read(kernel);
	offsets_kernel_free(kernel);
	return has;
}

static int inputs_add(struct add *add, const struct paths *inputs)
{
	struct paths rest = { calloc(inputs->count + 1, sizeof(*rest.list)), 0 };
	size_t i;
	int err = rest.list ? 0 : -ENOMEM;

	add->total = inputs->count;
	add->progress = inputs->count > 1 && isatty(STDERR_FILENO);
	for (i = 0; !err && i < inputs->count; i++) {
		struct batch_result known = { inputs->list[i], BATCH_KNOWN, "", 0, 0 };

		if (has_build_id(add, inputs->list[i]))
			err = on_result(&known, add);
		else
			rest.list[rest.count++] = inputs->list[i];
	}
	if (!err)
		err = batch_add(add, &rest);
	free(rest.list);
	return err;
}

static int add_all(struct add *add, const struct paths *inputs)
{
	struct offsets_error error;
	int err;

	if (!add->o->again && known_read(add->db, &add->known, &error))
		return report(&error);
	err = inputs_add(add, inputs);
	if (err == -ENOMEM)
		fprintf(stderr, "lkccb: out of memory\n");
	if (add->outcomes[ADD_DONE] + add->outcomes[ADD_KNOWN] && offsets_finish(add->db, &error))
		return report(&error);
	return err ? EXIT_FAILED : exit_code(add);
}

int add_inputs(const struct options *o, const struct paths *inputs, const struct paths *named,
               add_outcome_fn fn, void *arg)
{
	struct add add = { .o = o, .named = named, .outcome = fn, .arg = arg };
	struct offsets_error error;
	int code;

	if (offsets_open(o->db, OFFSETS_WRITE, &add.db, &error))
		return report(&error);
	code = add_all(&add, inputs);
	known_free(&add.known);
	offsets_close(add.db);
	return code;
}
