/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares a kernel with what the compiler says of tests/data/structs.h, in both its ages. */
#ifndef TESTS_UNIT_STRUCTS_CHECK_H
#define TESTS_UNIT_STRUCTS_CHECK_H

#include "offsets/facts.h"
#include "tests/unit/unit.h"

struct expected {
	const char *type, *member;
	long offset; /* -1: must not be found */
	uint32_t size, bit_offset, bit_size;
};

const struct expected *expected_older(size_t *ret_count);
const struct expected *expected_newer(size_t *ret_count);

/* BTF has no symbols, nor functions that are inlined everywhere. */
static inline bool btf_has(const struct expected *e)
{
	return offsets_fact_kind(e->type) != OFFSETS_FACT_SYMBOL &&
	       strcmp(e->type, "ptrace_attach()");
}

static inline void kernel_check(const struct offsets_kernel *kernel, bool newer, bool dwarf)
{
	size_t count, i, found = 0;
	const struct expected *e = newer ? expected_newer(&count) : expected_older(&count);

	for (i = 0; i < count; i++) {
		const struct offsets_fact *f = offsets_kernel_fact(kernel, e[i].type, e[i].member);

		if (!dwarf && !btf_has(&e[i]))
			continue;
		if (e[i].offset < 0) {
			if (f)
				fail_msg("%s.%s should not be found", e[i].type, e[i].member);
			continue;
		}
		if (!f)
			fail_msg("%s.%s not found", e[i].type, e[i].member);
		if (f->offset != e[i].offset || f->size != e[i].size ||
		    f->bit_offset != e[i].bit_offset || f->bit_size != e[i].bit_size)
			fail_msg("%s.%s: %u %u %u %u", e[i].type, e[i].member, f->offset, f->size,
			         f->bit_offset, f->bit_size);
		found++;
	}
	assert_int_equal(offsets_kernel_count(kernel), found);
	assert_non_null(strstr(offsets_kernel_key(kernel, OFFSETS_KEY_ORIGIN),
	                       "super_block.s_mounts is left out: its type is '**mount', not "
	                       "'*mount,list_head'"));
}

#endif
