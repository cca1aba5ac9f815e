/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS: questions of each kind, to a server that does not answer; in a network namespace of its own.
 */
#include <string.h>
#include <unistd.h>

#include "tests/host/scenario_socket.h"

/* A question by its labels, each with its length before it. */
static void ask(const char *server, const char *labels, size_t size, int type, int flags)
{
	const struct counted there = { 12 + size + 5, 1 }, back = { 0, 0 };
	union address to = address_of(server, 53), from;
	unsigned char message[300] = { 0x12, 0x34, flags, 0, 0, 1 };
	int fd = udp_socket(to.any.sa_family);

	memcpy(message + 12, labels, size);
	message[12 + size + 2] = type; /* behind the root's label */
	message[12 + size + 4] = 1;
	require(sendto(fd, message, there.bytes, 0, &to.any, address_size(&to)) > 0, "sendto");
	from = own_address(fd);
	datagram_record("egress", &from, &to);
	flow_record("egress", &from, &to, there, back);
	close(fd);
}

static void question_record(const char *server, const char *question, size_t size, const char *type)
{
	put("dns\tcase=dns\tpid=%d\tserver=%s\ttype=%s", getpid(), server, type);
	put_network_namespace();
	put_hex("question", question, size);
	record_end();
}

#define ASK(server, labels, type, question, type_name)                              \
	do {                                                                        \
		ask(server, labels, sizeof(labels) - 1, type, 1);                   \
		question_record(server, question, sizeof(question) - 1, type_name); \
	} while (0)

static void ask_each(void)
{
	static char deep[256], text[256];
	union address v4 = address_of("127.0.0.1", 53), v6 = address_of("::1", 53);
	int server, server6, i;

	socket_case = "dns";
	own_network();
	server = udp_socket(AF_INET);
	server6 = udp_socket(AF_INET6);
	bind_to(server, &v4, "udp");
	bind_to(server6, &v6, "udp");

	ASK("127.0.0.1", "\7example\3com", 1, "example.com", "A");
	ASK("::1", "\4_ldp\4_tcp\7example\3com", 33, "_ldp._tcp.example.com", "SRV");
	ASK("127.0.0.1", "", 2, "", "NS"); /* the root */
	ASK("127.0.0.1", "\3a.b\5\n\xff\\\"x", 99, "a\\.b.\n\xff\\\\\"x", "SPF");
	ASK("127.0.0.1", "\1a", 100, "a", "TYPE100");
	/* As long as a socket_case can be: 127 labels of one byte. */
	for (i = 0; i < 127; i++)
		memcpy(deep + 2 * i, "\1d", 2), memcpy(text + 2 * i, "d.", 2);
	ask("127.0.0.1", deep, 254, 1, 1);
	question_record("127.0.0.1", text, 253, "A");
	/* A label that is longer than the message: there is no question. */
	ask("127.0.0.1", "\77short", 6, 1, 1);
	question_record("127.0.0.1", "", 0, "none");
	/* An answer is not reported. */
	ask("127.0.0.1", "\6answer", 7, 1, 0x81);
	close(server);
	close(server6);
}

static void dns(void)
{
	require(!in_child("dns", ask_each), "dns");
}

PART(.name = "dns", .run = dns);
