/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of the engine, which has given up its rights, to the monitor, which has
 * kept them; one at a time, each with one answer. Both are forks of one program, so
 * that a message is plain memory. The monitor trusts neither its size nor what is in it.
 */
#ifndef LOADER_MONITOR_CHANNEL_H
#define LOADER_MONITOR_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a request or an answer. */
#define MESSAGE_BYTES (64 * 1024)

/* The end of the engine. */
struct channel {
	int fd;
	int err; /* 0; -errno: the monitor does not answer any more */
};

struct answer {
	int err;     /* 0 or -errno, which is what the engine gets */
	int fd;      /* goes along, and is closed; -1: none */
	size_t size; /* of data */
	char data[MESSAGE_BYTES];
};

/*
 * What the monitor does for a kind of request; ret->err is 0, ret->fd -1 and ret->size 0
 * before. data is aligned as malloc() does.
 */
typedef void (*request_fn)(void *arg, const void *data, size_t size, struct answer *ret);

/*
 * Asks, and waits for the answer. data: of the request; ret: room for the answer, of which
 * *ret_size is used. ret_fd: where a descriptor goes that comes along (-1: none), or NULL.
 * 0; the answer's error; -EPIPE: the monitor has ended, -EPROTO: it did not keep to this,
 * or -ETIMEDOUT: it is stuck: channel->err is set then, and nothing is asked any more.
 */
int channel_ask(struct channel *channel, unsigned int kind, const void *data, size_t size,
                void *ret, size_t room, size_t *ret_size, int *ret_fd);

#endif
