/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/db/journal.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

#define JOURNAL "-journal"

static bool journal_there(const struct offsets *o)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	unsigned char head[sizeof(magic)];

	return safefile_beside(o->path, JOURNAL, head, sizeof(head)) == sizeof(head) &&
	       !memcmp(head, magic, sizeof(magic));
}

int journal_check(struct offsets *o, struct offsets_error *e)
{
	if (!journal_there(o))
		return 0;
	return offsets_fail(
		e, -EBUSY,
		"%s: another program is writing it, or was killed while writing (%s" JOURNAL
		"exists); if none is, the next 'lkccb add', 'import' or 'merge' of its owner rolls "
		"that back",
		o->path, o->path);
}

/* SQLite rolls the journal back when it opens the file. */
int journal_play(struct offsets *o, struct offsets_error *e)
{
	CLEANUP(cleanup_fd) int fd = -1, journal_fd = -1;
	char path[PATH_MAX], journal[PATH_MAX + sizeof(JOURNAL)];
	sqlite3 *db = NULL;
	int err;

	if (!journal_there(o))
		return 0;
	if (!realpath(o->path, path)) /* the journal is beside the target of a link */
		return offsets_fail(e, -EBUSY, "%s: %s", o->path, strerror(errno));
	snprintf(journal, sizeof(journal), "%s" JOURNAL, path);
	err = safefile_open(path, SAFEFILE_TRUSTED, &fd, e);
	if (!err)
		err = safefile_open(journal, SAFEFILE_TRUSTED, &journal_fd, e);
	if (!err && !sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL))
		sqlite3_exec(db, "PRAGMA user_version", NULL, NULL, NULL);
	sqlite3_close(db);
	return err == -ENOENT ? 0 : err; /* another process rolled it back */
}
