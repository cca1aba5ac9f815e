/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liboffsets: kernel offsets by kernel, from a kernels.db.
 *
 * A fact is one number about one kernel that a probe needs: where a struct
 * member lies, how large a struct is, the value of an enumerator, the position
 * of an argument, whether a symbol exists. Most facts are byte offsets.
 *
 *	struct offsets_query query = { .build_id = id };
 *	const struct offsets_fact *fact;
 *
 *	err = offsets_open("kernels.db", OFFSETS_READ_TRUSTED, &db, &error);
 *	err = offsets_find(db, &query, &kernel, &match, &error);
 *	err = offsets_kernel_lookup(kernel, "task_struct.start_boottime", &fact);
 *
 * Functions return 0 or -errno. Those that take a struct offsets_error write
 * one line there that names the subject, the cause and the next step. Outputs
 * come last and change only on success, except in _open and _new: these set
 * *ret to NULL on failure. Handles must not be used by two threads at a time.
 *
 * What later versions keep: all names; the values of all enumerators; struct
 * offsets_fact and struct offsets_error as they are; members of other structs
 * of the caller's, to which later versions may append some. So set such structs
 * with an initialiser, as above: 0 and NULL always mean the old behaviour. A
 * new fact changes no type, number or function of this header.
 */
#ifndef OFFSETS_OFFSETS_H
#define OFFSETS_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "offsets/util/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct offsets;        /* an open kernels.db */
struct offsets_kernel; /* one kernel, or one module of it: its keys and facts */

/* ---- one kernel ------------------------------------------------------- */

struct offsets_fact {
	const char *type;    /* "task_struct", "enum pid_type", "commit_creds()", ".symtab" */
	const char *member;  /* "pid", "ns.inum", "sizeof"; the enumerator, argument or symbol */
	uint32_t offset;     /* bytes; the enumerator's value; the argument's position from 0 */
	uint32_t size;       /* bytes, of the member's type; 0: flexible array */
	uint32_t bit_offset; /* of a bit-field, from bit 0 of the byte at offset */
	uint32_t bit_size;   /* of a bit-field; 0: no bit-field */
};

enum offsets_key {
	OFFSETS_KEY_RELEASE = 0,      /* uname -r; every stored kernel has one */
	OFFSETS_KEY_MACHINE = 1,      /* uname -m; every stored kernel has one */
	OFFSETS_KEY_VERSION = 2,      /* uname -v, the end of the version banner */
	OFFSETS_KEY_BUILD_ID = 3,     /* GNU build-id, lower-case hex */
	OFFSETS_KEY_MODULE = 4,       /* "btrfs"; NULL: the kernel itself */
	OFFSETS_KEY_DISTRIBUTION = 5, /* "debian", "ubuntu", "rhel", "centos" */
	OFFSETS_KEY_PACKAGE = 6,      /* name of the debug package */
	OFFSETS_KEY_PACKAGE_VERSION = 7,
	OFFSETS_KEY_PACKAGE_SHA256 = 8, /* lower-case hex */
	/*
	 * What the facts were read from: "dwarf" and "btf": the kernel's own data;
	 * "verified-dwarf" and "verified-btf": the same, of a package whose signature was
	 * verified; "isf": a Volatility 3 symbol file of it. Or inferred from: "stream": the facts
	 * that are alike in kernels before and after it; "table": what origin says; "proven": the
	 * self-test on a host with this kernel.
	 */
	OFFSETS_KEY_SOURCE = 9,
	OFFSETS_KEY_ORIGIN = 10, /* for people: where that came from */
	OFFSETS_KEY_VERSION_CODE =
		11, /* LINUX_VERSION_CODE, "4.15.18"; the last number is at most 255 */
};

/* "build_id"; NULL: there is no such key, and none with a higher number. */
const char *offsets_key_name(unsigned int key);

/* The caller's to free, as is one that a look-up returns. NULL: no memory. */
struct offsets_kernel *offsets_kernel_new(void);
void offsets_kernel_free(struct offsets_kernel *kernel);

/* NULL: unknown. Valid until the key is set again or the kernel is freed. */
const char *offsets_kernel_key(const struct offsets_kernel *kernel, enum offsets_key key);

