/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies all kernels, sorted, into an empty database: equal kernels give equal bytes. */
#include <errno.h>

#include "offsets/db/database.h"
#include "offsets/db/tables.h"

struct copying {
	struct offsets *to;
	struct offsets_error *error;
};

static int kernel_copy(const struct offsets_kernel *kernel, void *arg)
{
	struct copying *copying = arg;
	enum offsets_change change;

	return offsets_add(copying->to, (struct offsets_kernel *)kernel, &change, copying->error);
}

static int kernels_copy(struct offsets *o, struct offsets *to, struct offsets_error *error)
{
	struct copying copying = { to, error };
	int err = store_open(to, error);

	if (!err)
		err = schema_make(to, error);
	if (!err)
		err = store_exec(to, "BEGIN", error);
	if (!err)
		err = offsets_each(o, NULL, kernel_copy, &copying, error);
	if (err)
		return err;
	store_work_whole(to);
	return store_exec(to, "COMMIT; VACUUM", error);
}

int offsets_finish(struct offsets *o, struct offsets_error *error)
{
	struct offsets *to;
	int err = database_commit(o, error);

	if (err)
		return err;
	to = database_new(o->path, true);
	err = to ? kernels_copy(o, to, error)
	         : offsets_fail(error, -ENOMEM, "%s: out of memory", o->path);
	if (!err)
		err = database_replace(o, &to->file, error);
	offsets_close(to);
	return err;
}
