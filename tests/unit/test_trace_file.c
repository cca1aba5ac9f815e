/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant trace': files of records, also cut and damaged ones; the ring; the ends of processes. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "loader/trace/trace_file.h"
#include "loader/trace/trace_ring.h"
#include "loader/trace/trace_summary.h"
#include "loader/trace/trace_trigger.h"
#include "loader/util/record_file.h"

static struct offsets_error error;
static char path[128];

/* A record with room for what its parameters point to. */
struct whole {
	struct call_record record;
	char bytes[64];
};

static int setup(void **state)
{
	const char *wrong = NULL;

	if (work_enter(state))
		return -1;
	snprintf(path, sizeof(path), "%s/recording", work);
	return call_list_init(&wrong);
}

static struct whole record_make(const char *name, enum call_half half, uint64_t time_ns)
{
	const struct call *call = call_by_name(name);

	return (struct whole){ .record = { .header = { .type = half, .time_ns = time_ns },
		                           .process = { .pid = 10, .tid = 11 },
		                           .began_ns = 1000,
		                           .number = call->numbers[CALL_64],
		                           .comm = "test" } };
}

#define CALLS 3

/* CALLS calls, with losses behind the first one. */
static void file_make(void)
{
	const struct clock_offsets clock = { 5, 7 };
	const struct call_counts losses = { .lost = 9 };
	struct trace_file *f;
	struct whole w;
	unsigned int i;

	unlink(path);
	assert_int_equal(trace_file_create(path, &clock, 64, &f, &error), 0);
	for (i = 0; i < CALLS; i++) {
		w = record_make("close", CALL_BOTH, 2000 + i);
		assert_int_equal(trace_file_call(f, &w, sizeof(w) - i), 0);
		if (!i)
			assert_int_equal(trace_file_losses(f, &losses), 0);
	}
	assert_int_equal(trace_file_end(f), 0);
	assert_int_equal(trace_file_close(f), 0);
}

/* How many calls can be read; *ret_err: of what stopped it. */
static unsigned int calls_read(int *ret_err)
{
	struct trace_file_item item;
	struct trace_file *f;
	unsigned int calls = 0;

	*ret_err = trace_file_open(path, &f, &error);
	if (*ret_err)
		return 0;
	while ((*ret_err = trace_file_next(f, &item)) > 0) {
		if (item.kind == TRACE_FILE_LOSSES) {
			assert_int_equal(item.losses.lost, 9);
			assert_int_equal(calls, 1);
			continue;
		}
		assert_int_equal(item.record->header.time_ns, 2000 + calls);
		assert_int_equal(item.size, sizeof(struct whole) - calls);
		assert_int_equal((uintptr_t)item.record % 8, 0);
		calls++;
	}
	trace_file_close(f);
	return calls;
}

