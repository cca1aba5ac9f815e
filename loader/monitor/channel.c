/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/monitor/channel.h"
#include "loader/monitor/message.h"

/* One thread asks. */
static struct message message;

/* What has come along and nobody waits for is closed. */
static void descriptor_give(int fd, int err, int *ret_fd)
{
	if (ret_fd)
		*ret_fd = err ? -1 : fd;
	if (fd >= 0 && (err || !ret_fd))
		close(fd);
}

/* The channel is of no use any more. */
static int fail(struct channel *channel, int err)
{
	channel->err = err == -EAGAIN ? -ETIMEDOUT : err == -ECONNRESET ? -EPIPE : err;
	return channel->err;
}

int channel_ask(struct channel *channel, unsigned int kind, const void *data, size_t size,
                void *ret, size_t room, size_t *ret_size, int *ret_fd)
{
	size_t got = 0;
	int fd = -1, err = channel->err;

	if (ret_size)
		*ret_size = 0;
	if (size > MESSAGE_BYTES)
		return -EMSGSIZE;
	message.kind = kind;
	message.err = 0;
	if (size)
		memcpy(message.data, data, size);
	if (!err)
		err = message_send(channel->fd, &message, size, -1);
	if (!err)
		err = message_receive(channel->fd, &message, &got, &fd);
	if (!err && got > room)
		err = -EPROTO;
	descriptor_give(fd, err ? err : message.err, ret_fd);
	if (err)
		return fail(channel, err);
	if (got)
		memcpy(ret, message.data, got);
	if (ret_size)
		*ret_size = got;
	return message.err;
}
