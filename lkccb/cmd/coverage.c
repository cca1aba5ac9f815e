/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb coverage: which hosts of an inventory have their kernel in the database. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "offsets/util/jsonw.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/io/textfile.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"

/* A line: "release", or "release,machine,build-id,version", of which the last three may be empty.
 */
struct host_line {
	char *release, *machine, *build_id, *version;
};

struct coverage {
	const struct options *o;
	struct offsets *db;
	size_t hosts, covered, number;
};

static bool line_parse(char *line, struct host_line *ret)
{
	char *words[4] = { NULL, NULL, NULL, NULL }, *word;
	size_t i = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while ((word = strsep(&line, ",")))
		if (i < 4)
			words[i++] = word + strspn(word, " ");
		else
			return false;
	*ret = (struct host_line){ words[0], words[1] && *words[1] ? words[1] : "x86_64",
		                   words[2] && *words[2] ? words[2] : NULL,
		                   words[3] && *words[3] ? words[3] : NULL };
	return words[0] && *words[0];
}

/* Guesses the debug package from the form of the release. */
static void package_of(const char *release, const char *machine, char *ret, size_t size)
{
	if (strstr(release, ".el"))
		snprintf(ret, size, "kernel-debuginfo-%s.rpm", release);
	else if (strstr(release, "-generic") || strstr(release, "-lowlatency") ||
	         strstr(release, "-aws") || strstr(release, "-azure") || strstr(release, "-gcp"))
		snprintf(ret, size, "linux-image-unsigned-%s-dbgsym or linux-image-%s-dbgsym",
		         release, release);
	else if (strstr(release, strcmp(machine, "x86_64") ? "-arm64" : "-amd64"))
		snprintf(ret, size, "linux-image-%s-dbg", release);
	else
		snprintf(ret, size, "the debug package of %s", release);
}

static void host_report(struct coverage *c, const struct host_line *host, const char *match,
                        const char *source, const char *advice)
{
	struct jsonw json;

	if (!c->o->json) {
		escape_print(stdout, "%s\t%s\t%s\t%s\t%s\n", host->release, host->machine,
		             match ? match : "none", source ? source : "-", advice ? advice : "-");
		return;
	}
	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	jsonw_string(&json, "release", host->release);
	jsonw_string(&json, "machine", host->machine);
	jsonw_string(&json, "build_id", host->build_id);
	jsonw_string(&json, "version", host->version);
	jsonw_string(&json, "match", match);
	jsonw_string(&json, "source", source);
	jsonw_string(&json, "package", advice);
	jsonw_object_close(&json);
	jsonw_print(&json, stdout);
}

static const char *match_word(const struct offsets_kernel *kernel, enum offsets_match match)
{
	if (match != OFFSETS_MATCH_RELEASE)
		return match == OFFSETS_MATCH_BUILD_ID ? "build-id" : "version";
	return offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID) ||
	                       offsets_kernel_key(kernel, OFFSETS_KEY_VERSION)
	               ? "release"
	               : "release (--kernel-override)";
}

/* A build-id or version decides. Without one, a match by release may be another build. */
static int host_check(struct coverage *c, const struct host_line *host, struct offsets_error *error)
{
	struct offsets_query query = { .release = host->release,
		                       .machine = host->machine,
		                       .build_id = host->build_id,
		                       .version = host->version,
		                       .by_release = !host->build_id && !host->version };
	enum offsets_match match;
	struct offsets_kernel *kernel;
	const char *source;
	char package[512];
	int err = offsets_find(c->db, &query, &kernel, &match, error);

	c->hosts++;
	if (!err) {
		c->covered++;
		source = offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE);
		host_report(c, host, match_word(kernel, match), source ? source : "unknown source",
		            NULL);
		offsets_kernel_free(kernel);
		return 0;
	}
	if (err == -ENOTUNIQ) {
		host_report(c, host, NULL, NULL,
		            "several builds of this release differ: give build-ids");
		return 0;
	}
	package_of(host->release, host->machine, package, sizeof(package));
	host_report(c, host, NULL, NULL, package);
	return err == -ENOENT ? 0 : err;
}

static int inventory_read(struct coverage *c, FILE *in, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *line = NULL;
	struct host_line host;
	size_t room = 0;
	int err = 0;

	while (!err && getline(&line, &room, in) >= 0) {
		c->number++;
		if (*line == '#' || *line == '\n')
			continue;
		if (!line_parse(line, &host))
			return offsets_fail(error, -EBADMSG,
			                    "%s:%zu: neither a release nor "
			                    "release,machine,build-id,version",
			                    c->o->inventory, c->number);
		err = host_check(c, &host, error);
	}
	if (!err && ferror(in))
		return offsets_fail(error, -EIO, "%s: %s", c->o->inventory, strerror(errno));
	return err;
}

int lkccb_coverage(const struct options *o, int argc, char **argv)
{
	CLEANUP(cleanup_file) FILE *file = NULL;
	struct coverage c = { .o = o };
	struct offsets_error error;
	bool standard;
	int err;

	(void)argc, (void)argv;
	if (!o->inventory)
		return report_misuse("coverage: give --inventory");
	standard = !strcmp(o->inventory, "-");
	if (!standard && textfile_open(o->inventory, &file, &error))
		return report(&error);
	if (reading_open(o, &c.db))
		return EXIT_FAILED;
	if (!o->json)
		puts("RELEASE\tMACHINE\tMATCH\tSOURCE\tWHAT WOULD CLOSE THE GAP");
	err = inventory_read(&c, standard ? stdin : file, &error);
	offsets_close(c.db);
	if (err)
		return report(&error);
	fprintf(stderr, "lkccb: %zu of %zu hosts are covered\n", c.covered, c.hosts);
	return c.covered == c.hosts ? EXIT_DONE : EXIT_DIFFERENT;
}
