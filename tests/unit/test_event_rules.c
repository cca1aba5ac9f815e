/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules that an event is held to after it was read. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "loader/rules/filter_file.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct filter filter;
static struct offsets_error error;
static struct event event;
static uint64_t hits[EVENT_RULES_MAX];

static int read_rule(const char *text)
{
	struct rule_text texts[] = { { .text = text } };
	const struct rule_source source = { .texts = texts, .count = 1 };

	return filter_read(&source, &filter, &error);
}

static void read_rules(const char *first, const char *second)
{
	struct rule_text texts[] = { { .text = first }, { .text = second } };
	const struct rule_source source = { .texts = texts, .count = 2 };

	assert_int_equal(filter_read(&source, &filter, &error), 0);
	memset(hits, 0, sizeof(hits));
}

static void one_rule(const char *text)
{
	assert_int_equal(read_rule(text), 0);
	assert_int_equal(filter.events.count, 1);
	assert_int_equal(filter.given, 1);
	memset(hits, 0, sizeof(hits));
}

static bool passes_in(const char *container)
{
	const struct event_subject subject = { .event = &event,
		                               .knows_container = container,
		                               .container = container,
		                               .container_size =
		                                       container ? strlen(container) : 0 };

	return event_rules_outputs(&filter.events, &subject, hits);
}

static bool passes(void)
{
	return passes_in(NULL);
}

/* A connection to that address is made. */
static void connect_to(const char *address, uint16_t port)
{
	memset(&event, 0, sizeof(event));
	event.header.type = EVENT_SOCKET;
	event.socket.operation = SOCKET_CONNECT;
	event.socket.uid = 1000;
	event.socket.ends.family = strchr(address, ':') ? AF_INET6 : AF_INET;
	event.socket.ends.remote_port = port;
	assert_int_equal(inet_pton(event.socket.ends.family, address, event.socket.ends.remote), 1);
	memcpy(event.socket.comm, "client", 7);
}

static bool connect_passes(const char *address, uint16_t port)
{
	connect_to(address, port);
	return passes();
}

/* ---- networks ------------------------------------------------------------ */

static void a_network_is_left_out(void **state)
{
	(void)state;
	one_rule("deny network 10.32.0.0/11");
	assert_false(connect_passes("10.32.0.0", 443));
	assert_false(connect_passes("10.63.255.255", 1));
	assert_true(connect_passes("10.64.0.0", 443));
	assert_true(connect_passes("10.31.255.255", 443));
	assert_true(connect_passes("2001:db8::1", 443));
	assert_int_equal(hits[0], 2);
}

static void an_address_alone_is_a_network(void **state)
{
	(void)state;
	one_rule("deny network 192.0.2.7");
	assert_false(connect_passes("192.0.2.7", 443));
	assert_true(connect_passes("192.0.2.6", 443));
	one_rule("deny network 2001:db8::7");
	assert_false(connect_passes("2001:db8::7", 443));
	assert_true(connect_passes("2001:db8::6", 443));
}

/* An IPv6 socket has the address of an IPv4 peer as ::ffff:a.b.c.d. */
static void ipv4_in_an_ipv6_socket_is_ipv4(void **state)
{
	(void)state;
	one_rule("deny network 192.0.2.0/24");
	assert_false(connect_passes("::ffff:192.0.2.7", 443));
	assert_true(connect_passes("::192.0.2.7", 443));
}

static void all_of_a_family(void **state)
{
	(void)state;
	one_rule("deny network 0.0.0.0/0");
	assert_false(connect_passes("192.0.2.7", 443));
	assert_true(connect_passes("2001:db8::1", 443));
	one_rule("deny network ::/0");
	assert_false(connect_passes("2001:db8::1", 443));
	assert_false(connect_passes("192.0.2.7", 443)); /* ::ffff:0:0/96 is part of it */
}

static void ports_of_a_network(void **state)
{
	(void)state;
	one_rule("deny network 192.0.2.0/24  8000-8100");
	assert_true(connect_passes("192.0.2.7", 7999));
	assert_false(connect_passes("192.0.2.7", 8000));
	assert_false(connect_passes("192.0.2.7", 8100));
	assert_true(connect_passes("192.0.2.7", 8101));
	assert_true(connect_passes("192.0.3.7", 8000));
}

