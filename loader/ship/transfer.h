/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * To and from one collector, by libcurl: a request at a time by HTTP or HTTPS, or a TLS
 * connection for who has a protocol of its own. Nothing waits but transfer_wait().
 */
#ifndef LOADER_SHIP_TRANSFER_H
#define LOADER_SHIP_TRANSFER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "offsets/util/error.h"

#define TRANSFER_FDS_MAX 4 /* of the caller's */

/* Of a file: PEM. size 0: there is none. */
struct pem {
	char *text;
	size_t size;
};

/* All of it is the caller's, and stays. */
struct transfer_use {
	const char *url;             /* http:// or https:// */
	const char *proxy;           /* the same, of a proxy; empty: none */
	const char *ca;              /* path of the certificates that are trusted; empty: none */
	struct pem certificate, key; /* of this side */
	const char *headers;         /* lines "Name: value", or NULL */
	bool is_stream;              /* transfer_connect(), else transfer_post() */
};

struct transfer_result {
	bool is_connected;         /* there was an answer, else why says what has failed */
	bool is_about_certificate; /* of one side or the other */
	long status;               /* of HTTP */
	uint64_t retry_after_s;    /* that the collector asks for; 0: it does not */
	const char *answer;        /* until the next one begins */
	size_t answer_size;
	char why[256];
};

struct transfer;

int transfer_new(const struct transfer_use *use, struct transfer **ret,
                 struct offsets_error *error);
void transfer_free(struct transfer *transfer); /* NULL too */

/* body: stays until the request is done. 0 or -ENOMEM. */
int transfer_post(struct transfer *transfer, const char *type, const void *body, size_t size,
                  bool is_gzip);
int transfer_connect(struct transfer *transfer);

/* Waits so long for what it needs, or for one of the caller's descriptors. */
void transfer_wait(struct transfer *transfer, struct pollfd *fds, size_t count, int ms);

/* Goes on. True: it is done, and *ret is what came of it. */
bool transfer_work(struct transfer *transfer, struct transfer_result *ret);

/* Over a connection. The bytes; -EAGAIN; 0: it is closed; or -errno. */
ssize_t transfer_send(struct transfer *transfer, const void *data, size_t size);
ssize_t transfer_receive(struct transfer *transfer, void *ret, size_t size);

/* Its socket; -1: none. */
int transfer_socket(struct transfer *transfer);
void transfer_disconnect(struct transfer *transfer);

#endif
