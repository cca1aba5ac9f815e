/* SPDX-License-Identifier: BSD-2-Clause */
/* The ends of a connection or datagram: what sockets and DNS share. */
#ifndef LOADER_EVENT_ENDS_H
#define LOADER_EVENT_ENDS_H

#include "loader/stream/decode.h"
#include "offsets/util/jsonw.h"

/* Is the address one of IPv4, perhaps mapped into IPv6? */
bool socket_address_v4(const struct socket_ends *ends, const __u8 *address);

/* The address as people and programs write it; a mapped one as IPv4. */
void socket_address_text(const struct socket_ends *ends, const __u8 *address, char *ret,
                         size_t size);

/* Opens the object of one end, with "ip" and "port". */
void ecs_end_open(struct jsonw *json, const char *key, const struct socket_ends *ends,
                  const __u8 *address, uint16_t port);

#endif
