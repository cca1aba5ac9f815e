/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to DNS: the name as people write it, and messages that are none. */
#include "tests/unit/unit.h"

#include "loader/event/dns_question.h"

/* The header of a message with one question, and what is behind it. */
static struct dns_event message(const char *question, size_t size)
{
	struct dns_event e = { .size = 12 + size, .message = { 0x12, 0x34, 1, 0, 0, 1 } };

	memcpy(e.message + 12, question, size);
	return e;
}

static void is_question(const char *question, size_t size, const char *name, size_t name_size,
                        int type)
{
	struct dns_event e = message(question, size);
	struct dns_question q;

	assert_non_null(dns_question_read(&e, &q));
	assert_int_equal(q.name_size, name_size);
	assert_memory_equal(q.name, name, name_size);
	assert_int_equal(q.type, type);
	assert_int_equal(q.class, 1);
}

#define IS(question, name, type) \
	is_question(question, sizeof(question) - 1, name, sizeof(name) - 1, type)

static void names_are_their_labels_with_dots(void **state)
{
	(void)state;
	IS("\7example\3com\0\0\1\0\1", "example.com", 1);
	IS("\0\0\2\0\1", "", 2);
	IS("\3a.b\2\\c\0\1\1\0\1", "a\\.b.\\\\c", 257);
	IS("\2\n\0\0\0\1\0\1", "\n\0", 1);
	/* What is behind the first question does not count. */
	IS("\1a\0\0\1\0\1\1b\0\0\1\0\1", "a", 1);
}

static void is_none(const char *question, size_t size)
{
	struct dns_event e = message(question, size);
	struct dns_question q;

	assert_null(dns_question_read(&e, &q));
	assert_int_equal(q.name_size, 0);
}

#define NONE(question) is_none(question, sizeof(question) - 1)

static void a_message_that_ends_too_early_has_no_question(void **state)
{
	static const char whole[] = "\7example\3com\0\0\1\0\1";
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(whole) - 1; size++)
		is_none(whole, size);
	NONE("\77short");
	NONE("\300\14\0\1\0\1"); /* compressed: what a question has no use for */
}

static void a_message_of_a_few_bytes_or_without_questions_has_none(void **state)
{
	struct dns_event e = message("\1a\0\0\1\0\1", 7);
	struct dns_question q;

	(void)state;
	e.message[5] = 0;
	assert_null(dns_question_read(&e, &q));
	e.message[5] = 1;
	for (e.size = 0; e.size < 12; e.size++)
		assert_null(dns_question_read(&e, &q));
	e.size = 0xffffffff; /* what is there counts */
	assert_non_null(dns_question_read(&e, &q));
}

/* The longest name, and one byte more. */
static void a_name_has_255_bytes_at_most(void **state)
{
	char question[300] = { 0 };
	struct dns_event e;
	struct dns_question q;
	int i;

	(void)state;
	for (i = 0; i < 127; i++)
		memcpy(question + 2 * i, "\1\\", 2);
	memcpy(question + 255, "\0\1\0\1", 4);
	e = message(question, 259);
	assert_non_null(dns_question_read(&e, &q));
	assert_int_equal(q.name_size, 127 * 2 + 126);
	memcpy(question + 254, "\1\\\0\0\1\0\1", 7);
	e = message(question, 261);
	assert_null(dns_question_read(&e, &q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_their_labels_with_dots),
		cmocka_unit_test(a_message_that_ends_too_early_has_no_question),
		cmocka_unit_test(a_message_of_a_few_bytes_or_without_questions_has_none),
		cmocka_unit_test(a_name_has_255_bytes_at_most),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
