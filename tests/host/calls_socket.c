/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of sockets, for tests/host/calls.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/host/calls.h"

static void messages(const int *pair)
{
	struct iovec parts[2] = { { "ab", 2 }, { "cde", 3 } }, one;
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	struct mmsghdr several[2] = { { .msg_hdr = message }, { .msg_hdr = message } };
	char buffer[32];
	long n;

	n = syscall(SYS_sendmsg, pair[0], &message, MSG_NOSIGNAL);
	call_begin("sendmsg", n);
	json("msg", "{\"msg_iov\":[{\"data\":\"ab\",\"length\":2},{\"data\":\"cde\",\"length\":3}],"
	            "\"msg_controllen\":0,\"msg_flags\":\"0\"}");
	word("flags", "MSG_NOSIGNAL");
	call_end();
	one = (struct iovec){ buffer, sizeof(buffer) };
	message = (struct msghdr){ .msg_iov = &one, .msg_iovlen = 1 };
	n = syscall(SYS_recvmsg, pair[1], &message, 0);
	call_begin("recvmsg", n);
	json("msg", "{\"msg_iov\":[{\"data\":\"abcde\",\"length\":32}]}");
	call_end();
	n = syscall(SYS_sendmmsg, pair[0], several, 2, 0);
	call_begin("sendmmsg", n);
	json("mmsg", "[{\"msg_iovlen\":2,\"msg_len\":5},{\"msg_iovlen\":2,\"msg_len\":5}]");
	number("vlen", 2);
	call_end();
	several[0].msg_hdr = several[1].msg_hdr = message;
	n = syscall(SYS_recvmmsg, pair[1], several, 2, MSG_DONTWAIT, NULL);
	call_begin("recvmmsg", n);
	json("mmsg", "[{\"msg_iovlen\":1,\"msg_len\":5},{\"msg_iovlen\":1,\"msg_len\":5}]");
	word("flags", "MSG_DONTWAIT");
	call_end();
	n = syscall(SYS_sendto, pair[0], "xyz", 3, 0, NULL, 0);
	call_begin("sendto", n);
	bytes("buff", "xyz", 3);
	call_end();
	n = syscall(SYS_recvfrom, pair[1], buffer, sizeof(buffer), MSG_DONTWAIT, NULL, NULL);
	call_begin("recvfrom", n);
	bytes("ubuf", "xyz", 3);
	word("flags", "MSG_DONTWAIT");
	call_end();
	n = syscall(SYS_recvfrom, pair[1], buffer, sizeof(buffer), MSG_DONTWAIT, NULL, NULL);
	call_begin("recvfrom", n);
	json("ubuf", "null");
	call_end();
}

static void control_fill(struct cmsghdr *at, int type, const void *data, size_t size)
{
	at->cmsg_level = SOL_SOCKET;
	at->cmsg_type = type;
	at->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(at), data, size);
}

/* Descriptors and credentials that go with a message. */
static void controls(const int *pair)
{
	struct ucred self = { .pid = getpid(), .uid = getuid(), .gid = getgid() };
	struct iovec part = { "c", 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	char control[1024] __attribute__((aligned(8))) = { 0 }, wide[512] = { 0 }, buffer[4];
	int given[2] = { pair[0], 1 }, back[2] = { -1, -1 };
	long n;

	message.msg_control = control;
	message.msg_controllen = CMSG_SPACE(sizeof(given)) + CMSG_SPACE(sizeof(self));
	control_fill(CMSG_FIRSTHDR(&message), SCM_RIGHTS, given, sizeof(given));
	control_fill((struct cmsghdr *)(control + CMSG_SPACE(sizeof(given))), SCM_CREDENTIALS,
	             &self, sizeof(self));
	n = syscall(SYS_sendmsg, pair[0], &message, 0);
	call_begin("sendmsg", n);
	json("msg",
	     "{\"msg_control\":[{\"cmsg_len\":24,\"cmsg_level\":\"SOL_SOCKET\","
	     "\"cmsg_type\":\"SCM_RIGHTS\",\"cmsg_data\":[%d,1]},{\"cmsg_len\":28,"
	     "\"cmsg_level\":\"SOL_SOCKET\",\"cmsg_type\":\"SCM_CREDENTIALS\",\"cmsg_data\":"
	     "{\"pid\":%d,\"uid\":%u,\"gid\":%u}}],\"msg_controllen\":56}",
	     pair[0], self.pid, self.uid, self.gid);
	call_end();
	part = (struct iovec){ buffer, sizeof(buffer) };
	message.msg_controllen = sizeof(control);
	n = syscall(SYS_recvmsg, pair[1], &message, 0);
	memcpy(back, CMSG_DATA((struct cmsghdr *)control), sizeof(back));
	call_begin("recvmsg", n);
	json("msg",
	     "{\"msg_control\":[{\"cmsg_len\":24,\"cmsg_level\":\"SOL_SOCKET\","
	     "\"cmsg_type\":\"SCM_RIGHTS\",\"cmsg_data\":[%d,%d]}],\"msg_controllen\":%zu}",
	     back[0], back[1], (size_t)message.msg_controllen);
	call_end();
	close(back[0]);
	close(back[1]);
	part = (struct iovec){ "c", 1 };
	message.msg_control = wide;
	message.msg_controllen = sizeof(wide);
	*(struct cmsghdr *)control = (struct cmsghdr){ 400, IPPROTO_IP, 99 };
	memcpy(wide, control, sizeof(struct cmsghdr));
	n = syscall(SYS_sendmsg, pair[0], &message, MSG_DONTWAIT);
	call_begin("sendmsg", n); /* of so many 256 bytes are read */
	json("msg", "{\"msg_control\":[{\"cmsg_len\":400,\"cmsg_level\":\"SOL_IP\","
	            "\"cmsg_type\":\"0x63\"}],\"msg_controllen\":512}");
	call_end();
	message.msg_control = (void *)16;
	n = syscall(SYS_sendmsg, pair[0], &message, MSG_DONTWAIT);
	call_begin("sendmsg", n); /* EFAULT */
	json("msg", "{\"msg_iov\":[{\"data\":\"c\",\"length\":1}],\"msg_control\":null}");
	call_end();
	while (recv(pair[1], buffer, sizeof(buffer), MSG_DONTWAIT) >= 0)
		;
}

/* Its path is longer than a buffer is printed. */
static void local(const char *directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX }, peer;
	socklen_t size = sizeof(peer);
	long n, server, fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%.70s", directory,
	         "a-socket-with-a-name-that-is-longer-than-what-is-printed-of-a-buffer");
	fd = syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	call_begin("socket", fd);
	word("family", "AF_UNIX");
	call_end();
	n = syscall(SYS_connect, fd, &address, sizeof(address));
	call_begin("connect", n); /* ENOENT */
	json("uservaddr", "{\"family\":\"AF_UNIX\",\"path\":\"%s\"}", address.sun_path);
	call_end();
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	n = syscall(SYS_bind, server, &address, sizeof(address));
	call_begin("bind", n);
	json("umyaddr", "{\"family\":\"AF_UNIX\",\"path\":\"%s\"}", address.sun_path);
	number("addrlen", sizeof(address));
	call_end();
	n = syscall(SYS_listen, server, 5);
	call_begin("listen", n);
	number("backlog", 5);
	call_end();
	connect(fd, (struct sockaddr *)&address, sizeof(address));
	n = syscall(SYS_accept, server, &peer, &size);
	call_begin("accept", n);
	number("fd", server);
	json("upeer_sockaddr", "{\"family\":\"AF_UNIX\"}");
	number("upeer_addrlen", size);
	call_end();
	close(n);
	close(fd);
	close(server);
	unlink(address.sun_path);
}

