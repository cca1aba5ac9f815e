/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that come in parts: the same event in the end; lost parts, others' records, lies. */
#include "tests/unit/unit.h"

#include "loader/host/clock.h"
#include "loader/stream/decode.h"
#include "loader/stream/parts.h"

static struct parts *parts;
static struct event ev;
static char whole[65536]; /* what ev points into */
static size_t delivered;

static void on_record(void *arg, const void *data, size_t size)
{
	(void)arg;
	assert_true(size <= sizeof(whole));
	memcpy(whole, data, size);
	assert_int_equal(event_decode(whole, size, &ev), 0);
	delivered++;
}

static int enter(void **state)
{
	(void)state;
	parts = parts_new(2);
	delivered = 0;
	return parts ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	parts_free(parts);
	return 0;
}

static void take(unsigned int cpu, const void *data, size_t size)
{
	struct guarded g = guarded_copy(data, size);

	parts_take(parts, cpu, g.data, size, on_record, NULL);
	guarded_free(&g);
}

/* ---- a kernel of tier 2 or 3 ------------------------------------------ */

static uint32_t number;

static void send_head(unsigned int cpu, uint64_t sequence, uint32_t argv_total)
{
	struct exec_event e = { .header = { .len = sizeof(e), .type = PART_EXEC, .cpu = cpu } };

	e.header.sequence = sequence;
	e.process.pid = 42;
	e.argv_total = argv_total;
	number = 1;
	take(cpu, &e, sizeof(e));
}

/* As parts_argv() in probes/exec_parts.bpf.c; what is no argv is 'x'. */
static void send_argv(unsigned int cpu, uint64_t sequence, const char *argv, long total)
{
	long at, i;

	for (at = 0; at < total && at < ARGV_PARTS_MAX * PART_BYTES; at += PART_BYTES) {
		struct argv_part part = { .header = { .len = sizeof(part), .type = PART_ARGV } };

		part.header.sequence = sequence;
		part.number = number++;
		part.offset = total - at < PART_BYTES ? total - PART_BYTES : at;
		for (i = 0; i < PART_BYTES; i++)
			part.bytes[i] = part.offset + i < 0 ? 'x' : argv[part.offset + i];
		take(cpu, &part, sizeof(part));
	}
}

/* names: each ended by NUL, the leaf first; empty: the walk crosses a mount. */
static void send_path(unsigned int cpu, uint64_t sequence, enum event_text text, const char *names,
                      size_t size)
{
	struct text_part part = { .header = { .len = sizeof(part), .type = PART_TEXT } };
	size_t slot = 0;

	part.header.sequence = sequence;
	part.text = text;
	while (size || slot) {
		size_t left = size ? strlen(names) + 1 : 0, n;

		size -= left;
		do {
			n = left < PART_SLOT_BYTES ? left : PART_SLOT_BYTES;
			memcpy(part.slots[slot++], names, n);
			names += n;
			left -= n;
			if (slot == PART_SLOTS || (!left && !size)) {
				part.number = number++;
				part.last = text == TEXT_CWD && !left && !size;
				take(cpu, &part, sizeof(part));
				memset(part.slots, 0, sizeof(part.slots));
				slot = 0;
			}
		} while (left);
	}
}

#define SEND_PATH(cpu, sequence, text, names) \
	send_path(cpu, sequence, text, names, sizeof(names) - 1)

static void assert_path(const struct event_path *path, const char *text)
{
	assert_int_equal(path->size, strlen(text));
	assert_memory_equal(path->text, text, path->size);
}

/* ---- whole ------------------------------------------------------------ */

static void an_exec_is_put_together(void **state)
{
	static const char argv[] = "ls\0-l\0";

	(void)state;
	send_head(0, 7, sizeof(argv) - 1);
	send_argv(0, 7, argv, sizeof(argv) - 1);
	SEND_PATH(0, 7, TEXT_EXE, "ls\0bin\0\0usr\0"); /* one mount is crossed */
	assert_int_equal(delivered, 0);
	SEND_PATH(0, 7, TEXT_CWD, "tmp\0");
	assert_int_equal(delivered, 1);
	assert_int_equal(ev.header.type, EVENT_EXEC);
	assert_int_equal(ev.header.sequence, 7);
	assert_int_equal(ev.header.unread | ev.header.truncated, 0);
	assert_int_equal(ev.exec.process.pid, 42);
	assert_int_equal(ev.exec.argv_size, sizeof(argv) - 1);
	assert_memory_equal(ev.argv, argv, sizeof(argv) - 1);
	assert_path(&ev.texts[TEXT_EXE], "/usr/bin/ls");
	assert_path(&ev.texts[TEXT_CWD], "/tmp");
	assert_int_equal(parts_incomplete(parts), 0);
}

