/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts about sockets share: addresses, records, namespaces. */
#ifndef TESTS_HOST_SCENARIO_SOCKET_H
#define TESTS_HOST_SCENARIO_SOCKET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/host/scenario.h"

/* ---- addresses: scenario_socket.c --------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

union address address_of(const char *text, unsigned int port);
socklen_t address_size(const union address *a);
union address own_address(int fd);

/* ---- records: scenario_socket.c ----------------------------------------- */

extern const char *socket_case;

void socket_begin(const char *action, const char *transport);
void put_network_namespace(void);
void ends_record(const char *action, const char *transport, const union address *source,
                 const union address *destination, const char *more); /* source: or NULL */
void bind_to(int fd, union address *a, const char *transport);        /* *a: then with its port */

/* ---- network namespaces: scenario_socket_namespace.c -------------------- */

/*
 * While something is done between two namespaces, the far one is that of who
 * connects or sends; else it is -1, and net_enter() does nothing.
 */
extern int net_near, net_far;

void net_enter(int namespace);
void own_network(void); /* a namespace of its own, with loopback up */
void loopback_up(void);
void sockets_between_namespaces(void);

/* ---- what is done with sockets ------------------------------------------ */

/* Bytes and packets of a flow, one way. */
struct counted {
	size_t bytes;
	int packets;
};

void tcp(const char *listens_at, const char *connects_to); /* scenario_socket_tcp.c */
void tcp_on_loopback(void);
void unix_sockets(void); /* scenario_socket_unix.c */

/* Calls it while others wait in accept(): scenario_sleeper.c. */
void beside_sleepers(void (*others)(void));

/* scenario_socket_udp.c; connected: by connect() before it sends */
int udp_socket(sa_family_t family);
void udp(const char *listens_at, const char *sends_to, int connected);
void udp_on_loopback(void);
void datagram_record(const char *direction, const union address *source,
                     const union address *destination);
void flow_record(const char *direction, const union address *source,
                 const union address *destination, struct counted sent, struct counted received);

#endif
