/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole lines, to whatever takes them and to what does not; nothing waits. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "loader/event/half_event.h"
#include "tests/unit/sink_finish.h"
#include "loader/out/output.h"

static struct offsets_error error;
static char line[8192]; /* longer than a pipe takes as one piece */
static const struct sink_use use = { .half = half_json, .policy = SINK_STOP };

static struct sink *open_path(const char *path)
{
	struct sink *out;

	assert_int_equal(sink_open(&output_ops, path, &use, &out, &error), 0);
	return out;
}

static void in_work(char ret[128], const char *name)
{
	snprintf(ret, 128, "%s/%s", work, name);
}

static void assert_holds(const char *path, const char *text)
{
	static char seen[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, seen, sizeof(seen) - 1);

	assert_true(n >= 0);
	close(fd);
	seen[n] = '\0';
	assert_string_equal(seen, text);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void put_text(struct sink *out, const char *text)
{
	assert_int_equal(sink_line(out, text, strlen(text), 0), 0);
	assert_int_equal(sink_flush(out, &error), 0);
}

/* ---- files ------------------------------------------------------------ */

static void what_cannot_be_opened(void **state)
{
	struct sink *out;

	(void)state;
	assert_int_equal(sink_open(&output_ops, "/no/such/directory/x", &use, &out, &error),
	                 -ENOENT);
	assert_null(out);
	assert_says(&error, "/no/such/directory/x");
	assert_int_equal(sink_open(&output_ops, "/", &use, &out, &error), -EISDIR);
}

static void a_device_that_fails_is_an_error(void **state)
{
	struct sink *out = open_path("/dev/full");

	(void)state;
	assert_int_equal(sink_line(out, "x", 1, 0), 0);
	assert_int_equal(sink_flush(out, &error), -ENOSPC);
	assert_says(&error, "/dev/full");
	sink_close(out);
}

/* A file size limit stands in for the disk: the write stops in the middle of a line. */
static void a_full_disk_has_whole_lines_and_gets_the_rest_later(void **state)
{
	struct rlimit old, small = { 1000, RLIM_INFINITY };
	char path[128];
	struct sink *out;
	struct stat st;
	int i;

	(void)state;
	in_work(path, "full");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	out = open_path(path);
	for (i = 0; i < 10; i++)
		assert_int_equal(sink_line(out, line, 300, i % 2), 0);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 3 * 301); /* three whole lines of 300 bytes fit into 1,000 */
	assert_int_equal(sink_queued(out, 0), 3);
	assert_int_equal(sink_queued(out, 1), 4);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_int_equal(sink_queued(out, 0), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 10 * 301);
	sink_close(out);
}

/* What is written as one may have several lines: records of audit. */
static void a_full_disk_has_no_half_of_what_is_written_as_one(void **state)
{
	struct rlimit old, small = { 7, RLIM_INFINITY };
	struct offsets_error ignored;
	char path[128];
	struct sink *out;

	(void)state;
	in_work(path, "several");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	out = open_path(path);
	assert_int_equal(sink_line(out, "a\n1", 3, 0), 0);
	assert_int_equal(sink_line(out, "b\n2", 3, 0), 0);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(sink_flush(out, &ignored), 0);
	assert_holds(path, "a\n1\n");
	assert_int_equal(sink_queued(out, 0), 1);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(sink_flush(out, &ignored), 0);
	assert_holds(path, "a\n1\nb\n2\n");
	sink_close(out);
}

static void a_file_is_appended_to_and_private(void **state)
{
	char path[128];
	struct stat st;
	int i;

	(void)state;
	in_work(path, "appended");
	for (i = 0; i < 2; i++) {
		struct sink *out = open_path(path);

		put_text(out, "line");
		sink_close(out);
	}
	assert_holds(path, "line\nline\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_a_killed_run_left_half_written_is_no_line(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "{\"@timestamp\":\"1\"}\n{\"@timestamp\":\"2\",\"ev",
		  "{\"@timestamp\":\"1\"}\nnew\n" },
		{ "{\"@timestamp\":\"2\",\"ev", "new\n" },
		{ "whole\nsomebody else's", "whole\nsomebody else's\nnew\n" },
		{ "whole\n", "whole\nnew\n" },
		{ "{", "{\nnew\n" },
		{ "", "new\n" },
	};
	char path[128];
	size_t i;

	(void)state;
	in_work(path, "killed");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sink *out;

		write_text(path, cases[i].before);
		chmod(path, 0600);
		out = open_path(path);
		put_text(out, "new");
		sink_close(out);
		assert_holds(path, cases[i].after);
	}
}

static void a_file_that_was_renamed_is_left_when_asked(void **state)
{
	char path[128], old[128];
	struct sink *out;

	(void)state;
	in_work(path, "rotated");
	in_work(old, "rotated.1");
	out = open_path(path);
	put_text(out, "first");
	assert_int_equal(rename(path, old), 0);
	put_text(out, "second");
	sink_reopen(out);
	put_text(out, "third");
	assert_holds(old, "first\nsecond\n");
	assert_holds(path, "third\n");
	unlink(path);
	mkdir(path, 0700);
	sink_reopen(out); /* cannot be: the file that is open stays */
	put_text(out, "fourth");
	rmdir(path);
	sink_close(out);
}