static void strings_and_all_paths_are_there(void **state)
{
	static const struct {
		enum event_text text;
		const char *names, *path;
		size_t size;
	} all[] = {
		{ TEXT_FILENAME, "./a script\0", "./a script", 11 },
		{ TEXT_INTERP, "", "", 0 },
		{ TEXT_EXE, "sh\0bin\0", "/bin/sh", 7 },
		{ TEXT_ROOT, "", "/", 0 },
		{ TEXT_CGROUP, "a.scope\0b.slice\0", "/b.slice/a.scope", 16 },
		{ TEXT_CGROUP_V1, "", "/", 0 },
		{ TEXT_CWD, "tmp\0", "/tmp", 4 },
	};
	size_t i;

	(void)state;
	send_head(0, 7, 0);
	for (i = 0; i < EXEC_TEXTS; i++)
		send_path(0, 7, all[i].text, all[i].names, all[i].size);
	assert_int_equal(delivered, 1);
	for (i = 0; i < EXEC_TEXTS; i++)
		assert_path(&ev.texts[all[i].text], all[i].path);
}

/* A caller's name for a file may be one name of 4,095 bytes. */
static void a_string_may_be_as_long_as_a_path(void **state)
{
	static char name[4096];

	(void)state;
	memset(name, 'f', sizeof(name) - 1);
	send_head(0, 7, 0);
	send_path(0, 7, TEXT_FILENAME, name, sizeof(name));
	SEND_PATH(0, 7, TEXT_CWD, "tmp\0");
	assert_int_equal(delivered, 1);
	assert_int_equal(ev.header.truncated, 0);
	assert_path(&ev.texts[TEXT_FILENAME], name);
}

static void argv_of_every_length(void **state)
{
	static const long sizes[] = {
		0, 1, 2, 255, 256, 257, 511, 512, 513, 4095, 4096, 4097, 9000
	};
	static char argv[9000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(argv); i++)
		argv[i] = 'a' + i % 23;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		long kept = sizes[i] < 4096 ? sizes[i] : 4096;

		send_head(0, i, sizes[i]);
		send_argv(0, i, argv, sizes[i]);
		SEND_PATH(0, i, TEXT_EXE, "a\0");
		SEND_PATH(0, i, TEXT_CWD, "b\0");
		assert_int_equal(delivered, i + 1);
		assert_int_equal(ev.exec.argv_total, sizes[i]);
		assert_int_equal(ev.exec.argv_size, kept);
		assert_memory_equal(ev.argv, argv, kept);
		assert_int_equal(ev.header.unread, 0);
	}
}

static void names_of_every_length(void **state)
{
	static const size_t sizes[] = { 1, 30, 31, 32, 33, 63, 64, 65, 255 };
	char names[2 * 256 + 8], text[2 * 256 + 8];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sizes[i];
		memset(names, 'n', n);
		names[n] = '\0';
		memset(names + n + 1, 'm', n);
		names[2 * n + 1] = '\0';
		text[0] = text[n + 1] = '/';
		memset(text + 1, 'm', n);
		memset(text + n + 2, 'n', n);
		text[2 * n + 2] = '\0';
		send_head(0, i, 0);
		send_path(0, i, TEXT_EXE, names, 2 * n + 2);
		SEND_PATH(0, i, TEXT_CWD, "b\0");
		assert_int_equal(delivered, i + 1);
		assert_path(&ev.texts[TEXT_EXE], text);
	}
}

