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

/* The longest beginning of a line that is compared. */
#define HEAD_BYTES 64

/* Bytes behind the last newline of a file; all of them, if there are more than a line may have. */
static size_t tail_size(int fd, off_t end, char head[HEAD_BYTES])
{
	CLEANUP(cleanup_free) char *tail = malloc(QUEUE_LINE_MAX);
	size_t size = end < QUEUE_LINE_MAX ? end : QUEUE_LINE_MAX, rest = 0;

	if (!tail || pread(fd, tail, size, end - size) != (ssize_t)size)
		return 0;
	while (rest < size && tail[size - rest - 1] != '\n')
		rest++;
	memset(head, 0, HEAD_BYTES);
	memcpy(head, tail + size - rest, rest < HEAD_BYTES ? rest : HEAD_BYTES);
	return rest;
}

static bool begins_with(const char head[HEAD_BYTES], const char *begin)
{
	return begin && strlen(begin) <= HEAD_BYTES && !memcmp(head, begin, strlen(begin));
}

void tail_repair(int fd, const char *name, const char *begin)
{
	CLEANUP(cleanup_fd) int reading = -1;
	char path[64], head[HEAD_BYTES];
	struct stat st;
	size_t size;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reading = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (reading < 0 || fstat(reading, &st))
		return;
	size = tail_size(reading, st.st_size, head);
	if (!size)
		return;
	if (!begins_with(head, begin)) {
		if (write(fd, "\n", 1) != 1)
			log_line(LEVEL_WARNING, "%s: its last line cannot be ended: %s", name,
			         strerror(errno));
	} else if (!ftruncate(fd, st.st_size - (off_t)size)) {
		log_line(LEVEL_INFO,
		         "%s: removed %zu bytes of an event at its end, half-written by a process "
		         "that was killed",
		         name, size);
	}
}
