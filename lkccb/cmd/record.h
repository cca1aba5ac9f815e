/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run of add or sync read, for those who ask where a database comes from:
 * --provenance writes it as an in-toto statement, --spdx as an SPDX list.
 */
#ifndef LKCCB_CMD_RECORD_H
#define LKCCB_CMD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lkccb/cmd/options.h"
#include "lkccb/io/digest.h"
#include "offsets/util/error.h"

enum record_role {
	RECORD_INPUT,    /* it was read, or is in the database already and was named again */
	RECORD_EARLIER,  /* of an entry that this run did not read, by what the entry says */
	RECORD_BANNERS,  /* --banners */
	RECORD_KEYRING,  /* --keyring */
	RECORD_DATABASE, /* as it was before the run */
};

/* Names are those of files, without directories. */
struct record_item {
	enum record_role role;
	char *name;
	char *version;               /* of the package; NULL: unknown */
	char sha256[SHA256_HEX + 1]; /* "": none, the name is that of a build-id */
};

struct record {
	const struct options *o;
	const char *command;       /* "add" or "sync" */
	uint64_t time_s;           /* SOURCE_DATE_EPOCH, or now; since 1970 */
	struct record_item *items; /* sorted after record_finish(), each once */
	size_t count, room;
	char database[SHA256_HEX + 1]; /* of what the run wrote */
	bool failed;                   /* no memory */
};

/* The name of a file without its directories; a part of path. */
const char *record_base_name(const char *path);

/* "input", "earlier", ... */
const char *record_role_name(enum record_role role);

/*
 * Begins a run. NULL in *ret: nobody asks. The options must stay. The files that the
 * options name are noted; --ranges is refused. 0 or -errno.
 */
int record_begin(const struct options *o, const char *command, struct record **ret,
                 struct offsets_error *error);
void record_free(struct record *record); /* accepts NULL */

/* The SHA-256 of a file; "" for a build-id, which has none. 0 or -errno. */
int record_digest(const char *path, char ret[SHA256_HEX + 1], struct offsets_error *error);

/* An input was added. Lack of memory is reported by record_finish(). */
void record_input(struct record *record, const char *path, const char *sha256);

/* After the run: notes the database and the packages of its entries, and sorts. 0 or -errno. */
int record_finish(struct record *record, struct offsets_error *error);

#endif