static void a_path_that_is_too_long_is_cut_and_says_so(void **state)
{
	char names[40 * 251];
	size_t i;

	(void)state;
	memset(names, 'n', sizeof(names));
	for (i = 250; i < sizeof(names); i += 251)
		names[i] = '\0';
	send_head(0, 1, 0);
	SEND_PATH(0, 1, TEXT_EXE, "a\0");
	send_path(0, 1, TEXT_CWD, names, sizeof(names));
	assert_int_equal(delivered, 1);
	assert_int_equal(ev.header.truncated, 1 << FIELD_EXEC_CWD);
	assert_true(ev.texts[TEXT_CWD].size > PATH_BYTES_MAX - 256 &&
	            ev.texts[TEXT_CWD].size < PATH_BYTES_MAX + 256);
	assert_path(&ev.texts[TEXT_EXE], "/a");
}

static void cpus_do_not_mix(void **state)
{
	(void)state;
	send_head(0, 1, 0);
	SEND_PATH(0, 1, TEXT_EXE, "zero\0");
	send_head(1, 1, 0);
	SEND_PATH(1, 1, TEXT_EXE, "one\0");
	SEND_PATH(1, 1, TEXT_CWD, "b\0");
	assert_path(&ev.texts[TEXT_EXE], "/one");
	number = 2;
	SEND_PATH(0, 1, TEXT_CWD, "b\0");
	assert_path(&ev.texts[TEXT_EXE], "/zero");
	assert_int_equal(delivered, 2);
	assert_int_equal(parts_incomplete(parts), 0);
}

static void number_and_device_come_with_the_last_part(void **state)
{
	struct text_part last = { .header = { .len = sizeof(last), .type = PART_TEXT },
		                  .text = TEXT_CWD,
		                  .last = 1,
		                  .inode = 257,
		                  .device = 44 };

	(void)state;
	send_head(0, 1, 0);
	SEND_PATH(0, 1, TEXT_EXE, "ls\0");
	last.header.sequence = 1;
	last.number = number;
	take(0, &last, sizeof(last));
	assert_int_equal(delivered, 1);
	assert_int_equal(ev.exec.inode, 257);
	assert_int_equal(ev.exec.device, 44);
}

/* What a mount has no use for cannot be read, nor be missing. */
static void a_mount_is_put_together(void **state)
{
	struct file_event e = { .header = { .len = sizeof(e),
		                            .type = PART_MOUNT,
		                            .sequence = 3,
		                            .unread = 1U << FIELD_MOUNT_NUMBERS },
		                .operation = FILE_MOUNT,
		                .inode = 2 };
	struct text_part last = { .header = { .len = sizeof(last),
		                              .type = PART_TEXT,
		                              .sequence = 3,
		                              .unread = 1U << FIELD_PARENT |
		                                        1U << FIELD_MOUNT_UNUSED_CGROUP |
		                                        1U << FIELD_MOUNT_UNUSED_OTHER_PATH },
		                  .text = TEXT_FILENAME,
		                  .last = 1,
		                  .slots = { "none" } };

	(void)state;
	number = 1;
	take(0, &e, sizeof(e));
	SEND_PATH(0, 3, TEXT_INTERP, "tmpfs\0");
	SEND_PATH(0, 3, TEXT_EXE, "mnt\0");
	last.number = number;
	take(0, &last, sizeof(last));
	assert_int_equal(delivered, 1);
	assert_int_equal(ev.header.type, EVENT_MOUNT);
	assert_int_equal(ev.header.unread, 1U << FIELD_PARENT | 1U << FIELD_MOUNT_NUMBERS);
	assert_int_equal(ev.file.inode, 2);
	assert_path(&ev.texts[FILE_TYPE], "tmpfs");
	assert_path(&ev.texts[FILE_PATH], "/mnt");
	assert_path(&ev.texts[FILE_STRING], "none");
	assert_int_equal(parts_incomplete(parts), 0);
}

/* ---- lost ------------------------------------------------------------- */

static void a_lost_part_leaves_what_came_before(void **state)
{
	(void)state;
	send_head(0, 1, 3);
	send_argv(0, 1, "ls", 3);
	SEND_PATH(0, 1, TEXT_EXE, "ls\0");
	number++; /* one that never comes */
	SEND_PATH(0, 1, TEXT_CWD, "tmp\0");
	assert_int_equal(delivered, 1);
	/* the one that came last and all behind it */
	assert_int_equal(ev.header.unread,
	                 1U << FIELD_EXEC_EXE | 1U << FIELD_EXEC_CWD | 1U << FIELD_EXEC_FILENAME);
	assert_int_equal(ev.exec.argv_size, 3);
	assert_int_equal(parts_incomplete(parts), 1);
}

