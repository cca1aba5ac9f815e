/* SPDX-License-Identifier: BSD-2-Clause */
/* Old files of an output: their names, and their compressed forms. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <zlib.h>
#include <zstd.h>

#include "loader/out/rotate.h"

#define LINES 40000

static struct offsets_error error;
static char text[LINES * 64], back[sizeof(text) + 1], packed[sizeof(text)];

static const char *at(const char *name)
{
	static char paths[8][256];
	static unsigned int next;
	char *ret = paths[next++ % 8];

	snprintf(ret, 256, "%s/%s", work, name);
	return ret;
}

static void put(const char *name, const char *content)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
}

static bool has(const char *name, const char *content)
{
	char found[64] = "";
	int fd = open(at(name), O_RDONLY);

	if (fd < 0)
		return false;
	assert_true(read(fd, found, sizeof(found) - 1) >= 0);
	close(fd);
	return !strcmp(found, content);
}

static bool is_there(const char *name)
{
	return !access(at(name), F_OK);
}

static void all_remove(void)
{
	static const char *const names[] = { "a",       "a.1",     "a.2",     "a.3",
		                             "a.1.gz",  "a.2.gz",  "a.3.gz",  "a.4.gz",
		                             "a.2.zst", "a.1.zst", "a.3.zst", "part" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(at(names[i]));
}

static void rotate(unsigned int keep)
{
	int fd = open(at("a"), O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(rotate_files(fd, keep, &error), 0);
	close(fd);
}

static void compressed_ones_are_renamed_like_others(void **state)
{
	(void)state;
	all_remove();
	put("a", "now");
	put("a.1", "one");
	put("a.2.gz", "two");
	put("a.3.zst", "three");
	rotate(3);
	assert_true(has("a.1", "now") && has("a.2", "one") && has("a.3.gz", "two"));
	assert_false(is_there("a") || is_there("a.3.zst") || is_there("a.2.gz") || is_there("a.4"));
	put("a", "new");
	rotate(3);
	assert_true(has("a.1", "new") && has("a.2", "now") && has("a.3", "one"));
	assert_false(is_there("a.3.gz")); /* else there were four */
}

static void one_that_is_there_in_two_forms_stays_as_the_compressed_one(void **state)
{
	(void)state;
	all_remove();
	put("a", "now");
	put("a.1", "plain");
	put("a.1.gz", "compressed"); /* whole: the sensor was killed before it removed the other */
	rotate(3);
	assert_true(has("a.1", "now") && has("a.2.gz", "compressed"));
	assert_false(is_there("a.2"));
}

static void a_gap_costs_no_file(void **state)
{
	(void)state;
	all_remove();
	put("a", "now");
	put("a.3.gz", "three");
	rotate(3);
	assert_true(has("a.1", "now") && has("a.3.gz", "three"));
}

static void a_file_that_was_renamed_meanwhile_is_replaced_where_it_is(void **state)
{
	int fd;

	(void)state;
	all_remove();
	put("a.1", "one");
	fd = open(at("a.1"), O_RDONLY);
	put("part", "compressed");
	assert_int_equal(rename(at("a.1"), at("a.2")), 0);
	put("a.1", "another");
	assert_int_equal(rotate_compressed(fd, at("part"), COMPRESSION_ZSTD, &error), 0);
	assert_true(has("a.2.zst", "compressed") && has("a.1", "another"));
	assert_false(is_there("a.2") || is_there("part"));
	close(fd);
}

static void a_file_that_is_gone_leaves_nothing(void **state)
{
	int fd;

	(void)state;
	all_remove();
	put("a.3", "three");
	fd = open(at("a.3"), O_RDONLY);
	put("part", "compressed");
	unlink(at("a.3"));
	assert_int_equal(rotate_compressed(fd, at("part"), COMPRESSION_GZIP, &error), 0);
	assert_false(is_there("part") || is_there("a.3.gz"));
	close(fd);
}

/* ---- compression --------------------------------------------------------- */

static void text_make(void)
{
	size_t size = 0;
	int i;

	for (i = 0; i < LINES; i++)
		size += snprintf(text + size, sizeof(text) - size, "{\"number\": %d}\n", i * i);
}

/* Bytes of the compressed form, which is in packed. */
static size_t compressed(enum compression compression, size_t size)
{
	int in, out, status;
	ssize_t n;
	pid_t pid;

	put("in", "");
	in = open(at("in"), O_RDWR);
	assert_int_equal(write(in, text, size), size);
	lseek(in, 0, SEEK_SET);
	out = open(at("out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(compressor_start(compression, in, out, &pid, &error), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	n = pread(out, packed, sizeof(packed), 0);
	assert_true(n > 0);
	close(in);
	close(out);
	return n;
}

static size_t gunzip(size_t size)
{
	z_stream z = { .next_in = (unsigned char *)packed,
		       .avail_in = size,
		       .next_out = (unsigned char *)back,
		       .avail_out = sizeof(back) };

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	inflateEnd(&z);
	return z.total_out;
}

static void what_is_compressed_comes_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 500000 };
	size_t i, size;

	(void)state;
	text_make();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size = compressed(COMPRESSION_GZIP, sizes[i]);
		assert_int_equal(gunzip(size), sizes[i]);
		assert_memory_equal(back, text, sizes[i]);
		size = compressed(COMPRESSION_ZSTD, sizes[i]);
		assert_int_equal(ZSTD_decompress(back, sizeof(back), packed, size), sizes[i]);
		assert_memory_equal(back, text, sizes[i]);
		assert_true(sizes[i] < 1000 || size < sizes[i] / 2);
	}
}

static void a_file_that_cannot_be_written_is_an_error(void **state)
{
	int in, full = open("/dev/full", O_WRONLY), status;
	pid_t pid;

	(void)state;
	put("in", "text");
	in = open(at("in"), O_RDONLY);
	assert_int_equal(compressor_start(COMPRESSION_GZIP, in, full, &pid, &error), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	close(in);
	close(full);
}

static void it_has_neither_the_input_nor_the_output_of_the_sensor(void **state)
{
	char path[64], target[256] = "";
	int pipes[2], out = open(at("out"), O_WRONLY | O_CREAT, 0600), status, i;
	ssize_t n = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(compressor_start(COMPRESSION_GZIP, pipes[0], out, &pid, &error), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/1", pid);
	for (i = 0; i < 100 && n >= 0 && strcmp(target, "/dev/null") != 0; i++) {
		usleep(10000); /* it begins with those */
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
	}
	close(pipes[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pipes[0]);
	close(out);
	if (n < 0)
		skip(); /* root alone may look */
	assert_string_equal(target, "/dev/null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compressed_ones_are_renamed_like_others),
		cmocka_unit_test(one_that_is_there_in_two_forms_stays_as_the_compressed_one),
		cmocka_unit_test(a_gap_costs_no_file),
		cmocka_unit_test(a_file_that_was_renamed_meanwhile_is_replaced_where_it_is),
		cmocka_unit_test(a_file_that_is_gone_leaves_nothing),
		cmocka_unit_test(what_is_compressed_comes_back),
		cmocka_unit_test(a_file_that_cannot_be_written_is_an_error),
		cmocka_unit_test(it_has_neither_the_input_nor_the_output_of_the_sensor),
	};

	return cmocka_run_group_tests_name("rotate", tests, work_enter, work_leave);
}
