/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the rings to whole records in the order of time: reads the rings, puts
 * events that came in parts together, and holds records back until none older can come.
 */
#ifndef LOADER_BPF_READER_H
#define LOADER_BPF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/bpf/kernel_side.h"
#include "loader/stream/cut.h"
#include "loader/stream/decode.h"
#include "offsets/offsets.h"

/* Who takes the records. */
struct probes_use {
	record_fn record;
	bool (*room)(void *arg); /* false: none can be taken now; NULL: they always can */
	void *arg;
};

struct reader; /* its own memory */

/* cpus: possible ones. NULL: out of memory. */
struct reader *reader_new(unsigned int cpus);
void reader_free(struct reader *reader); /* closes the rings */

/* Opens the rings, by kernel->ring(); what was read before is not counted any more. */
int reader_open(struct reader *reader, const struct kernel_side *kernel, void *kernel_arg,
                const struct probes_use *use, struct offsets_error *error);

/* Rings that are opened from now on are opened so. */
void reader_open_by(struct reader *reader, const struct kernel_side *kernel, void *kernel_arg);

/* Calls back for each descriptor that it has open. */
void reader_fds(const struct reader *reader, void (*fn)(void *arg, int fd), void *arg);

void reader_close(struct reader *reader);

/* Readable for poll() when there is enough in the rings to read them at once. */
int reader_fd(const struct reader *reader);

/* Delivers what is in the rings, as far as there is room for it: probes_read(). */
int reader_read(struct reader *reader, bool to_the_end);

/* Records are left in the rings. */
bool reader_unread(const struct reader *reader);

/* Records of that time (CLOCK_MONOTONIC, ns) and later are held back; UINT64_MAX: none. */
void reader_hold(struct reader *reader, uint64_t from_ns);

/* Of those that it holds: order_stamps(). */
int reader_stamps(const struct reader *reader, uint64_t begin_ns, uint64_t end_ns,
                  struct stamps *ret);

/* Records are left, for there was no room for them. */
bool reader_wait(const struct reader *reader);

/* Takes what is in the rings, and delivers none of it yet. *ret_all: the rings are empty. */
int reader_take(struct reader *reader, bool *ret_all);

/* The most bytes that were found in a ring; bytes of records that are held back. */
uint64_t reader_high(const struct reader *reader);
uint64_t reader_fill_take(struct reader *reader); /* since the last call */
size_t reader_held(const struct reader *reader);

/* Events of which not all parts came. */
uint64_t reader_incomplete(const struct reader *reader);

/* Hands a record that comes from no ring to who takes the records; whether there is room for it. */
void reader_deliver(struct reader *reader, const void *data, size_t size);
bool reader_room(const struct reader *reader);

/* Events of a class with that number of a CPU (event_header.cpu) that were read. */
uint64_t reader_read_count(const struct reader *reader, unsigned int cpu, enum event_type type);

/*
 * The ring of a CPU has taken no record since the last call: opens it again if it
 * should have. One that was offline for a moment does not use its ring any more.
 */
void reader_renew(struct reader *reader, unsigned int cpu, bool should_have);

#endif
