/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPUs of this host, as /sys/devices/system/cpu lists them. */
#ifndef LOADER_HOST_CPUS_H
#define LOADER_HOST_CPUS_H

#include <stdbool.h>

/* A list, "0-3,5": sets ret[cpu] for each of them below cpus. False: malformed. */
bool cpus_parse(const char *text, bool *ret, unsigned int cpus);

/* How many there can be; their numbers are below that. 0: not known. */
int cpus_possible(void);

#endif
