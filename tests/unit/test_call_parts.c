/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant trace': records that come in parts. */
#include "loader/trace/call_parts.h"
#include "tests/unit/unit.h"

#define CPUS 2

static struct call_parts *parts;
static struct {
	union {
		struct call_record record;
		char bytes[CALL_RECORD_MAX];
	} last;
	size_t size;
	unsigned int count;
} given;

static int setup(void **state)
{
	(void)state;
	memset(&given, 0, sizeof(given));
	parts = call_parts_new(CPUS);
	return !parts;
}

static int teardown(void **state)
{
	(void)state;
	call_parts_free(parts);
	return 0;
}

static void take(void *arg, const void *data, size_t size)
{
	(void)arg;
	assert_true(size <= sizeof(given.last));
	memcpy(&given.last, data, size);
	given.size = size;
	given.count++;
}

static void record_send(unsigned int cpu, unsigned int sequence, bool has_parts)
{
	const struct call_record r = { .header = { .len = sizeof(r),
		                                   .type = CALL_BEGINS,
		                                   .sequence = sequence,
		                                   .truncated = has_parts } };

	call_parts_take(parts, cpu, &r, sizeof(r), take, NULL);
}

/* What is not named here: sequence 1, state CALL_READ. */
struct sent {
	unsigned int value, number, begin;
	const char *text;
	unsigned int size;
	enum call_state state;
	bool is_string;
	unsigned int items, sequence;
};

static void part_send(unsigned int cpu, const struct sent *sent)
{
	struct call_part part = { .header = { .len = sizeof(part),
		                              .type = CALL_PART,
		                              .sequence = sent->sequence ? sent->sequence : 1 },
		                  .value = sent->value,
		                  .number = sent->number,
		                  .begin = sent->begin,
		                  .size = sent->size,
		                  .state = sent->state ? sent->state : CALL_READ,
		                  .is_string = sent->is_string,
		                  .items = sent->items };

	if (sent->text)
		memcpy(part.bytes + sent->begin, sent->text, sent->size);
	call_parts_take(parts, cpu, &part, sizeof(part), take, NULL);
}

#define PART(v, n, ...) (&(const struct sent){ .value = (v), .number = (n), __VA_ARGS__ })
#define SEND(...)       part_send(0, PART(__VA_ARGS__))
#define LAST(n)         SEND(CALL_VALUES, n, .size = 0)
#define BYTES(b, t)     .begin = (b), .text = (t), .size = sizeof(t) - 1

static void assert_value(unsigned int i, enum call_state state, const char *bytes, size_t size)
{
	const struct call_value *value = &given.last.record.values[i];

	assert_int_equal(value->state, state);
	assert_int_equal(value->size, size);
	assert_memory_equal(given.last.bytes + value->at, bytes, size);
}

static void a_record_without_parts_is_whole(void **state)
{
	(void)state;
	record_send(0, 1, false);
	assert_int_equal(given.count, 1);
	assert_int_equal(given.size, sizeof(struct call_record));
	assert_int_equal(call_parts_lost(parts), 0);
}

static void values_are_put_together(void **state)
{
	(void)state;
	record_send(0, 1, true);
	SEND(1, 0, BYTES(250, "/etc/p"), .is_string = true);
	SEND(1, 1, BYTES(0, "asswd\0and what lies behind it"), .is_string = true);
	SEND(0, 2, BYTES(10, "bytes\0"));
	SEND(3, 3, .state = CALL_NULL);
	assert_int_equal(given.count, 0);
	LAST(4);
	assert_int_equal(given.count, 1);
	assert_int_equal(given.last.record.header.len, given.size);
	assert_int_equal(given.last.record.header.truncated, 0);
	assert_value(1, CALL_READ, "/etc/passwd", 12);
	assert_value(0, CALL_READ, "bytes\0", 6);
	assert_value(3, CALL_NULL, "", 0);
	assert_value(2, CALL_NONE, "", 0);
	assert_int_equal(call_parts_lost(parts), 0);
}

