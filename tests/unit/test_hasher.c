/* SPDX-License-Identifier: BSD-2-Clause */
/* The hasher, asked by its socket: files that change while they are read, and its budget. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include "loader/hash/hash_wire.h"
#include "loader/hash/hasher.h"

#define MIB     (1 << 20)
#define WAIT_MS 120000 /* what takes so long hangs, on a busy machine too */

static char directory[64];
static pid_t hasher, sleeper; /* 0: none */
static int engine = -1;
static uint64_t last_id;

static int setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/sextant-hasher-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

static void process_end(pid_t *pid)
{
	if (*pid)
		kill(*pid, SIGKILL);
	while (*pid && waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*pid = 0;
}

static int end(void **state)
{
	(void)state;
	if (engine >= 0)
		close(engine);
	engine = -1;
	process_end(&hasher);
	process_end(&sleeper);
	return 0;
}

static void begin(uint64_t budget)
{
	struct offsets_error error;

	assert_int_equal(hasher_start(budget, &hasher, &engine, &error), 0);
}

/* A file of that many bytes, unlike any other. */
static const char *file_make(const char *name, off_t size)
{
	static char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, name, strlen(name)), strlen(name));
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
	return path;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* An exec of that process; 0: of one that has ended. */
static uint64_t ask_of(const char *path, uint32_t pid, uint64_t time_ns)
{
	struct hash_request r = { .id = ++last_id, .time_ns = time_ns, .pid = pid };
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	r.inode = st.st_ino;
	r.device = major(st.st_dev) << 20 | minor(st.st_dev);
	snprintf(r.path, sizeof(r.path), "%s", path);
	assert_int_equal(send(engine, &r, sizeof(r), 0), sizeof(r));
	return r.id;
}

/* Its exec comes a second later than now: the times of files are older. */
static uint64_t ask(const char *path)
{
	return ask_of(path, 0, now_ns() + 1000000000ULL);
}

static struct hash_answer answer(uint64_t id)
{
	struct pollfd fd = { engine, POLLIN, 0 };
	struct hash_answer a;

	if (poll(&fd, 1, WAIT_MS) != 1)
		fail_msg("request %u has no answer", (unsigned int)id);
	assert_int_equal(recv(engine, &a, sizeof(a), 0), sizeof(a));
	assert_int_equal(a.id, id);
	return a;
}

static void assert_state(uint64_t id, enum hash_state state)
{
	assert_int_equal(answer(id).state, state);
}

/* ---- files that change --------------------------------------------------- */

static void a_file_that_grows_while_it_is_read_has_no_hash(void **state)
{
	const char *path = file_make("grows", 6 * MIB);
	uint64_t id;

	(void)state;
	begin(4 * MIB);
	id = ask(path);
	assert_state(id, HASH_SOON);
	assert_int_equal(truncate(path, 1LL << 40), 0);
	assert_state(id, HASH_CHANGED);
}

static void a_file_that_shrinks_while_it_is_read_has_no_hash(void **state)
{
	const char *path = file_make("shrinks", 6 * MIB);
	uint64_t id;

	(void)state;
	begin(4 * MIB);
	id = ask(path);
	assert_state(id, HASH_SOON);
	assert_int_equal(truncate(path, MIB), 0);
	assert_state(id, HASH_CHANGED);
}

/* The page map of a process has size 0, and gigabytes to be read. */
static void a_small_file_that_does_not_end_holds_nobody_up(void **state)
{
	const char *path = file_make("small", 100);
	char endless[64];
	uint64_t id;

	(void)state;
	snprintf(endless, sizeof(endless), "/proc/%d/pagemap", getpid());
	if (access(endless, R_OK))
		skip();
	begin(4 * MIB);
	id = ask(endless);
	assert_int_not_equal(answer(id).state, HASH_DONE);
	assert_state(ask(path), HASH_DONE);
}

/* ---- times --------------------------------------------------------------- */

static uint64_t changed_ns(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ctim.tv_sec * 1000000000ULL + st.st_ctim.tv_nsec;
}

