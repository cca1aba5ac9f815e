/* SPDX-License-Identifier: BSD-2-Clause */
/* What --output says, and what is wrong with it. */
#include "tests/unit/unit.h"

#include <netinet/in.h>

#include "loader/config/output_config.h"
#include "probes/abi/schema.h"

static struct output_config c;
static struct offsets_error error;

static int parse(const char *text)
{
	return output_config_parse(text, 7, FORMAT_JSON, &c, &error);
}

static void assert_target(const char *text, enum output_kind kind, const char *target)
{
	if (parse(text))
		fail_msg("%s: %s", text, error.text);
	assert_int_equal(c.kind, kind);
	assert_string_equal(c.target, target);
}

static void targets(void **state)
{
	(void)state;
	assert_target("-", OUTPUT_STREAM, "-");
	assert_target("/var/log/events", OUTPUT_STREAM, "/var/log/events");
	assert_target("events", OUTPUT_STREAM, "events");
	assert_target("file:/var/log/unix:events", OUTPUT_STREAM, "/var/log/unix:events");
	assert_target("unix:/run/a.sock", OUTPUT_UNIX, "/run/a.sock");
	assert_target("unix-datagram:/run/a.sock", OUTPUT_UNIX_DATAGRAM, "/run/a.sock");
	assert_target("syslog:", OUTPUT_SYSLOG_UNIX, "/dev/log");
	assert_target("syslog:/run/log", OUTPUT_SYSLOG_UNIX, "/run/log");
	assert_target("journald:", OUTPUT_JOURNALD, "/run/systemd/journal/socket");
	assert_target("syslog:udp:192.0.2.7:514", OUTPUT_SYSLOG_UDP, "192.0.2.7:514");
	assert_int_equal(c.address.storage.ss_family, AF_INET);
	assert_target("syslog:tcp:[2001:db8::7]:601", OUTPUT_SYSLOG_TCP, "[2001:db8::7]:601");
	assert_int_equal(c.address.storage.ss_family, AF_INET6);
}

static void collectors(void **state)
{
	(void)state;
	assert_target("https://es.example:9200/a/_bulk?x=y body=elastic", OUTPUT_HTTP,
	              "https://es.example:9200/a/_bulk?x=y");
	assert_true(output_is_shipped(&c));
	assert_int_equal(c.ship.form, BODY_ELASTIC);
	assert_false(c.ship.is_plain);
	assert_string_equal(c.ship.spool,
	                    "/var/lib/sextant/spool/https___es.example_9200_a__bulk_x_y");
	assert_int_equal(c.ship.spool_bytes, 256 << 20);
	assert_target("http://192.0.2.7/", OUTPUT_HTTP, "http://192.0.2.7/");
	assert_target("syslog:tls:[2001:db8::7]:6514 ca=/a cert=/b key=/c spool=/d spool-size=4M "
	              "spool-age=2h",
	              OUTPUT_SYSLOG_TLS, "[2001:db8::7]:6514");
	assert_string_equal(c.ship.ca, "/a");
	assert_string_equal(c.ship.certificate, "/b");
	assert_string_equal(c.ship.key, "/c");
	assert_string_equal(c.ship.spool, "/d");
	assert_int_equal(c.ship.spool_bytes, 4 << 20);
	assert_true(c.ship.spool_age_ns == 7200000000000ULL);
}

static void what_is_not_said(void **state)
{
	(void)state;
	assert_int_equal(parse("/a"), 0);
	assert_int_equal(c.classes, 7);
	assert_int_equal(c.format, FORMAT_JSON);
	assert_int_equal(c.on_full, ON_FULL_WAIT);
	assert_int_equal(c.keep, 5);
	assert_int_equal(c.rotate_bytes, 0);
	assert_int_equal(parse("unix:/a"), 0);
	assert_int_equal(c.on_full, ON_FULL_DROP_OLDEST); /* a collector must not stop the others */
}

static void options(void **state)
{
	(void)state;
	assert_int_equal(parse("/a  name=local-1 events=exec,dns\tformat=text on-full=stop "
	                       "queue=16M rotate-size=100M "
	                       "rotate-age=24h keep=9 min-free=1G compress=zstd "),
	                 0);
	assert_string_equal(c.name, "local-1");
	assert_int_equal(c.classes, 1U << EVENT_EXEC | 1U << EVENT_DNS);
	assert_int_equal(c.format, FORMAT_TEXT);
	assert_int_equal(c.on_full, ON_FULL_STOP);
	assert_int_equal(c.queue_bytes, 16 << 20);
	assert_int_equal(c.rotate_bytes, 100 << 20);
	assert_int_equal(c.rotate_ns, 86400000000000);
	assert_int_equal(c.keep, 9);
	assert_int_equal(c.compression, COMPRESSION_ZSTD);
	assert_int_equal(c.min_free_bytes, 1 << 30);
}

