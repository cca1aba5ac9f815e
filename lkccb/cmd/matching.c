/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lkccb/cmd/matching.h"

/* ---- packages ----------------------------------------------------------- */

static bool is_ubuntu(const char *release)
{
	static const char *const flavours[] = { "-generic", "-lowlatency", "-aws", "-azure",
		                                "-gcp" };
	size_t i;

	for (i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++)
		if (strstr(release, flavours[i]))
			return true;
	return false;
}

void matching_package(const char *release, const char *machine, const char *package_version,
                      char *ret, size_t size)
{
	const char *of = package_version ? " " : "",
		   *version = package_version ? package_version : "";

	if (strstr(release, ".el"))
		snprintf(ret, size, "kernel-debuginfo-%s.rpm", release);
	else if (is_ubuntu(release))
		snprintf(ret, size, "linux-image-unsigned-%s-dbgsym or linux-image-%s-dbgsym%s%s",
		         release, release, of, version);
	else if (strstr(release, strcmp(machine, "x86_64") ? "-arm64" : "-amd64"))
		snprintf(ret, size, "linux-image-%s-dbg%s%s", release, of, version);
	else
		snprintf(ret, size, "the debug package of %s%s%s", release, of, version);
}

/* ---- builds under one release -------------------------------------------- */

#define DEBIAN " Debian "

/* "#1 SMP Debian 6.1.192-2 (2026-11-16)", "#37~16.04.1-Ubuntu SMP Tue ..." */
static bool build_fits(const char *version, const struct host *host)
{
	const char *debian = strstr(version, DEBIAN);
	size_t size;

	if (debian && host->package_version) {
		size = strlen(host->package_version);
		debian += strlen(DEBIAN);
		return !strncmp(debian, host->package_version, size) &&
		       (!debian[size] || debian[size] == ' ');
	}
	size = strlen(host->build);
	return *version == '#' && !strncmp(version + 1, host->build, size) &&
	       strchr("- ", version[1 + size]);
}

struct builds {
	const struct host *host;
	char version[1001]; /* of the build; "": there is no such build */
	bool other;         /* there are other builds */
};

static int build_take(const struct offsets_kernel *kernel, void *arg)
{
	const char *version = offsets_kernel_key(kernel, OFFSETS_KEY_VERSION);
	struct builds *b = arg;

	if (!version || offsets_kernel_key(kernel, OFFSETS_KEY_MODULE) ||
	    strcmp(offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE), b->host->machine))
		return 0;
	if (build_fits(version, b->host))
		snprintf(b->version, sizeof(b->version), "%s", version);
	else
		b->other = true;
	return 0;
}

/* ---- look-up -------------------------------------------------------------- */

static const char *match_word(const struct offsets_kernel *kernel, enum offsets_match match)
{
	if (match != OFFSETS_MATCH_RELEASE)
		return match == OFFSETS_MATCH_BUILD_ID ? "build-id" : "version";
	return offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID) ||
	                       offsets_kernel_key(kernel, OFFSETS_KEY_VERSION)
	               ? "release"
	               : "release (--kernel-override)";
}

static void gap_advise(const struct host *host, struct matching *ret)
{
	matching_package(host->release, host->machine, host->package_version, ret->advice,
	                 sizeof(ret->advice));
}

static int by_query(struct offsets *db, const struct host *host, const char *version,
                    struct matching *ret, struct offsets_error *error)
{
	struct offsets_query query = { .release = host->release,
		                       .machine = host->machine,
		                       .build_id = host->build_id,
		                       .version = version,
		                       .by_release = !host->build_id && !version };
	enum offsets_match match;
	struct offsets_kernel *kernel;
	const char *source;
	int err = offsets_find(db, &query, &kernel, &match, error);

	if (!err) {
		source = offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE);
		ret->match = match_word(kernel, match);
		snprintf(ret->source, sizeof(ret->source), "%.63s",
		         source ? source : "unknown source");
		offsets_kernel_free(kernel);
		return 0;
	}
	if (err == -ENOTUNIQ)
		snprintf(ret->advice, sizeof(ret->advice),
		         "several builds of this release differ: give build-ids");
	else
		gap_advise(host, ret);
	return err == -ENOENT || err == -ENOTUNIQ ? 0 : err;
}

int matching_find(struct offsets *db, const struct host *host, struct matching *ret,
                  struct offsets_error *error)
{
	struct builds builds = { .host = host };
	int err;

	*ret = (struct matching){ .match = NULL };
	if (host->build_id || host->version || !host->build)
		return by_query(db, host, host->version, ret, error);
	err = offsets_each(db, host->release, build_take, &builds, error);
	if (err)
		return err;
	if (*builds.version || !builds.other)
		return by_query(db, host, *builds.version ? builds.version : NULL, ret, error);
	gap_advise(host, ret);
	return 0;
}