/* Copies the value. -EINVAL: no UTF-8, control or invisible characters, or over 1,000 bytes. */
int offsets_kernel_set(struct offsets_kernel *kernel, enum offsets_key key, const char *value);

/*
 * Finds a fact by the name it has in the catalogue, "TYPE.MEMBER". Where a member
 * was renamed, any of its names finds it; fact->member is the one that this kernel
 * uses. The kernel must be sorted, as look-ups return it; the fact is the kernel's.
 * -ENOENT: this kernel lacks it. -EINVAL: there is no such fact.
 */
int offsets_kernel_lookup(const struct offsets_kernel *kernel, const char *name,
                          const struct offsets_fact **ret);

/* Exactly that name; NULL: the kernel lacks it. The kernel must be sorted. */
const struct offsets_fact *offsets_kernel_fact(const struct offsets_kernel *kernel,
                                               const char *type, const char *member);

/* All facts, by index; NULL from offsets_kernel_count() on. */
size_t offsets_kernel_count(const struct offsets_kernel *kernel);
const struct offsets_fact *offsets_kernel_fact_at(const struct offsets_kernel *kernel,
                                                  size_t index);

/* Copies the fact. -EINVAL: bad name, a number out of range, or the 4,097th fact. */
int offsets_kernel_add_fact(struct offsets_kernel *kernel, const struct offsets_fact *fact);
int offsets_kernel_copy_facts(struct offsets_kernel *to, const struct offsets_kernel *from);
void offsets_kernel_sort(struct offsets_kernel *kernel);  /* facts by type, then member */
void offsets_kernel_clear(struct offsets_kernel *kernel); /* removes all facts */

/* Both must be sorted. */
bool offsets_kernel_same_facts(const struct offsets_kernel *a, const struct offsets_kernel *b);

/* Compares the numbers, not the names. */
bool offsets_fact_same(const struct offsets_fact *a, const struct offsets_fact *b);

/* {release, machine, ..., facts: [...]}: one JSON object and a newline. */
int offsets_kernel_print_json(const struct offsets_kernel *kernel, FILE *out);

/* The same for people: "key: value" lines, then a table. */
void offsets_kernel_print_text(const struct offsets_kernel *kernel, FILE *out);

/* ---- kernels.db ------------------------------------------------------- */

enum offsets_mode {
	OFFSETS_READ = 0, /* anybody's file: to look into it */
	/*
	 * To rely on what it says, as a sensor does: only trusted users can have changed
	 * it. These are root, the effective user and whoever can change the running program.
	 */
	OFFSETS_READ_TRUSTED = 1,
	OFFSETS_WRITE = 2, /* trusted as well; a missing file is created by the first commit */
};

/*
 * A reader writes, removes and locks nothing. There is one writer at a time.
 * -ENOENT: missing. -EBADMSG: no kernels.db, or damaged. -EPROTO: other schema.
 * -EPERM: others could change it. -EFBIG: more than 64 MiB. -EBUSY: another writer.
 */
int offsets_open(const char *path, enum offsets_mode mode, struct offsets **ret,
                 struct offsets_error *error);
void offsets_close(struct offsets *db); /* drops what was not committed */

/*
 * As with OFFSETS_READ_TRUSTED, but only if check says 0 to the whole file, such as by
 * its signature. What was checked is in memory, and nothing else is read. -errno of check.
 */
typedef int (*offsets_check_fn)(const void *data, size_t size, void *arg,
                                struct offsets_error *error);
int offsets_open_checked(const char *path, offsets_check_fn check, void *arg, struct offsets **ret,
                         struct offsets_error *error);

enum offsets_match {
	OFFSETS_MATCH_BUILD_ID = 0, /* GNU build-id: this very kernel */
	OFFSETS_MATCH_VERSION = 1,  /* release, version string and machine are equal */
	OFFSETS_MATCH_RELEASE = 2,  /* release alone: only when the user named it */
};

struct offsets_query {
	const char *build_id; /* hex, or NULL */
	const char *release;
	const char *version; /* uname -v, or NULL */
	const char *machine; /* NULL: any, in a look-up by release */
	const char *module;  /* NULL: the kernel itself */
	bool by_release;     /* accept a match by release alone */
};

