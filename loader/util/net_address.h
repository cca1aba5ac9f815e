/* SPDX-License-Identifier: BSD-2-Clause */
/* An internet address and a port, as people write them. */
#ifndef LOADER_UTIL_NET_ADDRESS_H
#define LOADER_UTIL_NET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

struct net_address {
	struct sockaddr_storage storage;
	socklen_t size;
};

/* "127.0.0.1:9590", "[::1]:9590": numbers alone, no names. False: it is none. */
bool net_address_parse(const char *text, struct net_address *ret);

#endif
