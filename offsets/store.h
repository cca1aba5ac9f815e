/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: what store.c, lookup.c and write.c share. */
#ifndef OFFSETS_STORE_H
#define OFFSETS_STORE_H

#include <sqlite3.h>

#include "cleanup.h"
#include "offsets.h"

/* A column of "kernel" that refers to a word; a parameter as such a reference. */
#define WORD(column)         "(SELECT text FROM word WHERE word.id = kernel." column ")"
#define WORD_ID(parameter)   "(SELECT id FROM word WHERE text = " parameter ")"
#define SAME_MODULE(parameter)                                                      \
	"(" parameter " IS NULL AND module IS NULL OR module = " WORD_ID(parameter) ")"
#define SAME_BUILD_ID(parameter)                                                    \
	"(substr(build_id, 1, 4) = substr(" parameter ", 1, 4) AND build_id = " parameter ")"

#define KEY_COLUMNS                                                                          \
	"release, " WORD("machine") ", version, lower(hex(build_id)), " WORD("module") ", " \
	WORD("distribution") ", replace(" WORD("package") ", '%', release), "               \
	"package_version, lower(hex(package_sha256)), " WORD("source") ", " WORD("origin")

/* Columns of every query that store_row_read() reads. */
enum { COLUMN_ID, COLUMN_LAYOUT, COLUMN_KEYS };
#define SELECT_ROW "SELECT id, layout, " KEY_COLUMNS " FROM kernel "

struct offsets {
	sqlite3 *db;
	char *path;
	bool changed; /* since it was opened */
	bool made; /* the file did not exist: remove it if nothing is committed */
	bool writable;
	struct kernel_row *last; /* facts of the row added last: the next often has them too */
	sqlite3_int64 last_layout;
	bool orphans; /* an update may have left layouts that nobody uses */
};

static inline void stmt_finalize(sqlite3_stmt **st)
{
	sqlite3_finalize(*st);
}

/* Reports once what SQLite says, in the words of the person who must act; returns -errno. */
int store_fail(struct offsets *o, struct offsets_error *e);

int store_exec(struct offsets *o, const char *sql, struct offsets_error *e);
int store_prepare(struct offsets *o, sqlite3_stmt **ret, const char *sql, struct offsets_error *e);
int store_step(struct offsets *o, sqlite3_stmt *st,
               struct offsets_error *e); /* 1: a row, 0: no more */

/* First column of the first row; 0 when there is none. */
int store_number(struct offsets *o, const char *sql, sqlite3_int64 *ret, struct offsets_error *e);

/* The layout of struct offsets.last may be gone. */
void store_forget_last(struct offsets *o);

/* Hex to a blob parameter; NULL or odd text becomes NULL, which matches nothing. */
void store_bind_hex(sqlite3_stmt *st, int index, const char *hex);

/* Adds the facts of a layout, sorted. */
int store_facts_read(struct offsets *o, sqlite3_int64 layout, struct kernel_row *row,
                     struct offsets_error *e);

/* The row of a SELECT_ROW query; the caller's to free. Each value is checked. */
int store_row_read(struct offsets *o, sqlite3_stmt *st, struct kernel_row **ret,
                   struct offsets_error *e);

#endif
