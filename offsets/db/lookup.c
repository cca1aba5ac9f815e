/* SPDX-License-Identifier: BSD-2-Clause */
/* Look-ups in kernels.db. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/entries.h"
#include "offsets/kernel.h"

int offsets_each(struct offsets *o, const char *release, offsets_kernel_fn fn, void *arg,
                 struct offsets_error *error)
{
	struct entry *entries = NULL;
	struct offsets_kernel *kernel;
	size_t count = 0, i;
	int err;

	store_work_whole(o);
	err = entries_sorted(o, release, &entries, &count, error);
	for (i = 0; !err && i < count; i++) {
		err = entries_kernel_by_id(o, entries[i].id, &kernel, error);
		if (err)
			break;
		err = fn(kernel, arg);
		offsets_kernel_free(kernel);
	}
	entries_free(entries, count);
	return err ? err : store_unchanged(o, error);
}

/* ---- look-up ---------------------------------------------------------- */

/* Sorts as the text does; what has another source comes last. */
#define SOURCE_RANK                                           \
	"printf('%03d', ifnull(nullif(instr('" KERNEL_SOURCES \
	"', '|' || " WORD("source") " || '|'), 0), 999))"

/* The parameters of every look-up: ?1 build-id, ?2 release, ?3 version, ?4 machine, ?5 module. */
#define SELECT_RANKED "SELECT id, layout, " SOURCE_RANK " FROM kernel WHERE " SAME_MODULE("?5")
static const char *const find_sql[] = {
	[OFFSETS_MATCH_BUILD_ID] = SELECT_RANKED " AND " SAME_BUILD_ID("?1"),
	[OFFSETS_MATCH_VERSION] =
		SELECT_RANKED " AND release = ?2 AND version = ?3 AND machine = " WORD_ID("?4"),
	[OFFSETS_MATCH_RELEASE] =
		SELECT_RANKED " AND release = ?2 AND (?4 IS NULL OR machine = " WORD_ID("?4") ")",
};

static int find_entries(struct offsets *o, enum offsets_match match, const struct offsets_query *q,
                        struct entry **ret, size_t *ret_count, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, find_sql[match], e);

	if (err)
		return err;
	store_bind_hex(st, 1, q->build_id);
	sqlite3_bind_text(st, 2, q->release, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_RELEASE && match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 3, q->version, -1, SQLITE_STATIC);
	if (match != OFFSETS_MATCH_BUILD_ID)
		sqlite3_bind_text(st, 4, q->machine, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 5, q->module, -1, SQLITE_STATIC);
	return entries_collect(o, st, ret, ret_count, e);
}

/* The first kernel, if the others have the same facts. -ENOENT: there is none. */
static int entries_agree(struct offsets *o, enum offsets_match match, const struct offsets_query *q,
                         const struct entry *entries, size_t count, struct offsets_kernel **ret,
                         struct offsets_error *e)
{
	struct offsets_kernel *first = NULL, *kernel;
	int err = count ? entries_kernel_by_id(o, entries[0].id, &first, e) : -ENOENT;
	size_t i;

	for (i = 1; !err && i < count; i++) {
		err = entries_kernel_by_id(o, entries[i].id, &kernel, e);
		if (err)
			break;
		if (!offsets_kernel_prevails(first, kernel, match == OFFSETS_MATCH_RELEASE))
			err = offsets_fail(
				e, -ENOTUNIQ,
				"%s: several kernels have the release %s, and their offsets "
				"differ; give the build-id ('lkccb list' shows them)",
				o->path, q->release ? q->release : q->build_id);
		offsets_kernel_free(kernel);
	}
	if (err)
		offsets_kernel_free(first);
	else
		*ret = first;
	return err;
}

static int find_one(struct offsets *o, enum offsets_match match, const struct offsets_query *q,
                    struct offsets_kernel **ret, struct offsets_error *e)
{
	struct entry *entries = NULL;
	size_t count = 0;
	int err = find_entries(o, match, q, &entries, &count, e);

	if (!err)
		err = entries_agree(o, match, q, entries, count, ret, e);
	entries_free(entries, count);
	return err;
}

int offsets_find(struct offsets *o, const struct offsets_query *q, struct offsets_kernel **ret,
                 enum offsets_match *ret_match, struct offsets_error *error)
{
	bool usable[] = {
		[OFFSETS_MATCH_BUILD_ID] = q->build_id,
		[OFFSETS_MATCH_VERSION] = q->release && q->version && q->machine,
		[OFFSETS_MATCH_RELEASE] = q->release && q->by_release,
	};
	struct offsets_kernel *kernel = NULL;
	int match, err = -ENOENT;

	store_work_whole(o);
	for (match = 0; err == -ENOENT && match <= OFFSETS_MATCH_RELEASE; match++)
		if (usable[match])
			err = find_one(o, match, q, &kernel, error);
	if (err == -ENOENT)
		return offsets_fail(error, -ENOENT,
		                    "no offsets for %s in %s; add them with 'lkccb add PACKAGE'",
		                    q->release ? q->release : q->build_id, o->path);
	if (!err)
		err = store_unchanged(o, error);
	if (err) {
		offsets_kernel_free(kernel);
		return err;
	}
	*ret = kernel;
	*ret_match = match - 1;
	return 0;
}

int offsets_packages(struct offsets *o, offsets_package_fn fn, void *arg,
                     struct offsets_error *error)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err;

	store_work_whole(o);
	err = store_prepare(o, &st,
	                    "SELECT DISTINCT lower(hex(package_sha256)) FROM kernel"
	                    " WHERE package_sha256 IS NOT NULL ORDER BY 1",
	                    error);
	while (!err && (err = store_step(o, st, error)) == 1) {
		const char *sha256 = (const char *)sqlite3_column_text(st, 0);

		err = sha256 ? fn(sha256, arg) : -EBADMSG;
	}
	return err;
}
