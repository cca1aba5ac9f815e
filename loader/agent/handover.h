/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an older sensor and the newer one that it has started say to each other, over a
 * socket that the newer one inherits, until the newer one has the events:
 *
 *   newer                       older
 *                    <-------   descriptors of maps, by its monitor
 *   HANDOVER_WINDOW  ------->             both hold the events back that are of this time
 *                    <-------   HANDOVER_LATE: it is over here, another one is wanted
 *                    <-------   HANDOVER_STAMPS: what it saw in it
 *   HANDOVER_CUT     ------->             the older one has the events before, and ends
 *                    <-------   HANDOVER_SILENT: its programs report no more
 *                    <-------   HANDOVER_DONE: all its events are written
 *
 * The newer one writes nothing before HANDOVER_DONE. Until HANDOVER_CUT the older one goes
 * on as if nothing had been if the newer one ends.
 */
#ifndef LOADER_AGENT_HANDOVER_H
#define LOADER_AGENT_HANDOVER_H

#include <stdint.h>

#include "loader/bpf/adopt.h"
#include "loader/stream/cut.h"

/* Another one: these two sensors cannot hand over. Both numbers and structs count. */
#define HANDOVER_VERSION 1

/* The environment variable that names the newer one's descriptor. */
#define HANDOVER_VARIABLE "SEXTANT_HANDOVER"

#define STAMPS_AT_ONCE 2000

enum handover_kind {
	HANDOVER_WINDOW, /* time_ns to end_ns */
	HANDOVER_LATE,
	HANDOVER_STAMPS, /* a part of them; types, pids, is_last */
	HANDOVER_CUT,    /* time_ns */
	HANDOVER_SILENT,
	HANDOVER_DONE,
};

struct handover {
	uint32_t version;
	uint32_t kind;            /* enum handover_kind */
	uint64_t time_ns, end_ns; /* CLOCK_MONOTONIC */
	uint32_t types;           /* 1 << enum event_type: that the sender reports */
	uint32_t pids[2];         /* of its processes */
	uint32_t is_last;         /* no more HANDOVER_STAMPS follow */
	uint32_t count;           /* of the list */
	uint32_t reserved;
	struct stamp stamps[STAMPS_AT_ONCE];
};

/* Before it is used: a message that the other one does not read is waited for a few seconds. */
void handover_prepare(int socket);

/* Sets the version. 0 or -errno. */
int handover_send(int socket, struct handover *message);

/*
 * What has come. 0; -EAGAIN: nothing; -EPIPE: the other sensor has ended; -EPROTO: it is no
 * such message, or another version's.
 */
int handover_receive(int socket, struct handover *ret);

/*
 * The first message: maps of what is open (loader/bpf/adopt.h), -1: it lacks one. Those
 * received are the caller's. 0 or -errno.
 */
int handover_maps_send(int socket, const int maps[ADOPT_MAPS]);
int handover_maps_receive(int socket, int ret[ADOPT_MAPS]);

/* The descriptor that a newer sensor was started with, which others do not inherit; -1: none. */
int handover_inherited(void);

#endif
