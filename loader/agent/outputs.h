/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All outputs of --output: each line goes to those that want its class in its form. One that does
 * not take lines stops the others only if its on-full is wait, and its queue is full.
 */
#ifndef LOADER_AGENT_OUTPUTS_H
#define LOADER_AGENT_OUTPUTS_H

#include <poll.h>
#include <stdbool.h>

#include "loader/agent/feeds.h"
#include "loader/config/config.h"
#include "loader/event/agent_report.h"
#include "loader/host/host.h"
#include "loader/out/output.h"
#include "loader/out/shipped.h"
#include "loader/out/socket.h"
#include "loader/ship/shipper.h"
#include "loader/stream/loss.h"

/* The tag of lines about the sensor itself; those of events are their enum event_type. */
#define OUTPUT_OWN_TAG EVENT_TYPES

struct output_use {
	struct output_config config;
	struct file_options file;
	struct socket_options socket;
	struct ship_use ship;
	struct shipped_options shipped;
	struct feed feed; /* of who has no monitor */
	struct sink *sink;
	uint64_t dropped_said[EVENT_TYPES]; /* reported as a loss */
};

struct outputs {
	struct output_use list[OUTPUTS_MAX];
	size_t count;
};

/*
 * Opens all, or tries to (struct sink_use, is_later). host must
 * stay. 0 or -errno; outputs_close() is to be called in both cases.
 */
int outputs_open(struct outputs *outputs, const struct config *config, const struct host *host,
                 bool is_later, struct offsets_error *error);
void outputs_close(struct outputs *outputs); /* does not flush */

/* A line, and who may get it. */
struct outputs_choice {
	unsigned int tag;
	enum output_format format;
	uint32_t outputs; /* 1 << their index */
};

/* Whether one of these wants lines of that tag in that form. */
bool outputs_want(const struct outputs *outputs, const struct outputs_choice *choice);

/* Of these, 1 << their index, those that want lines of that tag in any form. */
uint32_t outputs_of_those(const struct outputs *outputs, unsigned int tag, uint32_t those);

/* Gives a line to each that wants it. 0, or -errno of the first that did not take it. */
int outputs_line(struct outputs *outputs, const struct outputs_choice *choice, const char *text,
                 size_t size);

/*
 * The one that counts for a class: the first that wants it and has no name by which rules
 * could leave events out; else the first that wants it; NULL: none does.
 */
const struct output_use *outputs_of_class(const struct outputs *outputs, enum event_type type);

/* True: a line of any length is taken, or who does not take it drops lines. */
bool outputs_have_room(const struct outputs *outputs);

/* The same after a line about the sensor itself. */
bool outputs_have_spare(const struct outputs *outputs);

/* Lines wait: of those that make the sensor wait, and of the others that take some. */
bool outputs_wait(const struct outputs *outputs);

/* At the end: what outputs that drop lines have not taken is dropped, and said. */
void outputs_abandon(struct outputs *outputs);

/* Events that wait in outputs whose on-full is wait or stop; *name: one that has some. */
uint64_t outputs_unwritten(const struct outputs *outputs, const char **name);

/* When one of them has taken some the last time; CLOCK_MONOTONIC, ns. */
uint64_t outputs_taken_ns(const struct outputs *outputs);

/* What to poll: fds has room for OUTPUTS_MAX; *ms is lowered to what one of them wants; -1: no
 * limit. */
size_t outputs_poll(const struct outputs *outputs, struct pollfd *fds, int *ms);

/* Writes what they take at once. 0 or -errno: of one that ends the run. */
int outputs_flush(struct outputs *outputs, struct offsets_error *error);

void outputs_reopen(struct outputs *outputs);
void outputs_second(struct outputs *outputs);

/* What was dropped since the last call, by output and class: fn is called for each. */
void outputs_dropped(struct outputs *outputs,
                     void (*fn)(void *arg, const struct loss *loss, const char *output), void *arg);

/* Descriptors that are open; fds has room for OUTPUTS_MAX. */
size_t outputs_descriptors(const struct outputs *outputs, int *fds);

/* True: one of them is of that kind. */
bool outputs_have(const struct outputs *outputs, enum output_kind kind);

/*
 * Opens what the output of that number is at, for who has no rights to; as sink_opener. The
 * shipper of one that has one is started.
 */
int outputs_target_open(const struct config *config, const struct host *host, size_t i,
                        enum sink_opening how, int *ret_fd, struct offsets_error *error);

void outputs_report(const struct outputs *outputs, struct agent_report *ret);

#endif
