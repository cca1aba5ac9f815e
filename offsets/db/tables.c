/* SPDX-License-Identifier: BSD-2-Clause */
/* The schema of kernels.db, the checks of a file against it, and the integrity of its pages. */
#include <errno.h>
#include <string.h>

#include "offsets/db/tables.h"

#define APPLICATION_ID 0x5378746e /* "Sxtn" */
#define SCHEMA_VERSION 3
#define STR(x)         #x
#define XSTR(x)        STR(x)

/* An entry of sqlite_schema: sql is the statement that created the object. */
struct object {
	const char *type, *name, *table, *sql;
};

/* clang-format off */
static const struct object objects[] = {
	{ "table", "layout", "layout",
	  "CREATE TABLE layout ("
	  "	id INTEGER PRIMARY KEY,"
	  "	hash INTEGER NOT NULL,"
	  "	facts BLOB NOT NULL)" },	/* blob.h has the format */
	{ "table", "word", "word",
	  "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)" },
	{ "index", "sqlite_autoindex_word_1", "word", NULL },
	{ "table", "name", "name",
	  "CREATE TABLE name ("
	  "	id INTEGER PRIMARY KEY,"
	  "	type TEXT NOT NULL,"
	  "	name TEXT NOT NULL,"
	  "	UNIQUE (type, name))" },
	{ "index", "sqlite_autoindex_name_1", "name", NULL },
	{ "table", "kernel", "kernel",
	  "CREATE TABLE kernel ("		/* columns as enum offsets_key */
	  "	id INTEGER PRIMARY KEY,"
	  "	release TEXT NOT NULL,"
	  "	machine INTEGER NOT NULL REFERENCES word,"
	  "	version TEXT,"
	  "	build_id BLOB,"
	  "	module INTEGER REFERENCES word,"
	  "	distribution INTEGER REFERENCES word,"
	  "	package INTEGER REFERENCES word,"	/* with % for the release */
	  "	package_version TEXT,"
	  "	package_sha256 BLOB,"
	  "	source INTEGER REFERENCES word,"
	  "	origin INTEGER REFERENCES word,"
	  "	version_code INTEGER REFERENCES word,"
	  "	layout INTEGER NOT NULL REFERENCES layout)" },
	{ "index", "kernel_release", "kernel",
	  "CREATE INDEX kernel_release ON kernel (release)" },
	{ "index", "kernel_build_id", "kernel",
	  "CREATE INDEX kernel_build_id ON kernel (substr(build_id, 1, 4)) WHERE build_id IS NOT NULL" },
};
/* clang-format on */

#define OBJECTS (sizeof(objects) / sizeof(objects[0]))

/* Small pages make a database of ten thousand kernels smaller and faster. */
int schema_make(struct offsets *o, struct offsets_error *e)
{
	size_t i;
	int err = store_exec(o,
	                     "PRAGMA page_size = 2048; BEGIN;"
	                     "PRAGMA application_id = " XSTR(
				     APPLICATION_ID) ";"
	                                             "PRAGMA user_version = " XSTR(SCHEMA_VERSION),
	                     e);

	for (i = 0; !err && i < OBJECTS; i++)
		if (objects[i].sql)
			err = store_exec(o, objects[i].sql, e);
	return err ? err : store_exec(o, "COMMIT", e);
}

/* ---- is it ours? ------------------------------------------------------ */

/* Offsets in the header of a database file (https://www.sqlite.org/fileformat2.html). */
enum {
	HEADER_WRITE_VERSION = 18, /* 1; 2: write-ahead log */
	HEADER_READ_VERSION = 19,
	HEADER_ENCODING = 56,
	HEADER_USER_VERSION = 60,
	HEADER_APPLICATION_ID = 68,
	HEADER_ROOT_TYPE = 100, /* the page of sqlite_schema */
	HEADER_ROOT_CELLS = 103,
};

