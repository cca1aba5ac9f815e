/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel that is named by its build-id, from debuginfod servers. If a server
 * has requests for sections, only those are fetched that hold facts and names of
 * the kernel, and an ELF file is made of them; else the whole file is fetched.
 */
#ifndef LKCCB_PACKAGE_BUILDID_H
#define LKCCB_PACKAGE_BUILDID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lkccb/image/elffile.h"
#include "offsets/util/error.h"
#include "lkccb/package/fetcher.h"

struct buildid_options {
	const char *servers;           /* URLs, separated by spaces; they are asked in this order */
	const char *directory;         /* for the files of libdebuginfod */
	const char *release, *machine; /* NULL: unknown */
	bool all_units;                /* fetch DWARF even if there is BTF */
	uint64_t disk;                 /* bytes, of all that is fetched */
	unsigned int timeout_s;        /* for the start of an answer, and for a stall */
};

struct buildid;

/* path: see servers_build_id(). Starts the fetcher. Keeps path and what options name, without
 * copying them. */
int buildid_open(const char *path, const struct buildid_options *options, struct buildid **ret,
                 struct offsets_error *error);
void buildid_close(struct buildid *b);

/* The descriptors that must stay open in a sandbox. */
size_t buildid_descriptors(const struct buildid *b, int *ret);

/*
 * Fetches the kernel, whose build-id is then as asked for. *ret is valid until
 * buildid_close(). -ENOENT: no server has it. -EBADMSG: another build-id, or no kernel.
 */
int buildid_read(struct buildid *b, struct image_source *ret, struct offsets_error *error);

/* "fetched 31.5 MB from ...", and how. */
void buildid_note(const struct buildid *b, char *ret, size_t size);

#endif
