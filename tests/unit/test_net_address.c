/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses with a port: numbers alone, and nothing behind them. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/unit/unit.h"

#include "loader/util/net_address.h"

static void an_address_of_each_kind(void **state)
{
	struct net_address a;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a.storage;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a.storage;

	(void)state;
	assert_true(net_address_parse("127.0.0.1:9590", &a));
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohs(v4->sin_port), 9590);
	assert_int_equal(ntohl(v4->sin_addr.s_addr), 0x7f000001);
	assert_int_equal(a.size, sizeof(*v4));
	assert_true(net_address_parse("[::1]:65535", &a));
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6->sin6_port), 65535);
	assert_true(IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr));
	assert_int_equal(a.size, sizeof(*v6));
}

static void nothing_else(void **state)
{
	static const char *const wrong[] = {
		"",
		":",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:0",
		"127.0.0.1:01",
		"127.0.0.1:+1",
		"127.0.0.1:65536",
		"127.0.0.1:99999",
		"127.0.0.1:1x",
		"127.0.0.1: 1",
		":9590",
		"localhost:9590",
		"::1:9590",
		"[::1]",
		"[::1]9590",
		"[::1:9590",
		"[127.0.0.1]:9590",
		"127.1:9590",
		"[]:9590",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:1",
	};
	struct net_address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (net_address_parse(wrong[i], &a))
			fail_msg("%s", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_of_each_kind),
		cmocka_unit_test(nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
