/* SPDX-License-Identifier: BSD-2-Clause */
/* Adds kernels to kernels.db. */
#include <errno.h>
#include <string.h>

#include "offsets/db/entries.h"
#include "offsets/db/layouts.h"
#include "offsets/kernel.h"

/* "linux-image-6.1.0-13-amd64-dbg" -> "linux-image-%-dbg": the same word for all releases. */
static void package_pattern(const struct offsets_kernel *kernel, char *ret, size_t size)
{
	const char *package = offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE),
		   *release = offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE);
	const char *at = strstr(package, release);

	if (at)
		snprintf(ret, size, "%.*s%%%s", (int)(at - package), package, at + strlen(release));
	else
		snprintf(ret, size, "%s", package);
}

/* Binds parameters 1 to KERNEL_KEYS. */
static void keys_bind(sqlite3_stmt *st, const struct offsets_kernel *kernel)
{
	char package[512];
	int key;

	for (key = 0; offsets_key_name(key); key++)
		if (key == OFFSETS_KEY_BUILD_ID || key == OFFSETS_KEY_PACKAGE_SHA256)
			store_bind_hex(st, 1 + key, offsets_kernel_key(kernel, key));
		else
			sqlite3_bind_text(st, 1 + key, offsets_kernel_key(kernel, key), -1,
			                  SQLITE_STATIC);
	if (offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE)) {
		package_pattern(kernel, package, sizeof(package));
		sqlite3_bind_text(st, 1 + OFFSETS_KEY_PACKAGE, package, -1, SQLITE_TRANSIENT);
	}
}

/* Finds the entry of the same kernel: by build-id, or without one by its other keys. Id 0: none. */
static int same_kernel(struct offsets *o, const struct offsets_kernel *kernel,
                       sqlite3_int64 *ret_id, struct offsets_kernel **ret, struct offsets_error *e)
{
	static const char by_build_id[] =
		SELECT_KERNEL "WHERE " SAME_BUILD_ID("?4") " AND " SAME_MODULE("?5");
	static const char by_names[] = SELECT_KERNEL "WHERE " SAME_MODULE(
		"?5") " AND build_id IS NULL AND release = ?1"
		      " AND machine = " WORD_ID(
			      "?2") " AND version IS ?3"
				    " AND (?10 IS NULL AND source IS NULL OR replace(" WORD(
					    "source") ", '" KERNEL_VERIFIED "', '') ="
						      " replace(?10, '" KERNEL_VERIFIED "', ''))";
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(
		o, &st, offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID) ? by_build_id : by_names,
		e);

	*ret_id = 0;
	*ret = NULL;
	if (err)
		return err;
	keys_bind(st, kernel);
	err = store_step(o, st, e);
	if (err <= 0)
		return err;
	*ret_id = sqlite3_column_int64(st, COLUMN_ID);
	return entries_kernel_read(o, st, ret, e);
}

static bool same_keys(const struct offsets_kernel *a, const struct offsets_kernel *b)
{
	int key;

	for (key = 0; offsets_key_name(key); key++)
		if (strcmp(offsets_kernel_key(a, key) ? offsets_kernel_key(a, key) : "",
		           offsets_kernel_key(b, key) ? offsets_kernel_key(b, key) : ""))
			return false;
	return true;
}

static int words_add(struct offsets *o, const struct offsets_kernel *kernel,
                     struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(
		o, &st,
		"INSERT OR IGNORE INTO word (text) SELECT column1 FROM"
		" (VALUES (?2), (?5), (?6), (?7), (?10), (?11), (?12)) WHERE column1 IS NOT NULL",
		e);

	if (err)
		return err;
	keys_bind(st, kernel);
	return store_step(o, st, e);
}

static int kernel_write(struct offsets *o, const struct offsets_kernel *kernel, sqlite3_int64 id,
                        struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	sqlite3_int64 layout = 0;
	int err = layouts_id(o, kernel, &layout, e);

	if (!err)
		err = words_add(o, kernel, e);
	if (!err)
		err = store_prepare(
			o, &st,
			"INSERT OR REPLACE INTO kernel (release, machine, version, build_id,"
			" module, distribution, package, package_version, package_sha256,"
			" source, origin, version_code, layout, id)"
			" VALUES (?1, " WORD_ID("?2") ", ?3, ?4, " WORD_ID("?5") ", " WORD_ID("?6") ", " WORD_ID(
				"?7") ", ?8, ?9, " WORD_ID("?10") ", " WORD_ID("?11") ", " WORD_ID("?12") ", ?13, ?14)",
			e);
	if (err)
		return err;
	keys_bind(st, kernel);
	sqlite3_bind_int64(st, KERNEL_KEYS + 1, layout);
	if (id)
		sqlite3_bind_int64(st, KERNEL_KEYS + 2, id);
	return store_step(o, st, e);
}

