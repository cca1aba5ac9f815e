/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/out/queue.h"
#include "loader/out/halfline.h"
#include "loader/util/log.h"
#include "offsets/util/cleanup.h"

/* The last bytes of a file, as many as a line may have. -1: they cannot be read. */
static ssize_t tail_read(int fd, off_t end, char tail[QUEUE_LINE_MAX])
{
	ssize_t size = end < QUEUE_LINE_MAX ? end : QUEUE_LINE_MAX;

	return pread(fd, tail, size, end - size) == size ? size : -1;
}

/* How much of it stays. */
static ssize_t half_remove(int fd, off_t end, const char *tail, ssize_t size, const char *name,
                           half_fn half)
{
	ssize_t rest = half ? half(tail, size) : 0;

	if (!rest || ftruncate(fd, end - rest))
		return size;
	log_line(LEVEL_INFO,
	         "%s: removed %zd bytes of an event at its end, half-written by a process that was "
	         "killed",
	         name, rest);
	return size - rest;
}

void tail_repair(int fd, const char *name, half_fn half)
{
	CLEANUP(cleanup_fd) int reading = -1;
	CLEANUP(cleanup_free) char *tail = malloc(QUEUE_LINE_MAX);
	char path[64];
	struct stat st;
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reading = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (!tail || reading < 0 || fstat(reading, &st))
		return;
	size = tail_read(reading, st.st_size, tail);
	if (size > 0)
		size = half_remove(fd, st.st_size, tail, size, name, half);
	if (size > 0 && tail[size - 1] != '\n' && write(fd, "\n", 1) != 1)
		log_line(LEVEL_WARNING, "%s: its last line cannot be ended: %s", name,
		         strerror(errno));
}