/* The kernel may have no loopback interface that is up: then they fail, and nothing waits. */
static void internet(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET }, peer;
	socklen_t size = sizeof(address);
	struct pollfd ready = { .events = POLLIN };
	long n, server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	n = syscall(SYS_bind, server, &address, sizeof(address));
	call_begin("bind", n);
	json("umyaddr", "{\"family\":\"AF_INET\",\"ip\":\"127.0.0.1\",\"port\":0}");
	call_end();
	n = syscall(SYS_getsockname, server, &address, &size);
	call_begin("getsockname", n);
	json("usockaddr", "{\"family\":\"AF_INET\",\"port\":%u}", ntohs(address.sin_port));
	number("usockaddr_len", size);
	call_end();
	listen(server, 1);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	n = syscall(SYS_connect, fd, &address, sizeof(address));
	call_begin("connect", n); /* EINPROGRESS */
	json("uservaddr", "{\"family\":\"AF_INET\",\"port\":%u}", ntohs(address.sin_port));
	call_end();
	ready.fd = server;
	poll(&ready, 1, 1000);
	size = sizeof(peer);
	n = syscall(SYS_accept4, server, &peer, &size, SOCK_CLOEXEC);
	call_begin("accept4", n);
	number("fd", server);
	if (n >= 0)
		json("upeer_sockaddr", "{\"family\":\"AF_INET\",\"ip\":\"127.0.0.1\",\"port\":%u}",
		     ntohs(peer.sin_port));
	word("flags", "SOCK_CLOEXEC");
	call_end();
	n = syscall(SYS_shutdown, fd, SHUT_RDWR);
	call_begin("shutdown", n);
	word("how", "SHUT_RDWR");
	call_end();
	n = syscall(SYS_accept4, 0, NULL, NULL, 0);
	call_begin("accept4", n); /* ENOTSOCK */
	number("fd", 0);
	call_end();
	close(fd);
	close(server);
}

void calls_sockets(const char *directory)
{
	int pair[2];
	char buffer[32];
	long n;

	n = syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair);
	call_begin("socketpair", n);
	word("family", "AF_UNIX");
	word("type", "SOCK_DGRAM|SOCK_CLOEXEC");
	json("usockvec", "[%d,%d]", pair[0], pair[1]);
	call_end();
	messages(pair);
	controls(pair);
	n = syscall(SYS_getsockopt, pair[0], SOL_SOCKET, SO_TYPE, buffer, &(int){ 4 });
	call_begin("getsockopt", n);
	word("level", "SOL_SOCKET");
	word("optname", "SO_TYPE");
	bytes("optval", "\2\0\0\0", 4);
	call_end();
	n = syscall(SYS_setsockopt, pair[0], SOL_SOCKET, SO_RCVBUF, &(int){ 8192 }, 4);
	call_begin("setsockopt", n);
	word("optname", "SO_RCVBUF");
	bytes("optval", "\0\40\0\0", 4);
	number("optlen", 4);
	call_end();
	close(pair[0]);
	close(pair[1]);
	local(directory);
	internet();
}