static void a_port_of_any_address(void **state)
{
	(void)state;
	one_rule("deny port 53");
	assert_false(connect_passes("192.0.2.7", 53));
	assert_false(connect_passes("2001:db8::1", 53));
	assert_true(connect_passes("192.0.2.7", 54));
	memset(&event, 0, sizeof(event));
	event.header.type = EVENT_DNS;
	event.dns.ends.family = AF_INET;
	event.dns.ends.remote_port = 53;
	assert_false(passes());
}

static void what_is_allowed_leaves_out_the_rest_of_its_kind(void **state)
{
	(void)state;
	one_rule("allow network 192.0.2.0/24");
	assert_true(connect_passes("192.0.2.7", 443));
	assert_false(connect_passes("192.0.3.7", 443));
	memset(&event, 0, sizeof(event));
	event.header.type = EVENT_EXEC;
	assert_true(passes());
	read_rules("allow network 192.0.2.0/24", "deny port 443");
	assert_false(connect_passes("192.0.2.7", 443));
	assert_true(connect_passes("192.0.2.7", 80));
}

/* No rule about another end leaves out what has none, or whose other end is not known. */
static void without_another_end_an_event_is_reported(void **state)
{
	(void)state;
	one_rule("allow network 192.0.2.0/24");
	connect_to("0.0.0.0", 0);
	event.socket.operation = SOCKET_LISTEN;
	assert_true(passes());
	event.socket.operation = SOCKET_BIND;
	assert_true(passes());
	event.socket.operation = SOCKET_CONNECT;
	assert_false(passes());
	event.header.unread = 1U << FIELD_SOCKET_ADDRESSES;
	assert_true(passes());
	event.header.unread = 0;
	event.socket.ends.family = AF_UNIX;
	assert_true(passes());
}

static void networks_that_are_none(void **state)
{
	static const struct {
		const char *rule, *says;
	} wrong[] = {
		{ "deny network 10.0.0.0/33",
		  "expected a network, as 10.0.0.0/8 or 2001:db8::/32" },
		{ "deny network 10.0.0/8", "expected a network" },
		{ "deny network ten", "expected a network" },
		{ "deny network 10.0.0.0/", "expected a network" },
		{ "deny network 10.0.0.0/+8", "expected a network" },
		{ "deny network 2001:db8::/129", "expected a network" },
		{ "deny network 10.1.0.0/8", "the address has bits beyond its prefix: 10.1.0.0/8" },
		{ "deny network 2001:db8::1/64", "has bits beyond its prefix" },
		{ "deny network 10.0.0.0/8 http", "expected a port or FIRST-LAST: http" },
		{ "deny network 10.0.0.0/8 1 2", "expected a port or FIRST-LAST: 1 2" },
		{ "deny port 65536", "expected a port" },
		{ "deny port 9-8", "expected a port" },
		{ "deny port -8", "expected a port" },
		{ "deny port 8-", "expected a port" },
		{ "deny port", "the value is missing" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(read_rule(wrong[i].rule), -EBADMSG);
		assert_says(&error, wrong[i].says);
	}
}

/* ---- containers ---------------------------------------------------------- */

static void a_container_is_left_out(void **state)
{
	(void)state;
	one_rule("deny container 0123456789ab");
	connect_to("192.0.2.7", 443);
	assert_false(passes_in(ID));
	assert_true(passes_in("0123456789ac"));
	assert_true(passes_in("0123456789a"));
	assert_true(passes_in(""));
	assert_true(passes());
	one_rule("deny container any");
	assert_false(passes_in(ID));
	assert_true(passes_in(""));
}

static void only_containers(void **state)
{
	(void)state;
	one_rule("allow container any");
	connect_to("192.0.2.7", 443);
	assert_true(passes_in(ID));
	assert_false(passes_in(""));
	assert_true(passes()); /* which one it is in is not known */
}

static void containers_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(read_rule("deny container web"), -EBADMSG);
	assert_says(&error, "expected any, or the id of a container");
	assert_int_equal(read_rule("deny container 0123456789"), -EBADMSG);
	assert_int_equal(read_rule("deny container " ID "0"), -EBADMSG);
	assert_int_equal(read_rule("deny container 0123456789ABCDEF"), -EBADMSG);
}

