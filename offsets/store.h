/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: what store.c, lookup.c and write.c share. */
#ifndef OFFSETS_STORE_H
#define OFFSETS_STORE_H

#include <sqlite3.h>

#include "cleanup.h"
#include "offsets.h"

/* A column of "kernel" that refers to a word; a parameter as such a reference. */
#define WORD(column)       "(SELECT text FROM word WHERE word.id = kernel." column ")"
#define WORD_ID(parameter) "(SELECT id FROM word WHERE text = " parameter ")"
#define SAME_MODULE(parameter) \
	"(" parameter " IS NULL AND module IS NULL OR module = " WORD_ID(parameter) ")"
#define SAME_BUILD_ID(parameter) \
	"(substr(build_id, 1, 4) = substr(" parameter ", 1, 4) AND build_id = " parameter ")"

#define KEY_COLUMNS                                                                                                   \
	"release, " WORD("machine") ", version, lower(hex(build_id)), " WORD("module") ", " WORD(                     \
		"distribution") ", replace(" WORD("package") ", '%', release), "                                      \
							     "package_version, "                                      \
							     "lower(hex(package_sha256)), " WORD("source") ", " WORD( \
								     "origin") ", " WORD("version"                    \
	                                                                                 "_code")

/* Columns of every query that store_row_read() reads. */
enum { COLUMN_ID, COLUMN_LAYOUT, COLUMN_KEYS };
#define SELECT_ROW "SELECT id, layout, " KEY_COLUMNS " FROM kernel "

#define PREPARED_MAX 32

struct offsets {
	sqlite3 *db;
	char *path;
	bool made; /* the file did not exist: remove it if nothing is committed */
	bool writable;
	/* Layouts that were read or written: kernels share them. */
	struct layout_seen {
		sqlite3_int64 id, hash;
		struct kernel_row *facts;
	} * seen;
	size_t seen_count;
	struct prepared {
		const char *sql; /* the literal itself */
		sqlite3_stmt *st;
	} prepared[PREPARED_MAX];
	bool orphans; /* an update may have left layouts that nobody uses */
};

/* Statements stay prepared until the database is closed; this ends a use of one. */
static inline void stmt_release(sqlite3_stmt **st)
{
	if (!*st)
		return;
	sqlite3_reset(*st);
	sqlite3_clear_bindings(*st);
}

/* Reports once what SQLite says, in the words of the person who must act; returns -errno. */
int store_fail(struct offsets *o, struct offsets_error *e);

int store_exec(struct offsets *o, const char *sql, struct offsets_error *e);

/* sql: a literal. *ret is ended with stmt_release(), and used by one caller at a time. */
int store_prepare(struct offsets *o, sqlite3_stmt **ret, const char *sql, struct offsets_error *e);
int store_step(struct offsets *o, sqlite3_stmt *st,
               struct offsets_error *e); /* 1: a row, 0: no more */

/* First column of the first row; 0 when there is none. */
int store_number(struct offsets *o, const char *sql, sqlite3_int64 *ret, struct offsets_error *e);

void store_forget(struct offsets *o); /* the layouts that were seen: they may be gone */

/* The layout with the row's facts, which are sorted; it is made where there is none. */
int store_layout_id(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret,
                    struct offsets_error *e);

/* Hex to a blob parameter; NULL or odd text becomes NULL, which matches nothing. */
void store_bind_hex(sqlite3_stmt *st, int index, const char *hex);

/* Adds the facts of a layout, sorted. */
int store_facts_read(struct offsets *o, sqlite3_int64 layout, struct kernel_row *row,
                     struct offsets_error *e);

/* The row of a SELECT_ROW query; the caller's to free. Each value is checked. */
int store_row_read(struct offsets *o, sqlite3_stmt *st, struct kernel_row **ret,
                   struct offsets_error *e);

#endif
