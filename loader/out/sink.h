/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where lines go: the interface of all outputs. A sink knows lines and their
 * tags, and not what is in them. It never makes its caller wait: lines that
 * the destination does not take stay in the sink's queue, and the caller adds no
 * more lines while the queue has no room (sink_has_room()).
 *
 * An output is a struct sink_ops, and a struct that begins with struct sink:
 * output.c is for files, pipes and standard output, socket.c for sockets, shipped.c for collectors.
 */
#ifndef LOADER_OUT_SINK_H
#define LOADER_OUT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/out/halfline.h"
#include "loader/out/ledger.h"
#include "loader/out/queue.h"
#include "offsets/offsets.h"

struct sink;

/* What to do when a destination will never take lines again, or refuses them with an error. */
enum sink_policy {
	SINK_STOP, /* sink_flush() returns the error */
	SINK_DROP, /* the lines that wait are dropped; later lines are tried */
};

/* What to do with a line for which there is no room. */
enum sink_full {
	SINK_FULL_WAIT,        /* sink_line() refuses it: the caller waits for sink_has_room() */
	SINK_FULL_DROP_OLDEST, /* the oldest lines are dropped */
	SINK_FULL_DROP_NEWEST, /* this one is */
	SINK_FULL_STOP,        /* sink_flush() returns -ENOBUFS from then on */
};

/* What the caller wants; it is copied. */
struct sink_use {
	/* Finds a half-written one of the caller's lines at the end of a file, which is removed
	 * then; any other line without a newline is ended. NULL: each is. */
	half_fn half;
	enum sink_policy policy;
	enum sink_full full;
	size_t queue_bytes;  /* of lines that may wait; less than QUEUE_LINE_MAX: that */
	const void *options; /* of the output's kind; they stay as long as the sink */
	/* Another process still writes there: a path is opened by sink_reopen(), and nothing is
	 * repaired now. That it can be opened is found out all the same. */
	bool is_later;
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
	 * Writes what the destination takes at once, and reports it by sink_written();
	 * the queue is not empty. 0, also if not all could be written; -errno: a failure
	 * for which the policy decides.
	 */
	int (*write)(struct sink *sink, struct offsets_error *error);
	/* As sink_wait(); the queue is not empty. */
	int (*wait)(const struct sink *sink, int *ret_ms);
	/* Closes the destination and opens it again; NULL: there is no need for it. */
	void (*reopen)(struct sink *sink);
	/* Each second, also while nothing is written; NULL: there is nothing to look at. */
	void (*second)(struct sink *sink);
	int (*descriptor)(const struct sink *sink); /* as sink_descriptor() */
	/* As sink_counts(), of which *ret has what the ledger and the queue say; NULL: no more. */
	void (*counts)(const struct sink *sink, unsigned int tag, struct ledger_counts *ret);
	void (*close)(struct sink *sink);
};

enum sink_opening {
	SINK_OPEN,
	SINK_OPEN_NEXT, /* of a file: the old one is renamed first */
};

/* Opens the target, as ops->open() does: 0, -ENXIO: a FIFO without a reader, or -errno. */
typedef int (*sink_opener)(void *arg, enum sink_opening how, int *ret_fd,
                           struct offsets_error *error);

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
	bool has_overflowed; /* SINK_FULL_STOP */
	bool holds_first;    /* the output is in the middle of the first line: it stays */
	struct queue queue;
	struct ledger ledger;
};

/* How soon to try again where poll() cannot wait for the destination. */
#define SINK_AGAIN_MS 10

/* target must stay as long as the sink. 0 or -errno. */
int sink_open(const struct sink_ops *ops, const char *target, const struct sink_use *use,
              struct sink **ret, struct offsets_error *error);

/* Closes without flushing. Takes NULL. */
void sink_close(struct sink *sink);

/* True: a line of QUEUE_LINE_MAX bytes fits, or the sink knows what to drop. */
bool sink_has_room(const struct sink *sink);

/* The same after a line of QUEUE_SPARE bytes: one that is taken leaves room for the next. */
bool sink_has_spare(const struct sink *sink);

/*
 * Takes a line without its newline. tag: the caller's, smaller than LEDGER_TAGS. 0, also if a
 * line was dropped and counted. -E2BIG: it is longer than QUEUE_LINE_MAX; -EAGAIN: there is no
 * room, with SINK_FULL_WAIT. Nothing was taken or counted then.
 */
int sink_line(struct sink *sink, const char *text, size_t size, unsigned int tag);

/*
 * Writes what the destination takes at once. 0, also if not all could be
 * written; -errno: as the policy says. Reports when the destination stops
 * taking lines, and when it takes them again.
 */
int sink_flush(struct sink *sink, struct offsets_error *error);

/* Drops the lines that wait: there will be no more tries. How many. */
size_t sink_abandon(struct sink *sink);

/* Closes the destination and opens it again: for a file that was renamed or removed. */
void sink_reopen(struct sink *sink);

/* To be called each second. */
void sink_second(struct sink *sink);

/* The target is opened so from now on: a process without rights asks another one. */
void sink_open_by(struct sink *sink, sink_opener opener, void *arg);

/* The descriptor that is open; -1: none. */
int sink_descriptor(const struct sink *sink);

/*
 * What to wait for while lines wait: a descriptor for poll() and POLLOUT; or -1:
 * flush again after *ret_ms. *ret_ms is -1 where there is nothing to do.
 */
int sink_wait(const struct sink *sink, int *ret_ms);

/* The lines of a tag that were taken, and are neither delivered nor dropped. */
size_t sink_queued(const struct sink *sink, unsigned int tag);

/*
 * What became of the lines of a tag on the whole way to the destination. made = delivered +
 * queued + dropped; made counts lines that an earlier run has left behind, too.
 */
struct ledger_counts sink_counts(const struct sink *sink, unsigned int tag);

/* ---- for the outputs --------------------------------------------------- */

/* The first bytes of the queue were delivered. */
void sink_written(struct sink *sink, size_t size);

/* Drops the first line. */
void sink_drop_first(struct sink *sink, enum drop_reason reason);

/* The destination has taken lines; it fails, because of why; it has taken nothing at this try. */
void sink_works(struct sink *sink);
void sink_fails(struct sink *sink, const char *why);
void sink_stalls(struct sink *sink);

#endif
