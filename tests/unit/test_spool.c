/* SPDX-License-Identifier: BSD-2-Clause */
/* What a shipper keeps on disk: after each step, and after each new opening, the counts balance. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/ship/spool.h"

#define EXEC     1
#define FILE_TAG 2

static char directory[] = "/tmp/test_spool_XXXXXX";
static char path[sizeof(directory) + 16];
static struct spool *spool;
static struct offsets_error error;
static struct spool_use use;

static int setup(void **state)
{
	(void)state;
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/spool.db", directory);
	use = (struct spool_use){
		.path = path,
		.name = directory,
		.bytes_max = 1 << 20,
		.age_max_s = 100,
		.drops_oldest = true,
	};
	assert_int_equal(spool_open(&use, &spool, &error), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[sizeof(directory) + 16];

	(void)state;
	spool_close(spool);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

static void assert_balanced(void)
{
	const struct ship_counts *c = spool_counts(spool);
	unsigned int tag, reason;

	for (tag = 0; tag < LEDGER_TAGS; tag++) {
		uint64_t sum = c[tag].delivered + c[tag].queued;

		for (reason = 0; reason < DROP_REASONS; reason++)
			sum += c[tag].dropped[reason];
		assert_int_equal(c[tag].kept + c[tag].taken, sum);
	}
}

static void reopen(void)
{
	spool_close(spool);
	assert_int_equal(spool_open(&use, &spool, &error), 0);
}

static uint64_t run(uint64_t number, uint64_t next)
{
	uint64_t taken;

	assert_int_equal(spool_run(spool, number, next, &taken, &error), 0);
	assert_balanced();
	return taken;
}

/* lines of a tag; size: of each, which does not become smaller by compression. */
static int put(int count, uint8_t tag, size_t size, uint64_t taken, uint64_t now_s)
{
	struct shipment s = { .count = 0 };
	char *line = malloc(size);
	int i, err;
	size_t j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < size; j++)
			line[j] = 'a' + rand() % 26;
		assert_int_equal(shipment_add(&s, line, size, tag), 0);
	}
	err = spool_put(spool, &s, taken, now_s, &error);
	shipment_deinit(&s);
	free(line);
	assert_balanced();
	return err;
}

static int64_t first(struct shipment *ret)
{
	int64_t id;

	assert_int_equal(spool_first(spool, ret, &id, &error), 0);
	return id;
}

static void done(int64_t id, int delivered, uint8_t tag)
{
	struct spool_outcome outcome = { .delivered = { 0 } };

	outcome.delivered[tag] = delivered;
	assert_int_equal(spool_done(spool, id, &outcome, &error), 0);
	assert_balanced();
}

static void batches_come_out_as_they_went_in(void **state)
{
	struct shipment s = { .count = 0 };
	int64_t id;

	(void)state;
	assert_int_equal(run(7, 0), 0);
	assert_int_equal(put(3, EXEC, 10, 3, 1), 0);
	assert_int_equal(put(2, FILE_TAG, 20, 5, 1), 0);
	id = first(&s);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.size, 33);
	assert_int_equal(s.tags[2], EXEC);
	assert_int_equal(first(&s), id);
	done(id, 3, EXEC);
	id = first(&s);
	assert_int_equal(s.size, 42);
	done(id, 2, FILE_TAG);
	assert_int_equal(first(&s), 0);
	assert_int_equal(spool_counts(spool)[EXEC].delivered, 3);
	shipment_deinit(&s);
}

static void the_same_run_goes_on_where_it_was(void **state)
{
	(void)state;
	run(7, 0);
	put(3, EXEC, 10, 3, 1);
	reopen();
	assert_int_equal(run(7, 1), 3);
	assert_int_equal(spool_counts(spool)[EXEC].taken, 3);
	assert_int_equal(spool_counts(spool)[EXEC].kept, 0);
}

static void another_run_has_what_was_left(void **state)
{
	struct shipment s = { .count = 0 };

	(void)state;
	run(7, 0);
	put(3, EXEC, 10, 3, 1);
	put(2, EXEC, 10, 5, 1);
	done(first(&s), 3, EXEC);
	reopen();
	assert_int_equal(run(8, 0), 0);
	assert_int_equal(spool_counts(spool)[EXEC].kept, 2);
	assert_int_equal(spool_counts(spool)[EXEC].delivered, 0);
	done(first(&s), 2, EXEC);
	shipment_deinit(&s);
}

