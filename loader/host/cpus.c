/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of CPUs. */
#include <stdlib.h>
#include <string.h>

#include "loader/host/cpus.h"
#include "loader/host/sysfile.h"

bool cpus_parse(const char *text, bool *ret, unsigned int cpus)
{
	memset(ret, 0, cpus * sizeof(*ret));
	for (;;) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (end == text)
			return false;
		if (*end == '-') {
			text = end + 1;
			last = strtoul(text, &end, 10);
			if (end == text)
				return false;
		}
		for (; first <= last && first < cpus; first++)
			ret[first] = true;
		if (*end != ',')
			return *end == '\0' || *end == '\n';
		text = end + 1;
	}
}

/* More than kernels are built for (CONFIG_NR_CPUS). */
#define CPUS_MAX 16384

int cpus_possible(void)
{
	bool possible[CPUS_MAX];
	char text[4096];
	int cpu;

	if (!host_read_line("/sys/devices/system/cpu/possible", text, sizeof(text)) ||
	    !cpus_parse(text, possible, CPUS_MAX))
		return 0;
	for (cpu = CPUS_MAX; cpu && !possible[cpu - 1];)
		cpu--;
	return cpu;
}
