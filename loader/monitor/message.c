/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loader/monitor/message.h"

/* Memory for a control message with one descriptor. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void descriptor_add(struct msghdr *header, union control *control, int fd)
{
	struct cmsghdr *at;

	header->msg_control = control->bytes;
	header->msg_controllen = sizeof(control->bytes);
	at = CMSG_FIRSTHDR(header);
	at->cmsg_level = SOL_SOCKET;
	at->cmsg_type = SCM_RIGHTS;
	at->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(at), &fd, sizeof(fd));
}

int message_send(int socket, const struct message *message, size_t size, int fd)
{
	struct iovec bytes = { (void *)message, offsetof(struct message, data) + size };
	struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1 };
	union control control;
	ssize_t n;

	if (fd >= 0)
		descriptor_add(&header, &control, fd);
	do
		n = sendmsg(socket, &header, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int descriptor_find(struct msghdr *header)
{
	struct cmsghdr *at = CMSG_FIRSTHDR(header);
	int fd = -1;

	if (at && at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(at), sizeof(fd));
	return fd;
}

int message_receive(int socket, struct message *ret, size_t *ret_size, int *ret_fd)
{
	struct iovec bytes = { ret, sizeof(*ret) };
	union control control;
	struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1 };
	ssize_t n;

	if (ret_fd) {
		*ret_fd = -1;
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
	}
	do
		n = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -EPIPE;
	if (ret_fd)
		*ret_fd = descriptor_find(&header);
	if ((size_t)n < offsetof(struct message, data) || header.msg_flags & MSG_TRUNC)
		return -EPROTO;
	*ret_size = n - offsetof(struct message, data);
	return 0;
}
