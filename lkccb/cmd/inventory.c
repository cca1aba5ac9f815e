/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lkccb/cmd/inventory.h"
#include "lkccb/cmd/report.h"
#include "lkccb/input/crawler.h"
#include "lkccb/io/textfile.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"

#define MACHINE "x86_64" /* of kernels whose machine is not said */

/* ---- --inventory ----------------------------------------------------------- */

/* NULL: there is none. */
static const char *word_of(const char *text)
{
	text = text ? text + strspn(text, " ") : "";
	return *text ? text : NULL;
}

/*
 * A line: "release", or "release,machine,build-id,version", of which the last three may
 * be empty, and the last may have commas.
 */
static bool line_parse(char *line, struct host *ret)
{
	const char *machine;

	line[strcspn(line, "\r\n")] = '\0';
	ret->release = word_of(strsep(&line, ","));
	machine = word_of(strsep(&line, ","));
	ret->machine = machine ? machine : MACHINE;
	ret->build_id = word_of(strsep(&line, ","));
	ret->version = word_of(line);
	return ret->release;
}

static int lines_read(const char *path, FILE *in, inventory_fn fn, void *arg,
                      struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0, number = 0;
	struct host host = { .release = NULL };
	int err = 0;

	while (!err && getline(&line, &room, in) >= 0) {
		number++;
		if (*line == '#' || *line == '\n')
			continue;
		if (!line_parse(line, &host))
			return offsets_fail(error, -EBADMSG,
			                    "%s:%zu: neither a release nor "
			                    "release,machine,build-id,version",
			                    path, number);
		err = fn(&host, arg, error);
	}
	if (!err && ferror(in))
		return offsets_fail(error, -EIO, "%s: %s", path, strerror(errno));
	return err;
}

static int hosts_read(const char *path, inventory_fn fn, void *arg, struct offsets_error *error)
{
	CLEANUP(cleanup_file) FILE *file = NULL;
	int err;

	if (!strcmp(path, "-"))
		return lines_read(path, stdin, fn, arg, error);
	err = textfile_open(path, &file, error);
	return err ? err : lines_read(path, file, fn, arg, error);
}

/* ---- --kernels -------------------------------------------------------------- */

struct list {
	inventory_fn fn;
	void *arg;
};

static int list_take(const struct crawled *kernel, void *arg, struct offsets_error *error)
{
	const struct host host = { .release = kernel->release,
		                   .machine = kernel->machine,
		                   .build = kernel->build,
		                   .package_version = kernel->package_version };
	const struct list *list = arg;

	return list->fn(&host, list->arg, error);
}

static int list_read(const struct options *o, inventory_fn fn, void *arg,
                     struct offsets_error *error)
{
	const struct isolate_limits limits = { o->memory, o->disk, o->timeout_s, o->verbose };
	struct list list = { fn, arg };
	size_t skipped = 0;
	int err = crawler_read(o->kernels, o->input.machine ? o->input.machine : MACHINE, &limits,
	                       list_take, &list, &skipped, error);

	if (!err && skipped)
		escape_print(stderr, "lkccb: %s: %zu entr%s no package of a kernel, skipped\n",
		             o->kernels, skipped, skipped == 1 ? "y names" : "ies name");
	return err;
}

int inventory_read(const struct options *o, inventory_fn fn, void *arg, struct offsets_error *error)
{
	int err = o->inventory ? hosts_read(o->inventory, fn, arg, error) : 0;

	return !err && o->kernels ? list_read(o, fn, arg, error) : err;
}