static void bytes_write(const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static size_t bytes_read(char *ret, size_t room)
{
	int fd = open(path, O_RDONLY);
	ssize_t size = read(fd, ret, room);

	assert_true(size > 0 && (size_t)size < room);
	close(fd);
	return size;
}

/* ---- files ------------------------------------------------------------------- */

static void what_was_written_is_read(void **state)
{
	struct trace_file *f;
	int err;

	(void)state;
	file_make();
	assert_int_equal(calls_read(&err), CALLS);
	assert_int_equal(err, 0);
	assert_int_equal(trace_file_open(path, &f, &error), 0);
	assert_int_equal(trace_file_head(f)->clock.monotonic_ns, 5);
	assert_int_equal(trace_file_head(f)->item_bytes, 64);
	trace_file_close(f);
	assert_int_equal(trace_file_create(path, &(struct clock_offsets){ 0 }, 64, &f, &error),
	                 -EEXIST);
	assert_says(&error, path);
}

/* Where the first byte of each call's frame is. */
static size_t frame_begin(unsigned int call)
{
	const size_t head = sizeof(struct trace_file_head), frame = 12;
	size_t at = head;
	unsigned int i;

	for (i = 0; i < call; i++)
		at += frame + sizeof(struct whole) - i +
		      (i ? 0 : frame + sizeof(struct call_counts));
	return at;
}

static void a_file_that_is_cut(void **state)
{
	char bytes[4096];
	size_t size, cut;
	unsigned int calls, whole;
	int err;

	(void)state;
	file_make();
	size = bytes_read(bytes, sizeof(bytes));
	for (cut = 0; cut < size; cut++) {
		bytes_write(bytes, cut);
		calls = calls_read(&err);
		assert_int_equal(err, -EBADMSG);
		for (whole = 0; whole < CALLS; whole++)
			if (cut < frame_begin(whole) + 12 + sizeof(struct whole) - whole)
				break;
		assert_int_equal(calls, whole);
	}
}

/* Each bit of each byte; what stands before it is whole. */
static void a_file_with_another_byte(void **state)
{
	char bytes[4096];
	size_t size, at;
	unsigned int calls, whole;
	int err;

	(void)state;
	file_make();
	size = bytes_read(bytes, sizeof(bytes));
	for (at = 0; at < size; at++) {
		bytes[at] ^= 1 << at % 8;
		bytes_write(bytes, size);
		bytes[at] ^= 1 << at % 8;
		calls = calls_read(&err);
		assert_int_equal(err, -EBADMSG);
		for (whole = 0; whole < CALLS && at >= frame_begin(whole + 1); whole++)
			;
		if (at >= frame_begin(1) - 12 - sizeof(struct call_counts) && at < frame_begin(1))
			whole = 1; /* in the losses */
		assert_int_equal(calls, whole);
	}
}

static void what_is_no_such_file(void **state)
{
	struct trace_file_head head;
	char bytes[4096];
	size_t size;
	int err;

	(void)state;
	file_make();
	size = bytes_read(bytes, sizeof(bytes));
	memcpy(&head, bytes, sizeof(head));
	head.version++;
	memcpy(bytes, &head, sizeof(head));
	bytes_write(bytes, size);
	calls_read(&err);
	assert_int_equal(err, -EBADMSG);
	assert_says(&error, "another version");
	bytes_write("SXREC1\n", 8);
	calls_read(&err);
	assert_says(&error, "no file of");
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	calls_read(&err);
	assert_int_equal(err, -EINVAL);
	unlink(path);
	calls_read(&err);
	assert_int_equal(err, -ENOENT);
}

/* As trace_file.c has it. */
static uint32_t head_sum(const struct trace_file_head *head)
{
	const unsigned char *bytes = (const unsigned char *)head;
	uint32_t sum = 2166136261U;
	size_t i;

	for (i = 0; i < sizeof(*head); i++)
		sum = (sum ^ bytes[i]) * 16777619U;
	return sum;
}

/* Right check sums, and wrong records. */
static void records_that_are_none(void **state)
{
	struct trace_file *f;
	struct whole w;
	unsigned int i;
	int err;

	(void)state;
	for (i = 0; i < 4; i++) {
		w = record_make("close", i == 1 ? 7 : CALL_BOTH, 2000);
		w.record.values[5].size = i == 2 ? 65 : 0;
		unlink(path);
		assert_int_equal(
			trace_file_create(path, &(struct clock_offsets){ 0 }, 64, &f, &error), 0);
		assert_int_equal(trace_file_call(f, &w, i == 3 ? 12 : sizeof(w)), 0);
		assert_int_equal(trace_file_end(f), 0);
		assert_int_equal(trace_file_close(f), 0);
		assert_int_equal(calls_read(&err), i ? 0 : 1);
		assert_int_equal(err, i ? -EBADMSG : 0);
	}
}

#define BOOT_ID "0511fe95-eeec-464e-9d84-ab22953da123"

static void item_file(uint32_t version, void (*write)(struct trace_file *f, const void *arg),
                      const void *arg)
{
	struct trace_file_head head;
	char bytes[16384];
	struct trace_file *f;
	size_t size;

	unlink(path);
	assert_int_equal(trace_file_create(path, &(struct clock_offsets){ 0 }, 64, &f, &error), 0);
	write(f, arg);
	assert_int_equal(trace_file_end(f), 0);
	assert_int_equal(trace_file_close(f), 0);
	if (version == TRACE_FILE_VERSION)
		return;
	size = bytes_read(bytes, sizeof(bytes));
	memcpy(&head, bytes, sizeof(head));
	head.version = version;
	head.check = 0;
	head.check = head_sum(&head);
	memcpy(bytes, &head, sizeof(head));
	bytes_write(bytes, size);
}

static void process_write(struct trace_file *f, const void *arg)
{
	assert_int_equal(trace_file_process(f, arg), 0);
}

static void boot_write(struct trace_file *f, const void *arg)
{
	assert_int_equal(trace_file_boot(f, arg), 0);
}

static void call_write(struct trace_file *f, const void *arg)
{
	assert_int_equal(trace_file_call(f, arg, sizeof(struct whole)), 0);
}

/* Of the first item; *ret as trace_file_next() sets it, without what ends with the file. */
static int first_item(struct trace_file_item *ret)
{
	struct trace_file *f;
	int more = trace_file_open(path, &f, &error);

	if (more)
		return more;
	more = trace_file_next(f, ret);
	if (more == 1)
		assert_int_equal(trace_file_next(f, &(struct trace_file_item){ 0 }), 0);
	trace_file_close(f);
	return more;
}

static void processes_and_the_boot(void **state)
{
	static char exe[TRACE_PROCESS_EXE];
	struct trace_process p = { .pid = 9, .start_ticks = 5, .comm = "sh", .exe = exe };
	struct trace_file_item item;
	const char *const none[] = { "", "0511fe95", BOOT_ID "0",
		                     "0511fe95-eeec-464e-9d84-ab22953da12\n" };
	size_t i;

	(void)state;
	memset(exe, 'x', sizeof(exe));
	p.exe_size = sizeof(exe);
	item_file(TRACE_FILE_VERSION, process_write, &p);
	assert_int_equal(first_item(&item), 1);
	assert_int_equal(item.kind, TRACE_FILE_PROCESS);
	assert_int_equal(item.process.pid, 9);
	assert_int_equal(item.process.exe_size, sizeof(exe));
	p.pid = 0;
	item_file(TRACE_FILE_VERSION, process_write, &p);
	assert_int_equal(first_item(&item), -EBADMSG);
	item_file(TRACE_FILE_VERSION, boot_write, BOOT_ID);
	assert_int_equal(first_item(&item), 1);
	assert_int_equal(item.kind, TRACE_FILE_BOOT);
	assert_string_equal(item.boot_id, BOOT_ID);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		item_file(TRACE_FILE_VERSION, boot_write, none[i]);
		assert_int_equal(first_item(&item), -EBADMSG);
	}
}

