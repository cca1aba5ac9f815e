/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only file that SQLite can see: a database in memory, or read from a
 * descriptor. It opens, makes, removes and locks nothing, whatever the bytes of
 * a database say. (sqlite3_deserialize() would do for a copy in memory, not for
 * temporary files, and not before 3.36.)
 */
#ifndef OFFSETS_ONEFILE_H
#define OFFSETS_ONEFILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

struct onefile {
	unsigned char *data; /* NULL: by the descriptor, or empty */
	int fd;              /* -1: in memory */
	size_t size, room;
	size_t max; /* bytes; what would make it larger gets SQLITE_FULL */
	sqlite3_vfs vfs;
	char name[32];
};

/*
 * Of what the caller has set: data (of malloc(), freed by onefile_close()) or a
 * descriptor (closed by it, never written), size and max. A result code of SQLite;
 * *ret is the caller's to close, before onefile_close(), also after a failure.
 */
int onefile_open(struct onefile *f, bool writable, sqlite3 **ret);
void onefile_close(struct onefile *f);

#endif
