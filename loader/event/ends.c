/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>

#include "loader/event/ends.h"

bool socket_address_v4(const struct socket_ends *ends, const __u8 *address)
{
	return ends->family == AF_INET || IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address);
}

void socket_address_text(const struct socket_ends *ends, const __u8 *address, char *ret,
                         size_t size)
{
	if (ends->family == AF_INET)
		inet_ntop(AF_INET, address, ret, size);
	else if (socket_address_v4(ends, address))
		inet_ntop(AF_INET, address + 12, ret, size);
	else
		inet_ntop(AF_INET6, address, ret, size);
}

void ecs_end_open(struct jsonw *json, const char *key, const struct socket_ends *ends,
                  const __u8 *address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	jsonw_object_open(json, key);
	socket_address_text(ends, address, text, sizeof(text));
	jsonw_string(json, "ip", text);
	jsonw_u64(json, "port", port);
}
