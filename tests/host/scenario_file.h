/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts about files share: records, which are what stat() says of a file, and the path by
 * which it was reached.
 */
#ifndef TESTS_HOST_SCENARIO_FILE_H
#define TESTS_HOST_SCENARIO_FILE_H

#include <sys/stat.h>

#include "tests/host/scenario.h"

/* ---- records: scenario_file.c. A name is below base, or begins with a slash. */

extern const char *file_case;  /* the records' case: the name of the file system, mostly */
extern char base[1200];        /* the directory in which things are done: absolute */
extern int file_by_descriptor; /* what is done now is done by a descriptor */

void put_path(const char *key, const char *name);
void file_begin(const char *action, const char *name, const struct stat *st); /* st: or NULL */
void file_begin_of(const char *action, const char *name); /* as the file is now */
void file_record(const char *action, const char *name);   /* as the file is now; a whole record */
void rename_record(const char *action, const char *name, const char *other,
                   const struct stat *replaced); /* replaced: or NULL */
struct stat file_stat(const char *name);
void file_remove(const char *action, const char *name, int (*remove_it)(const char *));

void file_make(const char *name);
void make_matched(const char *name);   /* and removes it; a rule matches it: with records */
void make_unmatched(const char *name); /* no rule matches it: without records */
void rename_matched(const char *from, const char *to);
void rename_unmatched(const char *from, const char *to);

/* ---- what is done to files ----------------------------------------------- */

void file_operations(void);  /* scenario_file_operation.c: each operation */
void file_other_ways(void);  /* scenario_file_way.c: each way that leads to a file */
void file_by_io_uring(void); /* scenario_file_ring.c */

/* A system call as a 32-bit program makes it: scenario_file_way.c. */
int has_32_bits(void);
long syscall_32(long number, const char *path, long value);

/* ---- scenario_mount.c ---------------------------------------------------- */

struct file_system {
	const char *name;
	int (*mount)(char *path); /* makes the path and mounts there; false: not on this kernel */
};

extern const struct file_system file_systems[]; /* the last one has no name */

void mount_in_steps(const char *above);
void unmount(const char *path);

#endif