static void the_oldest_make_room(void **state)
{
	struct shipment s = { .count = 0 };
	int i;

	(void)state;
	run(7, 0);
	for (i = 0; i < 40; i++)
		assert_int_equal(put(1, EXEC, 60000, i + 1, 1), 0);
	assert_true(spool_counts(spool)[EXEC].dropped[DROP_FULL] > 0);
	assert_true(spool_counts(spool)[EXEC].queued > 10);
	spool_sending(spool, first(&s));
	for (i = 40; i < 80; i++)
		put(1, EXEC, 60000, i + 1, 1);
	done(first(&s), 1, EXEC); /* the one that is sent has stayed */
	reopen();
	assert_balanced();
	shipment_deinit(&s);
}

/* Puts until there is no room, and ends as by kill -9. */
static void fill_and_die(void)
{
	pid_t child = fork();
	uint64_t i = 0;

	if (!child) {
		assert_int_equal(spool_open(&use, &spool, &error), 0);
		run(7, 0);
		while (!put(1, EXEC, 20000, ++i, 1))
			continue;
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void a_full_disk_is_gone_on_from(void **state)
{
	const struct ship_counts *counts;
	char command[256];
	uint64_t taken;

	(void)state;
	spool_close(spool);
	snprintf(command, sizeof(command), "mount -t tmpfs -o size=6m none %s", directory);
	if (geteuid() || system(command)) {
		spool_open(&use, &spool, &error);
		skip();
	}
	use.bytes_max = 64 << 20;
	fill_and_die();
	assert_int_equal(spool_open(&use, &spool, &error), 0);
	taken = run(7, 0);
	assert_true(taken > 20);
	while (!put(1, EXEC, 20000, ++taken, 1)) /* in what the log has given back */
		continue;
	counts = &spool_counts(spool)[EXEC];
	assert_int_equal(counts->dropped[DROP_FULL], 0); /* not without being asked */
	spool_give_way(spool, 20000);
	assert_int_equal(put(1, EXEC, 20000, taken, 1), 0);
	assert_true(counts->dropped[DROP_FULL] > 0 && counts->queued > 0);
	spool_close(spool);
	snprintf(command, sizeof(command), "umount %s", directory);
	assert_int_equal(system(command), 0);
	assert_int_equal(spool_open(&use, &spool, &error), 0);
}

static void without_room_it_takes_no_more(void **state)
{
	int i, err = 0;

	(void)state;
	spool_close(spool);
	use.drops_oldest = false;
	assert_int_equal(spool_open(&use, &spool, &error), 0);
	run(7, 0);
	for (i = 0; !err && i < 100; i++)
		err = put(1, EXEC, 60000, i + 1, 1);
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(spool_counts(spool)[EXEC].queued, i - 1);
	assert_int_equal(spool_counts(spool)[EXEC].dropped[DROP_FULL], 0);
}

static void what_is_too_old_is_dropped(void **state)
{
	(void)state;
	run(7, 0);
	put(3, EXEC, 10, 3, 1000);
	put(2, EXEC, 10, 5, 1050);
	assert_int_equal(spool_expire(spool, 1101, &error), 0);
	assert_balanced();
	assert_int_equal(spool_counts(spool)[EXEC].dropped[DROP_EXPIRED], 3);
	assert_int_equal(spool_counts(spool)[EXEC].queued, 2);
}

static void one_has_it(void **state)
{
	struct spool *other;

	(void)state;
	assert_int_equal(spool_open(&use, &other, &error), -EBUSY);
	assert_says(&error, "another sensor");
}

/* Each byte of a small one in turn; the rest is kept, or put aside with a message, and it goes on.
 */
static void a_damaged_one_ends_nothing(void **state)
{
	struct shipment s = { .count = 0 };
	unsigned int turn;
	int64_t id;

	(void)state;
	for (turn = 0; turn < 60; turn++) {
		off_t at = turn * 211;
		char byte;
		int fd;

		run(turn + 1, 0);
		put(2, EXEC, 900, 2, 1);
		spool_close(spool);
		spool = NULL;
		fd = open(path, O_RDWR);
		assert_int_equal(pread(fd, &byte, 1, at % lseek(fd, 0, SEEK_END)), 1);
		byte ^= 0x55;
		assert_int_equal(pwrite(fd, &byte, 1, at % lseek(fd, 0, SEEK_END)), 1);
		close(fd);
		assert_int_equal(spool_open(&use, &spool, &error), 0);
		run(turn + 1, 2);
		if (spool_first(spool, &s, &id, &error) == -EBADMSG)
			assert_int_equal(spool_renew(spool, &error), 0);
		else if (id)
			assert_true(s.count > 0);
		if (put(1, EXEC, 10, 3, 1) == -EBADMSG) {
			assert_int_equal(spool_renew(spool, &error), 0);
			assert_int_equal(put(1, EXEC, 10, 3, 1), 0);
		}
	}
	shipment_deinit(&s);
}

/* While it is open: what waited is counted as dropped, and the same run goes on. */
static void one_that_is_damaged_meanwhile_is_replaced(void **state)
{
	const struct ship_counts *c;
	struct shipment s = { .count = 0 };
	static const char zeros[64 * 4096];
	int64_t id;
	int i, fd;

	(void)state;
	run(7, 0);
	for (i = 0; i < 12; i++)
		assert_int_equal(put(1, EXEC, 60000, i + 1, 1), 0);
	done(first(&s), 1, EXEC);
	reopen(); /* what it has read or written since is in memory, and not damaged */
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), 4 * 4096), sizeof(zeros));
	close(fd);
	assert_int_equal(spool_first(spool, &s, &id, &error), -EBADMSG);
	c = spool_counts(spool);
	assert_true(c[EXEC].queued > 0);
	i = c[EXEC].taken;
	assert_int_equal(spool_renew(spool, &error), 0);
	assert_balanced();
	c = spool_counts(spool);
	assert_int_equal(c[EXEC].queued, 0);
	assert_int_equal(c[EXEC].taken, i);
	assert_int_equal(c[EXEC].delivered, 1);
	assert_int_equal(c[EXEC].dropped[DROP_FAILED], i - 1);
	assert_int_equal(put(2, EXEC, 10, i + 2, 1), 0);
	reopen();
	assert_int_equal(run(7, 0), i + 2);
	assert_int_equal(spool_counts(spool)[EXEC].queued, 2);
	shipment_deinit(&s);
}

