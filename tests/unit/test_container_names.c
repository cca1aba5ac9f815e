/* SPDX-License-Identifier: BSD-2-Clause */
/* When containers are asked for, and what becomes of the answers: the test is the helper. */
#include "tests/unit/unit.h"

#include <sys/socket.h>

#include "loader/agent/container_names.h"
#include "loader/monitor/message.h"
#include "loader/runtime/runtime_wire.h"

#define MS     1000000ULL
#define MINUTE (60000 * MS)

#define TEN(c) c c c c c c c c c c
#define ID     TEN("a") TEN("b") TEN("c") TEN("d") TEN("e") TEN("f") "0123"

static const struct container_id container = { ID, CONTAINER_ID_BYTES, NULL, true };

static struct channel monitor = { -1, -EPIPE }; /* starts no other helper */
static struct writer writer;
static struct container_names names;
static struct offsets_error error;
static int helper;
static uint64_t now;

static int begin(void **state)
{
	int fds[2];

	(void)state;
	now = MINUTE;
	memset(&writer, 0, sizeof(writer));
	jsonw_init(&writer.format.json);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) ||
	    container_names_init(&names, &writer, &monitor, &error))
		return -1;
	names.reader.fd = fds[0];
	helper = fds[1];
	return 0;
}

static int end(void **state)
{
	(void)state;
	container_names_deinit(&names);
	jsonw_deinit(&writer.format.json);
	close(helper);
	return 0;
}

static void event(void)
{
	container_names_event(&names, container, UINT32_MAX, now);
}

static void pass(uint64_t ns)
{
	now += ns;
	container_names_look(&names, now);
}

/* The id of the question that has come; 0: none has. */
static uint64_t question(void)
{
	struct runtime_question q;
	ssize_t n = recv(helper, &q, sizeof(q), MSG_DONTWAIT);

	if (n < 0)
		return 0;
	assert_int_equal(n, sizeof(q));
	assert_memory_equal(q.container, ID, sizeof(q.container));
	return q.id;
}

static void say(const struct runtime_answer *answer)
{
	assert_int_equal(send(helper, answer, sizeof(*answer), 0), sizeof(*answer));
	pass(0);
}

static struct runtime_answer named(uint64_t id, const char *name)
{
	struct runtime_answer a = { .id = id, .is_known = 1 };

	a.facts.texts[FACT_NAME].size = strlen(name);
	memcpy(a.facts.texts[FACT_NAME].bytes, name, strlen(name));
	return a;
}

static const char *name(void)
{
	static char text[CONTAINER_FACT_BYTES + 5];
	const struct container_facts *facts = containers_facts(names.containers, container);

	if (!facts)
		return "";
	snprintf(text, sizeof(text), "%.*s", facts->texts[FACT_NAME].size,
	         facts->texts[FACT_NAME].bytes);
	return text;
}

/* ---- */

static void one_question_for_many_events(void **state)
{
	struct runtime_answer answer;
	unsigned int i;
	uint64_t id;

	(void)state;
	for (i = 0; i < 100; i++)
		event();
	id = question();
	assert_true(id);
	pass(5000 * MS);
	event();
	assert_int_equal(question(), 0);
	assert_string_equal(name(), "");
	answer = named(id, "web");
	say(&answer);
	assert_string_equal(name(), "web");
	event();
	assert_int_equal(question(), 0);
}

static void what_is_not_found_is_asked_for_again_and_given_up(void **state)
{
	static const unsigned int pauses_ms[] = { 100, 300, 1000, 3000, 10000, 30000 };
	struct runtime_answer answer = { .is_known = 0 };
	size_t i;

	(void)state;
	event();
	for (i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
		answer.id = question();
		assert_true(answer.id);
		say(&answer);
		pass((pauses_ms[i] - 1) * MS);
		event();
		assert_int_equal(question(), 0);
		pass(MS);
	}
	answer.id = question();
	assert_true(answer.id);
	say(&answer);
	pass(9 * MINUTE);
	event();
	assert_int_equal(question(), 0);
	pass(MINUTE);
	assert_int_equal(question(), 0); /* an event has to come */
	event();
	answer = named(question(), "late");
	say(&answer);
	assert_string_equal(name(), "late");
}

static void what_is_known_is_read_again(void **state)
{
	struct runtime_answer answer;

	(void)state;
	event();
	answer = named(question(), "before");
	say(&answer);
	pass(10 * MINUTE);
	event();
	answer = named(question(), "after");
	assert_string_equal(name(), "before");
	say(&answer);
	assert_string_equal(name(), "after");
	pass(10 * MINUTE);
	event();
	answer = (struct runtime_answer){ .id = question() };
	assert_true(answer.id);
	say(&answer); /* its file is gone */
	assert_string_equal(name(), "after");
	pass(MINUTE);
	assert_int_equal(question(), 0);
}

static void what_makes_no_events_is_forgotten(void **state)
{
	struct runtime_answer answer;

	(void)state;
	event();
	answer = named(question(), "web");
	say(&answer);
	pass(59 * MINUTE);
	assert_string_equal(name(), "web");
	pass(2 * MINUTE);
	assert_string_equal(name(), "");
}