static void a_file_that_was_renamed_or_removed_is_noticed(void **state)
{
	char path[128], old[128];
	struct sink *out;

	(void)state;
	in_work(path, "moved");
	in_work(old, "moved.old");
	out = open_path(path);
	put_text(out, "first");
	sink_second(out);
	assert_int_equal(rename(path, old), 0);
	sink_second(out);
	put_text(out, "second");
	assert_holds(path, "second\n");
	unlink(path);
	sink_second(out);
	put_text(out, "third");
	assert_holds(old, "first\n");
	assert_holds(path, "third\n");
	sink_close(out);
}

static struct sink *open_rotating(const char *path, const struct file_options *options)
{
	struct sink_use with = use;
	struct sink *out;

	with.options = options;
	assert_int_equal(sink_open(&output_ops, path, &with, &out, &error), 0);
	return out;
}

static void a_file_that_is_large_enough_is_the_last_but_one(void **state)
{
	static const struct file_options options = { .rotate_bytes = 6, .keep = 2 };
	char path[128], old[3][128];
	struct sink *out;

	(void)state;
	in_work(path, "size");
	in_work(old[0], "size.1");
	in_work(old[1], "size.2");
	in_work(old[2], "size.3");
	out = open_rotating(path, &options);
	put_text(out, "one");
	put_text(out, "two");
	assert_holds(path, "");
	put_text(out, "three");
	put_text(out, "a line that is longer");
	assert_holds(old[0], "a line that is longer\n");
	assert_holds(old[1], "three\n");
	assert_int_equal(access(old[2], F_OK), -1);
	put_text(out, "last");
	assert_holds(path, "last\n");
	sink_close(out);
}

static void a_file_that_is_old_enough_is_rotated_if_there_is_something_in_it(void **state)
{
	static const struct file_options options = { .rotate_ns = 1000000, .keep = 1 };
	char path[128], old[128];
	struct sink *out;

	(void)state;
	in_work(path, "age");
	in_work(old, "age.1");
	out = open_rotating(path, &options);
	usleep(2000);
	sink_second(out);
	assert_int_equal(access(old, F_OK), -1);
	assert_int_equal(sink_line(out, "one", 3, 0), 0);
	assert_int_equal(sink_flush(out, &error), 0);
	sink_second(out);
	assert_holds(old, "one\n");
	assert_holds(path, "");
	sink_close(out);
}

/* The file goes on where it is. */
static void what_cannot_be_rotated_is_written_all_the_same(void **state)
{
	static const struct file_options options = { .rotate_bytes = 1, .keep = 1 };
	char path[128], old[128];
	struct sink *out;

	(void)state;
	in_work(path, "stuck");
	in_work(old, "stuck.1");
	assert_int_equal(mkdir(old, 0700), 0);
	out = open_rotating(path, &options);
	put_text(out, "one");
	put_text(out, "two");
	assert_holds(path, "one\ntwo\n");
	sink_close(out);
	rmdir(old);
}

static void lines_wait_while_the_disk_has_too_little_room(void **state)
{
	static struct file_options options = { .min_free_bytes = UINT64_MAX };
	char path[128];
	struct sink *out;

	(void)state;
	in_work(path, "room");
	out = open_rotating(path, &options);
	sink_second(out);
	assert_int_equal(sink_line(out, "one", 3, 0), 0);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_holds(path, "");
	assert_true(out->failing);
	options.min_free_bytes = 1;
	sink_second(out);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_holds(path, "one\n");
	sink_close(out);
}

/* ---- pipes ------------------------------------------------------------ */

/* Standard output is a pipe; returns its other end. */
static int pipe_of_ours(struct sink **ret, int *saved)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	*saved = dup(STDOUT_FILENO);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	*ret = open_path("-");
	return fds[0];
}

static void pipe_end(struct sink *out, int fd, int saved)
{
	sink_close(out);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
}

static size_t read_some(int fd, char *ret, size_t size)
{
	ssize_t n = read(fd, ret, size);

	assert_true(n > 0);
	return n;
}

static void a_pipe_that_nobody_reads_holds_nothing_up_and_has_whole_lines(void **state)
{
	static char seen[4 << 20];
	struct sink *out;
	size_t size, taken = 0, before;
	int saved, fd = pipe_of_ours(&out, &saved);

	(void)state;
	while (sink_line(out, line, 7000, 1) == 0) {
		taken++;
		assert_int_equal(sink_flush(out, &error), 0);
	}
	assert_false(sink_has_room(out));
	assert_int_equal(sink_line(out, line, 1, 1), -EAGAIN);
	before = sink_queued(out, 1);
	assert_true(before > 0 && before < taken);
	size = read_some(fd, seen, sizeof(seen));
	assert_int_equal(size % 7001, 0);
	assert_int_equal(size / 7001 + before, taken);
	/* And the rest, as soon as somebody reads. */
	while (size / 7001 < taken) {
		assert_int_equal(sink_flush(out, &error), 0);
		size += read_some(fd, seen, sizeof(seen));
		assert_int_equal(size % 7001, 0);
	}
	assert_int_equal(sink_queued(out, 1), 0);
	pipe_end(out, fd, saved);
}

