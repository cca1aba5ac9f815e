/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "loader/agent/handover.h"

/* The other sensor reads at once: one that does not will never. */
#define SEND_S 5

void handover_prepare(int socket)
{
	const struct timeval timeout = { .tv_sec = SEND_S };

	setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

int handover_send(int socket, struct handover *message)
{
	size_t size = offsetof(struct handover, stamps) + message->count * sizeof(struct stamp);
	ssize_t n;

	message->version = HANDOVER_VERSION;
	do
		n = send(socket, message, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int handover_receive(int socket, struct handover *ret)
{
	ssize_t n;

	do
		n = recv(socket, ret, sizeof(*ret), MSG_DONTWAIT | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return !n || errno == ECONNRESET ? -EPIPE : errno == EAGAIN ? -EAGAIN : -errno;
	if ((size_t)n < offsetof(struct handover, stamps) || ret->version != HANDOVER_VERSION ||
	    ret->count > STAMPS_AT_ONCE ||
	    (size_t)n != offsetof(struct handover, stamps) + ret->count * sizeof(struct stamp))
		return -EPROTO;
	return 0;
}

/* Which of the maps the descriptors are. */
struct maps_message {
	uint32_t version;
	uint32_t there; /* 1 << index */
};

union maps_control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(ADOPT_MAPS * sizeof(int))];
};

int handover_maps_send(int socket, const int maps[ADOPT_MAPS])
{
	struct maps_message bytes = { .version = HANDOVER_VERSION };
	struct iovec vector = { &bytes, sizeof(bytes) };
	union maps_control control;
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	int fds[ADOPT_MAPS], count = 0, i;

	for (i = 0; i < ADOPT_MAPS; i++)
		if (maps[i] >= 0) {
			bytes.there |= 1U << i;
			fds[count++] = maps[i];
		}
	if (count) {
		memset(&control, 0, sizeof(control));
		control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			                           .cmsg_type = SCM_RIGHTS,
			                           .cmsg_len = CMSG_LEN(count * sizeof(int)) };
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int descriptors_count(const union maps_control *control, size_t size)
{
	if (size < sizeof(control->header) || control->header.cmsg_type != SCM_RIGHTS ||
	    control->header.cmsg_len < CMSG_LEN(0))
		return 0;
	return (control->header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

int handover_maps_receive(int socket, int ret[ADOPT_MAPS])
{
	struct maps_message bytes;
	struct iovec vector = { &bytes, sizeof(bytes) };
	union maps_control control;
	struct msghdr header = { .msg_iov = &vector,
		                 .msg_iovlen = 1,
		                 .msg_control = control.bytes,
		                 .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[ADOPT_MAPS], count, used = 0, i;

	for (i = 0; i < ADOPT_MAPS; i++)
		ret[i] = -1;
	if (n < 0)
		return -errno;
	count = descriptors_count(&control, header.msg_controllen);
	memcpy(fds, CMSG_DATA(&control.header), count * sizeof(int));
	for (i = 0; i < ADOPT_MAPS && (size_t)n == sizeof(bytes); i++)
		if (bytes.there & 1U << i && used < count)
			ret[i] = fds[used++];
	if ((size_t)n == sizeof(bytes) && bytes.version == HANDOVER_VERSION && used == count)
		return 0;
	while (used < count)
		close(fds[used++]);
	return -EPROTO;
}

int handover_inherited(void)
{
	const char *text = getenv(HANDOVER_VARIABLE);
	int kind, fd = text ? atoi(text) : -1;
	socklen_t size = sizeof(kind);

	unsetenv(HANDOVER_VARIABLE);
	if (fd <= STDERR_FILENO || getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) ||
	    kind != SOCK_SEQPACKET)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	handover_prepare(fd);
	return fd;
}
