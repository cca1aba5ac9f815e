/* SPDX-License-Identifier: BSD-2-Clause */
/* Perf records to events: padding, every cut against a guard page, lies about sizes. */
#include "tests/unit/unit.h"

#include "loader/stream/decode.h"
#include "loader/stream/fields.h"

static const char argv[] = "ls\0-l\0";
static const char exe[] = "ls\0bin\0usr\0";
static const char cwd[] = "";

/* A well-formed exec record of the parts above; its size. */
static size_t exec_record(char *ret, const char *path, size_t path_size)
{
	struct exec_event e = { 0 };
	size_t size = sizeof(e);

	e.header.type = EVENT_EXEC;
	e.process.pid = 42;
	e.argv_size = sizeof(argv) - 1;
	e.argv_total = e.argv_size;
	e.text_size[TEXT_EXE] = path_size;
	e.text_size[TEXT_CWD] = sizeof(cwd) - 1;
	memcpy(ret + size, argv, e.argv_size);
	size += e.argv_size;
	memcpy(ret + size, path, path_size);
	size += path_size;
	memcpy(ret + size, cwd, sizeof(cwd) - 1);
	size += sizeof(cwd) - 1;
	e.header.len = size;
	memcpy(ret, &e, sizeof(e));
	return size;
}

static char record[65536];
static struct event ev;

static void assert_path(const struct event_path *path, const char *text)
{
	assert_int_equal(path->size, strlen(text));
	assert_memory_equal(path->text, text, path->size);
}

static void an_exec_is_decoded(void **state)
{
	size_t size = exec_record(record, exe, sizeof(exe) - 1);

	(void)state;
	assert_int_equal(event_decode(record, size, &ev), 0);
	assert_int_equal(ev.exec.process.pid, 42);
	assert_memory_equal(ev.argv, argv, sizeof(argv) - 1);
	assert_path(&ev.texts[TEXT_EXE], "/usr/bin/ls");
	assert_path(&ev.texts[TEXT_CWD], "/");
}

static void perf_pads_records(void **state)
{
	size_t size = exec_record(record, exe, sizeof(exe) - 1);

	(void)state;
	memset(record + size, 0xaa, 8);
	assert_int_equal(event_decode(record, size + 7, &ev), 0);
	assert_path(&ev.texts[TEXT_CWD], "/");
}

static void every_cut_is_refused(void **state)
{
	size_t size = exec_record(record, exe, sizeof(exe) - 1), i;

	(void)state;
	for (i = 0; i < size; i++) {
		struct guarded g = guarded_copy(record, i);

		assert_int_equal(event_decode(g.data, i, &ev), -EBADMSG);
		guarded_free(&g);
	}
}

/* All that have no texts behind them. */
static void fixed_events_have_their_size(void **state)
{
	unsigned int type, count = 0;
	size_t cut;

	(void)state;
	for (type = 0; type < EVENT_TYPES; type++) {
		size_t size = event_size(type);
		struct event_header header = { .type = type, .len = size };

		enum record_type of = event_class_get(type)->record;

		if (of == RECORD_EXEC || of == RECORD_FILE)
			continue;
		count++;
		memset(record, 0, sizeof(record));
		if (type == EVENT_SOCKET)
			((struct socket_event *)(void *)record)->operation = SOCKET_LISTEN;
		memcpy(record, &header, sizeof(header));
		assert_int_equal(event_decode(record, size, &ev), 0);
		for (cut = 0; cut < size; cut++) {
			struct guarded g = guarded_copy(record, cut);

			assert_int_equal(event_decode(g.data, cut, &ev), -EBADMSG);
			guarded_free(&g);
		}
		header.len = size + 8;
		memcpy(record, &header, sizeof(header));
		assert_int_equal(event_decode(record, size + 8, &ev), -EBADMSG);
	}
	assert_in_range(count, RECORD_TYPES - 2,
	                EVENT_TYPES - 2); /* each record but those two, once or more often */
	assert_int_equal(event_size(EVENT_TYPES), 0);
}

