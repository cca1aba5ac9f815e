/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor does with sockets in the self-test: all of it on the loopback interface. */
#ifndef LOADER_VERIFY_SOCKET_ACTIONS_H
#define LOADER_VERIFY_SOCKET_ACTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "probes/abi/events.h"

/*
 * The events that are compared; X(name, operation, family, protocol, outgoing).
 * TCP is between two addresses, so that one is not taken for the other.
 */
/* clang-format off */
#define SOCKET_ACTIONS(X) \
	X(CONNECT,  SOCKET_CONNECT,  AF_INET,  IPPROTO_TCP, 1) \
	X(ACCEPT,   SOCKET_ACCEPT,   AF_INET,  IPPROTO_TCP, 0) \
	X(CLOSE,    SOCKET_CLOSE,    AF_INET,  IPPROTO_TCP, 1) \
	X(CLOSED,   SOCKET_CLOSE,    AF_INET,  IPPROTO_TCP, 0) \
	X(CONNECT6, SOCKET_CONNECT,  AF_INET6, IPPROTO_TCP, 1) \
	X(REFUSED,  SOCKET_CONNECT,  AF_INET,  IPPROTO_TCP, 1) \
	X(SEND,     SOCKET_DATAGRAM, AF_INET,  IPPROTO_UDP, 1) \
	X(RECEIVE,  SOCKET_DATAGRAM, AF_INET,  IPPROTO_UDP, 0) \
	X(UNIX,     SOCKET_CONNECT,  AF_UNIX,  0,           1)
/* clang-format on */

#define SOCKET_ACTION_NUMBER(name, operation, family, protocol, outgoing) SOCKETS_##name,
enum socket_action { SOCKET_ACTIONS(SOCKET_ACTION_NUMBER) SOCKET_ACTIONS_COUNT };

#define SOCKET_BYTES_SENT     5 /* by the client */
#define SOCKET_BYTES_RECEIVED 7

struct socket_actions {
	unsigned int done;                /* 1 << enum socket_action */
	struct sockaddr_in local, remote; /* TCP: of the client and of the server */
	struct sockaddr_in refused;       /* to which nobody listens */
	struct sockaddr_in6 local6, remote6;
	struct sockaddr_in sender, receiver; /* UDP */
	uint32_t interface;                  /* to which the client is bound; 0: none */
	char name[80];                       /* of the Unix socket: abstract, without its NUL */
	bool asked;                          /* a DNS question */
	struct sockaddr_in resolver;         /* who asked, and was asked */
};

/* name: of the Unix socket. */
void socket_actions_do(const char *name, struct socket_actions *ret);

/* The message of the DNS question. */
#define SOCKET_QUESTION_BYTES 33
extern const char socket_actions_question[SOCKET_QUESTION_BYTES];

/* Sends a DNS question from a socket to itself, where that is possible: no server sees it. */
void socket_actions_ask(struct socket_actions *actions);

#endif
