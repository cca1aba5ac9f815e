/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metrics by HTTP (--metrics-listen), for Prometheus: GET /metrics is answered, and nothing
 * else. By libmicrohttpd, without threads: it works when it is called.
 */
#ifndef LOADER_AGENT_METRICS_HTTP_H
#define LOADER_AGENT_METRICS_HTTP_H

#include <stdbool.h>

#include "loader/agent/health.h"

struct MHD_Daemon;

struct metrics_http {
	struct MHD_Daemon *daemon; /* NULL: nobody listens */
	int listener;
	const struct health *health; /* the caller's: what is answered */
};

/*
 * Listens on "127.0.0.1:9590" or "[::1]:9590"; NULL: nowhere. is_shared: a sensor that is to
 * be taken over listens there as well. 0 or -errno. metrics_http_close() takes what a failed
 * call left.
 */
int metrics_http_open(struct metrics_http *http, const char *address, bool is_shared,
                      struct offsets_error *error);
void metrics_http_close(struct metrics_http *http);

/* In a process that has its descriptors too, but does not serve: closes its copies of them. */
void metrics_http_leave(struct metrics_http *http);

/* Calls back for each descriptor that it has open. */
void metrics_http_fds(const struct metrics_http *http, void (*fn)(void *arg, int fd), void *arg);

/* Readable for poll() when there is something to do; -1: nobody listens. */
int metrics_http_fd(const struct metrics_http *http);

/* Does what can be done at once; also once a second, for clients that do nothing. */
void metrics_http_serve(struct metrics_http *http);

#endif