static void answers_that_no_helper_gives(void **state)
{
	struct runtime_answer answer;
	uint64_t id;

	(void)state;
	event();
	id = question();
	answer = named(id + 1, "another");
	say(&answer);
	answer = named(0, "none");
	say(&answer);
	assert_string_equal(name(), "");
	answer = named(id, "web");
	answer.facts.texts[FACT_POD].size = sizeof(answer.facts.texts[FACT_POD].bytes) + 1;
	say(&answer);
	assert_string_equal(name(), "");
	pass(100 * MS);
	answer = named(question(), "web");
	answer.facts.runtime = CONTAINER_RUNTIMES;
	say(&answer);
	assert_string_equal(name(), "");
	assert_int_equal(send(helper, "short", 5, 0), 5);
	pass(300 * MS);
	assert_int_equal(names.reader.fd, -1);
}

static void a_helper_that_does_not_answer_is_given_up(void **state)
{
	(void)state;
	event();
	assert_true(question());
	pass(10000 * MS);
	assert_true(names.reader.fd >= 0);
	pass(MS);
	assert_int_equal(names.reader.fd, -1);
	event(); /* and nothing else happens */
	pass(60000 * MS);
	assert_string_equal(name(), "");
}

/* The monitor gives another helper when it is asked for one. */
static void helper_next(void)
{
	static struct message answer; /* the rest is 0 */
	int ends[2], fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(message_send(ends[1], &answer, 0, fds[0]), 0);
	close(fds[0]);
	monitor = (struct channel){ ends[0], 0 };
	names.reader.retry_ns = 0; /* the pause is over */
	close(helper);
	helper = fds[1];
}

static void what_a_lost_helper_was_asked_is_asked_of_the_next_one(void **state)
{
	struct container_id other = container, third = container;
	struct runtime_answer answer = { .is_known = 0 };
	struct runtime_question q[3];
	char ids[2][CONTAINER_ID_BYTES];
	int i, count = 0;

	(void)state;
	for (i = 0; i < 2; i++) {
		memcpy(ids[i], ID, sizeof(ids[i]));
		ids[i][0] = 'x' + i;
	}
	other.text = ids[0];
	third.text = ids[1];
	event();
	answer.id = question();
	say(&answer); /* it is asked for again later */
	container_names_event(&names, other, 1, now);
	assert_int_equal(recv(helper, q, sizeof(*q), MSG_DONTWAIT), sizeof(*q));
	shutdown(helper, SHUT_RDWR);
	container_names_event(&names, third, 1, now);
	assert_int_equal(names.reader.fd, -1);
	helper_next();
	pass(3000 * MS);
	while (count < 3 && recv(helper, &q[count], sizeof(*q), MSG_DONTWAIT) > 0)
		count++;
	assert_int_equal(count, 3);
	close(monitor.fd);
	monitor = (struct channel){ -1, -EPIPE };
}

static void ids_that_are_none_are_not_asked_for(void **state)
{
	(void)state;
	container_names_event(&names, (struct container_id){ NULL, 0, NULL, true }, 1, now);
	container_names_event(&names,
	                      (struct container_id){ "34dc0b5e626f2c5c4c5170e34b10e765-1234567890",
	                                             43, NULL, true },
	                      1, now);
	assert_int_equal(question(), 0);
}

/* An output that waits for its reader. */
static struct queue *output_add(struct sink *sink)
{
	struct output_use *u = &writer.outputs.list[writer.outputs.count++];
	static struct host host;

	*sink = (struct sink){ .use = { .full = SINK_FULL_WAIT } };
	assert_int_equal(queue_init(&sink->queue, 1 << 20), 0);
	u->config.format = FORMAT_JSON;
	u->config.classes = UINT32_MAX;
	u->sink = sink;
	writer.format.host = &host;
	return &sink->queue;
}

static void facts_are_for_the_outputs_that_have_its_events(void **state)
{
	struct sink sinks[2];
	struct queue *first = output_add(&sinks[0]), *second = output_add(&sinks[1]);
	struct runtime_answer answer;

	(void)state;
	container_names_event(&names, container, 1, now);
	answer = named(question(), "web");
	first->limit = 0; /* there is no room */
	say(&answer);
	assert_int_equal(first->count + second->count, 0);
	first->limit = 1 << 20;
	pass(100 * MS);
	pass(100 * MS);
	assert_int_equal(first->count, 1);
	assert_int_equal(second->count, 0);
	container_names_event(&names, container, 2, now);
	pass(10 * MINUTE);
	event();
	answer = named(question(), "another");
	say(&answer);
	assert_int_equal(first->count, 2);
	assert_int_equal(second->count, 1);
	queue_deinit(first);
	queue_deinit(second);
}

static void facts_that_have_no_room_until_the_end_are_counted(void **state)
{
	struct sink sink;
	struct queue *queue = output_add(&sink);
	struct runtime_answer answer;

	(void)state;
	event();
	queue->limit = 0;
	answer = named(question(), "web");
	say(&answer);
	container_names_end(&names, now);
	assert_int_equal(writer.refused, 1);
	queue_deinit(queue);
}

#define WITH_HELPER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HELPER(one_question_for_many_events),
		WITH_HELPER(what_is_not_found_is_asked_for_again_and_given_up),
		WITH_HELPER(what_is_known_is_read_again),
		WITH_HELPER(what_makes_no_events_is_forgotten),
		WITH_HELPER(answers_that_no_helper_gives),
		WITH_HELPER(a_helper_that_does_not_answer_is_given_up),
		WITH_HELPER(what_a_lost_helper_was_asked_is_asked_of_the_next_one),
		WITH_HELPER(ids_that_are_none_are_not_asked_for),
		WITH_HELPER(facts_are_for_the_outputs_that_have_its_events),
		WITH_HELPER(facts_that_have_no_room_until_the_end_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
