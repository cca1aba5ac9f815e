/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: what store.c, lookup.c and write.c share. */
#ifndef OFFSETS_STORE_H
#define OFFSETS_STORE_H

#include <sqlite3.h>
#include <sys/stat.h>

#include "offsets/util/cleanup.h"
#include "offsets/db/onefile.h"
#include "offsets/offsets.h"

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

/*
 * What a call may cost, in steps of SQLite's machine, and bytes and facts of ours.
 * All rows of a database of 10,000 kernels take a quarter of what they may, a new
 * row some thousand steps. A hostile one, whose pages are below each other, or
 * whose rows are all looked through for each row, would take for ever.
 */
#ifndef WORK_CALL /* less for fuzzing */
#define WORK_CALL 20000000
#endif
#define WORK_PER_BYTE 32
#define WORK_ADD      5000
#define WORK_ADD_FACT 40  /* of the row that is added */
#define WORK_FACT     4   /* that is copied */
#define WORK_ROW      500 /* that is kept for sorting, and: */
#define WORK_ROW_BYTE 8

struct safefile_lock;

struct offsets {
	sqlite3 *db;
	struct onefile file;
	struct stat before; /* of what is read from a descriptor */
	char *path;
	bool writable;
	struct safefile_lock *lock; /* of a writer */
	bool missing;               /* the file did not exist, nothing is committed yet */
	int broken;                 /* what failed to be written: nothing more can be */
	int64_t work;               /* that is left */
	bool adding;                /* it is for rows of somebody else */
	/* Layouts that were read or written: kernels share them. */
	struct layout_seen {
		sqlite3_int64 id, hash;
		struct kernel_row *facts;
	} * seen;
	size_t seen_count, seen_facts;
	/* All layouts by their hash, once a row was added: the table has no index. */
	struct hash_slot {
		sqlite3_int64 hash, id; /* 0: free */
	} * slots;
	size_t slot_count, slot_room;
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

/* Each call of the library begins with what it may cost. */
void store_work_whole(struct offsets *o);                             /* once through all of it */
void store_work_add(struct offsets *o, const struct kernel_row *row); /* more, to add it */

/* -EAGAIN: somebody has written to the file since it was opened. */
int store_unchanged(struct offsets *o, struct offsets_error *e);

/* What is said when there is no more work; -EBADMSG. */
int store_work_fail(struct offsets *o, struct offsets_error *e);

/* Takes so much for what is done outside of SQLite; -EBADMSG: there is no more. */
int store_charge(struct offsets *o, int64_t steps, struct offsets_error *e);

int store_exec(struct offsets *o, const char *sql, struct offsets_error *e);

/* sql: a literal. *ret is ended with stmt_release(), and used by one caller at a time. */
int store_prepare(struct offsets *o, sqlite3_stmt **ret, const char *sql, struct offsets_error *e);
int store_step(struct offsets *o, sqlite3_stmt *st,
               struct offsets_error *e); /* 1: a row, 0: no more */

#define STORE_HEADER_BYTES 512 /* the smallest page */

/* Before SQLite reads it: so few things in the schema, in one page, cannot take long. */
int store_header_check(struct offsets *o, const unsigned char *header, size_t size,
                       struct offsets_error *e);
/* Exactly our tables and indices: no view, no trigger, no expression of somebody else. */
int store_schema_check(struct offsets *o, struct offsets_error *e);
int store_schema_make(struct offsets *o, struct offsets_error *e);

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

/* Rows by their numbers, in the order of key, then id. */
struct row_at {
	sqlite3_int64 id, layout;
	char *key;
};

/*
 * From a query of id, layout and key (text, or NULL). Whole rows are not sorted by
 * SQLite: many could share long words, and would be copied with them.
 */
int store_rows_collect(struct offsets *o, sqlite3_stmt *st, struct row_at **ret, size_t *ret_count,
                       struct offsets_error *e);
void store_rows_free(struct row_at *rows, size_t count);
int store_row_by_id(struct offsets *o, sqlite3_int64 id, struct kernel_row **ret,
                    struct offsets_error *e);

/* Those of a release (NULL: all), by release, module, machine, version, build-id and source. */
int store_rows_sorted(struct offsets *o, const char *release, struct row_at **ret,
                      size_t *ret_count, struct offsets_error *e);

/* The row of a SELECT_ROW query; the caller's to free. Each value is checked. */
int store_row_read(struct offsets *o, sqlite3_stmt *st, struct kernel_row **ret,
                   struct offsets_error *e);

#endif
