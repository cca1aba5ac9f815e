/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "offsets/util/cleanup.h"
#include "lkccb/image/confirm.h"
#include "lkccb/image/units.h"

enum verdict {
	CONFIRMED,
	NOT_YET,   /* by these units; others may */
	OTHERWISE, /* something is said differently: all units have to be read */
};

/*
 * Do the few units make the other ones needless? Each member has to be
 * confirmed; enumerators and arguments may stand in other units.
 */
static enum verdict confirmed(const struct kernel_row *dwarf, const struct kernel_row *btf)
{
	enum verdict verdict = CONFIRMED;
	size_t i;

	for (i = 0; i < btf->count; i++) {
		const struct fact *f = &btf->facts[i];
		const struct fact *same = offsets_row_fact(dwarf, f->type, f->member);

		if (same && !offsets_fact_same(f, same))
			return OTHERWISE;
		if (!same && offsets_fact_kind(f->type) == FACT_MEMBER)
			verdict = NOT_YET;
	}
	for (i = 0; i < dwarf->count; i++)
		if (!offsets_row_fact(btf, dwarf->facts[i].type, dwarf->facts[i].member))
			return OTHERWISE;
	return verdict;
}

/* All facts of both; what both have must be the same. */
static int facts_unite(struct kernel_row *row, const struct kernel_row *more)
{
	CLEANUP(cleanup_free) bool *there = calloc(more->count + 1, sizeof(*there));
	size_t i;
	int err = there ? 0 : -ENOMEM;

	for (i = 0; !err && i < more->count; i++) {
		const struct fact *f = &more->facts[i];
		const struct fact *same = offsets_row_fact(row, f->type, f->member);

		there[i] = same;
		if (same && !offsets_fact_same(f, same))
			err = -ENOTUNIQ;
	}
	for (i = 0; !err && i < more->count; i++)
		if (!there[i])
			err = offsets_row_add_fact(row, &more->facts[i]);
	offsets_row_sort(row);
	return err;
}

static int few_more(struct units *units, struct kernel_row *few)
{
	struct kernel_row *more = offsets_row_new();
	struct offsets_error ignored;
	int err = more ? units_more(units, more, &ignored) : -ENOMEM;

	if (!err)
		err = facts_unite(few, more);
	offsets_row_free(more);
	return err;
}

bool confirm_quickly(const struct elffile *file, const struct kernel_row *btf)
{
	struct kernel_row *few = offsets_row_new();
	enum verdict verdict = NOT_YET;
	struct units *units = NULL;
	int err = few ? units_open(file, &units) : -ENOMEM;

	while (!err && verdict == NOT_YET) {
		err = few_more(units, few);
		if (!err)
			verdict = confirmed(few, btf);
	}
	units_close(units);
	offsets_row_free(few);
	return !err && verdict == CONFIRMED;
}