static uint32_t number_at(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static int not_ours(struct offsets *o, const char *cause, struct offsets_error *e)
{
	return offsets_fail(e, -EBADMSG, "%s: %s; restore it or rebuild it with 'make kernels.db'",
	                    o->path, cause);
}

int schema_header_check(struct offsets *o, const unsigned char *h, size_t size,
                        struct offsets_error *e)
{
	if (size < SCHEMA_HEADER_BYTES || memcmp(h, "SQLite format 3", 16))
		return not_ours(o, "not a kernels.db", e);
	if (number_at(h + HEADER_APPLICATION_ID) != APPLICATION_ID)
		return offsets_fail(
			e, -EBADMSG,
			"%s: a database, but not a kernels.db; name the right file with --db",
			o->path);
	if (number_at(h + HEADER_USER_VERSION) != SCHEMA_VERSION)
		return offsets_fail(
			e, -EPROTO,
			"%s: has schema %u, this program reads schema %d; rebuild it with "
			"'make kernels.db' or 'lkccb import'",
			o->path, number_at(h + HEADER_USER_VERSION), SCHEMA_VERSION);
	if (h[HEADER_WRITE_VERSION] != 1 || h[HEADER_READ_VERSION] != 1)
		return not_ours(o, "another program switched it to a write-ahead log", e);
	if (number_at(h + HEADER_ENCODING) != 1 || h[HEADER_ROOT_TYPE] != 13 ||
	    (h[HEADER_ROOT_CELLS] << 8 | h[HEADER_ROOT_CELLS + 1]) != OBJECTS)
		return not_ours(o, "not a kernels.db, or changed: it has other tables", e);
	return 0;
}

static const struct object *object_named(const char *name)
{
	size_t i;

	for (i = 0; i < OBJECTS; i++)
		if (name && !strcmp(objects[i].name, name))
			return &objects[i];
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

int schema_check(struct offsets *o, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	const struct object *object;
	unsigned int seen = 0;
	int err = store_prepare(o, &st, "SELECT name, type, tbl_name, sql FROM sqlite_master", e);

	while (!err && (err = store_step(o, st, e)) == 1) {
		object = object_named((const char *)sqlite3_column_text(st, 0));
		if (!object || !same(object->type, (const char *)sqlite3_column_text(st, 1)) ||
		    !same(object->table, (const char *)sqlite3_column_text(st, 2)) ||
		    !same(object->sql, (const char *)sqlite3_column_text(st, 3)))
			return not_ours(o, "not a kernels.db, or changed: it has other tables", e);
		seen |= 1U << (object - objects);
		err = 0;
	}
	if (!err && seen != (1U << OBJECTS) - 1)
		err = not_ours(o, "not a kernels.db, or changed: it has other tables", e);
	return err;
}

/* ---- integrity -------------------------------------------------------- */

/*
 * Reads each tree once by a cursor, which descends twenty levels at most and is
 * charged as work. quick_check alone would recurse once per level of a hostile
 * tree.
 */
static int trees_walk(struct offsets *o, struct offsets_error *e)
{
	static const char *const walks[] = {
		"SELECT sum(length(hash)) FROM layout",
		"SELECT sum(id) FROM word NOT INDEXED",
		"SELECT sum(length(text)) FROM word INDEXED BY sqlite_autoindex_word_1",
		"SELECT sum(id) FROM name NOT INDEXED",
		"SELECT sum(length(type)) FROM name INDEXED BY sqlite_autoindex_name_1",
		"SELECT sum(id) FROM kernel NOT INDEXED",
		"SELECT sum(length(release)) FROM kernel INDEXED BY kernel_release",
		"SELECT sum(length(substr(build_id, 1, 4))) FROM kernel INDEXED BY kernel_build_id"
		" WHERE build_id IS NOT NULL",
	};
	sqlite3_int64 ignored;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(walks) / sizeof(walks[0]); i++)
		err = store_number(o, walks[i], &ignored, e);
	return err;
}

/* Reads every page. A writer calls it first, so that it does not build on damage. */
int offsets_integrity(struct offsets *o, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	const char *text;
	int err;

	store_work_whole(o);
	err = trees_walk(o, e);
	if (!err)
		err = store_prepare(o, &st, "PRAGMA quick_check(1)", e);
	if (!err)
		err = store_step(o, st, e);
	if (err < 0)
		return err;
	text = err ? (const char *)sqlite3_column_text(st, 0) : NULL;
	if (text && !strcmp(text, "ok"))
		return 0;
	return offsets_fail(e, -EBADMSG,
	                    "%s: damaged (%s); restore it or rebuild it with 'make kernels.db'",
	                    o->path, text ? text : "no answer");
}
