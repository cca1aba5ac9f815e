/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of falco's kernel-crawler (https://falcosecurity.github.io/kernel-crawler/ARCH/list.json):
 *
 *	{"ubuntu": [{"kernelrelease": "4.15.0-34-hwe", "kernelversion": "37~16.04.1",
 *	             "target": "ubuntu-hwe", "headers": ["http://.../linux-headers-4.15.0-34-generic
 *	             _4.15.0-34.37~16.04.1_amd64.deb", ...]}, ...], ...}
 *
 * or the same below a key of each architecture. Of Debian and Ubuntu, kernelrelease is
 * made up from the name of the source package, and the packages with headers say which
 * kernels there are; of the others it is uname -r.
 */
#ifndef LKCCB_INPUT_CRAWLER_H
#define LKCCB_INPUT_CRAWLER_H

#include "lkccb/confine/isolate.h"
#include "offsets/util/error.h"

struct crawled {
	const char *release, *machine;
	const char *build;           /* "37~16.04.1": behind the # of uname -v; NULL: unknown */
	const char *package_version; /* "4.15.0-34.37~16.04.1"; NULL: unknown */
};

/* Non-zero ends the list. */
typedef int (*crawler_fn)(const struct crawled *kernel, void *arg, struct offsets_error *error);

/*
 * Each kernel of a list once, sorted; read by an isolated process. machine: of those
 * whose entry does not say it. *ret_skipped: entries without a package of a kernel.
 */
int crawler_read(const char *path, const char *machine, const struct isolate_limits *limits,
                 crawler_fn fn, void *arg, size_t *ret_skipped, struct offsets_error *error);

#endif
