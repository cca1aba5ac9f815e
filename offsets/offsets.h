/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liboffsets: kernel facts by kernel, from a kernels.db.
 *
 * Functions return 0 or -errno. The ones that take a struct offsets_error
 * leave there one line that names the subject, the cause and the next step.
 * Outputs come last and change only on success, but for _open and _new, whose
 * *ret is NULL on failure.
 */
#ifndef OFFSETS_OFFSETS_H
#define OFFSETS_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "offsets/layout.h"

#ifdef __cplusplus
extern "C" {
#endif

struct offsets; /* an open kernels.db */

struct offsets_error {
	char text[512];
};

/*
 * Writes the line and returns err, so that a caller can return it at once. Bytes
 * of names in it that could begin another line or steer a terminal stand as \xNN.
 */
int offsets_fail(struct offsets_error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- the catalogue ---------------------------------------------------- */

/* What a fact says; catalogue.h has how each kind is written. */
enum fact_kind {
	FACT_MEMBER, /* or size of a struct or union */
	FACT_ENUMERATOR,
	FACT_ARGUMENT,
	FACT_SYMBOL,
	FACT_KINDS
};

/* By the type: "task_struct", "enum pid_type", "commit_creds()", ".symtab". */
enum fact_kind offsets_fact_kind(const char *type);

/* Something that a fact of the catalogue asks for; of each of its structs also "sizeof". */
struct wanted {
	const char *type;   /* as in the catalogue */
	const char *member; /* path inside the struct: "pid", "ns.inum" */
};

/* All that is wanted, sorted by type, then member, each once. */
const struct wanted *offsets_wanted_all(size_t *ret_count);

/*
 * What is wanted of a struct, enum or function of that name; of FACT_SYMBOL,
 * name "", all symbols. NULL and 0: nothing.
 */
const struct wanted *offsets_wanted_of(enum fact_kind kind, const char *name, size_t *ret_count);

/* "task_struct.start_boottime|real_start_time" of a LAYOUT_<id>. */
const char *offsets_fact_name(enum layout_id id);

/* ---- one kernel ------------------------------------------------------- */

/* Where one member lies in one kernel; the other kinds have their numbers in offset and size. */
struct fact {
	char *type;
	char *member;
	uint32_t offset;     /* bytes */
	uint32_t size;       /* bytes, of the member's type; 0: flexible array */
	uint32_t bit_offset; /* of a bit-field, from bit 0 of the byte at offset */
	uint32_t bit_size;   /* of a bit-field; 0: no bit-field */
};

enum row_key {
	ROW_RELEASE,      /* uname -r; never NULL in a stored row */
	ROW_MACHINE,      /* uname -m; never NULL in a stored row */
	ROW_VERSION,      /* uname -v, the end of the version banner */
	ROW_BUILD_ID,     /* GNU build-id, lower-case hex */
	ROW_MODULE,       /* "btrfs"; NULL: the kernel itself */
	ROW_DISTRIBUTION, /* "debian", "ubuntu", "rhel", "centos" */
	ROW_PACKAGE,      /* name of the debug package */
	ROW_PACKAGE_VERSION,
	ROW_PACKAGE_SHA256, /* lower-case hex */
	ROW_SOURCE,         /* what the facts were read from: "dwarf", "btf", "table" */
	ROW_ORIGIN,         /* for people: where that came from */
	ROW_VERSION_CODE,   /* LINUX_VERSION_CODE, "4.15.18"; the last number ends at 255 */
	ROW_KEYS
};

/* The row and its strings belong to whoever got it from _new or a look-up. */
struct kernel_row {
	char *keys[ROW_KEYS]; /* NULL: unknown */
	struct fact *facts;   /* sorted by type, then member, after offsets_offsets_row_sort() */
	size_t count;
};

struct kernel_row *offsets_row_new(void); /* NULL: no memory */
void offsets_row_free(struct kernel_row *row);
const char *offsets_row_key_name(enum row_key key); /* "build_id" */

/* Copies the value. -EINVAL: no UTF-8, control or invisible characters, or over 1,000 bytes. */
int offsets_row_set(struct kernel_row *row, enum row_key key, const char *value);

/* Copies the fact. -EINVAL: bad name, a number out of range, or the 4,097th. */
int offsets_row_add_fact(struct kernel_row *row, const struct fact *fact);
int offsets_row_copy_facts(struct kernel_row *to, const struct kernel_row *from);
void offsets_row_sort(struct kernel_row *row);
void offsets_row_clear(struct kernel_row *row); /* of its facts */

/* NULL when the row lacks the member. The row must be sorted. */
const struct fact *offsets_row_fact(const struct kernel_row *row, const char *type,
                                    const char *member);

bool offsets_row_same_facts(const struct kernel_row *a, const struct kernel_row *b);

/* Where a fact lies and how big it is; names are not compared. */
bool offsets_fact_same(const struct fact *a, const struct fact *b);

/*
 * The names of a fact that the row has, oldest last: the first call with *at 0
 * gives the one that counts, further calls the others; NULL: no more.
 */
const struct fact *offsets_row_alternative(const struct kernel_row *row, enum layout_id id,
                                           size_t *at);

/* The map's value; a fact the row lacks is LAYOUT_ABSENT. */
void offsets_row_layout(const struct kernel_row *row, struct layout *ret);

/* {release, machine, ..., facts: [...]}: one JSON object and a newline. */
int offsets_row_print_json(const struct kernel_row *row, FILE *out);

/* The same for people: "key: value" lines, then a table. */
void offsets_row_print_text(const struct kernel_row *row, FILE *out);

/* ---- kernels.db ------------------------------------------------------- */

enum offsets_mode {
	OFFSETS_READ, /* whoever owns the file: to look into it */
	/*
	 * To build on what it says, as a sensor does: only trusted users can have changed
	 * it. These are root, the effective user and whoever can change the running program.
	 */
	OFFSETS_READ_TRUSTED,
	OFFSETS_WRITE, /* the same; made by the first commit if it is missing */
};

/*
 * Takes a copy: the file is not open afterwards, a reader writes and locks
 * nothing, and sees no change. One writer at a time has it.
 * -ENOENT missing, -EBADMSG no or a damaged kernels.db, -EPROTO other schema,
 * -EPERM others could change it, -EFBIG more than 64 MiB, -EBUSY another writer.
 */
int offsets_open(const char *path, enum offsets_mode mode, struct offsets **ret,
                 struct offsets_error *error);
void offsets_close(struct offsets *db); /* drops what was not committed */

enum offsets_match {
	OFFSETS_MATCH_BUILD_ID, /* GNU build-id: this very kernel */
	OFFSETS_MATCH_VERSION,  /* release, version string and machine are the same */
	OFFSETS_MATCH_RELEASE,  /* release alone: only when the user named it */
};

struct offsets_query {
	const char *build_id; /* hex, or NULL */
	const char *release;
	const char *version; /* uname -v, or NULL */
	const char *machine; /* NULL: any, in a release look-up */
	const char *module;  /* NULL: the kernel itself */
	bool by_release;     /* accept a release match */
};

/*
 * -ENOENT: no row. -ENOTUNIQ: rows that disagree share the release; give the
 * build-id as release then. Rows read from debug data go before tables.
 */
int offsets_find(struct offsets *db, const struct offsets_query *query, struct kernel_row **ret,
                 enum offsets_match *ret_match, struct offsets_error *error);

/*
 * Calls back for each row, sorted, until a call returns non-zero, which is
 * returned. release NULL: all. The row is freed after the call.
 */
typedef int (*offsets_row_fn)(const struct kernel_row *row, void *arg);
int offsets_each(struct offsets *db, const char *release, offsets_row_fn fn, void *arg,
                 struct offsets_error *error);

enum offsets_change {
	OFFSETS_ADDED,
	OFFSETS_UPDATED, /* the same kernel was there with other facts or identity */
	OFFSETS_UNCHANGED,
};

/* Writes are kept by offsets_commit() only: all since open or the last commit. */
int offsets_add(struct offsets *db, struct kernel_row *row, enum offsets_change *ret,
                struct offsets_error *error);
/* The same, but a kernel that is there with other facts or another name stays as it is: -EEXIST. */
int offsets_add_new(struct offsets *db, struct kernel_row *row, enum offsets_change *ret,
                    struct offsets_error *error);
int offsets_commit(struct offsets *db, struct offsets_error *error);
int offsets_rollback(struct offsets *db);

/*
 * Commits and writes the database anew (also where only an earlier run, which
 * was killed, changed something), sorted, and puts it in the old one's place: the same rows give
 * the same bytes, in whatever order they came. The handle is only to be closed after it.
 */
int offsets_finish(struct offsets *db, struct offsets_error *error);

/* Is every page as SQLite wrote it? Done by itself before a database is written. -EBADMSG. */
int offsets_integrity(struct offsets *db, struct offsets_error *error);

/*
 * Sorted text, for review: a stanza is one or more "kernel" lines followed by
 * the "member" lines that these kernels share; stanzas are separated by an
 * empty line, words by a tab. name is for messages.
 */
int offsets_import(struct offsets *db, FILE *in, const char *name, size_t *ret_count,
                   struct offsets_error *error);
int offsets_export(struct offsets *db, FILE *out, struct offsets_error *error);

/* The same text without a database: each row of it (freed after the call), and one row into it. */
typedef int (*offsets_text_fn)(struct kernel_row *row, void *arg, struct offsets_error *error);
int offsets_text_read(FILE *in, const char *name, offsets_text_fn fn, void *arg,
                      struct offsets_error *error);
void offsets_row_write(const struct kernel_row *row, FILE *out);

/* Calls back with the SHA-256 (hex) of each package that rows came from, each once, sorted. */
typedef int (*offsets_package_fn)(const char *sha256, void *arg);
int offsets_packages(struct offsets *db, offsets_package_fn fn, void *arg,
                     struct offsets_error *error);

/* ---- BTF -------------------------------------------------------------- */

/*
 * Adds all wanted members that a raw BTF blob (/sys/kernel/btf/vmlinux, a
 * .BTF section) defines. -EBADMSG: malformed; -ENOTUNIQ: two structs of one
 * name disagree on a wanted member.
 */
int offsets_btf_read(const void *data, size_t size, const char *name, struct kernel_row *row,
                     struct offsets_error *error);

/*
 * The same of a module's blob (/sys/kernel/btf/MODULE, from 5.11 on), whose types
 * and strings go on where those of the kernel's blob end.
 */
int offsets_btf_read_module(const void *kernel, size_t kernel_size, const void *data, size_t size,
                            const char *name, struct kernel_row *row, struct offsets_error *error);

#ifdef __cplusplus
}
#endif
#endif
