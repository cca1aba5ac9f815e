/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario in parts: scenario_CLASS.c makes the events of an event class
 * happen and writes down the truth about them. A part registers itself, so a
 * new event class is a new file here and its test, scenario_CLASS.py.
 */
#ifndef TESTS_HOST_SCENARIO_H
#define TESTS_HOST_SCENARIO_H

#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#define OTHER_UID 61021 /* a user who is not root */

extern char directory[1024]; /* where the scenario works: absolute */
extern char program[1200];   /* the copy of this program in it */

/* ---- parts: scenario.c -------------------------------------------------- */

/* What "scenario NAME COUNT" does, without a truth file. */
struct command {
	const char *name;
	void (*run)(int count);
};

struct part {
	const char *name;               /* the parts run in the order of their names */
	void (*run)(void);              /* begins in the directory and has to end there; or NULL */
	void (*rules)(void);            /* prints the watch rules that run() needs; or NULL */
	const struct command *commands; /* the last one has no name; or NULL */
	void (*resume)(void);           /* called first when this program begins; or NULL */
	struct part *next;
};

void part_add(struct part *part);

/* PART(.name = "memfd", .run = memfds); once in a file. */
#define PART(...)                                                   \
	static struct part part = { __VA_ARGS__ };                  \
	__attribute__((constructor)) static void part_of_file(void) \
	{                                                           \
		part_add(&part);                                    \
	}

/* ---- truth: truth.c ----------------------------------------------------- */

void require(int ok, const char *what); /* ends the process if it is not; errno says why */

void truth_open(const char *path);

/* A record: put("KIND\tkey=value..."), more of them, record_end(). */
void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
void put_hex(const char *key, const char *data, size_t size);
void put_link(const char *key, const char *path);
void put_namespaces(const char *key,
                    const char *const *names); /* KEY_NAME=inode, as /proc has it */
void record_end(void);

/* A field of /proc/self/stat, counted as in proc(5). /proc is the host's: so are these ids. */
unsigned long long stat_field(int field);

void exec_record(const char *name); /* what a program sees of itself */
void call_record(const char *name); /* what a process is just before its exec */
void fork_record(const char *name, pid_t child, pid_t parent);
void exit_record(const char *name, pid_t child, int status, const struct rusage *used);

/* ---- children: children.c ----------------------------------------------- */

ssize_t file_read(const char *path, char *ret, size_t size); /* the size read, or -1 */
void file_write(const char *path, int flags, const char *text);
void file_copy(const char *from, const char *to, mode_t mode);

int child_wait(const char *name, pid_t child); /* the wait status; writes the exit's record */

/* Calls it in a child, with the records of its fork and exit; the wait status. */
int in_child(const char *name, void (*run)(void));

extern char *more_env[6];         /* environment of the next program; the last one is NULL */
extern char *const plain_argv[2]; /* one argument */

/* Becomes the program, which writes an exec record and ends as "code N" or "signal N" says. */
void exec_as(const char *name, const char *path, char *const *argv, const char *end);
int end_as_asked(void); /* the other side of it */

/* The same in a child that prepares itself first, with all of its records. */
void run(const char *name, const char *path, char *const *argv, const char *end,
         void (*prepare)(void));
void run_plain(const char *name, const char *end, void (*prepare)(void));
void run_copy(const char *name, const char *path); /* this program, copied to there */

void mounts_unshare(void); /* a mount namespace of its own, in which all is private */

#endif
