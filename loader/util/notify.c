/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/util/notify.h"

static struct {
	int fd;               /* connected to it; -1: there is none */
	uint64_t watchdog_ns; /* it waits so long; 0: there is none */
	uint64_t alive_ns;    /* when it was sent the last time */
	char path[108];       /* as the environment named it; empty: there is none */
} service = { .fd = -1 };

/* "/path", or "@name" in the abstract namespace: the name has no NUL at its end. */
static void manager_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(path);
	int fd;

	if ((*path != '/' && *path != '@') || size < 2 || size >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, size);
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address,
	                       offsetof(struct sockaddr_un, sun_path) + size)) {
		close(fd);
		fd = -1;
	}
	service.fd = fd;
	if (fd >= 0)
		memcpy(service.path, path, size);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	if (!text)
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	return errno || *end ? 0 : value;
}

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET"), *pid = getenv("WATCHDOG_PID");
	uint64_t usec = number(getenv("WATCHDOG_USEC"));

	if (path)
		manager_connect(path);
	if (usec < UINT64_MAX / 1000 && (!pid || number(pid) == (uint64_t)getpid()))
		service.watchdog_ns = usec * 1000;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

static void message_send(const char *text)
{
	if (service.fd >= 0)
		send(service.fd, text, strlen(text), MSG_NOSIGNAL);
}

int notify_fd(void)
{
	return service.fd;
}

void notify_ready(void)
{
	message_send("READY=1");
}

void notify_main_pid(pid_t pid)
{
	char text[64];

	snprintf(text, sizeof(text), "MAINPID=%d", (int)pid);
	message_send(text);
}

void notify_environment(void)
{
	char text[32];

	if (!*service.path)
		return;
	setenv("NOTIFY_SOCKET", service.path, 1);
	snprintf(text, sizeof(text), "%" PRIu64, service.watchdog_ns / 1000);
	if (service.watchdog_ns)
		setenv("WATCHDOG_USEC", text, 1);
}

void notify_status(const char *status)
{
	char text[512];

	snprintf(text, sizeof(text), "STATUS=%s", status);
	message_send(text);
}

void notify_reloading(void)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	         clock_monotonic_ns() / 1000);
	message_send(text);
}

void notify_stopping(void)
{
	message_send("STOPPING=1");
}

/* Four times in the time that the watchdog waits. */
void notify_alive(uint64_t now_ns)
{
	if (!service.watchdog_ns || now_ns - service.alive_ns < service.watchdog_ns / 4)
		return;
	service.alive_ns = now_ns;
	message_send("WATCHDOG=1");
}
