/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "loader/agent/metrics_http.h"
#include "loader/agent/status_socket.h"
#include "loader/util/monotonic.h"
#include "loader/util/net_address.h"
#include "offsets/util/jsonw.h"

/* Of all clients together; one that does nothing for so long is disconnected. */
#define CLIENTS_MAX    16
#define CLIENT_S       5
#define CLIENT_BYTES   16384
#define LISTEN_BACKLOG 16

/* ---- an answer --------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int code,
                              const char *text, size_t size)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(size, (void *)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result ret;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4");
	ret = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result answer_metrics(const struct metrics_http *http,
                                      struct MHD_Connection *connection)
{
	struct agent_report report;
	struct jsonw text;
	enum MHD_Result ret = MHD_NO;

	health_report(http->health, clock_monotonic_ns(), &report);
	jsonw_init(&text);
	status_metrics(&text, &report);
	if (!text.failed)
		ret = answer(connection, MHD_HTTP_OK, text.text, text.size);
	jsonw_deinit(&text);
	return ret;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_size, void **state)
{
	static const char elsewhere[] = "metrics are at /metrics\n", get[] = "GET alone\n";

	(void)version, (void)body, (void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD)) {
		*body_size = 0;
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, get, sizeof(get) - 1);
	}
	if (strcmp(url, "/metrics"))
		return answer(connection, MHD_HTTP_NOT_FOUND, elsewhere, sizeof(elsewhere) - 1);
	return answer_metrics(arg, connection);
}

/* ---- opening ---------------------------------------------------------- */

/* A port that another program has is refused, although a newer sensor may share it. */
static int listener_open(const struct net_address *address, bool is_shared)
{
	const struct sockaddr *at = (const struct sockaddr *)&address->storage;
	const int one = 1;
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if ((is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one))) ||
	    bind(fd, at, address->size) || listen(fd, LISTEN_BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* For a newer sensor; the option counts from the bind() on. */
static int shared_open(const struct net_address *address, bool is_shared)
{
	int fd = is_shared ? 0 : listener_open(address, false);

	if (fd < 0)
		return fd;
	if (!is_shared)
		close(fd);
	return listener_open(address, true);
}

int metrics_http_open(struct metrics_http *http, const char *address, bool is_shared,
                      struct offsets_error *error)
{
	struct net_address parsed;

	http->listener = -1;
	if (!address)
		return 0;
	if (!net_address_parse(address, &parsed))
		return offsets_fail(error, -EINVAL,
		                    "%s: is no address and port; correct "
		                    "--metrics-listen",
		                    address);
	http->listener = shared_open(&parsed, is_shared);
	if (http->listener < 0)
		return offsets_fail(error, http->listener, "%s: %s; correct --metrics-listen",
		                    address, strerror(-http->listener));
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET,
		http->listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CLIENTS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CLIENT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES, MHD_OPTION_END);
	return http->daemon ? 0
	                    : offsets_fail(error, -ENOMEM, "%s: the HTTP server cannot be started",
	                                   address);
}

void metrics_http_close(struct metrics_http *http)
{
	if (http->daemon)
		MHD_stop_daemon(http->daemon); /* which closes the listener */
	else if (http->listener > 0)
		close(http->listener);
	*http = (struct metrics_http){ .listener = -1 };
}

/* ---- serving ---------------------------------------------------------- */

int metrics_http_fd(const struct metrics_http *http)
{
	const union MHD_DaemonInfo *info;

	if (!http->daemon)
		return -1;
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return info ? info->epoll_fd : -1;
}

void metrics_http_fds(const struct metrics_http *http, void (*fn)(void *arg, int fd), void *arg)
{
	if (!http->daemon)
		return;
	fn(arg, http->listener);
	fn(arg, metrics_http_fd(http));
}

void metrics_http_serve(struct metrics_http *http)
{
	if (http->daemon)
		MHD_run(http->daemon);
}

static void copy_close(void *arg, int fd)
{
	(void)arg;
	close(fd);
}

/* Stopping the daemon would take the listener out of the other process's epoll set. */
void metrics_http_leave(struct metrics_http *http)
{
	metrics_http_fds(http, copy_close, NULL);
	*http = (struct metrics_http){ .listener = -1 };
}
