/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A perf ring for each CPU that is online. Rings follow CPUs: one that comes
 * online gets a ring, and the ring of one that goes offline is read to its end and
 * closed, for the kernel does not use it again when the CPU comes back
 * (perf_event_exit_cpu()).
 */
#ifndef LOADER_BPF_RINGS_H
#define LOADER_BPF_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offsets/offsets.h"

struct rings; /* its own memory */

struct rings_use {
	/* Opens a ring: struct kernel_side. */
	int (*open)(void *arg, unsigned int cpu, int *ret_fd);
	void *open_arg;
	/* A record of a CPU's ring, in the ring's order; data is the kernel's. */
	void (*record)(void *arg, unsigned int cpu, const void *data, size_t size);
	/* True: no more records can be taken now. May be NULL. */
	bool (*full)(void *arg);
	void *arg;
};

/* cpus: possible ones. Opens those of the CPUs online. */
int rings_open(unsigned int cpus, const struct rings_use *use, struct rings **ret,
               struct offsets_error *error);
void rings_close(struct rings *rings);

/* Readable for poll() when a ring is an eighth full. */
int rings_fd(const struct rings *rings);

/* Rings that are opened from now on are opened so. */
void rings_open_by(struct rings *rings, int (*open)(void *arg, unsigned int cpu, int *ret_fd),
                   void *arg);

/* Calls back for each descriptor that it has open. */
void rings_fds(const struct rings *rings, void (*fn)(void *arg, int fd), void *arg);

/* The most bytes that were found in a ring: since it was opened; since the last call. */
uint64_t rings_high(const struct rings *rings);
uint64_t rings_fill_take(struct rings *rings);

/* Delivers what is in the rings, until use.full(). 0 or -errno; *ret_all: all rings are empty. */
int rings_read(struct rings *rings, bool *ret_all);

/* Opens and closes rings as CPUs come and go; call it some times a second. */
void rings_follow(struct rings *rings);

/* The ring of a CPU takes no records although there is room: opens it again. */
void rings_renew(struct rings *rings, unsigned int cpu);

#endif
