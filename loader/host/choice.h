/* SPDX-License-Identifier: BSD-2-Clause */
/* Which facts to use on this host, and why these. */
#ifndef LOADER_CHOICE_H
#define LOADER_CHOICE_H

#include "loader/host/host.h"
#include "offsets/offsets.h"

enum choice_how {
	CHOICE_OVERRIDE, /* --kernel-override named it */
	CHOICE_BUILD_ID,
	CHOICE_VERSION, /* release, version string and machine */
	CHOICE_BTF,     /* the running kernel's own */
};

struct choice {
	struct kernel_row *row;
	enum choice_how how;
};

const char *choice_how_text(enum choice_how how);

/*
 * override NULL: build-id, then release + version + machine, then live BTF. A
 * missing database is no error where BTF serves. -ENOENT: nothing for this
 * kernel; the error says what would help. -ENXIO: no database. choice_deinit() takes a zeroed one.
 */
int choice_make(const struct host *host, const char *db_path, const char *override,
                struct choice *ret, struct offsets_error *error);
void choice_deinit(struct choice *choice);

#endif
