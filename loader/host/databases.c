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

int databases_open(const struct databases *d, size_t number, struct offsets **ret,
                   uint64_t *ret_serial, struct offsets_error *error)
{
	const struct dbsource source = { d->paths[number], d->key, d->state, d->record };

	return dbsource_open(&source, ret, ret_serial, error);
}