/* What was packed with other numbers, or tags that are none. */
static void parts_that_do_not_belong_together(void **state)
{
	static const uint8_t tags[] = { EXEC, EXEC, EXEC }, wrong[] = { EXEC, 200 };
	struct shipment s = { .count = 0 };
	size_t packed_size, size;
	void *packed;

	(void)state;
	assert_int_equal(shipment_add(&s, "one", 3, EXEC), 0);
	assert_int_equal(shipment_add(&s, "two", 3, EXEC), 0);
	size = s.size;
	assert_int_equal(shipment_pack(&s, &packed, &packed_size), 0);
	assert_int_equal(shipment_unpack(&s, packed, packed_size, size, tags, 2), 0);
	assert_int_equal(shipment_unpack(&s, packed, packed_size, size, tags, 1), -EBADMSG);
	assert_int_equal(shipment_unpack(&s, packed, packed_size, size, tags, 3), -EBADMSG);
	assert_int_equal(shipment_unpack(&s, packed, packed_size, size, wrong, 2), -EBADMSG);
	assert_int_equal(shipment_unpack(&s, packed, packed_size, size - 1, tags, 2), -EBADMSG);
	assert_int_equal(shipment_unpack(&s, packed, packed_size, size + 1, tags, 2), -EBADMSG);
	assert_int_equal(shipment_unpack(&s, packed, packed_size - 1, size, tags, 2), -EBADMSG);
	assert_int_equal(shipment_unpack(&s, packed, packed_size, 1 << 30, tags, 2), -EBADMSG);
	free(packed);
	shipment_deinit(&s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(batches_come_out_as_they_went_in),
		TEST(the_same_run_goes_on_where_it_was),
		TEST(another_run_has_what_was_left),
		TEST(the_oldest_make_room),
		TEST(a_full_disk_is_gone_on_from),
		TEST(without_room_it_takes_no_more),
		TEST(what_is_too_old_is_dropped),
		TEST(parts_that_do_not_belong_together),
		TEST(one_has_it),
		TEST(a_damaged_one_ends_nothing),
		TEST(one_that_is_damaged_meanwhile_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