/* A copy of sleep(1) that runs. */
static const char *sleeper_start(void)
{
	static char path[128];
	char command[256], exe[64], target[256] = "";

	snprintf(path, sizeof(path), "%s/sleeper", directory);
	snprintf(command, sizeof(command), "cp /bin/sleep %s", path);
	assert_int_equal(system(command), 0);
	sleeper = fork();
	if (!sleeper) {
		execl(path, "sleep", "600", NULL);
		_exit(1);
	}
	snprintf(exe, sizeof(exe), "/proc/%d/exe", sleeper);
	while (strcmp(target, path) != 0) { /* until it has executed that */
		ssize_t n = readlink(exe, target, sizeof(target) - 1);

		assert_true(n > 0);
		target[n] = '\0';
	}
	return path;
}

static void what_runs_is_hashed_if_it_was_changed_before_its_exec(void **state)
{
	const char *path = sleeper_start();
	uint64_t changed = changed_ns(path);

	(void)state;
	begin(4 * MIB);
	assert_state(ask_of(path, sleeper, changed), HASH_DONE); /* in the same tick */
	assert_state(ask_of(path, sleeper, changed + 1), HASH_DONE);
	assert_state(ask_of(path, sleeper, changed - 1), HASH_CHANGED);
	process_end(&sleeper);
	assert_state(ask_of(path, sleeper, changed + 1), HASH_CHANGED);
	assert_state(ask_of(path, sleeper, changed + 1000000000), HASH_DONE);
}

/* ---- folders ------------------------------------------------------------- */

static void folder_make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void a_folder_that_takes_the_place_of_another_one(void **state)
{
	char before[128], after[128];
	const char *path;

	(void)state;
	begin(4 * MIB);
	folder_make("folder");
	assert_state(ask(file_make("folder/one", 1000)), HASH_DONE);
	assert_state(ask(file_make("folder/two", 1000)), HASH_DONE);
	snprintf(before, sizeof(before), "%s/folder", directory);
	snprintf(after, sizeof(after), "%s/moved", directory);
	assert_int_equal(rename(before, after), 0);
	folder_make("folder");
	path = file_make("folder/one", 1000); /* another inode */
	assert_state(ask(path), HASH_DONE);
	assert_state(ask(path), HASH_DONE);
	snprintf(after, sizeof(after), "%s/moved/two", directory);
	assert_state(ask(after), HASH_DONE);
}

static void more_folders_than_are_kept(void **state)
{
	char name[64];
	int i;

	(void)state;
	begin(4 * MIB);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "folder-%d", i % 50);
		if (i < 50)
			folder_make(name);
		strcat(name, "/program");
		assert_state(ask(file_make(name, 1000)), HASH_DONE);
	}
}

/* ---- the budget ---------------------------------------------------------- */

static unsigned int switches(void)
{
	char path[64], line[128];
	unsigned int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", hasher);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "voluntary_ctxt_switches: %u", &count);
	fclose(file);
	return count;
}

static void a_budget_below_a_chunk_reads_large_files_and_sleeps(void **state)
{
	const char *path = file_make("large", MIB + 100 * 1024);
	unsigned int before;
	uint64_t id;

	(void)state;
	begin(255 * 1024);
	id = ask(path);
	assert_state(id, HASH_SOON);
	before = switches();
	assert_state(id, HASH_DONE);
	assert_in_range(switches() - before, 1, 60); /* in three seconds */
}

static void nothing_is_read_beyond_the_budget_while_many_files_wait(void **state)
{
	unsigned int i, done = 0, late = 0;
	char name[32];
	int answered;

	(void)state;
	begin(1000);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "small-%u", i);
		answered = answer(ask(file_make(name, 100000))).state;
		done += answered == HASH_DONE;
		late += answered == HASH_TOO_MANY;
	}
	assert_int_equal(done, 1);
	assert_int_equal(late, 50 - 1 - 32);
}

#define OF_A_HASHER(test) cmocka_unit_test_teardown(test, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OF_A_HASHER(a_file_that_grows_while_it_is_read_has_no_hash),
		OF_A_HASHER(a_file_that_shrinks_while_it_is_read_has_no_hash),
		OF_A_HASHER(a_small_file_that_does_not_end_holds_nobody_up),
		OF_A_HASHER(what_runs_is_hashed_if_it_was_changed_before_its_exec),
		OF_A_HASHER(a_folder_that_takes_the_place_of_another_one),
		OF_A_HASHER(more_folders_than_are_kept),
		OF_A_HASHER(a_budget_below_a_chunk_reads_large_files_and_sleeps),
		OF_A_HASHER(nothing_is_read_beyond_the_budget_while_many_files_wait),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
