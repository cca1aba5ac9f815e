/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "offsets/facts.h"
#include "offsets/util/cleanup.h"
#include "lkccb/image/confirm.h"
#include "lkccb/image/units.h"

enum verdict {
	CONFIRMED,
	NOT_YET,   /* not by these units; others may confirm it */
	OTHERWISE, /* a difference: all units must be read */
};

/*
 * Do these units suffice? They must confirm each member. Enumerators and
 * arguments may be defined in other units.
 */
static enum verdict confirmed(const struct offsets_kernel *dwarf, const struct offsets_kernel *btf)
{
	enum verdict verdict = CONFIRMED;
	const struct offsets_fact *f;
	size_t i;

	for (i = 0; (f = offsets_kernel_fact_at(btf, i)); i++) {
		const struct offsets_fact *same = offsets_kernel_fact(dwarf, f->type, f->member);

		if (same && !offsets_fact_same(f, same))
			return OTHERWISE;
		if (!same && offsets_fact_kind(f->type) == OFFSETS_FACT_MEMBER)
			verdict = NOT_YET;
	}
	for (i = 0; (f = offsets_kernel_fact_at(dwarf, i)); i++)
		if (!offsets_kernel_fact(btf, f->type, f->member))
			return OTHERWISE;
	return verdict;
}

/* Adds the facts of more. Facts that both have must be equal. */
static int facts_unite(struct offsets_kernel *kernel, const struct offsets_kernel *more)
{
	CLEANUP(cleanup_free) bool *there = calloc(offsets_kernel_count(more) + 1, sizeof(*there));
	size_t i;
	int err = there ? 0 : -ENOMEM;

	for (i = 0; !err && i < offsets_kernel_count(more); i++) {
		const struct offsets_fact *f = offsets_kernel_fact_at(more, i);
		const struct offsets_fact *same = offsets_kernel_fact(kernel, f->type, f->member);

		there[i] = same;
		if (same && !offsets_fact_same(f, same))
			err = -ENOTUNIQ;
	}
	for (i = 0; !err && i < offsets_kernel_count(more); i++)
		if (!there[i])
			err = offsets_kernel_add_fact(kernel, offsets_kernel_fact_at(more, i));
	offsets_kernel_sort(kernel);
	return err;
}

static int few_more(struct units *units, struct offsets_kernel *few)
{
	struct offsets_kernel *more = offsets_kernel_new();
	struct offsets_error ignored;
	int err = more ? units_more(units, more, &ignored) : -ENOMEM;

	if (!err)
		err = facts_unite(few, more);
	offsets_kernel_free(more);
	return err;
}

bool confirm_quickly(const struct elffile *file, const struct offsets_kernel *btf)
{
	struct offsets_kernel *few = offsets_kernel_new();
	enum verdict verdict = NOT_YET;
	struct units *units = NULL;
	int err = few ? units_open(file, &units) : -ENOMEM;

	while (!err && verdict == NOT_YET) {
		err = few_more(units, few);
		if (!err)
			verdict = confirmed(few, btf);
	}
	units_close(units);
	offsets_kernel_free(few);
	return !err && verdict == CONFIRMED;
}