/* Version 1 has records and losses alone. */
static void files_of_other_versions(void **state)
{
	const struct whole w = record_make("close", CALL_BOTH, 2000);
	struct trace_file_item item;

	(void)state;
	item_file(1, call_write, &w);
	assert_int_equal(first_item(&item), 1);
	assert_int_equal(item.kind, TRACE_FILE_CALL);
	item_file(0, call_write, &w);
	assert_int_equal(first_item(&item), -EBADMSG);
	item_file(TRACE_FILE_VERSION + 1, call_write, &w);
	assert_int_equal(first_item(&item), -EBADMSG);
	assert_says(&error, "another version");
}

/* What is written while it is read would make it endless. */
static void a_file_that_grows(void **state)
{
	struct record_file *reads, *writes;
	const void *data;
	size_t size;

	(void)state;
	unlink(path);
	assert_int_equal(record_file_create(path, "head", 4, &writes, &error), 0);
	assert_int_equal(record_file_put(writes, "one", 3, NULL, 0), 0);
	assert_int_equal(record_file_flush(writes), 0);
	assert_int_equal(record_file_open(path, 64, &reads, &error), 0);
	assert_int_equal(record_file_put(writes, "two", 3, "2", 1), 0);
	assert_int_equal(record_file_close(writes), 0);
	assert_int_equal(record_file_head(reads, (char[4]){ 0 }, 4), 0);
	assert_int_equal(record_file_next(reads, &data, &size), 1);
	assert_int_equal(size, 3);
	assert_int_equal(record_file_next(reads, &data, &size), 0);
	record_file_close(reads);
}

