/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes system calls, and says on standard output what each was given and gave back, as JSON, a
 * line a call: the truth for 'sextant trace' (tests/host/check_trace_calls.py,
 * tests/vm/guest.sh). A call that the kernel does not have fails with ENOSYS, and so it is
 * written down.
 *
 * usage: calls DIRECTORY [PROGRAM]   (PROGRAM: one of 32 bits to execute at last)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/host/calls.h"

static char *truth;
static size_t truth_size;
static FILE *out;
static const char *comma;

void call_of(long tid, const char *name, long result)
{
	fprintf(out, "{\"tid\":%ld,\"name\":\"%s\",\"result\":%ld,\"parameters\":{", tid, name,
	        result);
	comma = "";
}

void call_begin(const char *name, long result)
{
	call_of(syscall(SYS_gettid), name, result < 0 ? -errno : result);
}

void call_without_result(long tid, const char *name)
{
	fprintf(out, "{\"tid\":%ld,\"name\":\"%s\",\"result\":null,\"parameters\":{", tid, name);
	comma = "";
}

void call_end(void)
{
	fputs("}}\n", out);
}

void json(const char *name, const char *format, ...)
{
	va_list values;

	fprintf(out, "%s\"%s\":", comma, name);
	comma = ",";
	va_start(values, format);
	vfprintf(out, format, values);
	va_end(values);
}

void number(const char *name, long value)
{
	json(name, "%ld", value);
}

void word(const char *name, const char *value)
{
	json(name, "\"%s\"", value);
}

void bytes(const char *name, const void *value, size_t size)
{
	size_t i;

	json(name, "{\"hex\":\"");
	for (i = 0; i < size; i++)
		fprintf(out, "%02x", ((const unsigned char *)value)[i]);
	fputs("\"}", out);
}

void text(const char *name, const char *value)
{
	bytes(name, value, strlen(value));
}

void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- texts where they are hard to read ------------------------------------- */

static char *pages(size_t count, int fd)
{
	char *at = mmap(NULL, count * PAGE, fd < 0 ? PROT_READ | PROT_WRITE : PROT_READ,
	                MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (at == MAP_FAILED)
		fail("mmap");
	return at;
}

char *across_pages(const char *string)
{
	return strcpy(pages(2, -1) + PAGE - 3, string);
}

char *not_resident(const char *directory, const char *string)
{
	char path[256], *page;
	int fd;

	snprintf(path, sizeof(path), "%s/page", directory);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, string, strlen(string) + 1) < 0 || ftruncate(fd, PAGE))
		fail(path);
	page = pages(1, fd);
	close(fd);
	unlink(path);
	return page;
}

char *not_touched(void)
{
	char *page = pages(1, -1);

	page[0] = 1;
	if (madvise(page, PAGE, MADV_DONTNEED))
		fail("madvise");
	return page;
}

int main(int argc, char **argv)
{
	if (argc == 1) /* executed by a thread: calls_processes() */
		return 0;
	if (argc > 3) {
		fputs("usage: calls DIRECTORY [PROGRAM]\n", stderr);
		return 2;
	}
	out = open_memstream(&truth, &truth_size);
	if (!out)
		fail("open_memstream");
	calls_files(argv[1]);
	calls_places(argv[1]);
	calls_descriptors(argv[1]);
	calls_sockets(argv[1]);
	calls_signals();
	calls_processes(argv[1], argc == 3 ? argv[2] : NULL);
	fclose(out);
	return fwrite(truth, 1, truth_size, stdout) != truth_size || fflush(stdout);
}
