/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "loader/util/net_address.h"

/* 1 to 65535, without a sign or zeroes in front. */
static bool port_parse(const char *text, in_port_t *ret)
{
	unsigned int value = 0;
	const char *at;

	if (*text < '1' || *text > '9' || strlen(text) > 5)
		return false;
	for (at = text; *at; at++) {
		if (*at < '0' || *at > '9')
			return false;
		value = value * 10 + (*at - '0');
	}
	*ret = htons(value);
	return value <= UINT16_MAX;
}

static bool host_parse(const char *host, bool is_ipv6, in_port_t port, struct net_address *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ret->storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret->storage;

	if (is_ipv6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = port;
		ret->size = sizeof(*v6);
		return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = port;
	ret->size = sizeof(*v4);
	return inet_pton(AF_INET, host, &v4->sin_addr) == 1;
}

bool net_address_parse(const char *text, struct net_address *ret)
{
	bool is_ipv6 = *text == '[';
	const char *end = is_ipv6 ? strstr(text, "]:") : strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	in_port_t port;
	size_t size;

	*ret = (struct net_address){ .size = 0 };
	if (!end || !port_parse(end + (is_ipv6 ? 2 : 1), &port))
		return false;
	text += is_ipv6;
	size = end - text;
	if (size >= sizeof(host))
		return false;
	memcpy(host, text, size);
	host[size] = '\0';
	return host_parse(host, is_ipv6, port, ret);
}