/* An operation of another class, or none at all. */
static void operations_that_a_class_does_not_have_are_refused(void **state)
{
	static const struct {
		unsigned int type, operation;
		int err;
	} cases[] = {
		{ EVENT_FILE, FILE_OPEN, 0 },         { EVENT_FILE, FILE_WRITE, 0 },
		{ EVENT_MOUNT, FILE_UMOUNT, 0 },      { EVENT_FILE, FILE_MOUNT, -EBADMSG },
		{ EVENT_MOUNT, FILE_OPEN, -EBADMSG }, { EVENT_FILE, 0, -EBADMSG },
		{ EVENT_MOUNT, 0, -EBADMSG },         { EVENT_FILE, FILE_OPERATIONS, -EBADMSG },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file_event e = { .header = { .type = cases[i].type, .len = sizeof(e) },
			                .operation = cases[i].operation };

		assert_int_equal(event_decode(&e, sizeof(e), &ev), cases[i].err);
	}
}

#define TEXTS_AT offsetof(struct exec_event, text_size)

static void sizes_that_lie_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
	} lies[] = {
		{ TEXTS_AT, UINT32_MAX },
		{ TEXTS_AT, 1 }, /* a byte of what is none */
		{ TEXTS_AT + TEXT_EXE * 2, UINT32_MAX },
		{ TEXTS_AT + TEXT_EXE * 2, 0 },
		{ offsetof(struct exec_event, argv_size), UINT32_MAX },
		{ offsetof(struct exec_event, argv_size), 7 },
		{ offsetof(struct exec_event, argv_total), 1 }, /* less than was sent */
		{ offsetof(struct event_header, len), 0 },
		{ offsetof(struct event_header, len), 65535 },
		{ offsetof(struct event_header, type), EVENT_TYPES },
		{ offsetof(struct event_header, type), 0xffff },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		size_t size = exec_record(record, exe, sizeof(exe) - 1);
		struct guarded g;

		memcpy(record + lies[i].at, &lies[i].value,
		       lies[i].at == offsetof(struct event_header, type) ? 2 : 4);
		g = guarded_copy(record, size);
		assert_int_equal(event_decode(g.data, size, &ev), -EBADMSG);
		guarded_free(&g);
	}
}

/* What the probes send at most: the length of a line rests on it (loader/event/line.h). */
static void more_arguments_than_are_sent_are_refused(void **state)
{
	static const struct {
		uint32_t argv_size, env_size;
		int err;
	} cases[] = {
		{ ARGV_BYTES_MAX, 0, 0 },
		{ ARGV_BYTES_MAX + 1, 0, -EBADMSG },
		{ ARGV_BYTES_MAX - ENV_BYTES_MAX, ENV_BYTES_MAX, 0 },
		{ ARGV_BYTES_MAX - ENV_BYTES_MAX + 1, ENV_BYTES_MAX, -EBADMSG },
		{ 0, ENV_BYTES_MAX + 1, -EBADMSG },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exec_event e = { .argv_size = cases[i].argv_size,
			                .argv_total = cases[i].argv_size,
			                .env_size = cases[i].env_size };

		e.header.type = EVENT_EXEC;
		e.header.len = sizeof(e) + e.argv_size + e.env_size;
		memset(record, 0, sizeof(record));
		memcpy(record, &e, sizeof(e));
		assert_int_equal(event_decode(record, e.header.len, &ev), cases[i].err);
	}
}

/* "ssh\0etc\0" behind the fixed part, as its path. */
static size_t file_record(char *ret, __u32 operation)
{
	static const char names[] = "ssh\0etc";
	struct file_event e = { .operation = operation };

	e.header.type = EVENT_FILE;
	e.header.len = sizeof(e) + sizeof(names);
	e.text_size[FILE_PATH] = sizeof(names);
	memcpy(ret, &e, sizeof(e));
	memcpy(ret + sizeof(e), names, sizeof(names));
	return e.header.len;
}

static void a_file_is_decoded(void **state)
{
	char bytes[sizeof(struct file_event) + 64];
	size_t size = file_record(bytes, FILE_UNLINK), i;

	(void)state;
	assert_int_equal(event_decode(bytes, size, &ev), 0);
	assert_path(&ev.texts[FILE_PATH], "/etc/ssh");
	assert_int_equal(ev.texts[FILE_STRING].size, 0);
	for (i = 0; i < size; i++)
		assert_int_equal(event_decode(bytes, i, &ev), -EBADMSG);
	((struct event_header *)bytes)->len++; /* a byte that belongs to no text */
	assert_int_equal(event_decode(bytes, size + 1, &ev), -EBADMSG);
	assert_int_equal(event_decode(bytes, file_record(bytes, 0), &ev), -EBADMSG);
	assert_int_equal(event_decode(bytes, file_record(bytes, FILE_OPERATIONS), &ev), -EBADMSG);
}