static void a_disk_that_is_full(void **state)
{
	struct record_file *f;
	char bytes[1000] = "";
	int full = open("/dev/full", O_WRONLY), i, err = 0;

	(void)state;
	unlink(path);
	assert_int_equal(record_file_create(path, "head", 4, &f, &error), 0);
	assert_true(full >= 0 && dup2(full, record_file_descriptor(f)) >= 0);
	close(full);
	for (i = 0; !err && i < 1000; i++)
		err = record_file_put(f, bytes, sizeof(bytes), bytes, sizeof(bytes));
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(record_file_close(f), -ENOSPC);
}

/* ---- the ring ---------------------------------------------------------------- */

struct expected {
	unsigned int next; /* the number of a record; UINT32_MAX: any */
	size_t bytes;
};

/* A record is its number, and as many bytes of it as that says. */
static size_t ring_record(unsigned int number, char *ret)
{
	size_t size = 4 + number * 7919 % 20000;

	memset(ret, number, size);
	memcpy(ret, &number, 4);
	return size;
}

static void record_check(void *arg, const void *data, size_t size)
{
	struct expected *e = arg;
	static char wanted[20004];
	unsigned int number;

	memcpy(&number, data, 4);
	if (e->next == UINT32_MAX)
		e->next = number;
	assert_int_equal(number, e->next++);
	assert_int_equal(size, ring_record(number, wanted));
	assert_memory_equal(data, wanted, size);
	assert_int_equal((uintptr_t)data % 8, 0);
	e->bytes += size;
}

/* What leaves it comes before what it has. */
static void a_ring_gives_up_the_oldest(void **state)
{
	struct trace_ring *ring = trace_ring_new(TRACE_RING_LEAST);
	struct expected dropped = { .next = 0 }, kept = { .next = UINT32_MAX };
	static char record[20004];
	unsigned int i;

	(void)state;
	assert_non_null(ring);
	trace_ring_on_drop(ring, record_check, &dropped);
	for (i = 0; i < 1000; i++) {
		trace_ring_put(ring, record, ring_record(i, record));
		kept.next = dropped.next;
		trace_ring_each(ring, record_check, &kept);
		assert_int_equal(kept.next, i + 1);
	}
	assert_true(dropped.next > 900);
	trace_ring_free(ring);
}

static void a_ring_has_the_last_records(void **state)
{
	struct trace_ring *ring = trace_ring_new(TRACE_RING_LEAST);
	static char record[20004];
	unsigned int i;

	(void)state;
	assert_non_null(ring);
	for (i = 0; i < 5000; i++) {
		struct expected e = { .next = UINT32_MAX };

		if (i == 2500)
			trace_ring_empty(ring);
		trace_ring_put(ring, record, ring_record(i, record));
		trace_ring_each(ring, record_check, &e);
		assert_int_equal(e.next, i + 1);
		/* No more is given up than has no room at the end of the memory, and what is in
		 * the way. */
		if (i % 2500 > 10)
			assert_true(e.bytes > TRACE_RING_LEAST - 3 * sizeof(record));
	}
	trace_ring_empty(ring);
	trace_ring_each(ring, record_check, NULL); /* nothing */
	trace_ring_free(ring);
}

/* ---- the ends of processes ------------------------------------------------------ */

static enum trace_trigger trigger_of(struct whole *w)
{
	struct call_seen seen = { .call = call_by_number(w->record.abi, w->record.number) };

	if (w->record.header.type == CALL_BEGINS)
		seen.begins = &w->record;
	else
		seen.returns = &w->record;
	return trace_trigger_of_call(&seen);
}

static struct whole wait_make(int status, int64_t result)
{
	struct whole w = record_make("wait4", CALL_RETURNS, 2000);

	w.record.result = result;
	w.record.arguments[1] = 0x1000;
	w.record.values[1] = (struct call_value){ .state = CALL_READ,
		                                  .at = offsetof(struct whole, bytes),
		                                  .size = sizeof(status) };
	memcpy(w.bytes, &status, sizeof(status));
	return w;
}

