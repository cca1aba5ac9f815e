/* SPDX-License-Identifier: BSD-2-Clause */
/* LD_PRELOAD: the kernel has no perf event for the tracepoint with the id REFUSED (EINVAL). */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/perf_event.h>
#include <sys/syscall.h>

static int is_refused(long number, const struct perf_event_attr *attr)
{
	return number == SYS_perf_event_open && attr->type == PERF_TYPE_TRACEPOINT &&
	       attr->config == strtoull(getenv("REFUSED"), NULL, 10);
}

long syscall(long number, ...)
{
	long a[6], ret;
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (is_refused(number, (const void *)a[0])) {
		errno = EINVAL;
		return -1;
	}
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	__asm__ volatile("syscall"
	                 : "=a"(ret)
	                 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	if (ret < 0 && ret >= -4095) {
		errno = -ret;
		return -1;
	}
	return ret;
}
