/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where lines go: the interface of all outputs. A sink knows lines and their
 * tags, and not what is in them. It never makes its caller wait: lines that
 * the destination does not take stay in the sink's queue, and the caller adds no
 * more lines while the queue has no room (sink_has_room()).
 *
 * An output is a struct sink_ops, and a struct that begins with struct sink:
 * loader/out/output.c is the one for files, pipes and standard output.
 */
#ifndef LOADER_OUT_SINK_H
#define LOADER_OUT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/out/queue.h"
#include "offsets/offsets.h"

struct sink;

/* What to do when a destination will never take lines again, or refuses them with an error. */
enum sink_policy {
	SINK_STOP, /* sink_flush() returns the error */
	SINK_DROP, /* the lines that wait are dropped; later lines are tried */
};

/* What the caller wants; it is copied. */
struct sink_use {
	/* How the caller's lines begin, or NULL. A half-written line at the end of a file is
	 * removed if it begins so; any other one is ended. */
	const char *begin;
	enum sink_policy policy;
	void (*dropped)(void *arg, unsigned int tag); /* for each line that is dropped, or NULL */
	void *arg;
};

/*
 * The functions of an output. The generic functions below call them; they take
 * the lines from sink->queue.
 */
struct sink_ops {
	size_t bytes; /* of its struct, which is zeroed before open() */
	/* Opens sink->target. 0 or -errno; close() is called in both cases. */
	int (*open)(struct sink *sink, struct offsets_error *error);
	/*
	 * Writes what the destination takes at once, and reports it by queue_written();
	 * the queue is not empty. 0, also if not all could be written; -errno: a failure
	 * for which the policy decides.
	 */
	int (*write)(struct sink *sink, struct offsets_error *error);
	/* As sink_wait(); the queue is not empty. */
	int (*wait)(const struct sink *sink, int *ret_ms);
	/* Closes the destination and opens it again; NULL: there is no need for it. */
	void (*reopen)(struct sink *sink);
	int (*descriptor)(const struct sink *sink); /* as sink_descriptor() */
	void (*close)(struct sink *sink);
};

/* Opens the target, as ops->open() does: 0, -ENXIO: a FIFO without a reader, or -errno. */
typedef int (*sink_opener)(void *arg, int *ret_fd, struct offsets_error *error);

struct sink {
	const struct sink_ops *ops;
	sink_opener opener; /* NULL: it opens it by itself */
	void *opener_arg;
	const char *target; /* the caller's */
	const char *name;   /* of the target, for messages; open() may set it */
	struct sink_use use;
	bool failing;        /* reported */
	uint64_t stalled_ns; /* since when it has taken nothing; 0: it has taken some */
	uint64_t taken_ns;   /* when it has taken some the last time */
	struct queue queue;
};

/* How soon to try again where poll() cannot wait for the destination. */
#define SINK_AGAIN_MS 10

/* target must stay as long as the sink. 0 or -errno. */
int sink_open(const struct sink_ops *ops, const char *target, const struct sink_use *use,
              struct sink **ret, struct offsets_error *error);

/* Closes without flushing. Takes NULL. */
void sink_close(struct sink *sink);

/* True: a line of QUEUE_LINE_MAX bytes fits. */
bool sink_has_room(const struct sink *sink);

/*
 * Takes a line without its newline. tag: the caller's, for sink_unwritten().
 * -E2BIG: it is longer than QUEUE_LINE_MAX; -EAGAIN: there is no room. Nothing
 * was taken then.
 */
int sink_line(struct sink *sink, const char *text, size_t size, unsigned int tag);

/*
 * Writes what the destination takes at once. 0, also if not all could be
 * written; -errno: as the policy says. Reports when the destination stops
 * taking lines, and when it takes them again.
 */
int sink_flush(struct sink *sink, struct offsets_error *error);

/* Flushes until all is written, or for so long. 0 or as sink_flush(). */
int sink_finish(struct sink *sink, uint64_t timeout_ns, struct offsets_error *error);

/* Closes the destination and opens it again: for a file that was renamed or removed. */
void sink_reopen(struct sink *sink);

/* The target is opened so from now on: a process without rights asks another one. */
void sink_open_by(struct sink *sink, sink_opener opener, void *arg);

/* The descriptor that is open; -1: none. */
int sink_descriptor(const struct sink *sink);

/*
 * What to wait for while lines wait: a descriptor for poll() and POLLOUT; or -1:
 * flush again after *ret_ms. *ret_ms is -1 where there is nothing to do.
 */
int sink_wait(const struct sink *sink, int *ret_ms);

/* The lines of a tag that were taken, and are neither written nor dropped. */
size_t sink_unwritten(const struct sink *sink, unsigned int tag);

/* ---- for the outputs --------------------------------------------------- */

/* The destination has taken lines; it fails, because of why; it has taken nothing at this try. */
void sink_works(struct sink *sink);
void sink_fails(struct sink *sink, const char *why);
void sink_stalls(struct sink *sink);

#endif