static void calls_show_the_end_of_processes(void **state)
{
	struct whole w;

	(void)state;
	w = record_make("exit_group", CALL_BEGINS, 1000);
	assert_int_equal(trigger_of(&w), 0);
	w.record.arguments[0] = 256; /* the status is 0 */
	assert_int_equal(trigger_of(&w), 0);
	w.record.arguments[0] = 3;
	assert_int_equal(trigger_of(&w), TRACE_BY_EXIT);
	w = wait_make(9, 11);
	assert_int_equal(trigger_of(&w), TRACE_BY_SIGNAL);
	w = wait_make(11 | 0x80, 11); /* with a core */
	assert_int_equal(trigger_of(&w), TRACE_BY_SIGNAL);
	w = wait_make(19 << 8 | 0x7f, 11); /* stopped */
	assert_int_equal(trigger_of(&w), 0);
	w = wait_make(3 << 8, 11); /* its exit_group was seen */
	assert_int_equal(trigger_of(&w), 0);
	w = wait_make(9, 0); /* WNOHANG */
	assert_int_equal(trigger_of(&w), 0);
	w = wait_make(9, 11);
	w.record.values[1].size = 3;
	assert_int_equal(trigger_of(&w), 0);
	w = record_make("close", CALL_RETURNS, 2000);
	assert_int_equal(trigger_of(&w), 0);
	w.record.number = 9999;
	assert_int_equal(trigger_of(&w), 0);
	assert_true(trace_trigger_needs(TRACE_BY_EXIT, call_by_name("exit_group")));
	assert_false(trace_trigger_needs(TRACE_BY_SIGNAL, call_by_name("exit_group")));
	assert_true(trace_trigger_needs(TRACE_BY_SIGNAL, call_by_name("wait4")));
	assert_false(trace_trigger_needs(TRACE_BY_EXIT | TRACE_BY_SIGNAL, call_by_name("close")));
	assert_int_equal(trace_trigger_parse("exit!=0"), TRACE_BY_EXIT);
	assert_int_equal(trace_trigger_parse("exit"), 0);
}

/* ---- the summary --------------------------------------------------------------- */

static void a_summary_of_any_records(void **state)
{
	struct trace_summary *s = trace_summary_new(true);
	struct whole w = record_make("close", CALL_RETURNS, 0);
	struct jsonw out;
	unsigned int i;

	(void)state;
	assert_non_null(s);
	jsonw_init(&out);
	memset(w.record.comm, 0xff, sizeof(w.record.comm)); /* no NUL */
	for (i = 0; i < CALL_PROCESS_ROWS; i++) {
		w.record.process.pid = i * 4096;
		w.record.header.time_ns = (uint64_t)i << 40; /* also before it began */
		w.record.number = i % 2 ? 3 : UINT32_MAX;
		assert_true(trace_summary_count(s, &w.record));
		assert_true(trace_summary_count(s, &w.record));
	}
	w.record.process.pid = 1;
	assert_false(trace_summary_count(s, &w.record)); /* there is no room */
	trace_summary_print(s, &out, false, true);
	trace_summary_print(s, &out, true, true);
	assert_false(out.failed);
	trace_summary_free(s);
	jsonw_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_file_that_is_cut),
		cmocka_unit_test(a_file_with_another_byte),
		cmocka_unit_test(what_is_no_such_file),
		cmocka_unit_test(records_that_are_none),
		cmocka_unit_test(processes_and_the_boot),
		cmocka_unit_test(files_of_other_versions),
		cmocka_unit_test(a_file_that_grows),
		cmocka_unit_test(a_disk_that_is_full),
		cmocka_unit_test(a_ring_has_the_last_records),
		cmocka_unit_test(a_ring_gives_up_the_oldest),
		cmocka_unit_test(calls_show_the_end_of_processes),
		cmocka_unit_test(a_summary_of_any_records),
	};

	return cmocka_run_group_tests_name("trace_file", tests, setup, work_leave);
}
