/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb coverage: which hosts of an inventory have their kernel in the database. */
#include <stdio.h>

#include "offsets/util/escape.h"
#include "offsets/util/jsonw.h"
#include "lkccb/cmd/inventory.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"

struct coverage {
	const struct options *o;
	struct offsets *db;
	size_t hosts, covered;
};

static void host_report_json(const struct host *host, const struct matching *matching)
{
	struct jsonw json;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_string(&json, "release", host->release);
	jsonw_string(&json, "machine", host->machine);
	jsonw_string(&json, "build_id", host->build_id);
	jsonw_string(&json, "version", host->version);
	jsonw_string(&json, "build", host->build);
	jsonw_string(&json, "match", matching->match);
	jsonw_string(&json, "source", *matching->source ? matching->source : NULL);
	jsonw_string(&json, "package", *matching->advice ? matching->advice : NULL);
	jsonw_object_close(&json);
	jsonw_print(&json, stdout);
}

static void header_print(const struct coverage *c)
{
	if (!c->o->json)
		puts("RELEASE\tMACHINE\tMATCH\tSOURCE\tWHAT WOULD CLOSE THE GAP");
}

static int host_check(const struct host *host, void *arg, struct offsets_error *error)
{
	struct coverage *c = arg;
	struct matching matching;
	int err = matching_find(c->db, host, &matching, error);

	if (err)
		return err;
	if (!c->hosts++)
		header_print(c);
	c->covered += matching.match != NULL;
	if (c->o->json)
		host_report_json(host, &matching);
	else
		escape_print(stdout, "%s\t%s\t%s\t%s\t%s\n", host->release, host->machine,
		             matching.match ? matching.match : "none",
		             *matching.source ? matching.source : "-",
		             *matching.advice ? matching.advice : "-");
	return 0;
}

int lkccb_coverage(const struct options *o, int argc, char **argv)
{
	struct coverage c = { .o = o };
	struct offsets_error error;
	int err;

	(void)argc, (void)argv;
	if (!o->inventory && !o->kernels)
		return report_misuse("coverage: give --inventory or --kernels");
	if (reading_open(o, &c.db))
		return EXIT_FAILED;
	err = inventory_read(o, host_check, &c, &error);
	offsets_close(c.db);
	if (err)
		return report(&error);
	if (!c.hosts)
		header_print(&c);
	fprintf(stderr, "lkccb: %zu of %zu hosts are covered\n", c.covered, c.hosts);
	return c.covered == c.hosts ? EXIT_DONE : EXIT_DIFFERENT;
}
