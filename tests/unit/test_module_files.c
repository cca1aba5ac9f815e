/* SPDX-License-Identifier: BSD-2-Clause */
/* The file of a module comes before its event, and is reported with it, or with none. */
#include "tests/unit/unit.h"

#include "loader/stream/module_files.h"

#define NUMBER (0x40U | MODULE_IN_FILE)
#define PATH   "dummy.ko\0lib\0"

static struct module_files *files;
static struct event ev;

/* A record, with its path behind it. */
static struct {
	struct module_part part;
	char path[sizeof(PATH) - 1];
} sent;

_Static_assert(offsetof(__typeof__(sent), path) == sizeof(sent.part), "it is behind it");

static int enter(void **state)
{
	(void)state;
	files = module_files_new();
	return files ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	module_files_free(files);
	return 0;
}

static void sent_set(uint32_t tid, uint32_t number)
{
	memset(&sent, 0, sizeof(sent));
	sent.part = (struct module_part){ .header = { .len = sizeof(sent.part) + sizeof(sent.path),
		                                      .type = PART_MODULE },
		                          .process = { .pid = 10, .tid = tid },
		                          .inode = 1000 + tid,
		                          .opened_ns = 77,
		                          .device = 8 << 20 | 1,
		                          .file = number,
		                          .text_size[FILE_PATH] = sizeof(sent.path) };
	memcpy(sent.path, PATH, sizeof(sent.path));
}

static void file_send(uint32_t tid, uint32_t number)
{
	sent_set(tid, number);
	assert_true(module_files_take(files, &sent, sizeof(sent)));
}

static void module_event(uint32_t tid, uint32_t loaded, uint32_t number)
{
	memset(&ev, 0, sizeof(ev));
	ev.header.type = EVENT_MODULE;
	ev.action.process = (struct process_ids){ .pid = 10, .tid = tid };
	ev.action.number = loaded;
	ev.action.file = number;
	module_files_give(files, &ev);
}

#define NO_FILE (1U << FIELD_MODULE_PATH | 1U << FIELD_MODULE_STAT)

static void a_file_goes_with_its_module(void **state)
{
	(void)state;
	file_send(11, NUMBER);
	file_send(12, NUMBER + 4);
	module_event(11, 1, NUMBER);
	assert_int_equal(ev.header.unread, 0);
	assert_int_equal(ev.opened.inode, 1011);
	assert_int_equal(ev.opened.device, 8 << 20 | 1);
	assert_int_equal(ev.opened.opened_ns, 77);
	assert_int_equal(ev.texts[FILE_PATH].size, strlen("/lib/dummy.ko"));
	assert_memory_equal(ev.texts[FILE_PATH].text, "/lib/dummy.ko", strlen("/lib/dummy.ko"));
	assert_true(module_has_file(&ev));
	module_event(11, 1, NUMBER); /* it is that of one module */
	assert_int_equal(ev.header.unread, NO_FILE);
	module_event(12, 1, NUMBER + 4);
	assert_int_equal(ev.header.unread, 0);
	assert_int_equal(ev.opened.inode, 1012);
}

static void a_file_of_another_thread_or_call(void **state)
{
	(void)state;
	file_send(11, NUMBER);
	module_event(12, 1, NUMBER);
	assert_int_equal(ev.header.unread, NO_FILE);
	module_event(11, 1, NUMBER + 4);
	assert_int_equal(ev.header.unread, NO_FILE);
	assert_true(module_has_file(&ev));
}

static void a_module_without_a_file(void **state)
{
	(void)state;
	file_send(11, NUMBER);
	module_event(11, 1, MODULE_IN_MEMORY);
	assert_int_equal(ev.header.unread, 0);
	assert_false(module_has_file(&ev));
	module_event(11, 1, MODULE_UNKNOWN);
	assert_int_equal(ev.header.unread, 1U << FIELD_MODULE_IMAGE);
	assert_false(module_has_file(&ev));
	module_event(11, 1, NUMBER | MODULE_IMAGES); /* no such image */
	assert_int_equal(ev.header.unread, 1U << FIELD_MODULE_IMAGE);
	assert_false(module_has_file(&ev));
	module_event(11, 0, NUMBER);
	assert_int_equal(ev.header.unread, 0);
	assert_false(module_has_file(&ev));
}

static void what_could_not_be_read(void **state)
{
	(void)state;
	sent_set(11, NUMBER);
	sent.part.header.unread = 1U << FIELD_FILE_STAT | 1U << FIELD_FILE_OTHER_PATH;
	sent.part.header.truncated = 1U << FIELD_FILE_PATH;
	assert_true(module_files_take(files, &sent, sizeof(sent)));
	module_event(11, 1, NUMBER);
	assert_int_equal(ev.header.unread, 1U << FIELD_MODULE_STAT);
	assert_int_equal(ev.header.truncated, 1U << FIELD_MODULE_PATH);
	assert_memory_equal(ev.texts[FILE_PATH].text, "lib/dummy.ko", strlen("lib/dummy.ko"));
	sent_set(11, NUMBER);
	sent.part.header.unread = 1U << FIELD_FILE_NUMBERS | 1U << FIELD_FILE_PATH;
	assert_true(module_files_take(files, &sent, sizeof(sent)));
	module_event(11, 1, NUMBER);
	assert_int_equal(ev.header.unread, 1U << FIELD_MODULE_NUMBERS | 1U << FIELD_MODULE_PATH);
}

/* Neither read nor believed: whoever sends it. */
static void records_that_are_not_whole(void **state)
{
	size_t size;

	(void)state;
	sent_set(11, NUMBER);
	for (size = 0; size < sent.part.header.len; size++) {
		struct guarded g = guarded_copy(&sent, size);

		assert_false(module_files_take(files, g.data, size));
		guarded_free(&g);
	}
	sent.part.header.len--;
	assert_false(module_files_take(files, &sent, sizeof(sent)));
	sent_set(11, NUMBER);
	sent.part.text_size[FILE_PATH]--;
	sent.part.text_size[FILE_ROOT]++;
	assert_false(module_files_take(files, &sent, sizeof(sent)));
	sent_set(11, NUMBER);
	sent.part.header.type = PART_SCRIPT;
	assert_false(module_files_take(files, &sent, sizeof(sent)));
	sent_set(11, NUMBER);
	sent.path[sizeof(sent.path) - 1] = 'x'; /* the path has no end */
	assert_false(module_files_take(files, &sent, sizeof(sent)));
	module_event(11, 1, NUMBER);
	assert_int_equal(ev.header.unread, NO_FILE);
}

static void of_too_many_files_the_oldest_are_forgotten(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i <= 64; i++)
		file_send(11, NUMBER + 4 * i);
	module_event(11, 1, NUMBER);
	assert_int_equal(ev.header.unread, NO_FILE);
	module_event(11, 1, NUMBER + 4);
	assert_int_equal(ev.header.unread, 0);
	module_event(11, 1, NUMBER + 4 * 64);
	assert_int_equal(ev.header.unread, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_goes_with_its_module), TEST(a_file_of_another_thread_or_call),
		TEST(a_module_without_a_file),     TEST(what_could_not_be_read),
		TEST(records_that_are_not_whole),  TEST(of_too_many_files_the_oldest_are_forgotten),
	};

	return cmocka_run_group_tests_name("module_files", tests, NULL, NULL);
}
