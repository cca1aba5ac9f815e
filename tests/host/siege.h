/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the siege share: pseudo-random numbers, awkward bytes, children. */
#ifndef TESTS_HOST_SIEGE_H
#define TESTS_HOST_SIEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A kind of attack: step() is one attempt, and is called until the round ends. */
struct phase {
	const char *name;
	void (*step)(void);
};

/* Each ends with an entry without a name. */
extern const struct phase exec_phases[], process_phases[], file_phases[], space_phases[],
	net_phases[], stalk_phases[];

/* Events that today's sensor cannot write; an argument of '--without' says which. */
extern bool without_huge;

/* The process to hunt, with its descendants; 0: none. Never the warden and what it started. */
extern pid_t target, warden;

/* The cgroup that the attacker may write to; "": there is none. */
extern char cgroup_path[256];

/* A loopback address that nobody else uses, port 53 of which is ours. */
#define SIEGE_ADDRESS 0x7f003d03U /* 127.0.61.3 */

/* ---- numbers and bytes: siege_taste.c --------------------------------- */

void random_seed(uint64_t seed);
uint64_t random_next(void);
uint32_t any(uint32_t count); /* 0 to count - 1 */

/* Bytes of one of several kinds: controls, invalid UTF-8, escape sequences... No NUL. */
void bytes_any(char *to, size_t size);

/* A file's name of 1 to max bytes (at most 255), with a NUL behind it. */
size_t name_any(char *to, size_t max);

/* ---- children: siege_taste.c ------------------------------------------ */

/* fork(), with numbers of its own for the child. */
pid_t spawn(void);
void reap(pid_t child);

/* In a child, which is waited for. */
void in_child(void (*what)(void));

/* vfork() and execve(); waited for. */
void execute(const char *path, char *const argv[], char *const envp[]);

/* A program that ends at once. False: it could not be written. */
bool program_write(const char *path);
extern const void *const program_bytes; /* the same, to be written elsewhere */
extern const size_t program_size;

/* Whether the file was written, whole. */
bool file_write(const char *path, const void *data, size_t size);

/* "siege --read", behind it its arguments: siege_read.c. -1: not all lines were whole JSON. */
int read_lines(int argc, char **argv);

/* "siege --stamp": standard input to standard output, with times. */
int stamp_lines(void);

#endif
