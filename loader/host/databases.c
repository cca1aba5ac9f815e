/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loader/host/databases.h"

void databases_names(const struct databases *d, char *ret, size_t ret_size)
{
	size_t i, used = 0;

	ret[0] = '\0';
	for (i = 0; i < d->count && used < ret_size; i++)
		used += snprintf(ret + used, ret_size - used, "%s%s", i ? ", " : "", d->paths[i]);
}