/* The text lies behind the struct. */
static void a_terminal_is_decoded(void **state)
{
	static char bytes[sizeof(struct terminal_event) + TERMINAL_BYTES_MAX + 8];
	static const struct {
		uint32_t size, sent;
		int err;
	} cases[] = {
		{ 0, 0, 0 },
		{ 4, 4, 0 },
		{ TERMINAL_BYTES_MAX, TERMINAL_BYTES_MAX, 0 },
		{ TERMINAL_BYTES_MAX + 1, TERMINAL_BYTES_MAX + 1, -EBADMSG },
		{ 5, 4, -EBADMSG },
		{ 3, 4, -EBADMSG },
		{ UINT32_MAX, 4, -EBADMSG },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct terminal_event e = { .size = cases[i].size };

		e.header.type = EVENT_TERMINAL;
		e.header.len = sizeof(e) + cases[i].sent;
		memset(bytes, 'x', sizeof(bytes));
		memcpy(bytes, &e, sizeof(e));
		assert_int_equal(event_decode(bytes, e.header.len, &ev), cases[i].err);
		if (cases[i].err)
			continue;
		assert_ptr_equal(ev.text, bytes + sizeof(e));
		assert_int_equal(ev.text_size, cases[i].size);
	}
}

static void paths_of_all_kinds(void **state)
{
	static const struct {
		const char *names;
		size_t size;
		bool cut;
		const char *path; /* NULL: refused */
	} cases[] = {
		{ "", 0, false, "/" },
		{ "a\0", 2, false, "/a" },
		{ "b\0a\0", 4, false, "/a/b" },
		{ "b\0a\0", 4, true, "a/b" }, /* the root's side is missing */
		{ "memfd:x\0", 8, false, "/memfd:x" },
		{ "x\0/\0", 4, false, "/x" }, /* a root that names itself */
		{ "/\0", 2, false, "/" },     /* unread: below */
		{ "ab", 2, false, NULL },     /* not ended */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = exec_record(record, cases[i].names, cases[i].size);
		uint32_t truncated = cases[i].cut ? 1U << FIELD_EXEC_EXE : 0;
		int err;

		memcpy(record + offsetof(struct event_header, truncated), &truncated, 4);
		err = event_decode(record, size, &ev);
		if (!cases[i].path) {
			assert_int_equal(err, -EBADMSG);
			continue;
		}
		assert_int_equal(err, 0);
		assert_path(&ev.texts[TEXT_EXE], cases[i].path);
		assert_int_equal(!!event_unread(&ev, FIELD_EXEC_EXE),
		                 cases[i].size == 2 && *cases[i].names == '/');
	}
}

/* The longest that the probe sends fits, one name more does not, and nothing is overrun. */
static void a_path_has_an_end(void **state)
{
	static char names[3 * PATH_BYTES_MAX];
	size_t size;

	(void)state;
	for (size = 0; size <= PATH_BYTES_MAX; size += NAME_BYTES)
		memset(names + size, 'n', NAME_BYTES - 1);
	assert_int_equal(event_decode(record, exec_record(record, names, size), &ev), 0);
	assert_int_equal(ev.texts[TEXT_EXE].size, size);
	for (; size < 2 * PATH_BYTES_MAX; size += NAME_BYTES)
		memset(names + size, 'n', NAME_BYTES - 1);
	assert_int_equal(event_decode(record, exec_record(record, names, size), &ev), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exec_is_decoded),
		cmocka_unit_test(perf_pads_records),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(fixed_events_have_their_size),
		cmocka_unit_test(operations_that_a_class_does_not_have_are_refused),
		cmocka_unit_test(sizes_that_lie_are_refused),
		cmocka_unit_test(more_arguments_than_are_sent_are_refused),
		cmocka_unit_test(a_file_is_decoded),
		cmocka_unit_test(a_terminal_is_decoded),
		cmocka_unit_test(paths_of_all_kinds),
		cmocka_unit_test(a_path_has_an_end),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
