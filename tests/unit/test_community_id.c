/* SPDX-License-Identifier: BSD-2-Clause */
/* The examples of the Community ID specification (corelight/community-id-spec, baseline, seed 0).
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "loader/event/community_id.h"

struct example {
	int family;
	uint8_t protocol;
	const char *local;
	uint16_t local_port;
	const char *remote;
	uint16_t remote_port;
	const char *id; /* NULL: none */
};

static struct socket_ends ends_of(const struct example *e)
{
	struct socket_ends ends = { .family = e->family,
		                    .protocol = e->protocol,
		                    .local_port = e->local_port,
		                    .remote_port = e->remote_port };

	assert_int_equal(inet_pton(e->family, e->local, ends.local), 1);
	assert_int_equal(inet_pton(e->family, e->remote, ends.remote), 1);
	return ends;
}

static void assert_id(const struct example *e)
{
	struct socket_ends ends = ends_of(e);
	char id[COMMUNITY_ID_BYTES];

	if (!e->id) {
		assert_false(community_id(&ends, id));
		return;
	}
	assert_true(community_id(&ends, id));
	assert_string_equal(id, e->id);
}

static void both_directions_have_the_same_id(void **state)
{
	static const struct example tcp = { AF_INET,
		                            IPPROTO_TCP,
		                            "128.232.110.120",
		                            34855,
		                            "66.35.250.204",
		                            80,
		                            "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" };
	struct example back = tcp;

	(void)state;
	back.local = tcp.remote;
	back.remote = tcp.local;
	back.local_port = tcp.remote_port;
	back.remote_port = tcp.local_port;
	assert_id(&tcp);
	assert_id(&back);
}

static void an_ipv4_address_in_an_ipv6_socket_is_that_address(void **state)
{
	static const struct example udp[] = {
		{ AF_INET, IPPROTO_UDP, "192.168.1.52", 54585, "8.8.8.8", 53,
		  "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
		{ AF_INET6, IPPROTO_UDP, "::ffff:192.168.1.52", 54585, "::ffff:8.8.8.8", 53,
		  "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
	};

	(void)state;
	assert_id(&udp[0]);
	assert_id(&udp[1]);
}

static void ipv6(void **state)
{
	static const struct example tcp = { AF_INET6,
		                            IPPROTO_TCP,
		                            "2001:470:e5bf:dead:4957:2174:e82c:4887",
		                            63943,
		                            "2607:f8b0:400c:c03::1a",
		                            25,
		                            "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" };

	(void)state;
	assert_id(&tcp);
}

/* The packets have another address than the socket. */
static void a_socket_without_an_address_has_none(void **state)
{
	static const struct example none[] = {
		{ AF_INET, IPPROTO_UDP, "0.0.0.0", 54585, "8.8.8.8", 53, NULL },
		{ AF_INET6, IPPROTO_UDP, "::", 54585, "2001:db8::1", 53, NULL },
		{ AF_INET, 136, "192.0.2.1", 1, "192.0.2.2", 2, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_id(&none[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_have_the_same_id),
		cmocka_unit_test(an_ipv4_address_in_an_ipv6_socket_is_that_address),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(a_socket_without_an_address_has_none),
	};

	return cmocka_run_group_tests_name("community_id", tests, NULL, NULL);
}