static void the_end_waits_for_a_reader_only_so_long(void **state)
{
	struct sink *out;
	int saved, fd = pipe_of_ours(&out, &saved), i;

	(void)state;
	for (i = 0; i < 3; i++) { /* a pipe takes a mebibyte, or less */
		while (sink_line(out, line, 7000, 1) == 0)
			continue;
		assert_int_equal(sink_finish(out, 100000000, &error), 0);
	}
	assert_true(sink_queued(out, 1) > 0);
	pipe_end(out, fd, saved);
}

static void a_pipe_without_a_reader_is_an_error(void **state)
{
	struct sink *out;
	int saved, fd = pipe_of_ours(&out, &saved);

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	close(fd);
	assert_int_equal(sink_line(out, "x", 1, 0), 0);
	assert_int_equal(sink_flush(out, &error), -EPIPE);
	pipe_end(out, -1, saved);
}

/* Others write to it too, and do not expect EAGAIN. */
/* A line that has to wait for an empty pipe would wait for ever. */
static void a_pipe_that_is_full_and_has_lost_its_reader_is_an_error(void **state)
{
	struct sink *out;
	int saved, fd = pipe_of_ours(&out, &saved);

	(void)state;
	assert_int_equal(sink_line(out, line, 7000, 0), 0);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_int_equal(sink_line(out, line, 7000, 0), 0);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_int_equal(sink_queued(out, 0), 1);
	close(fd);
	assert_int_equal(sink_flush(out, &error), -EPIPE);
	pipe_end(out, dup(STDERR_FILENO), saved);
}

static void a_pipe_stays_as_it_was_for_others(void **state)
{
	struct sink *out;
	int saved, fd = pipe_of_ours(&out, &saved);

	(void)state;
	assert_int_equal(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
	pipe_end(out, fd, saved);
}

static void a_fifo_waits_for_its_readers(void **state)
{
	char path[128], seen[64];
	struct sink *out;
	int fd;

	(void)state;
	in_work(path, "fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	out = open_path(path);
	put_text(out, "first");
	assert_int_equal(sink_queued(out, 0), 1);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_int_equal(read(fd, seen, sizeof(seen)), 6);
	close(fd);
	put_text(out, "second");
	assert_int_equal(sink_queued(out, 0), 1);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(sink_flush(out, &error), 0);
	assert_int_equal(read(fd, seen, sizeof(seen)), 7);
	assert_memory_equal(seen, "second\n", 7);
	close(fd);
	sink_close(out);
}

static void a_line_that_is_too_long_is_not_taken(void **state)
{
	char *text = calloc(1, QUEUE_LINE_MAX);
	struct sink *out = open_path("/dev/null");

	(void)state;
	assert_int_equal(sink_line(out, text, QUEUE_LINE_MAX, 0), -E2BIG);
	assert_int_equal(sink_line(out, text, QUEUE_LINE_MAX - 1, 0), 0);
	assert_int_equal(sink_flush(out, &error), 0);
	sink_close(out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_opened),
		cmocka_unit_test(a_device_that_fails_is_an_error),
		cmocka_unit_test(a_full_disk_has_whole_lines_and_gets_the_rest_later),
		cmocka_unit_test(a_full_disk_has_no_half_of_what_is_written_as_one),
		cmocka_unit_test(a_file_is_appended_to_and_private),
		cmocka_unit_test(what_a_killed_run_left_half_written_is_no_line),
		cmocka_unit_test(a_file_that_was_renamed_is_left_when_asked),
		cmocka_unit_test(a_file_that_was_renamed_or_removed_is_noticed),
		cmocka_unit_test(a_file_that_is_large_enough_is_the_last_but_one),
		cmocka_unit_test(a_file_that_is_old_enough_is_rotated_if_there_is_something_in_it),
		cmocka_unit_test(what_cannot_be_rotated_is_written_all_the_same),
		cmocka_unit_test(lines_wait_while_the_disk_has_too_little_room),
		cmocka_unit_test(a_pipe_that_nobody_reads_holds_nothing_up_and_has_whole_lines),
		cmocka_unit_test(the_end_waits_for_a_reader_only_so_long),
		cmocka_unit_test(a_pipe_without_a_reader_is_an_error),
		cmocka_unit_test(a_pipe_that_is_full_and_has_lost_its_reader_is_an_error),
		cmocka_unit_test(a_pipe_stays_as_it_was_for_others),
		cmocka_unit_test(a_fifo_waits_for_its_readers),
		cmocka_unit_test(a_line_that_is_too_long_is_not_taken),
	};

	memset(line, 'x', sizeof(line));
	return cmocka_run_group_tests_name("output", tests, work_enter, work_leave);
}
