/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "loader/host/pin.h"

/* Has this kernel no entry there but one that was proven? */
static int place_check(struct offsets *db, const char *path, const struct host *host,
                       struct offsets_error *error)
{
	struct offsets_query query = { .build_id = *host->build_id ? host->build_id : NULL,
		                       .release = host->release,
		                       .version = host->version,
		                       .machine = host->machine };
	struct offsets_kernel *there;
	enum offsets_match match;
	const char *source;
	int err = offsets_find(db, &query, &there, &match, error);

	if (err)
		return err == -ENOENT ? 0 : err;
	source = offsets_kernel_key(there, OFFSETS_KEY_SOURCE);
	if (!source || strcmp(source, "proven") != 0)
		err = offsets_fail(error, -EEXIST,
		                   "%s: has an entry of this kernel from %s; name another file "
		                   "with --pin",
		                   path, source ? source : "an unknown source");
	offsets_kernel_free(there);
	return err;
}

int pin_check(const char *path, const struct host *host, struct offsets_error *error)
{
	struct offsets *db;
	int err = offsets_open(path, OFFSETS_WRITE, &db, error);

	if (!err)
		err = place_check(db, path, host, error);
	offsets_close(db);
	return err;
}

int pin_write(const char *path, const struct host *host, struct offsets_kernel *kernel,
              struct offsets_error *error)
{
	enum offsets_change change;
	struct offsets *db;
	int err = offsets_open(path, OFFSETS_WRITE, &db, error);

	if (!err)
		err = place_check(db, path, host, error);
	if (!err)
		err = offsets_add(db, kernel, &change, error);
	if (!err)
		err = offsets_finish(db, error);
	offsets_close(db);
	return err;
}
