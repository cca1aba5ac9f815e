/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: the table "kernel", one entry per kernel or module, and how it is read. */
#ifndef OFFSETS_DB_ENTRIES_H
#define OFFSETS_DB_ENTRIES_H

#include "offsets/db/store.h"

/* ---- SQL -------------------------------------------------------------- */

/* A column of "kernel" that refers to a word; a parameter as such a reference. */
#define WORD(column)       "(SELECT text FROM word WHERE word.id = kernel." column ")"
#define WORD_ID(parameter) "(SELECT id FROM word WHERE text = " parameter ")"
#define SAME_MODULE(parameter) \
	"(" parameter " IS NULL AND module IS NULL OR module = " WORD_ID(parameter) ")"
#define SAME_BUILD_ID(parameter) \
	"(substr(build_id, 1, 4) = substr(" parameter ", 1, 4) AND build_id = " parameter ")"

/* clang-format off */
#define KEY_COLUMNS \
	"release, " WORD("machine") ", version, lower(hex(build_id)), " \
	WORD("module") ", " WORD("distribution") ", " \
	"replace(" WORD("package") ", '%', release), package_version, lower(hex(package_sha256)), " \
	WORD("source") ", " WORD("origin") ", " WORD("version_code")
/* clang-format on */

/* Columns of every query that entries_kernel_read() reads. */
enum { COLUMN_ID, COLUMN_LAYOUT, COLUMN_KEYS };
#define SELECT_KERNEL "SELECT id, layout, " KEY_COLUMNS " FROM kernel "

/* ---- one -------------------------------------------------------------- */

/* The kernel of a SELECT_KERNEL query; the caller's to free. Each value is checked. */
int entries_kernel_read(struct offsets *o, sqlite3_stmt *st, struct offsets_kernel **ret,
                        struct offsets_error *e);
int entries_kernel_by_id(struct offsets *o, sqlite3_int64 id, struct offsets_kernel **ret,
                         struct offsets_error *e);

/* ---- many ------------------------------------------------------------- */

struct entry {
	sqlite3_int64 id, layout;
	char *key; /* what they are sorted by, then by id */
};

/*
 * From a query of id, layout and key (text, or NULL). SQLite does not sort whole
 * entries: many could share long words, which would be copied with each.
 */
int entries_collect(struct offsets *o, sqlite3_stmt *st, struct entry **ret, size_t *ret_count,
                    struct offsets_error *e);
void entries_free(struct entry *entries, size_t count);

/* Those of a release (NULL: all), by release, module, machine, version, build-id and source. */
int entries_sorted(struct offsets *o, const char *release, struct entry **ret, size_t *ret_count,
                   struct offsets_error *e);

#endif