/* ---- executables --------------------------------------------------------- */

/* The file of the first rule is that one. */
static void file_is(uint64_t inode, uint32_t device)
{
	filter.events.list[0].inode = inode;
	filter.events.list[0].device = device;
}

static bool passes_of(uint64_t inode, uint32_t device, uint64_t marks)
{
	const struct event_subject subject = {
		.event = &event, .exe_inode = inode, .exe_device = device, .marks = marks
	};

	return event_rules_outputs(&filter.events, &subject, hits);
}

/* Not by the path, which could be another file's in a mount namespace of the process. */
static void an_executable_is_a_file(void **state)
{
	(void)state;
	one_rule("deny exe /usr/bin/rsync");
	connect_to("192.0.2.7", 443);
	assert_true(passes_of(7, 8, 0)); /* it is not there */
	assert_true(passes_of(0, 0, 0));
	file_is(7, 8);
	assert_false(passes_of(7, 8, 0));
	assert_true(passes_of(7, 9, 0));
	assert_true(passes_of(6, 8, 0));
	assert_true(passes_of(0, 0, 0)); /* what it runs is not known */
	one_rule("allow exe /usr/bin/rsync");
	file_is(7, 8);
	assert_true(passes_of(7, 8, 0));
	assert_false(passes_of(6, 8, 0));
	assert_true(passes_of(0, 0, 0));
}

static uint64_t exec_marks(uint32_t uid, uint64_t inode, uint32_t unread)
{
	memset(&event, 0, sizeof(event));
	event.header.type = EVENT_EXEC;
	event.header.unread = unread;
	event.exec.cred.uid = uid;
	event.exec.inode = inode;
	event.exec.device = 8;
	return event_rules_marks(&filter.events, &event);
}

/* What a user executes begins none: he could hide behind it. */
static void a_tree_begins_where_root_executes_its_file(void **state)
{
	(void)state;
	one_rule("deny tree /usr/bin/agent");
	assert_int_equal(exec_marks(0, 0, 0), 0);
	file_is(7, 8);
	assert_int_equal(exec_marks(0, 7, 0), 1);
	assert_int_equal(exec_marks(0, 6, 0), 0);
	assert_int_equal(exec_marks(1000, 7, 0), 0);
	assert_int_equal(exec_marks(0, 7, 1U << FIELD_EXEC_CRED), 0);
	assert_int_equal(exec_marks(0, 7, 1U << FIELD_EXEC_EXE_NUMBERS), 0);
	assert_false(passes_of(6, 8, 1));
	assert_true(passes_of(7, 8, 2));
	assert_true(passes_of(7, 8, 0));
}

static void executables_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(read_rule("deny exe rsync"), -EBADMSG);
	assert_says(&error, "expected the path of an executable");
	assert_int_equal(read_rule("allow tree /usr/bin/agent"), -EBADMSG);
	assert_says(&error, "a tree can be denied alone");
}

/* ---- what is tried ------------------------------------------------------- */

static void what_is_tried_is_counted_and_reported(void **state)
{
	(void)state;
	one_rule("try deny uid 1000");
	assert_int_equal(filter.kinds, 0);
	assert_true(connect_passes("192.0.2.7", 443));
	event.socket.uid = 1001;
	assert_true(passes());
	assert_int_equal(hits[0], 1);
	one_rule("try deny comm client");
	assert_true(connect_passes("192.0.2.7", 443));
	memcpy(event.socket.comm, "clients", 8);
	assert_true(passes());
	assert_int_equal(hits[0], 1);
	one_rule("try deny network 192.0.2.0/24");
	assert_true(connect_passes("192.0.2.7", 443));
	assert_int_equal(hits[0], 1);
	assert_string_equal(filter.events.list[0].text, "try deny network 192.0.2.0/24");
}

static bool passes_in_cgroups(const char *v2, const char *v1)
{
	const struct event_subject subject = { .event = &event,
		                               .cgroups = { { v2, v2 ? strlen(v2) : 0 },
		                                            { v1, v1 ? strlen(v1) : 0 } } };

	return event_rules_outputs(&filter.events, &subject, hits);
}

