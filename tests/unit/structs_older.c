/* SPDX-License-Identifier: BSD-2-Clause */
#include "structs_check.h"

#include "../data/structs.h"

const struct expected *expected_older(size_t *ret_count)
{
	static const struct expected all[] = {
#include "structs_expected.h"
	};

	*ret_count = sizeof(all) / sizeof(all[0]);
	return all;
}
