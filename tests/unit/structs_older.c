/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/structs_check.h"

#include "tests/data/structs.h"

const struct expected *expected_older(size_t *ret_count)
{
	static const struct expected all[] = {
#include "tests/unit/structs_expected.inc"
	};

	*ret_count = sizeof(all) / sizeof(all[0]);
	return all;
}