static void cgroups_and_units_can_be_tried(void **state)
{
	(void)state;
	one_rule("try deny unit a.service");
	assert_string_equal(filter.events.list[0].text, "try deny unit a.service");
	assert_int_equal(filter.kinds, 0);
	assert_true(passes_in_cgroups("/system.slice/a.service", NULL));
	assert_true(passes_in_cgroups("/system.slice/a.service/b", NULL));
	assert_true(passes_in_cgroups("/", "/system.slice/a.service"));
	assert_int_equal(hits[0], 3);
	assert_true(passes_in_cgroups("/system.slice/a.service2", NULL));
	assert_true(passes_in_cgroups("/a.service", NULL));
	assert_true(passes_in_cgroups(NULL, NULL));
	assert_int_equal(hits[0], 3);
	one_rule("try deny cgroup //a//b/");
	assert_true(passes_in_cgroups("/a/b/c", NULL));
	assert_true(passes_in_cgroups("/a/bc", NULL));
	assert_int_equal(hits[0], 1);
}

static void classes_can_be_tried(void **state)
{
	(void)state;
	one_rule("try deny event socket,dns");
	assert_int_equal(filter.classes, ~0U);
	assert_true(connect_passes("192.0.2.7", 443));
	assert_int_equal(hits[0], 1);
	event.header.type = EVENT_EXIT;
	assert_true(passes());
	assert_int_equal(hits[0], 1);
}

/* What is left out anyway would not be left out by the rule that is tried. */
static void what_is_left_out_is_not_tried(void **state)
{
	(void)state;
	read_rules("deny port 443", "try deny network 192.0.2.0/24");
	assert_false(connect_passes("192.0.2.7", 443));
	assert_true(connect_passes("192.0.2.7", 80));
	assert_int_equal(hits[0], 1);
	assert_int_equal(hits[1], 1);
}

static void what_cannot_be_tried(void **state)
{
	(void)state;
	assert_int_equal(read_rule("try deny unit a"), -EBADMSG);
	assert_int_equal(read_rule("try deny cgroup a"), -EBADMSG);
	assert_int_equal(read_rule("try deny cgroup /1/2/3/4"), -EBADMSG);
	assert_int_equal(read_rule("try deny event no_class"), -EBADMSG);
	assert_int_equal(read_rule("try allow uid 0"), -EBADMSG);
	assert_says(&error, "behind try there is deny, not: allow");
	assert_int_equal(read_rule("try watch /etc"), -EBADMSG);
	assert_int_equal(read_rule("try"), -EBADMSG);
}

/* ---- for one output ------------------------------------------------------ */

static const struct rule_source two_outputs = { .outputs = { "", "siem" }, .output_count = 2 };

static int read_for(const char *first, const char *second)
{
	struct rule_text texts[] = { { .text = first }, { .text = second } };
	struct rule_source source = two_outputs;

	source.texts = texts;
	source.count = second ? 2 : 1;
	memset(hits, 0, sizeof(hits));
	return filter_read(&source, &filter, &error);
}

static uint32_t outputs_of(const struct event_subject *subject)
{
	return event_rules_outputs(&filter.events, subject, hits) & 3;
}

static void a_rule_for_one_output_leaves_nothing_out_of_the_others(void **state)
{
	const struct event_subject subject = { .event = &event };

	(void)state;
	assert_int_equal(read_for("for siem deny uid 1000", NULL), 0);
	assert_string_equal(filter.events.list[0].text, "for siem deny uid 1000");
	connect_to("192.0.2.7", 443);
	assert_int_equal(outputs_of(&subject), 1);
	event.socket.uid = 1001;
	assert_int_equal(outputs_of(&subject), 3);
	assert_int_equal(hits[0], 1);
	assert_int_equal(read_for("for siem deny comm client", "deny port 443"), 0);
	assert_int_equal(outputs_of(&subject), 0);
	assert_int_equal(hits[0], 0); /* nothing was left for it */
	event.socket.ends.remote_port = 80;
	assert_int_equal(outputs_of(&subject), 1);
}