/*
 * -ENOENT: no such kernel. -ENOTUNIQ: kernels that differ share the release; give
 * the build-id instead. Of several entries of one kernel that one is taken whose source
 * is trusted most: "verified-dwarf", "verified-btf", "dwarf", "btf", "isf", "stream",
 * "table", "proven", in this order. Of several kernels of one release only the last three yield to
 * others.
 */
int offsets_find(struct offsets *db, const struct offsets_query *query, struct offsets_kernel **ret,
                 enum offsets_match *ret_match, struct offsets_error *error);

/*
 * Calls back for each kernel, sorted, until a call returns non-zero, which is
 * returned. release NULL: all. The kernel is freed after the call.
 */
typedef int (*offsets_kernel_fn)(const struct offsets_kernel *kernel, void *arg);
int offsets_each(struct offsets *db, const char *release, offsets_kernel_fn fn, void *arg,
                 struct offsets_error *error);

enum offsets_change {
	OFFSETS_ADDED = 0,
	OFFSETS_UPDATED = 1, /* the same kernel was there with other facts or another identity */
	OFFSETS_UNCHANGED = 2,
};

/* Sorts the kernel. Only offsets_commit() keeps what was written since open or the last commit. */
int offsets_add(struct offsets *db, struct offsets_kernel *kernel, enum offsets_change *ret,
                struct offsets_error *error);
/* The same, but a kernel that is there with other facts or another name is kept: -EEXIST. */
int offsets_add_new(struct offsets *db, struct offsets_kernel *kernel, enum offsets_change *ret,
                    struct offsets_error *error);
/* Removes the entry of that kernel, which its keys name. -ENOENT: there is none. */
int offsets_remove(struct offsets *db, const struct offsets_kernel *kernel,
                   struct offsets_error *error);
int offsets_commit(struct offsets *db, struct offsets_error *error);
int offsets_rollback(struct offsets *db);

/*
 * Commits, then writes the whole database sorted and replaces the file with it, also
 * if this run changed nothing: an earlier one may have been killed. The same kernels
 * give the same bytes, in whatever order they were added. After it the handle can
 * only be closed.
 */
int offsets_finish(struct offsets *db, struct offsets_error *error);

/* Checks that every page is as SQLite wrote it, as offsets_open() for writing does. -EBADMSG. */
int offsets_integrity(struct offsets *db, struct offsets_error *error);

/*
 * Sorted text, for review: a stanza is one or more "kernel" lines followed by
 * the "member" lines that these kernels share; an empty line separates stanzas,
 * a tab separates words. name is for messages.
 */
int offsets_import(struct offsets *db, FILE *in, const char *name, size_t *ret_count,
                   struct offsets_error *error);
int offsets_export(struct offsets *db, FILE *out, struct offsets_error *error);

/* The same text without a database: each kernel of it (freed after the call), and one into it. */
typedef int (*offsets_text_fn)(struct offsets_kernel *kernel, void *arg,
                               struct offsets_error *error);
int offsets_text_read(FILE *in, const char *name, offsets_text_fn fn, void *arg,
                      struct offsets_error *error);
void offsets_kernel_write(const struct offsets_kernel *kernel, FILE *out);

/* Calls back with the SHA-256 (hex) of each package that kernels came from, each once, sorted. */
typedef int (*offsets_package_fn)(const char *sha256, void *arg);
int offsets_packages(struct offsets *db, offsets_package_fn fn, void *arg,
                     struct offsets_error *error);

/* ---- BTF -------------------------------------------------------------- */

/*
 * Adds all facts of the catalogue that a raw BTF blob (/sys/kernel/btf/vmlinux, a
 * .BTF section) defines. -EBADMSG: malformed. -ENOTUNIQ: two structs of one name
 * differ in a wanted member.
 */
int offsets_btf_read(const void *data, size_t size, const char *name, struct offsets_kernel *kernel,
                     struct offsets_error *error);

/*
 * The same for a module's blob (/sys/kernel/btf/MODULE, since v5.11), whose types and
 * strings continue those of the kernel's blob.
 */
int offsets_btf_read_module(const void *base, size_t base_size, const void *data, size_t size,
                            const char *name, struct offsets_kernel *kernel,
                            struct offsets_error *error);

#ifdef __cplusplus
}
#endif
#endif
