/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loader/agent/resources.h"
#include "offsets/util/cleanup.h"

/* /proc/self/statm: pages, the second number is those that are resident. */
static uint64_t memory_read(void)
{
	CLEANUP(cleanup_fd) int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	unsigned long long pages = 0;
	char text[128];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return sscanf(text, "%*u %llu", &pages) == 1 ? pages * sysconf(_SC_PAGESIZE) : 0;
}

static uint64_t nanoseconds(const struct timeval *time)
{
	return time->tv_sec * 1000000000ULL + time->tv_usec * 1000ULL;
}

struct process_report resources_read(void)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_SELF, &usage);
	return (struct process_report){
		.pid = getpid(),
		.memory_bytes = memory_read(),
		.cpu_ns = nanoseconds(&usage.ru_utime) + nanoseconds(&usage.ru_stime),
	};
}
