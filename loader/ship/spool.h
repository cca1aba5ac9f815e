/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a shipper keeps on disk until it is delivered, and what became of the rest: an SQLite
 * database in WAL mode. Each change is one transaction, so that after any crash
 *
 *	kept + taken = delivered + queued + dropped
 *
 * holds for each tag (struct ship_counts).
 */
#ifndef LOADER_SHIP_SPOOL_H
#define LOADER_SHIP_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/out/ship_wire.h"
#include "loader/ship/shipment.h"
#include "offsets/util/error.h"

struct spool_use {
	const char *path;   /* of the database, in a directory that only the caller can write to */
	const char *name;   /* of that directory, for messages */
	uint64_t bytes_max; /* of compressed batches */
	uint64_t age_max_s;
	bool drops_oldest;    /* to make room; else it takes no more */
	unsigned int wait_ms; /* for another process that has it, and may be ending */
};

struct spool;

/*
 * Opens or creates it. A damaged database is renamed to PATH.damaged, with a message, and a new one
 * is created. 0 or -errno; -EBUSY: another process still has it after wait_ms.
 */
int spool_open(const struct spool_use *use, struct spool **ret, struct offsets_error *error);
void spool_close(struct spool *spool); /* NULL too */

/*
 * The engine's run, and the number of the line that it sends first. A new run has new counts, which
 * begin with what earlier runs have left. *ret_taken: lines before that number are here.
 */
int spool_run(struct spool *spool, uint64_t run, uint64_t next, uint64_t *ret_taken,
              struct offsets_error *error);

/*
 * Adds a batch, after which lines before number taken are here. now_s: seconds since 1970.
 * -ENOSPC: there is no room, here or on the disk; nothing was added.
 */
int spool_put(struct spool *spool, const struct shipment *batch, uint64_t taken, uint64_t now_s,
              struct offsets_error *error);

/*
 * The disk is full: drops the oldest batches, as far as the use says so, until some times that
 * much is free.
 */
void spool_give_way(struct spool *spool, uint64_t wanted);

/*
 * The oldest batch. *ret_id: 0: there is none. A batch whose content is damaged is dropped.
 * -EBADMSG: the database is damaged: spool_renew().
 */
int spool_first(struct spool *spool, struct shipment *ret, int64_t *ret_id,
                struct offsets_error *error);

/* What became of the lines of the oldest batch. */
struct spool_outcome {
	uint64_t delivered[LEDGER_TAGS], dropped[LEDGER_TAGS][DROP_REASONS];
};

/* Removes it. */
int spool_done(struct spool *spool, int64_t id, const struct spool_outcome *outcome,
               struct offsets_error *error);

/* Drops batches that are too old. To be called each second. */
int spool_expire(struct spool *spool, uint64_t now_s, struct offsets_error *error);

/*
 * After -EBADMSG of one of these: renames the database as spool_open() does, and creates another
 * one. What was queued counts as dropped (DROP_FAILED).
 */
int spool_renew(struct spool *spool, struct offsets_error *error);

/* That batch is being sent, and is not dropped. 0: none. */
void spool_sending(struct spool *spool, int64_t id);

/* Of LEDGER_TAGS tags. */
const struct ship_counts *spool_counts(const struct spool *spool);

#endif
