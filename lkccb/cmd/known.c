/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/known.h"

static int known_add(const char *sha256, void *arg)
{
	struct known *known = arg;

	if ((known->count & (known->count - 1)) == 0) {
		size_t room = known->count ? 2 * known->count : 1;
		void *list = realloc(known->list, room * sizeof(*known->list));

		if (!list)
			return -ENOMEM;
		known->list = list;
	}
	snprintf(known->list[known->count++], sizeof(*known->list), "%s", sha256);
	return 0;
}

int known_read(struct offsets *db, struct known *ret, struct offsets_error *error)
{
	int err = offsets_packages(db, known_add, ret, error);

	return err == -ENOMEM ? offsets_fail(error, err, "out of memory") : err;
}

void known_free(struct known *known)
{
	free(known->list);
	*known = (struct known){ NULL, 0 };
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool known_has(const struct known *known, const char *sha256)
{
	return sha256 && known->count &&
	       bsearch(sha256, known->list, known->count, sizeof(*known->list), compare);
}
