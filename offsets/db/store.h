/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside liboffsets: the handle on a kernels.db, its SQLite statements, and the
 * meter that bounds what a hostile database can cost. Functions return 0 or
 * -errno; they report a failure once, in e.
 */
#ifndef OFFSETS_DB_STORE_H
#define OFFSETS_DB_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "offsets/db/onefile.h"
#include "offsets/offsets.h"
#include "offsets/util/cleanup.h"

#define STORE_BYTES_MAX    ((size_t)64 << 20) /* of a database; some 200,000 kernels */
#define STORE_PREPARED_MAX 32

/*
 * What a call may cost: steps of SQLite's virtual machine, and bytes and facts
 * that we copy. Reading all of a database of 10,000 kernels takes a quarter of its
 * limit, adding a kernel some thousand steps. A hostile database whose pages are
 * below each other, or one that has all entries searched for each entry, would
 * never end.
 */
#ifndef WORK_CALL /* less for fuzzing */
#define WORK_CALL 20000000
#endif
#define WORK_PER_BYTE   32
#define WORK_ADD        5000
#define WORK_ADD_FACT   40  /* per fact of a kernel that is added */
#define WORK_FACT       4   /* per fact that is copied */
#define WORK_ENTRY      500 /* per entry that is kept for sorting, and: */
#define WORK_ENTRY_BYTE 8   /* per byte of its key */

/* A layout that was read or written already: kernels share them. */
struct layout_seen {
	sqlite3_int64 id, hash;
	struct offsets_kernel *facts; /* without keys */
};

struct hash_slot {
	sqlite3_int64 hash, id; /* id 0: free */
};

struct prepared {
	const char *sql; /* the literal itself */
	sqlite3_stmt *st;
};

struct offsets {
	sqlite3 *db;
	struct onefile file;
	struct stat before; /* of a file that is read by its descriptor */
	char *path;
	bool writable;
	struct safefile_lock *lock; /* a writer's */
	bool missing;               /* the file did not exist, nothing is committed yet */
	int broken;                 /* -errno of a failed write: no further one can succeed */
	int64_t work;               /* what the call may still cost */
	bool adding;                /* the cost is that of kernels which the caller adds */
	/* layouts.c */
	struct layout_seen *seen;
	size_t seen_count, seen_facts;
	/* All layouts by hash, from the first kernel that is added: the table has no index. */
	struct hash_slot *slots;
	size_t slot_count, slot_room;
	struct prepared prepared[STORE_PREPARED_MAX];
	bool orphans; /* an update may have left layouts that no kernel uses */
};

/*
 * Opens the database in o->file, which the caller has set. Unused features of
 * SQLite are disabled.
 */
int store_open(struct offsets *o, struct offsets_error *e);

/* -EAGAIN: the file was written to since it was opened. */
int store_unchanged(struct offsets *o, struct offsets_error *e);

/* Reports what SQLite says, in the words of the person who must act; returns -errno. */
int store_fail(struct offsets *o, struct offsets_error *e);

/* ---- work: each call of the library begins with what it may cost ------- */

void store_work_whole(struct offsets *o); /* once through the whole database */
void store_work_add(struct offsets *o, const struct offsets_kernel *kernel); /* more, to add it */

/* Reports that the limit is reached; -EBADMSG. */
int store_work_fail(struct offsets *o, struct offsets_error *e);

/* Charges for what is done outside of SQLite. -EBADMSG: the limit is reached. */
int store_charge(struct offsets *o, int64_t steps, struct offsets_error *e);

/* ---- statements ------------------------------------------------------- */

int store_exec(struct offsets *o, const char *sql, struct offsets_error *e);

/* sql: a literal. End the use with stmt_release(); a statement has one user at a time. */
int store_prepare(struct offsets *o, sqlite3_stmt **ret, const char *sql, struct offsets_error *e);

/* 1: a row, 0: no more. */
int store_step(struct offsets *o, sqlite3_stmt *st, struct offsets_error *e);

/* The row with that id, of a literal with one parameter. 1: it is there, 0: it is not. */
int store_by_id(struct offsets *o, sqlite3_stmt **ret, const char *sql, sqlite3_int64 id,
                struct offsets_error *e);

/* First column of the first row; 0 if there is none. */
int store_number(struct offsets *o, const char *sql, sqlite3_int64 *ret, struct offsets_error *e);

/* Binds hex as a blob. NULL or odd text becomes NULL, which matches nothing. */
void store_bind_hex(sqlite3_stmt *st, int index, const char *hex);

void store_statements_drop(struct offsets *o);

/* Statements stay prepared until the database is closed; this ends one use. */
static inline void stmt_release(sqlite3_stmt **st)
{
	if (!*st)
		return;
	sqlite3_reset(*st);
	sqlite3_clear_bindings(*st);
}

#endif
