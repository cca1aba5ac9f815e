/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hashes of executables, scripts and modules, which the hasher finds out (loader/hash/). The
 * event of an exec waits a moment for its answer; what comes later is an event of its own.
 */
#ifndef LOADER_AGENT_HASHES_H
#define LOADER_AGENT_HASHES_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/helper_link.h"
#include "loader/agent/writer.h"
#include "loader/hash/hash_wire.h"

/* Files of execs that are being read, of which one user may have half. */
#define HASHES_WAITING 512

struct hash_wait {
	uint64_t id;      /* of the request; 0: free */
	uint32_t outputs; /* 1 << index of those that have the exec's event */
	/* The answer, while outputs have no room for it. */
	bool is_answered;
	enum hash_state state;
	uint8_t sha256[HASH_BYTES]; /* of HASH_DONE */
	struct process_ids process;
	bool is_start_unread;
	enum hash_kind kind;
	size_t user;              /* hash_budget_user() */
	struct event_file opened; /* of a script or module */
	uint16_t exe_size;        /* of the executable's path, or the module's */
	char exe[HASH_PATH_BYTES];
};

struct hashes {
	struct helper_link hasher;
	struct writer *writer; /* the caller's */
	uint64_t last_id;
	uint64_t may_wait_ns,
		filled_ns; /* how long events may wait in all, and since when it is so */
	size_t waiting_count;
	struct hash_wait *waiting; /* NULL: not yet */
	/* Of the event at hand. */
	struct {
		struct event_hash hash;
		uint8_t sha256[HASH_BYTES];
	} found[HASH_KINDS];
};

/* What is pointed to has to stay. monitor NULL: there are no hashes. */
void hashes_init(struct hashes *hashes, struct writer *writer, struct channel *monitor);
void hashes_deinit(struct hashes *hashes); /* takes a zeroed one */

/*
 * Asks for the hash of an exec's file, and of its script: ev->hash and ev->script_hash are set, if
 * there is an answer of any kind. outputs: 1 << index of those that rules leave the event to; what
 * comes later is for these.
 */
void hashes_exec(struct hashes *hashes, struct event *ev, uint32_t outputs);

/* The same of the file that a module is loaded from, if it is one: ev->hash. */
void hashes_module(struct hashes *hashes, struct event *ev, uint32_t outputs);

/* Ten times a second: writes what has come since, and what there was no room for. */
void hashes_look(struct hashes *hashes, uint64_t now_ns);

/* At the end: what has come, and that the rest does not come. */
void hashes_end(struct hashes *hashes);

#endif
