/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in each process: read from /proc first, then kept up to date by fork,
 * exec and exit events in the order of their time. It holds only what is certain:
 * after a loss it is read from /proc again, and nothing is guessed.
 */
#ifndef LOADER_STATE_CACHE_H
#define LOADER_STATE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/state/container.h"
#include "loader/stream/decode.h"

struct cache;

/* Of the arguments of a process so many bytes are kept, with the NUL behind each. */
#define CACHE_ARGS_BYTES 512

/* A process; it is known by pid and start (start_ticks() of ns). */
struct cached {
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t since_ns; /* CLOCK_MONOTONIC: what it runs is known from then on */
	const char *exe;   /* path; NULL: none (a thread of the kernel), or not known */
	size_t exe_size;
	uint64_t exe_inode;  /* 0: not known, as of what ran when /proc was read */
	uint32_t exe_device; /* as exec_event has it */
	struct span args;    /* of its last exec: strings, each ended by NUL */
	bool are_args_cut;   /* there are more */
	uint32_t session;    /* of audit; -1: none, or not known */
	uint32_t parent;     /* process id, by what was last read of it; 0: not known */
	uint64_t marks; /* the caller's, by cache_mark(); children have those of their parent */
	struct cgroups cgroups; /* by its last exec or fork */
	struct container_id container;
	struct span service;
};

struct cache *cache_new(void); /* NULL: no memory */
void cache_free(struct cache *cache);

/* Forgets all: events were lost. What events say from here on counts. */
void cache_forget(struct cache *cache);

/* Begins to read /proc, which cache_work() does: processes that nothing is known of. */
void cache_seed(struct cache *cache);

/*
 * Works for so long at most: reads /proc, looks for processes whose end was not
 * reported. True: there is more to do.
 */
bool cache_work(struct cache *cache, uint64_t for_ns);

/* Of events in the order of time, after they were written out. */
void cache_event(struct cache *cache, const struct event *ev);

/* Adds marks to the process of an exec, if it is known. */
void cache_mark(struct cache *cache, const struct exec_event *exec, uint64_t marks);

/* NULL: not known. Valid until the next call that changes the cache. */
const struct cached *cache_find(struct cache *cache, uint32_t pid, uint64_t start_boottime_ns);
const struct cached *cache_find_living(struct cache *cache, uint32_t pid);

/*
 * The parent, as far as it is certain which one it was: NULL also if it is not known, or if
 * the process has none.
 */
const struct cached *cache_find_parent(struct cache *cache, const struct cached *process);

/*
 * What ran in the process before this exec: NULL also if the cache has seen its
 * new program in /proc already.
 */
const struct cached *cache_find_before(struct cache *cache, const struct exec_event *exec);

/* Processes that are known, ended ones among them. */
size_t cache_size(const struct cache *cache);

#endif
