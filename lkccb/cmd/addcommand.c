/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb add: what the command line and the list name, with or without a keyring, servers and
 * banners. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/add.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/provenance.h"
#include "lkccb/cmd/record.h"
#include "lkccb/cmd/report.h"
#include "lkccb/cmd/signedrpm.h"
#include "lkccb/input/banners.h"
#include "lkccb/io/debuginfod.h"
#include "lkccb/io/scratch.h"
#include "lkccb/io/servers.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

/* ---- by build-id ------------------------------------------------------ */

static bool by_build_id(const struct paths *paths)
{
	size_t i;

	for (i = 0; i < paths->count; i++)
		if (servers_build_id(paths->list[i]))
			return true;
	return false;
}

static int servers_check(const struct options *o, struct offsets_error *error)
{
	struct servers servers;
	int err = servers_parse(o->input.debuginfod, &servers, error);

	servers_free(&servers);
	if (!err && !debuginfod_available())
		err = offsets_fail(
			error, -ENOSYS,
			"--build-id: this lkccb was built without libdebuginfod; install "
			"libdebuginfod-dev (elfutils-debuginfod-client-devel) and build it "
			"again, or add the debug package of the kernel");
	return err;
}

/* libdebuginfod stores what it fetches in a directory of this run, never in its usual cache. */
static int add_with_servers(struct options *o, const struct paths *inputs,
                            const struct paths *named)
{
	struct scratch_directory directory;
	struct offsets_error error;
	int code;

	if (!o->input.debuginfod)
		o->input.debuginfod = getenv("DEBUGINFOD_URLS");
	if (servers_check(o, &error) || scratch_directory_make(&directory, &error))
		return report(&error);
	o->input.directory = directory.name;
	code = add_inputs(o, inputs, named, NULL, NULL);
	scratch_directory_remove(&directory);
	return code;
}

/* ---- banners ---------------------------------------------------------- */

/* The processes parse it: here are only its bytes. */
static int banners_load(struct options *o, void **ret, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	size_t size;
	int err = safefile_open(o->banners, SAFEFILE_READ, &fd, error);

	if (!err)
		err = safefile_read(fd, o->banners, BANNERS_MAX_BYTES, ret, &size, error);
	if (!err)
		o->input.banners = (struct input_text){ o->banners, *ret, size };
	return err;
}

/* ---- the command ------------------------------------------------------ */

static int build_id_add(struct paths *paths, const char *id, struct offsets_error *error)
{
	char *path, *at;

	if (asprintf(&path, "build-id:%s", id) < 0)
		return offsets_fail(error, -ENOMEM, "out of memory");
	paths->list[paths->count++] = path;
	for (at = path; *at; at++)
		*at = tolower((unsigned char)*at);
	return servers_build_id(path)
	               ? 0
	               : offsets_fail(error, -EINVAL,
	                              "--build-id %s: not a build-id; give all its hexadecimal "
	                              "digits, as 'sextant check' prints them",
	                              id);
}

/* The inputs of the command line, of which build-ids are some. */
static int named_make(const struct options *o, int argc, char **argv, struct paths *ret,
                      struct offsets_error *error)
{
	size_t i;
	int err = 0;

	*ret = (struct paths){ calloc(argc + o->build_id_count + 1, sizeof(*ret->list)), 0 };
	for (; ret->list && argc--; argv++)
		if (!(ret->list[ret->count++] = strdup(*argv)))
			return offsets_fail(error, -ENOMEM, "out of memory");
	for (i = 0; ret->list && !err && i < o->build_id_count; i++)
		err = build_id_add(ret, o->build_ids[i], error);
	return ret->list ? err : offsets_fail(error, -ENOMEM, "out of memory");
}

static int options_add(struct options o, const struct paths *paths, const struct paths *named)
{
	if (o.keyring)
		return signedrpm_add(&o, paths, named);
	return by_build_id(paths) ? add_with_servers(&o, paths, named)
	                          : add_inputs(&o, paths, named, NULL, NULL);
}

static int paths_add(const struct options *options, const struct paths *paths,
                     const struct paths *named)
{
	int code;
	CLEANUP(cleanup_free) void *banners = NULL;
	struct options o = *options;
	struct offsets_error error;

	if (o.input.version && paths->count > 1)
		return report_misuse("--version is that of one kernel; give --banners for more");
	if (o.banners && banners_load(&o, &banners, &error))
		return report(&error);
	if (o.keyring && by_build_id(paths))
		return report_misuse(
			"add: --keyring is for packages; debuginfod has no signatures");
	if (record_begin(options, "add", &o.record, &error))
		return report(&error);
	code = provenance_write(o.record, options_add(o, paths, named));
	record_free(o.record);
	return code;
}

static int add_named(const struct options *o, const struct paths *named)
{
	struct offsets_error error;
	struct paths paths;
	int code;

	if (paths_collect(named->list, named->count, o->list, o->shard, &paths, &error))
		return report(&error);
	code = paths_add(o, &paths, named);
	paths_free(&paths);
	return code;
}

int lkccb_add(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct paths named;
	int code;

	if (!argc && !o->list && !o->build_id_count)
		return report_misuse("add: nothing to read");
	if (o->input.version && o->banners)
		return report_misuse("add: either --version or --banners");
	code = named_make(o, argc, argv, &named, &error) ? report(&error) : add_named(o, &named);
	paths_free(&named);
	return code;
}