static void one_output_may_get_some_alone(void **state)
{
	struct event_subject subject = { .event = &event };

	(void)state;
	assert_int_equal(read_for("for siem allow uid 0", "for siem allow event exec"), 0);
	connect_to("192.0.2.7", 443);
	assert_int_equal(outputs_of(&subject), 1);
	event.socket.uid = 0;
	assert_int_equal(outputs_of(&subject), 1); /* of another class */
	memset(&event, 0, sizeof(event));
	event.header.type = EVENT_EXEC;
	assert_int_equal(outputs_of(&subject), 3);
	event.exec.cred.uid = 1000;
	assert_int_equal(outputs_of(&subject), 1);
	event.header.unread = 1U << FIELD_EXEC_CRED; /* it may be 0 */
	assert_int_equal(outputs_of(&subject), 3);
	assert_int_equal(read_for("for siem allow unit nginx.service", NULL), 0);
	assert_int_equal(outputs_of(&subject), 3); /* its cgroup is not known */
	subject.cgroups[0] = (struct event_cgroup){ "/system.slice/nginx.service", 27 };
	assert_int_equal(outputs_of(&subject), 3);
	subject.cgroups[0] = (struct event_cgroup){ "/system.slice/httpd.service", 27 };
	assert_int_equal(outputs_of(&subject), 1);
}

static void outputs_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(read_for("for other deny uid 1000", NULL), -EBADMSG);
	assert_says(&error, "no output has the option name=other");
	assert_int_equal(read_for("for", NULL), -EBADMSG);
	assert_int_equal(read_for("for  deny", NULL), -EBADMSG);
	assert_int_equal(read_for("for siem", NULL), -EBADMSG);
	assert_int_equal(read_for("for siem watch /etc", NULL), -EBADMSG);
	assert_says(&error, "watch rules are of all outputs");
	assert_int_equal(read_for("forsiem deny uid 1", NULL), -EBADMSG);
	assert_int_equal(read_for("for siem deny uid x", NULL), -EBADMSG);
}

/* ---- all of them --------------------------------------------------------- */

static void there_is_room_for_so_many(void **state)
{
	static struct rule_text texts[EVENT_RULES_MAX + 1];
	struct rule_source source = { .texts = texts, .count = EVENT_RULES_MAX };
	size_t i;

	(void)state;
	for (i = 0; i <= EVENT_RULES_MAX; i++)
		texts[i].text = "deny port 443";
	assert_int_equal(filter_read(&source, &filter, &error), 0);
	assert_int_equal(filter.events.count, EVENT_RULES_MAX);
	source.count++;
	assert_int_equal(filter_read(&source, &filter, &error), -EBADMSG);
	assert_says(&error, "too many rules about networks, containers or one output, or to try");
}

static void who_acts_is_known_of_each_class(void **state)
{
	unsigned int type;

	(void)state;
	for (type = 0; type < EVENT_TYPES; type++) {
		memset(&event, 0, sizeof(event));
		event.header.type = type;
		assert_int_equal(event_uid(&event), 0);
		assert_string_equal(event_comm(&event), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_is_left_out),
		cmocka_unit_test(an_address_alone_is_a_network),
		cmocka_unit_test(ipv4_in_an_ipv6_socket_is_ipv4),
		cmocka_unit_test(all_of_a_family),
		cmocka_unit_test(ports_of_a_network),
		cmocka_unit_test(a_port_of_any_address),
		cmocka_unit_test(what_is_allowed_leaves_out_the_rest_of_its_kind),
		cmocka_unit_test(without_another_end_an_event_is_reported),
		cmocka_unit_test(networks_that_are_none),
		cmocka_unit_test(a_container_is_left_out),
		cmocka_unit_test(only_containers),
		cmocka_unit_test(containers_that_are_none),
		cmocka_unit_test(an_executable_is_a_file),
		cmocka_unit_test(a_tree_begins_where_root_executes_its_file),
		cmocka_unit_test(executables_that_are_none),
		cmocka_unit_test(what_is_tried_is_counted_and_reported),
		cmocka_unit_test(cgroups_and_units_can_be_tried),
		cmocka_unit_test(classes_can_be_tried),
		cmocka_unit_test(what_is_left_out_is_not_tried),
		cmocka_unit_test(what_cannot_be_tried),
		cmocka_unit_test(a_rule_for_one_output_leaves_nothing_out_of_the_others),
		cmocka_unit_test(one_output_may_get_some_alone),
		cmocka_unit_test(outputs_that_are_none),
		cmocka_unit_test(there_is_room_for_so_many),
		cmocka_unit_test(who_acts_is_known_of_each_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
