/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb verify: is a database consistent? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "offsets/facts.h"
#include "offsets/util/escape.h"
#include "lkccb/cmd/doubts.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/provenance.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"

struct verify {
	const char *path;
	struct doubts *doubts;
	size_t kernels, faults, doubted;
};

static void fault(struct verify *v, const struct offsets_kernel *kernel, const char *what,
                  const char *type, const char *member)
{
	v->faults++;
	escape_print(stderr, "lkccb: %s: %s%s%s (%s): %s.%s: %s\n", v->path,
	             offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE),
	             offsets_kernel_key(kernel, OFFSETS_KEY_MODULE) ? " module " : "",
	             offsets_kernel_key(kernel, OFFSETS_KEY_MODULE)
	                     ? offsets_kernel_key(kernel, OFFSETS_KEY_MODULE)
	                     : "",
	             offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID)
	                     ? offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID)
	                     : "no build-id",
	             type, member, what);
}

/* The largest struct of the catalogue, task_struct, is smaller than 16 KiB in every kernel. */
#define STRUCT_BYTES_MAX 65536

static void fact_verify(struct verify *v, const struct offsets_kernel *kernel,
                        const struct offsets_fact *f)
{
	const struct offsets_fact *whole = offsets_kernel_fact(kernel, f->type, "sizeof");
	const struct offsets_wanted *wanted = offsets_wanted_find(f->type, f->member);
	uint64_t end = (uint64_t)f->offset + f->size;

	if (end > STRUCT_BYTES_MAX)
		fault(v, kernel, "the offset is larger than any struct of the kernel", f->type,
		      f->member);
	else if (whole && end > whole->size)
		fault(v, kernel, "the member ends after the end of its struct", f->type, f->member);
	if (wanted && !offsets_size_expected(wanted, f->size))
		fault(v, kernel, "its size is not that of a type that can be read", f->type,
		      f->member);
	if (f->bit_size && (f->bit_offset > 7 || f->bit_size > 64))
		fault(v, kernel, "an impossible bit-field", f->type, f->member);
}

/* A kernel has only one of "start_boottime|real_start_time": the probes read the first. */
static void alternatives_verify(struct verify *v, const struct offsets_kernel *kernel)
{
	unsigned int id;

	for (id = 0; id < LAYOUT_MAX; id++) {
		size_t at = 0;
		const struct offsets_fact *first = offsets_kernel_alternative(kernel, id, &at),
					  *other;

		while (first && (other = offsets_kernel_alternative(kernel, id, &at)))
			if (!offsets_fact_same(first, other))
				fault(v, kernel,
				      "another name of the same member has a different offset",
				      other->type, other->member);
	}
}

static int kernel_verify(const struct offsets_kernel *kernel, void *arg)
{
	struct verify *v = arg;
	size_t i;

	v->kernels++;
	for (i = 0; i < offsets_kernel_count(kernel); i++)
		fact_verify(v, kernel, offsets_kernel_fact_at(kernel, i));
	alternatives_verify(v, kernel);
	return 0;
}

/* ---- doubts ------------------------------------------------------------ */

static int kernel_learn(const struct offsets_kernel *kernel, void *arg)
{
	return doubts_learn(arg, kernel);
}

static void doubt_print(const struct offsets_kernel *kernel, const struct doubt *d, void *arg)
{
	const char *source = offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE);
	char more[48] = "";

	(void)arg;
	if (d->count > 1)
		snprintf(more, sizeof(more), ", and %zu more of its members", d->count - 1);
	escape_print(stdout,
	             "doubt: %s (%s): %s.%s at %u%s: in no kernel of this stream whose debug data "
	             "was read (%u there)\n",
	             offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE), source ? source : "no source",
	             d->type, d->first->member, d->first->offset, more, d->other);
}

static int kernel_doubt(const struct offsets_kernel *kernel, void *arg)
{
	struct verify *v = arg;

	v->doubted += doubts_of(v->doubts, kernel, doubt_print, NULL);
	return 0;
}

static int doubts_find(struct verify *v, struct offsets *db, struct offsets_error *error)
{
	int err;

	v->doubts = doubts_new();
	err = v->doubts ? offsets_each(db, NULL, kernel_learn, v->doubts, error) : -ENOMEM;
	if (!err)
		err = offsets_each(db, NULL, kernel_doubt, v, error);
	doubts_free(v->doubts);
	return err;
}

/* ----------------------------------------------------------------------- */

int lkccb_verify(const struct options *o, int argc, char **argv)
{
	struct options named = *o;
	struct verify v = { .path = argc ? argv[0] : o->db };
	struct offsets_error error = { "out of memory" };
	struct offsets *db;
	int err;

	named.db = v.path;
	if (reading_open(&named, &db))
		return EXIT_FAILED;
	err = offsets_integrity(db, &error);
	if (!err)
		err = offsets_each(db, NULL, kernel_verify, &v, &error);
	if (!err)
		err = doubts_find(&v, db, &error);
	if (!err && o->provenance)
		err = provenance_verify(&named, db, &v.faults, &error);
	offsets_close(db);
	if (err)
		return report(&error);
	escape_print(stdout, "%s: %zu kernel%s, %zu fault%s, %zu doubt%s\n", v.path, v.kernels,
	             PLURAL(v.kernels), v.faults, PLURAL(v.faults), v.doubted, PLURAL(v.doubted));
	return v.faults ? EXIT_FAILED : EXIT_DONE;
}
