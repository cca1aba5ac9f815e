/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sink of sockets: lines to a Unix socket, a log daemon, the journal, or a collector in the
 * network. It connects when there is a line, and again after an error, at first at once, then
 * less and less often. No error ends a run: the lines wait, and sink_use.full says for how long.
 *
 * A line counts as delivered when the kernel has taken all of it; of TCP, when the other side's
 * kernel has acknowledged it. What was not acknowledged when a connection ended is sent again, so
 * that it may come twice.
 */
#ifndef LOADER_OUT_SOCKET_H
#define LOADER_OUT_SOCKET_H

#include "loader/out/sink.h"
#include "loader/util/net_address.h"

enum socket_kind {
	SOCKET_UNIX,          /* lines, each ended by a newline */
	SOCKET_UNIX_DATAGRAM, /* a line a datagram, without a newline */
	SOCKET_SYSLOG_UNIX,   /* a datagram as syslog(3) makes it */
	SOCKET_SYSLOG_UDP,    /* RFC 5424, 5426 */
	SOCKET_SYSLOG_TCP,    /* RFC 5424, with octet counting as of RFC 6587 */
	SOCKET_JOURNALD,      /* systemd's native protocol: systemd.io/JOURNAL_NATIVE_PROTOCOL */
};

/* struct sink_use, options. */
struct socket_options {
	enum socket_kind kind;
	struct net_address address;   /* of UDP and TCP; Unix sockets are at the sink's target */
	const char *host;             /* name of the host, for syslog; it may change */
	const char *const *tag_names; /* of LEDGER_TAGS tags: "exec" */
};

/* The target is the path, or names the address for messages. */
extern const struct sink_ops socket_ops;

/* A Unix socket that is connected, or being connected: for who has the rights to. 0 or -errno. */
int socket_unix_open(enum socket_kind kind, const char *path, int *ret_fd,
                     struct offsets_error *error);

#endif
