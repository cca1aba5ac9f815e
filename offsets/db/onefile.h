/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only file that SQLite can see: a database in memory, or one that is read
 * from a descriptor. SQLite cannot open, create, remove or lock any other file,
 * whatever a hostile database contains. (sqlite3_deserialize() covers a copy in
 * memory, but not temporary files, and exists since 3.36.)
 */
#ifndef OFFSETS_DB_ONEFILE_H
#define OFFSETS_DB_ONEFILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

struct onefile {
	unsigned char *data; /* NULL: read by the descriptor, or empty */
	int fd;              /* -1: in memory */
	size_t size, room;
	size_t max; /* bytes; a write beyond it fails with SQLITE_FULL */
	sqlite3_vfs vfs;
	char name[32];
};

/*
 * The caller sets data (from malloc(); onefile_close() frees it) or fd
 * (onefile_close() closes it; it is never written), size and max. Returns a
 * result code of SQLite. The caller closes *ret before onefile_close(), also
 * after a failure.
 */
int onefile_open(struct onefile *f, bool writable, sqlite3 **ret);
void onefile_close(struct onefile *f);

#endif