static void a_lost_part_of_argv_leaves_none_of_it(void **state)
{
	static char argv[600];

	(void)state;
	send_head(0, 1, sizeof(argv));
	send_argv(0, 1, argv, PART_BYTES);
	number++;
	SEND_PATH(0, 1, TEXT_EXE, "ls\0");
	assert_int_equal(delivered, 1);
	assert_true(ev.header.unread & 1 << FIELD_EXEC_ARGV);
	assert_int_equal(ev.exec.argv_size, 0);
	assert_int_equal(ev.exec.argv_total, sizeof(argv));
}

static void the_next_exec_ends_one_that_is_open(void **state)
{
	(void)state;
	send_head(0, 1, 0);
	send_head(0, 2, 0);
	assert_int_equal(delivered, 1);
	assert_int_equal(ev.header.sequence, 1);
	SEND_PATH(0, 2, TEXT_EXE, "a\0");
	SEND_PATH(0, 2, TEXT_CWD, "b\0");
	assert_int_equal(delivered, 2);
	assert_int_equal(ev.header.sequence, 2);
	assert_int_equal(parts_incomplete(parts), 1);
}

static void parts_without_their_beginning_are_dropped(void **state)
{
	(void)state;
	number = 1;
	send_argv(0, 1, "ls", 3);
	SEND_PATH(0, 1, TEXT_EXE, "a\0");
	SEND_PATH(0, 1, TEXT_CWD, "b\0");
	assert_int_equal(delivered, 0);
}

static void what_waits_too_long_is_given_out(void **state)
{
	uint64_t now = clock_monotonic_ns();

	(void)state;
	send_head(0, 1, 0);
	parts_expire(parts, now, on_record, NULL);
	assert_int_equal(delivered, 0);
	parts_expire(parts, clock_monotonic_ns() + 1, on_record, NULL);
	assert_int_equal(delivered, 1);
	parts_expire(parts, clock_monotonic_ns() + 1, on_record, NULL);
	assert_int_equal(delivered, 1);
}

/* ---- not ours --------------------------------------------------------- */

static void other_records_go_through(void **state)
{
	struct exit_event e = { .header = { .len = sizeof(e), .type = EVENT_EXIT } };

	(void)state;
	take(0, &e, sizeof(e));
	assert_int_equal(delivered, 1);
	assert_int_equal(ev.header.type, EVENT_EXIT);
	take(99, &e, sizeof(e)); /* of a CPU that is not known */
	assert_int_equal(delivered, 2);
}

static size_t seen;

static void count(void *arg, const void *data, size_t size)
{
	(void)arg, (void)data, (void)size;
	seen++;
}

/* For the decoder to refuse: never read past their end, never part of an exec. */
static void parts_that_lie_about_their_size_go_through_as_they_are(void **state)
{
	struct text_part part = { .header = { .len = sizeof(part), .type = PART_TEXT },
		                  .number = 1 };
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(part); size++) {
		struct guarded g = guarded_copy(&part, size);

		parts_take(parts, 0, g.data, size, count, NULL);
		guarded_free(&g);
	}
	assert_int_equal(seen, sizeof(part));
	part.header.len = sizeof(part) - 1;
	parts_take(parts, 0, &part, sizeof(part), count, NULL);
	assert_int_equal(seen, sizeof(part) + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_exec_is_put_together),
		TEST(strings_and_all_paths_are_there),
		TEST(a_string_may_be_as_long_as_a_path),
		TEST(argv_of_every_length),
		TEST(names_of_every_length),
		TEST(a_path_that_is_too_long_is_cut_and_says_so),
		TEST(cpus_do_not_mix),
		TEST(number_and_device_come_with_the_last_part),
		TEST(a_mount_is_put_together),
		TEST(a_lost_part_leaves_what_came_before),
		TEST(a_lost_part_of_argv_leaves_none_of_it),
		TEST(the_next_exec_ends_one_that_is_open),
		TEST(parts_without_their_beginning_are_dropped),
		TEST(what_waits_too_long_is_given_out),
		TEST(other_records_go_through),
		TEST(parts_that_lie_about_their_size_go_through_as_they_are),
	};

	return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
