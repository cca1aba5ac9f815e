/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records in a file, as 'sextant run --record' writes them and 'sextant replay' reads them: what
 * the kernel's programs have sent, in the order of time, with what of the host is needed to make
 * events of them. Arguments and environments are as they were, whatever --redact says.
 *
 * The file is a record_file with a struct recording_head.
 */
#ifndef LOADER_AGENT_RECORDING_H
#define LOADER_AGENT_RECORDING_H

#include <stdint.h>

#include "loader/host/clock.h"
#include "loader/host/host.h"
#include "loader/stream/decode.h"

#define RECORDING_MAGIC   "SXREC1\n"
#define RECORDING_VERSION 1

struct recording_head {
	char magic[8];
	uint32_t version, head_bytes,
		abi_bytes; /* of struct event, which changes with the records */
	uint32_t possible_cpus;
	char release[128], machine[65], name[256], boot_id[37], machine_id[33];
	struct host_os os;
	struct clock_offsets clock;
};

/* ---- writing ------------------------------------------------------------- */

struct recording; /* NULL: nothing is recorded */

/* Makes the file, which must not exist, with mode 0600. clock: of the events. 0 or -errno. */
int recording_begin(const char *path, const struct host *host, const struct clock_offsets *clock,
                    struct recording **ret, struct offsets_error *error);

/* unread: what of the record is not known of this kernel. An error ends the recording, and is said.
 */
void recording_put(struct recording *recording, const void *data, size_t size, uint32_t unread);

int recording_descriptor(const struct recording *recording); /* -1: none */
void recording_end(struct recording *recording);

/* ---- reading ------------------------------------------------------------- */

struct recorded;

/* 0 or -errno: no recording, or another version's. */
int recorded_open(const char *path, struct recorded **ret, struct offsets_error *error);
void recorded_close(struct recorded *recorded);
const struct recording_head *recorded_head(const struct recorded *recorded);

/*
 * The next record, valid until the next call. 1; 0: there are no more; -EBADMSG: the file ends in
 * the middle of one, or is damaged.
 */
int recorded_next(struct recorded *recorded, const void **ret, size_t *ret_size);

#endif
