/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of requests and answers. Internal to loader/monitor/. */
#ifndef LOADER_MONITOR_MESSAGE_H
#define LOADER_MONITOR_MESSAGE_H

#include <stdint.h>
#include <sys/types.h>

#include "loader/monitor/channel.h"

struct message {
	uint32_t kind; /* of a request */
	int32_t err;   /* of an answer */
	_Alignas(16) char data[MESSAGE_BYTES];
};

/* Sends a message with size bytes of data, and fd unless it is -1. 0 or -errno. */
int message_send(int socket, const struct message *message, size_t size, int fd);

/*
 * Waits for one; *ret_size: bytes of data. ret_fd: where a descriptor goes, -1 if there is none;
 * NULL: none is taken. 0; -EPIPE: the other end is closed; -EPROTO: it is none; -errno.
 */
int message_receive(int socket, struct message *ret, size_t *ret_size, int *ret_fd);

#endif