/*
 * Two packages may contain the same kernel. The entry is of the one that is trusted more,
 * of those of the one that sorts first, so their order does not matter. True: the old
 * entry stays.
 */
static bool stays(const struct offsets_kernel *old, const struct offsets_kernel *kernel)
{
	static const enum offsets_key keys[] = { OFFSETS_KEY_PACKAGE, OFFSETS_KEY_PACKAGE_VERSION,
		                                 OFFSETS_KEY_PACKAGE_SHA256 };
	size_t old_rank = offsets_kernel_rank(old), rank = offsets_kernel_rank(kernel), i;

	if (old_rank != rank)
		return old_rank < rank;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *a = offsets_kernel_key(old, keys[i]),
			   *b = offsets_kernel_key(kernel, keys[i]);
		int c = !a && !b ? 0 : !a ? 1 : !b ? -1 : strcmp(a, b);

		if (c)
			return c < 0;
	}
	return same_keys(old, kernel);
}

/* A key that only one of them has is no contradiction. */
static bool same_identity(const struct offsets_kernel *a, const struct offsets_kernel *b)
{
	static const enum offsets_key keys[] = { OFFSETS_KEY_RELEASE, OFFSETS_KEY_MACHINE,
		                                 OFFSETS_KEY_VERSION, OFFSETS_KEY_VERSION_CODE };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (offsets_kernel_key(a, keys[i]) && offsets_kernel_key(b, keys[i]) &&
		    strcmp(offsets_kernel_key(a, keys[i]), offsets_kernel_key(b, keys[i])))
			return false;
	return true;
}

static int kernel_add(struct offsets *o, struct offsets_kernel *kernel, bool new_only,
                      enum offsets_change *ret, struct offsets_error *error)
{
	struct offsets_kernel *old;
	sqlite3_int64 id;
	bool same_facts, same, unchanged;
	int err;

	if (!offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE) ||
	    !offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE) || !offsets_kernel_count(kernel))
		return offsets_fail(
			error, -EINVAL,
			"%s: a kernel needs a release, a machine and at least one offset", o->path);
	offsets_kernel_sort(kernel);
	store_work_add(o, kernel);
	err = same_kernel(o, kernel, &id, &old, error);
	if (err)
		return err;
	same_facts = old && offsets_kernel_same_facts(old, kernel);
	same = same_facts && same_identity(old, kernel);
	unchanged = same_facts && stays(old, kernel);
	offsets_kernel_free(old);
	if (id && new_only && !same)
		return -EEXIST;
	if (!unchanged) {
		err = kernel_write(o, kernel, id, error);
		if (err)
			return err;
		o->orphans = o->orphans || id;
	}
	*ret = unchanged ? OFFSETS_UNCHANGED : id ? OFFSETS_UPDATED : OFFSETS_ADDED;
	return 0;
}

int offsets_remove(struct offsets *o, const struct offsets_kernel *kernel,
                   struct offsets_error *error)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	struct offsets_kernel *old;
	sqlite3_int64 id;
	int err;

	store_work_add(o, kernel);
	err = same_kernel(o, kernel, &id, &old, error);
	if (err)
		return err;
	offsets_kernel_free(old);
	if (!id)
		return offsets_fail(error, -ENOENT, "%s: no such entry of %s", o->path,
		                    offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE));
	err = store_prepare(o, &st, "DELETE FROM kernel WHERE id = ?1", error);
	if (err)
		return err;
	sqlite3_bind_int64(st, 1, id);
	o->orphans = true;
	return store_step(o, st, error);
}

int offsets_add(struct offsets *o, struct offsets_kernel *kernel, enum offsets_change *ret,
                struct offsets_error *error)
{
	return kernel_add(o, kernel, false, ret, error);
}

int offsets_add_new(struct offsets *o, struct offsets_kernel *kernel, enum offsets_change *ret,
                    struct offsets_error *error)
{
	return kernel_add(o, kernel, true, ret, error);
}