static void records_of_audit_go_where_an_event_may_have_several_lines(void **state)
{
	static const char *const right[] = { "- format=audit", "/a format=audit rotate-size=1M",
		                             "unix:/a format=audit", "pipe:/a format=audit" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		assert_int_equal(parse(right[i]), 0);
		assert_int_equal(c.format, FORMAT_AUDIT);
	}
	assert_int_equal(parse("syslog: format=audit"), -EINVAL);
	assert_says(&error, "only files, standard output, unix: and pipe:");
	assert_int_equal(output_config_parse("journald:", 7, FORMAT_AUDIT, &c, &error), -EINVAL);
}

/* In each form of a body that does not look into the line. */
static void ocsf_by_http(void **state)
{
	static const char *const outputs[] = { "https://host/ format=ocsf",
		                               "https://host/ format=ocsf body=ndjson",
		                               "https://host/ format=ocsf body=splunk",
		                               "https://host/ body=loki format=ocsf",
		                               "https://host/ body=otlp format=ocsf" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		assert_int_equal(parse(outputs[i]), 0);
		assert_int_equal(c.format, FORMAT_OCSF);
	}
}

static void every_unit_of_a_time_and_a_size(void **state)
{
	static const struct {
		const char *unit;
		uint64_t factor;
	} times[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } },
	  sizes[] = { { "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 } };
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		snprintf(text, sizeof(text), "/a rotate-age=7%s", times[i].unit);
		assert_int_equal(parse(text), 0);
		assert_int_equal(c.rotate_ns, 7000000000 * times[i].factor);
	}
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(text, sizeof(text), "/a min-free=7%s", sizes[i].unit);
		assert_int_equal(parse(text), 0);
		assert_int_equal(c.min_free_bytes, 7 * sizes[i].factor);
	}
}

static void what_is_wrong(void **state)
{
	static const char *const wrong[] = {
		"",
		"file:",
		"unix:",
		"unix:relative",
		"syslog:relative",
		"syslog:udp:collector:514",
		"syslog:tcp:192.0.2.7",
		"syslog:tcp:192.0.2.7:0",
		"/a exec",
		"/a events=",
		"/a name=",
		"/a name=a/b",
		"/a name=this-name-is-longer-than-31-bytes",
		"/a events=exec,nothing",
		"/a format=xml",
		"syslog: format=audit", /* several lines an event */
		"syslog:udp:192.0.2.7:514 format=audit",
		"syslog:tcp:192.0.2.7:514 format=audit",
		"syslog:tls:collector.example:6514 format=audit",
		"unix-datagram:/a format=audit",
		"journald: format=audit",
		"https://collector.example/ format=audit",
		"/a on-full=",
		"/a on-full=drop",
		"/a queue=0",
		"/a queue=2G",
		"/a queue=-1",
		"/a queue=1Q",
		"/a queue=1MM",
		"/a queue=99999999999999999999",
		"/a queue=18446744073709551615G",
		"/a rotate-size=1.5M",
		"/a rotate-age=1w",
		"/a keep=0",
		"/a keep=1001",
		"/a unknown=1",
		"- rotate-size=1M",
		"unix:/a keep=1",
		"https://",
		"https://user:secret@host/",
		"http://host/#a",
		"https://host/ format=text",
		"https://host/ format=ocsf body=elastic",
		"https://host/ body=elastic format=ocsf",
		"https://host/ body=xml",
		"https://host/ cert=/a",
		"https://host/ key=/a",
		"https://host/ ca=relative",
		"https://host/ proxy=proxy:3128",
		"https://host/ proxy=http://user:secret@proxy:3128",
		"https://host/ spool-size=1M",
		"https://host/ spool-age=0",
		"https://host/ compress=maybe",
		"/a rotate-size=1M compress=yes",
		"pipe:relative",
		"pipe:/a user=a/b",
		"pipe:/a restarts=0",
		"pipe:/a restarts=5x",
		"/a keep=5x",
		"/a rotate-size=5B",
		"/a user=nobody",
		"/a compress=gzip",
		"unix:/a compress=gzip",
		"https://host/ rotate-size=1M",
		"syslog:tls:host",
		"syslog:tls::6514",
		"syslog:tls:host:syslog",
		"syslog:tls:host:6514 body=loki",
		"/a ca=/b",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (parse(wrong[i]) != -EINVAL)
			fail_msg("'%s' is taken", wrong[i]);
}

static void long_ones(void **state)
{
	char text[2048] = "/";

	(void)state;
	memset(text + 1, 'a', sizeof(text) - 2);
	assert_int_equal(parse(text), -EINVAL);
	text[300] = '\0';
	assert_int_equal(parse(text), -EINVAL);
	text[200] = '\0';
	assert_int_equal(parse(text), 0);
	memmove(text + 5, text, 201);
	memcpy(text, "unix:", 5);
	assert_int_equal(parse(text), -EINVAL); /* sun_path is shorter */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(collectors),
		cmocka_unit_test(what_is_not_said),
		cmocka_unit_test(options),
		cmocka_unit_test(records_of_audit_go_where_an_event_may_have_several_lines),
		cmocka_unit_test(ocsf_by_http),
		cmocka_unit_test(every_unit_of_a_time_and_a_size),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(long_ones),
	};

	return cmocka_run_group_tests_name("output_config", tests, NULL, NULL);
}
