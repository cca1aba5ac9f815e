/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes a batch to its collector and says what has become of each line: by HTTP
 * (http_sender.c), or as syslog over TLS (syslog_sender.c). What fails is tried again, later and
 * later.
 */
#ifndef LOADER_SHIP_SENDER_H
#define LOADER_SHIP_SENDER_H

#include "loader/out/ship_wire.h"
#include "loader/ship/shipment.h"
#include "loader/ship/body.h"
#include "loader/ship/spool.h"
#include "loader/ship/transfer.h"

/* The caller keeps all that it points to. */
struct sender_use {
	const struct transfer_use *transfer;
	enum body_form form; /* of HTTP */
	bool is_gzip;
	const char *host;             /* name of this host */
	const char *const *tag_names; /* of LEDGER_TAGS tags: "exec" */
};

struct sender {
	const struct sender_ops *ops;
	const struct sender_use *use;
	struct transfer *transfer;
	const struct shipment *batch;  /* NULL: none is under way */
	struct spool_outcome outcome;  /* of its lines so far */
	uint64_t retry_ns, backoff_ns; /* the next try; 0: at once */
	bool is_failing, is_certificate_bad;
	char why[SHIP_WHY_BYTES];
};

struct sender_ops {
	size_t bytes; /* of its struct, which begins with struct sender, and is zeroed */
	/* A new batch. 0 or -ENOMEM: it is tried again. */
	int (*begin)(struct sender *sender);
	/* Goes on. True: all lines of the batch are in the outcome. */
	bool (*work)(struct sender *sender, uint64_t now_ns);
	/* What to wait for besides the transfer; -1: nothing. */
	int (*descriptor)(const struct sender *sender, short *ret_events);
	/* Nothing of the batch is under way, and nothing is known of any line. */
	bool (*is_untouched)(const struct sender *sender);
	void (*free)(struct sender *sender); /* what it has of its own */
};

extern const struct sender_ops http_sender_ops, syslog_sender_ops;

int sender_new(const struct sender_ops *ops, const struct sender_use *use, struct sender **ret,
               struct offsets_error *error);
void sender_free(struct sender *sender); /* NULL too */

/* The batch must stay until sender_work() says that it is done. */
void sender_begin(struct sender *sender, const struct shipment *batch);
bool sender_work(struct sender *sender, uint64_t now_ns);

/* True: the last try has failed, nothing has come of the batch, and it has left it. */
bool sender_leave(struct sender *sender);

/* Waits for the transfer, and for one of the caller's descriptors. */
void sender_wait(struct sender *sender, struct pollfd *fds, size_t count, int ms);

/* ---- for the two --------------------------------------------------------- */

/* The next try is later, at least by so many seconds. */
void sender_fails(struct sender *sender, uint64_t now_ns, uint64_t least_s, const char *why);
void sender_works(struct sender *sender);

#endif
