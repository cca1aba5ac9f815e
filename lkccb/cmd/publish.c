/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb site: the database as a static site, with the gaps of an inventory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/inventory.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"
#include "lkccb/site/site.h"
#include "offsets/util/escape.h"

struct publishing {
	struct offsets *db;
	struct site_gap *gaps;
	size_t count, asked;
};

static bool room_make(struct publishing *p)
{
	struct site_gap *gaps;

	if (p->count & (p->count - 1))
		return true;
	gaps = realloc(p->gaps, (p->count ? 2 * p->count : 1) * sizeof(*gaps));
	if (gaps)
		p->gaps = gaps;
	return gaps;
}

static int host_take(const struct host *host, void *arg, struct offsets_error *error)
{
	struct publishing *p = arg;
	struct matching matching;
	struct site_gap *gap;
	int err = matching_find(p->db, host, &matching, error);

	p->asked++;
	if (err || matching.match)
		return err;
	if (!room_make(p))
		return offsets_fail(error, -ENOMEM, "out of memory");
	gap = &p->gaps[p->count++];
	*gap = (struct site_gap){ strdup(host->release), strdup(host->machine),
		                  strdup(matching.advice) };
	return gap->release && gap->machine && gap->package
	               ? 0
	               : offsets_fail(error, -ENOMEM, "out of memory");
}

static void gaps_free(struct publishing *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		free(p->gaps[i].release);
		free(p->gaps[i].machine);
		free(p->gaps[i].package);
	}
	free(p->gaps);
}

int lkccb_site(const struct options *o, int argc, char **argv)
{
	struct site_options options = { .db_name = o->db, .package = matching_package };
	struct publishing p = { .db = NULL };
	struct offsets_error error;
	size_t kernels = 0;
	int err;

	(void)argc;
	if (reading_open(o, &p.db))
		return EXIT_FAILED;
	err = inventory_read(o, host_take, &p, &error);
	options.gaps = p.gaps;
	options.gap_count = p.count;
	options.asked = p.asked;
	if (!err)
		err = site_write(p.db, argv[0], &options, &kernels, &error);
	offsets_close(p.db);
	gaps_free(&p);
	if (err)
		return report(&error);
	escape_print(stdout, "%s: %zu kernel%s\n", argv[0], kernels, PLURAL(kernels));
	return EXIT_DONE;
}
