/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of tests/host/calls.c share: how a call is written down. */
#ifndef TESTS_HOST_CALLS_H
#define TESTS_HOST_CALLS_H

#include <stddef.h>

#define PAGE 4096

/*
 * A call of this thread, or of another: call_begin(), its parameters, call_end(). result: of
 * syscall(2), whose error is in errno; of call_of() that of the kernel: a negative error number.
 */
void call_begin(const char *name, long result);
void call_of(long tid, const char *name, long result);
void call_without_result(long tid, const char *name);
void call_end(void);

/* A parameter: its name and what it has to be. */
void number(const char *name, long value);
void word(const char *name, const char *value);
void bytes(const char *name, const void *value, size_t size);
void text(const char *name, const char *value);
/* As JSON. */
void json(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

void fail(const char *what); /* perror(), and the end */

/* Its first bytes are at the end of one page, the others in the next. */
char *across_pages(const char *string);
/* In a page of a file that this process has not touched: only the call brings it in. */
char *not_resident(const char *directory, const char *string);
/* A page that has no memory until it is written to. */
char *not_touched(void);

void calls_files(const char *directory);
void calls_places(const char *directory);
void calls_descriptors(const char *directory);
void calls_sockets(const char *directory);
void calls_signals(void);
void calls_processes(char *directory, const char *program);

#endif
