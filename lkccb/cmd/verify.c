/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb verify: does a database make sense? */
#include <stdio.h>
#include <string.h>

#include "offsets/util/escape.h"
#include "lkccb/cmd/lkccb.h"

struct verify {
	const char *path;
	size_t rows, faults;
};

static void fault(struct verify *v, const struct kernel_row *row, const char *what,
                  const char *type, const char *member)
{
	v->faults++;
	escape_print(stderr, "lkccb: %s: %s%s%s (%s): %s.%s: %s\n", v->path, row->keys[ROW_RELEASE],
	             row->keys[ROW_MODULE] ? " module " : "",
	             row->keys[ROW_MODULE] ? row->keys[ROW_MODULE] : "",
	             row->keys[ROW_BUILD_ID] ? row->keys[ROW_BUILD_ID] : "no build-id", type,
	             member, what);
}

/* The largest struct of the catalogue, task_struct, has less than 16 KiB on every kernel. */
#define STRUCT_BYTES_MAX 65536

static void fact_verify(struct verify *v, const struct kernel_row *row, const struct fact *f)
{
	const struct fact *whole = offsets_row_fact(row, f->type, "sizeof");
	uint64_t end = (uint64_t)f->offset + f->size;

	if (end > STRUCT_BYTES_MAX)
		fault(v, row, "lies outside of any struct of the kernel", f->type, f->member);
	else if (whole && end > whole->size)
		fault(v, row, "ends behind its struct", f->type, f->member);
	if (f->bit_size && (f->bit_offset > 7 || f->bit_size > 64))
		fault(v, row, "an impossible bit-field", f->type, f->member);
}

/* One of "start_boottime|real_start_time" and no more: else which one would the probes read? */
static void alternatives_verify(struct verify *v, const struct kernel_row *row)
{
	unsigned int id;

	for (id = 0; id < LAYOUT_MAX; id++) {
		size_t at = 0;
		const struct fact *first = offsets_row_alternative(row, id, &at), *other;

		while (first && (other = offsets_row_alternative(row, id, &at)))
			if (!offsets_fact_same(first, other))
				fault(v, row, "stands beside another name of the same fact",
				      other->type, other->member);
	}
}

static int row_verify(const struct kernel_row *row, void *arg)
{
	struct verify *v = arg;
	size_t i;

	v->rows++;
	for (i = 0; i < row->count; i++)
		fact_verify(v, row, &row->facts[i]);
	alternatives_verify(v, row);
	return 0;
}

int lkccb_verify(const struct options *o, int argc, char **argv)
{
	struct verify v = { .path = o->db };
	struct offsets_error error = { "out of memory" };
	struct offsets *db;
	int err;

	(void)argc, (void)argv;
	if (with_db(o, &db))
		return EXIT_FAILED;
	err = offsets_integrity(db, &error);
	if (!err)
		err = offsets_each(db, NULL, row_verify, &v, &error);
	offsets_close(db);
	if (err)
		return report(&error);
	escape_print(stdout, "%s: %zu rows, %zu faults\n", o->db, v.rows, v.faults);
	return v.faults ? EXIT_FAILED : EXIT_DONE;
}
