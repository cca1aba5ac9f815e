/* SPDX-License-Identifier: BSD-2-Clause */
/* Unix sockets: by path and by abstract name, streams and datagrams, with and without a listener.
 */
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/host/scenario_socket.h"

static void unix_connect(const char *path, size_t size, int type, int listens)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + size;
	int server = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	require(server >= 0 && fd >= 0, "socket");
	memcpy(a.sun_path, path, size);
	if (listens)
		require(!bind(server, (struct sockaddr *)&a, length) &&
		                (type == SOCK_DGRAM || !listen(server, 1)),
		        "bind");
	require((connect(fd, (struct sockaddr *)&a, length) == 0) == listens, "connect");
	socket_begin("connect", "unix");
	put_hex("address", path, size);
	put("\toutcome=%s", listens ? "success" : "ENOENT");
	record_end();
	close(server);
	close(fd);
}

void unix_sockets(void)
{
	socket_case = "unix";
	unlink("listening");
	unlink("datagrams");
	unix_connect("listening", strlen("listening"), SOCK_STREAM, 1);
	unix_connect("\0abstract", strlen("abstract") + 1, SOCK_SEQPACKET, 1);
	unix_connect("nobody", strlen("nobody"), SOCK_STREAM, 0);
	unix_connect("datagrams", strlen("datagrams"), SOCK_DGRAM, 1);
	unix_connect("no datagrams", strlen("no datagrams"), SOCK_DGRAM, 0);
}
