/* SPDX-License-Identifier: BSD-2-Clause */
/* cmocka with what it needs included, and small helpers that many tests share. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "offsets/offsets.h"

/* The message of a failed call: must name each of the words. */
static inline void assert_says(const struct offsets_error *error, const char *word)
{
	if (!strstr(error->text, word))
		fail_msg("'%s' does not name '%s'", error->text, word);
}

static inline void add_fact(struct offsets_kernel *kernel, const char *type, const char *member,
                            uint32_t offset, uint32_t size)
{
	struct offsets_fact fact = { type, member, offset, size, 0, 0 };

	assert_int_equal(offsets_kernel_add_fact(kernel, &fact), 0);
	offsets_kernel_sort(kernel);
}

/* Bytes that end where an unreadable page begins. */
struct guarded {
	char *map, *data;
	size_t map_size;
};

static inline struct guarded guarded_copy(const void *data, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE), pages = (size + page - 1) / page + 1;
	struct guarded g = { .map_size = pages * page };

	g.map = mmap(NULL, g.map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(g.map, MAP_FAILED);
	assert_int_equal(mprotect(g.map + g.map_size - page, page, PROT_NONE), 0);
	g.data = g.map + g.map_size - page - size;
	if (size)
		memcpy(g.data, data, size);
	return g;
}

static inline void guarded_free(struct guarded *g)
{
	munmap(g->map, g->map_size);
}

/* Runs a shell command that must succeed. */
static inline void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void shell(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		fail_msg("failed: %s", command);
}

/* A directory of the test's own, removed by work_leave(). */
static char work[64];

static inline int work_enter(void **state)
{
	(void)state;
	strcpy(work, "/tmp/sextant-test.XXXXXX");
	return mkdtemp(work) ? 0 : -1;
}

static inline int work_leave(void **state)
{
	(void)state;
	shell("rm -rf %s", work);
	return 0;
}

#endif