static void strings_of_a_list_follow_each_other(void **state)
{
	(void)state;
	record_send(0, 1, true);
	SEND(1, 0, BYTES(0, "ls\0xxx"), .is_string = true, .items = 1);
	SEND(1, 1, BYTES(8, "-l\0"), .is_string = true, .items = 2);
	SEND(1, 2, .state = CALL_CUT, .items = 2);
	LAST(3);
	assert_value(1, CALL_CUT, "ls\0-l", 6);
	assert_int_equal(given.last.record.values[1].items, 2);
}

static void what_cannot_be_read_to_its_end_is_not_there(void **state)
{
	(void)state;
	record_send(0, 1, true);
	SEND(1, 0, BYTES(0, "begin"), .is_string = true);
	SEND(1, 1, .state = CALL_UNREAD);
	SEND(2, 2, BYTES(0, "other\0"), .is_string = true);
	LAST(3);
	assert_value(1, CALL_UNREAD, "", 0);
	assert_value(2, CALL_READ, "other", 6);
}

static void cpus_have_records_of_their_own(void **state)
{
	(void)state;
	record_send(0, 1, true);
	record_send(1, 1, true);
	SEND(1, 0, BYTES(0, "zero\0"), .is_string = true);
	part_send(1, PART(1, 0, BYTES(0, "one\0"), .is_string = true));
	LAST(1);
	assert_value(1, CALL_READ, "zero", 5);
	part_send(1, PART(CALL_VALUES, 1, .size = 0));
	assert_value(1, CALL_READ, "one", 4);
	assert_int_equal(given.count, 2);
}

/* The value to which a lost part may have belonged counts as cut. */
static void lost_parts_are_counted(void **state)
{
	(void)state;
	record_send(0, 1, true);
	SEND(1, 0, BYTES(0, "begin"));
	SEND(1, 2, BYTES(0, "end"));
	record_send(0, 2, true); /* the last part of the first one did not come */
	assert_int_equal(given.count, 1);
	assert_value(1, CALL_CUT, "beginend", 8);
	assert_int_equal(call_parts_lost(parts), 2);
	SEND(1, 3, BYTES(0, "of the first"));
	assert_int_equal(call_parts_lost(parts), 3);
	SEND(CALL_VALUES, 0, .sequence = 2);
	assert_int_equal(given.count, 2);
	assert_value(1, CALL_NONE, "", 0);
	SEND(CALL_VALUES, 0, .sequence = 2); /* after its end */
	assert_int_equal(given.count, 2);
	assert_int_equal(call_parts_lost(parts), 4);
}

static void numbers_that_lie(void **state)
{
	struct call_part part = { .header = { .type = CALL_PART, .sequence = 1 },
		                  .value = 1,
		                  .state = CALL_READ,
		                  .begin = 200,
		                  .size = 57 };
	unsigned int i;

	(void)state;
	record_send(0, 1, true);
	call_parts_take(parts, 0, &part, sizeof(part), take, NULL);
	part.number = 1;
	part.begin = 0xffff;
	part.size = 0xffff;
	call_parts_take(parts, 0, &part, sizeof(part), take, NULL);
	call_parts_take(parts, 0, &part, sizeof(part) - 1, take, NULL);
	call_parts_take(parts, 0, &part, 1, take, NULL);
	call_parts_take(parts, CPUS, &part, sizeof(part), take, NULL);
	part.header.type = CALL_BEGINS;
	call_parts_take(parts, 0, &part, sizeof(struct call_record) - 8, take, NULL);
	assert_int_equal(call_parts_lost(parts), 4);
	/* More than a record may have. */
	part.header.type = CALL_PART;
	part.begin = 0;
	part.size = CALL_PART_BYTES;
	for (i = 2; i < 2 + CALL_RECORD_MAX / CALL_PART_BYTES; i++) {
		part.number = i;
		call_parts_take(parts, 0, &part, sizeof(part), take, NULL);
	}
	LAST(i);
	assert_int_equal(given.count, 1);
	assert_int_equal(given.size, CALL_RECORD_MAX);
	assert_int_equal(given.last.record.values[1].state, CALL_CUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_record_without_parts_is_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(values_are_put_together, setup, teardown),
		cmocka_unit_test_setup_teardown(strings_of_a_list_follow_each_other, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_to_its_end_is_not_there, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(cpus_have_records_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_parts_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_that_lie, setup, teardown),
	};

	return cmocka_run_group_tests_name("call parts", tests, NULL, NULL);
}
