/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: answers 'sextant status'. A client sends one word and a newline,
 * "text", "json", "metrics" or "top"; the answer is the exit status for 'sextant status' on a line
 * of its own, and the text; then the connection is closed. One client at a time.
 * 'sextant restart' sends "restart", which root alone may, and has its answer when the restart
 * has succeeded or failed; others are served meanwhile.
 */
#ifndef LOADER_AGENT_STATUS_SOCKET_H
#define LOADER_AGENT_STATUS_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/agent/health.h"
#include "offsets/util/jsonw.h"

struct status {
	int listener, client; /* -1: none */
	uint64_t since_ns;    /* the client is connected since then */
	char request[16];
	size_t got;
	struct jsonw answer; /* text */
	size_t sent;
	int restarter; /* a client that waits for a restart; -1: none */
};

/* What is behind the path of a sensor that is to take over from another one. */
#define STATUS_NEXT ".next"

/*
 * path NULL: there is no socket. Its folder is made if it is missing, and has to be
 * trusted; a socket that nobody listens on is replaced. group NULL: root alone may
 * connect. 0 or -errno: -EADDRINUSE: another sensor has it. status_close() takes what
 * a failed call left, and does not remove the socket.
 */
int status_open(struct status *status, const char *path, const char *group,
                struct offsets_error *error);
void status_close(struct status *status);

/* What to wait for; *ret_events as poll() has them. -1: nothing. */
int status_fd(const struct status *status, short *ret_events);

/*
 * The newer sensor's socket, at own (the path and STATUS_NEXT), has the path of the older one's
 * from now on, which own is then. 0 or -errno.
 */
int status_take_over(char *own, const char *path);

/* A client waits for a restart. */
bool status_asks_restart(const struct status *status);

/* The restart has succeeded (is_done), or failed; text: how, a line without its newline. */
void status_restart_answer(struct status *status, bool is_done, const char *text);

/* Does what can be done at once. False: there is no client any more. */
bool status_serve(struct status *status, const struct health *health, uint64_t now_ns);

/* Texts of a report, appended. */
void status_text(struct jsonw *out, const struct agent_report *report);
void status_metrics(struct jsonw *out, const struct agent_report *report);

#endif
