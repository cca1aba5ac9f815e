/* SPDX-License-Identifier: BSD-2-Clause */
/* kernels.db: look-up, change, text, and what damaged files do. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

static struct offsets_error error;

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", work, name);
	return path;
}

static struct offsets *open_new(const char *name)
{
	struct offsets *db;

	unlink(path_of(name));
	assert_int_equal(offsets_open(path_of(name), OFFSETS_WRITE, &db, &error), 0);
	return db;
}

static struct offsets_kernel *kernel_make(const char *release, const char *version,
                                          const char *build_id, const char *source,
                                          uint32_t pid_offset)
{
	struct offsets_kernel *kernel = offsets_kernel_new();

	assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_RELEASE, release), 0);
	assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_MACHINE, "x86_64"), 0);
	if (version)
		assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_VERSION, version), 0);
	if (build_id)
		assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_BUILD_ID, build_id), 0);
	if (source)
		assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_SOURCE, source), 0);
	add_fact(kernel, "task_struct", "pid", pid_offset, 4);
	return kernel;
}

static enum offsets_change add(struct offsets *db, struct offsets_kernel *kernel)
{
	enum offsets_change change;

	assert_int_equal(offsets_add(db, kernel, &change, &error), 0);
	offsets_kernel_free(kernel);
	return change;
}

static int find(struct offsets *db, struct offsets_query query, uint32_t *ret_pid,
                enum offsets_match *ret_match)
{
	struct offsets_kernel *kernel;
	int err = offsets_find(db, &query, &kernel, ret_match, &error);

	if (err)
		return err;
	*ret_pid = offsets_kernel_fact(kernel, "task_struct", "pid")->offset;
	offsets_kernel_free(kernel);
	return 0;
}

/* ---- look-up ---------------------------------------------------------- */

/* Two uploads under one release, as Debian has them. */
static struct offsets *open_reused_release(void)
{
	struct offsets *db = open_new("a.db");

	add(db, kernel_make("4.9.0-6-amd64", "#1 A", "aa01", "dwarf", 100));
	add(db, kernel_make("4.9.0-6-amd64", "#1 B", "bb02", "dwarf", 200));
	return db;
}

static void build_id_goes_before_version(void **state)
{
	struct offsets *db = open_reused_release();
	enum offsets_match match;
	uint32_t pid;

	(void)state;
	assert_int_equal(find(db,
	                      (struct offsets_query){ .build_id = "bb02",
	                                              .release = "4.9.0-6-amd64",
	                                              .version = "#1 A",
	                                              .machine = "x86_64" },
	                      &pid, &match),
	                 0);
	assert_int_equal(match, OFFSETS_MATCH_BUILD_ID);
	assert_int_equal(pid, 200);
	offsets_close(db);
}

static void version_tells_reused_releases_apart(void **state)
{
	struct offsets *db = open_reused_release();
	enum offsets_match match;
	uint32_t pid;

	(void)state;
	assert_int_equal(find(db,
	                      (struct offsets_query){ .build_id = "cc03",
	                                              .release = "4.9.0-6-amd64",
	                                              .version = "#1 B",
	                                              .machine = "x86_64" },
	                      &pid, &match),
	                 0);
	assert_int_equal(match, OFFSETS_MATCH_VERSION);
	assert_int_equal(pid, 200);
	offsets_close(db);
}

static void release_alone_is_no_match_unless_asked_for(void **state)
{
	struct offsets *db = open_new("a.db");
	struct offsets_query query = { .release = "3.10.0-1160.el7.x86_64",
		                       .version = "#1 SMP",
		                       .machine = "x86_64" };
	enum offsets_match match;
	uint32_t pid;

	(void)state;
	add(db, kernel_make("3.10.0-1160.el7.x86_64", NULL, NULL, "table", 100));
	assert_int_equal(find(db, query, &pid, &match), -ENOENT);
	assert_says(&error, "3.10.0-1160.el7.x86_64");
	assert_says(&error, "lkccb add");
	query.by_release = true;
	assert_int_equal(find(db, query, &pid, &match), 0);
	assert_int_equal(match, OFFSETS_MATCH_RELEASE);
	offsets_close(db);
}

static void a_release_of_two_layouts_needs_the_build_id(void **state)
{
	struct offsets *db = open_new("a.db");
	struct offsets_query query = { .release = "4.13.0-16-generic", .by_release = true };
	enum offsets_match match;
	uint32_t pid;

	(void)state;
	add(db, kernel_make("4.13.0-16-generic", "#19", "aa01", "dwarf", 100));
	add(db, kernel_make("4.13.0-16-generic", "#19~16.04", "bb02", "dwarf", 200));
	assert_int_equal(find(db, query, &pid, &match), -ENOTUNIQ);
	assert_says(&error, "build-id");
	query.build_id = "aa01";
	assert_int_equal(find(db, query, &pid, &match), 0);
	assert_int_equal(pid, 100);
	offsets_close(db);
}

static void a_release_of_two_equal_layouts_is_one(void **state)
{
	struct offsets *db = open_new("a.db");
	enum offsets_match match;
	uint32_t pid;

	(void)state;
	add(db, kernel_make("4.13.0-16-generic", "#19", "aa01", "dwarf", 100));
	add(db, kernel_make("4.13.0-16-generic", "#20", "bb02", "dwarf", 100));
	assert_int_equal(
		find(db,
	             (struct offsets_query){ .release = "4.13.0-16-generic", .by_release = true },
	             &pid, &match),
		0);
	offsets_close(db);
}

/* Of one kernel, and of two kernels of one release. */
static void the_source_that_is_trusted_more_is_taken(void **state)
{
	static const char *const sources[] = {
		"verified-dwarf", "verified-btf", "dwarf",  "btf", "isf",
		"stream",         "table",        "proven", NULL
	};
	enum { INFERRED = 5 };
	struct offsets_query by_version = { .release = "4.19.0",
		                            .version = "#1",
		                            .machine = "x86_64" },
			     by_release = { .release = "4.19.0", .by_release = true };
	enum offsets_match match;
	uint32_t pid;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		for (j = i + 1; j < sizeof(sources) / sizeof(sources[0]); j++) {
			struct offsets *db = open_new("a.db");

			add(db, kernel_make("4.19.0", "#1", "aa01", sources[j], 100));
			add(db, kernel_make("4.19.0", "#1", "aa02", sources[i], 200));
			assert_int_equal(find(db, by_version, &pid, &match), 0);
			assert_int_equal(pid, 200);
			assert_int_equal(find(db, by_release, &pid, &match), 0);
			assert_int_equal(pid, 200);
			add(db, kernel_make("4.19.0", "#2", "aa01", sources[j], 100));
			assert_int_equal(find(db, by_release, &pid, &match),
			                 j < INFERRED ? -ENOTUNIQ : 0);
			offsets_close(db);
		}
	}
}

static void modules_are_not_kernels(void **state)
{
	struct offsets *db = open_new("a.db");
	struct offsets_kernel *kernel = kernel_make("4.19.0", "#1", "aa01", "dwarf", 100);
	enum offsets_match match;
	uint32_t pid;

	(void)state;
	assert_int_equal(offsets_kernel_set(kernel, OFFSETS_KEY_MODULE, "btrfs"), 0);
	add(db, kernel);
	assert_int_equal(find(db, (struct offsets_query){ .release = "4.19.0", .by_release = true },
	                      &pid, &match),
	                 -ENOENT);
	assert_int_equal(find(db,
	                      (struct offsets_query){
				      .release = "4.19.0", .module = "btrfs", .by_release = true },
	                      &pid, &match),
	                 0);
	offsets_close(db);
}

/* ---- change ----------------------------------------------------------- */

static int64_t count_of(const char *name, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t count;

	assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	count = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return count;
}

static void equal_layouts_are_stored_once(void **state)
{
	struct offsets *db = open_new("a.db");

	(void)state;
	add(db, kernel_make("one", "#1", "aa01", "dwarf", 100));
	add(db, kernel_make("two", "#1", "aa02", "dwarf", 100));
	add(db, kernel_make("three", "#1", "aa03", "dwarf", 200));
	assert_int_equal(offsets_commit(db, &error), 0);
	offsets_close(db);
	assert_int_equal(count_of("a.db", "SELECT count(*) FROM kernel"), 3);
	assert_int_equal(count_of("a.db", "SELECT count(*) FROM layout"), 2);
}

static void the_same_kernel_again_changes_nothing(void **state)
{
	struct offsets *db = open_new("a.db");

	(void)state;
	assert_int_equal(add(db, kernel_make("one", "#1", "aa01", "dwarf", 100)), OFFSETS_ADDED);
	assert_int_equal(add(db, kernel_make("one", "#1", "aa01", "dwarf", 100)),
	                 OFFSETS_UNCHANGED);
	assert_int_equal(add(db, kernel_make("one", "#1", "aa01", "dwarf", 200)), OFFSETS_UPDATED);
	assert_int_equal(offsets_commit(db, &error), 0);
	offsets_close(db);
	assert_int_equal(count_of("a.db", "SELECT count(*) FROM kernel"), 1);
	assert_int_equal(count_of("a.db", "SELECT count(*) FROM layout"), 1); /* no orphan stays */
}

static void without_commit_nothing_stays(void **state)
{
	struct offsets *db = open_new("a.db");

	(void)state;
	add(db, kernel_make("one", "#1", "aa01", "dwarf", 100));
	offsets_close(db);
	assert_int_equal(access(path_of("a.db"), F_OK), -1);

	db = open_new("a.db");
	add(db, kernel_make("one", "#1", "aa01", "dwarf", 100));
	assert_int_equal(offsets_commit(db, &error), 0);
	add(db, kernel_make("two", "#1", "aa02", "dwarf", 100));
	offsets_close(db);
	assert_int_equal(count_of("a.db", "SELECT count(*) FROM kernel"), 1);
}

static void rollback_drops_one_package_only(void **state)
{
	struct offsets *db = open_new("a.db");

	(void)state;
	add(db, kernel_make("bad", "#1", "aa01", "dwarf", 100));
	assert_int_equal(offsets_rollback(db), 0);
	add(db, kernel_make("good", "#1", "aa02", "dwarf", 100));
	assert_int_equal(offsets_commit(db, &error), 0);
	add(db, kernel_make("bad", "#1", "aa03", "dwarf", 100));
	assert_int_equal(offsets_rollback(db), 0);
	offsets_close(db);
	assert_int_equal(count_of("a.db", "SELECT count(*) FROM kernel WHERE release = 'good'"), 1);
	assert_int_equal(count_of("a.db", "SELECT count(*) FROM kernel"), 1);
}

static void a_reader_cannot_write(void **state)
{
	struct offsets *db = open_new("a.db");
	struct offsets_kernel *kernel = kernel_make("two", "#1", "aa02", "dwarf", 100);
	enum offsets_change change;

	(void)state;
	add(db, kernel_make("one", "#1", "aa01", "dwarf", 100));
	assert_int_equal(offsets_commit(db, &error), 0);
	offsets_close(db);
	assert_int_equal(offsets_open(path_of("a.db"), OFFSETS_READ, &db, &error), 0);
	assert_int_equal(offsets_add(db, kernel, &change, &error), -EACCES);
	offsets_kernel_free(kernel);
	offsets_close(db);
}

/* ---- bad files -------------------------------------------------------- */

static void expect_open(const char *path, enum offsets_mode mode, int err, const char *word)
{
	struct offsets *db = (void *)1;

	assert_int_equal(offsets_open(path, mode, &db, &error), err);
	assert_null(db);
	assert_says(&error, path);
	assert_says(&error, word);
}

static void write_file(const char *name, const void *data, size_t size)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static void files_that_are_no_kernels_db(void **state)
{
	sqlite3 *other;

	(void)state;
	expect_open(path_of("missing.db"), OFFSETS_READ, -ENOENT, "make kernels.db");
	expect_open("/no/such/directory/x.db", OFFSETS_WRITE, -ENOENT, "permissions");
	expect_open(work, OFFSETS_READ, -EBADMSG, "not a regular file");
	write_file("text.db", "this is no database at all, but some text that is long enough", 61);
	expect_open(path_of("text.db"), OFFSETS_READ, -EBADMSG, "not a kernels.db");
	expect_open(path_of("text.db"), OFFSETS_WRITE, -EBADMSG, "not a kernels.db");
	assert_int_equal(sqlite3_open(path_of("other.db"), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "CREATE TABLE x (y)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	expect_open(path_of("other.db"), OFFSETS_READ, -EBADMSG, "not a kernels.db");
	expect_open(path_of("other.db"), OFFSETS_WRITE, -EBADMSG, "not a kernels.db");
}

static void change(const char *name, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void make(const char *name)
{
	struct offsets *db = open_new(name);
	char release[32];
	int i;

	for (i = 0; i < 100; i++) {
		char build_id[16];

		snprintf(release, sizeof(release), "release-%d", i);
		snprintf(build_id, sizeof(build_id), "%08x", i);
		add(db, kernel_make(release, "#1", build_id, "dwarf", i));
	}
	assert_int_equal(offsets_commit(db, &error), 0);
	offsets_close(db);
}

static void other_schema_is_reported(void **state)
{
	(void)state;
	make("old.db");
	change("old.db", "PRAGMA user_version = 0");
	expect_open(path_of("old.db"), OFFSETS_READ, -EPROTO, "schema 0");
	assert_says(&error, "make kernels.db");
	expect_open(path_of("old.db"), OFFSETS_WRITE, -EPROTO, "schema 0");
}

static int ignore_kernel(const struct offsets_kernel *kernel, void *arg)
{
	(void)kernel, (void)arg;
	return 0;
}

static void impossible_values_are_refused(void **state)
{
	static const char *const damages[] = {
		"DELETE FROM layout",
		"UPDATE layout SET facts = x''",
		"UPDATE layout SET facts = x'ff'",             /* a cut number */
		"UPDATE layout SET facts = x'0201'",           /* a cut fact */
		"UPDATE layout SET facts = x'02ffffffff7f01'", /* 35 bits */
		"UPDATE layout SET facts = x'ffffffffffffffffff0101'",
		"UPDATE layout SET facts = x'ee0701'",   /* of a name that is not there, cut */
		"UPDATE layout SET facts = x'ee070101'", /* of a name that is not there */
		"UPDATE name SET type = '' WHERE id = 1",
		"UPDATE name SET name = x'0a' WHERE id = 1",
		"UPDATE kernel SET release = 'a' || char(10) WHERE id = 1",
		"UPDATE kernel SET machine = '' WHERE id = 1",
		"UPDATE layout SET facts = x'0301010063'", /* 99 bits */
	};
	struct offsets *db;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		make("bad.db");
		change("bad.db", damages[i]);
		assert_int_equal(offsets_open(path_of("bad.db"), OFFSETS_READ, &db, &error), 0);
		assert_int_equal(offsets_each(db, NULL, ignore_kernel, NULL, &error), -EBADMSG);
		assert_says(&error, "bad.db");
		offsets_close(db);
	}
}

static void other_tables_are_refused(void **state)
{
	static const char *const changes[] = {
		"DROP TABLE layout",
		"CREATE TABLE other (x)",
		"CREATE VIEW v AS SELECT 1",
		"CREATE INDEX i ON kernel (layout)",
		"CREATE TRIGGER t AFTER INSERT ON word BEGIN DELETE FROM kernel; END",
		"ALTER TABLE kernel ADD COLUMN x",
		"ALTER TABLE word RENAME TO words",
		"DROP TABLE word; CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE)",
		"DROP TABLE name; CREATE VIEW name AS SELECT 1 AS id, 'a' AS type, 'b' AS name",
		"ANALYZE",
	};
	static const enum offsets_mode modes[] = { OFFSETS_READ, OFFSETS_READ_TRUSTED,
		                                   OFFSETS_WRITE };
	size_t i, mode;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make("other.db");
		change("other.db", changes[i]);
		for (mode = 0; mode < 3; mode++)
			expect_open(path_of("other.db"), modes[mode], -EBADMSG, "other tables");
	}
}

static void a_write_ahead_log_is_refused(void **state)
{
	(void)state;
	make("wal.db");
	change("wal.db", "PRAGMA journal_mode = WAL");
	expect_open(path_of("wal.db"), OFFSETS_READ, -EBADMSG, "write-ahead log");
	expect_open(path_of("wal.db"), OFFSETS_WRITE, -EBADMSG, "write-ahead log");
}

/* What is not committed is nowhere on the disk, not even for a moment. */
static void only_a_commit_changes_the_file(void **state)
{
	struct offsets *db = open_new("a.db");

	(void)state;
	add(db, kernel_make("one", "#1", "aa01", "dwarf", 100));
	assert_int_equal(access(path_of("a.db"), F_OK), -1);
	assert_int_equal(offsets_commit(db, &error), 0);
	shell("cp %s/a.db %s/one.db", work, work);
	add(db, kernel_make("two", "#1", "aa02", "dwarf", 100));
	shell("cmp %s/a.db %s/one.db", work, work);
	assert_int_equal(offsets_commit(db, &error), 0);
	shell("! cmp -s %s/a.db %s/one.db", work, work);
	offsets_close(db);
	shell("test \"$(ls %s | grep -c '^a')\" = 1", work); /* no lock, nothing beside it */
}

/* A reader has what was there when it came. */
static void a_reader_sees_no_change(void **state)
{
	static const enum offsets_mode modes[] = { OFFSETS_READ, OFFSETS_READ_TRUSTED };
	struct offsets_query query = { .release = "two", .by_release = true };
	enum offsets_match match;
	uint32_t pid;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct offsets *db, *reader;

		make("a.db");
		assert_int_equal(offsets_open(path_of("a.db"), modes[i], &reader, &error), 0);
		assert_int_equal(offsets_open(path_of("a.db"), OFFSETS_WRITE, &db, &error), 0);
		add(db, kernel_make("two", "#1", "aa02", "dwarf", 100));
		assert_int_equal(offsets_finish(db, &error), 0);
		offsets_close(db);
		assert_int_equal(find(reader, query, &pid, &match), -ENOENT);
		offsets_close(reader);
	}
}

/* In place, as no writer of ours does it. */
static void a_file_that_changes_while_it_is_read(void **state)
{
	struct offsets_query query = { .release = "release-1", .by_release = true };
	enum offsets_match match;
	struct offsets *db;
	uint32_t pid;

	(void)state;
	make("a.db");
	assert_int_equal(offsets_open(path_of("a.db"), OFFSETS_READ_TRUSTED, &db, &error), 0);
	assert_int_equal(find(db, query, &pid, &match), 0);
	shell("sleep 0.05; touch %s/a.db", work);
	assert_int_equal(find(db, query, &pid, &match), -EAGAIN);
	offsets_close(db);
}

/* Every cut and many flipped bytes: an error or a kernel, never a crash; a writer never builds on
 * it.
 */
static void damaged_bytes_never_crash(void **state)
{
	static unsigned char data[1 << 20];
	struct offsets *db;
	size_t size, i;
	FILE *f;

	(void)state;
	make("whole.db");
	f = fopen(path_of("whole.db"), "r");
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	for (i = 0; i < size; i += 511) {
		write_file("cut.db", data, i);
		if (!offsets_open(path_of("cut.db"), OFFSETS_READ, &db, &error)) {
			offsets_each(db, NULL, ignore_kernel, NULL, &error);
			offsets_close(db);
		}
		if (i >= 512)
			assert_true(offsets_open(path_of("cut.db"), OFFSETS_WRITE, &db, &error) <
			            0);
	}
	for (i = 0; i < size; i += 97) {
		data[i] ^= 0xff;
		write_file("flip.db", data, size);
		data[i] ^= 0xff;
		if (offsets_open(path_of("flip.db"), OFFSETS_READ, &db, &error))
			continue;
		offsets_each(db, NULL, ignore_kernel, NULL, &error);
		offsets_close(db);
	}
}

/* ---- text ------------------------------------------------------------- */

static char *export_text(struct offsets *db)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(offsets_export(db, out, &error), 0);
	fclose(out);
	return text;
}

static int import_text(struct offsets *db, const char *text, size_t *count)
{
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	int err = offsets_import(db, in, "x.txt", count, &error);

	fclose(in);
	return err;
}

static const char text_two_layouts[] =
	"kernel\trelease=one\tmachine=x86_64\tversion=#1 A\tbuild_id=aa01\tsource=dwarf\n"
	"kernel\trelease=two\tmachine=x86_64\n"
	"member\ttask_struct\tin_execve\t1184\t4\t1\t1\n"
	"member\ttask_struct\tpid\t100\t4\n"
	"\n"
	"kernel\trelease=three\tmachine=aarch64\tmodule=btrfs\n"
	"member\tbtrfs_inode\troot\t0\t8\n";

static void text_survives_the_round_trip(void **state)
{
	struct offsets *db = open_new("a.db");
	size_t count;
	char *text;

	(void)state;
	assert_int_equal(import_text(db, text_two_layouts, &count), 0);
	assert_int_equal(count, 3);
	text = export_text(db);
	/* Sorted by release: "three" goes before "two", but "two" stands with "one". */
	assert_string_equal(text, text_two_layouts);
	free(text);
	offsets_close(db);
}

static void the_same_text_makes_the_same_bytes(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct offsets *db = open_new(i ? "b.db" : "a.db");
		size_t count;

		assert_int_equal(import_text(db, text_two_layouts, &count), 0);
		assert_int_equal(offsets_commit(db, &error), 0);
		offsets_close(db);
	}
	shell("cmp %s/a.db %s/b.db", work, work);
}

static void bad_text_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{ "", "no kernel" },
		{ "kernel\trelease=a\tmachine=m\n", "x.txt:1" },
		{ "member\tt\tm\t0\t4\n", "needs kernel and member lines" },
		{ "kernel\trelease=a\n", "needs release= and machine=" },
		{ "kernel\trelease=a\tmachine=m\tcolour=red\n", "unknown key" },
		{ "kernel\trelease=a\trelease=b\tmachine=m\n", "twice" },
		{ "kernel\trelease=a\tmachine=m\tbuild_id=xyz\n", "malformed" },
		{ "kernel\trelease=a\tmachine=m\nmember\tt\tm\t0\n", "x.txt:2" },
		{ "kernel\trelease=a\tmachine=m\nmember\tt\tm\t-1\t4\n", "invalid number" },
		{ "kernel\trelease=a\tmachine=m\nmember\tt\tm\t99999999999\t4\n",
		  "invalid number" },
		{ "kernel\trelease=a\tmachine=m\nmember\tt\tm\t99999999\t4\n", "invalid" },
		{ "kernel\trelease=a\tmachine=m\nmember\tt\tm\t0\t4\nmember\tt\tm\t0\t4\n",
		  "twice" },
		{ "kernel\trelease=a\tmachine=m\nmember\tt\tm\t0\t4\nkernel\trelease=b\n",
		  "follows member" },
		{ "enum\tx\n", "neither" },
	};
	struct offsets *db = open_new("a.db");
	size_t count, i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(import_text(db, *cases[i].text ? cases[i].text : "\n", &count),
		                 -EBADMSG);
		assert_says(&error, cases[i].word);
	}
	offsets_close(db);
}

/* ---- the kernels that we ship----------------------------------------- */

static void shipped_kernels_have_the_true_numbers(void **state)
{
	static const struct {
		const char *release, *type, *member;
		uint32_t offset, size;
	} cases[] = {
		{ "3.10.0-1160.el7.x86_64", "task_struct", "in_execve", 1184, 4 },
		{ "3.10.0-1160.el7.x86_64", "task_struct", "pids[0].pid", 1312, 8 },
		{ "3.10.0-1160.el7.x86_64", "pid_namespace", "proc_inum", 2172, 4 },
		{ "3.10.0-1160.el7.x86_64", "mount", "mnt_parent", 16, 8 },
		{ "4.15.0-42-generic", "task_struct", "pids[0].pid", 2336, 8 },
		{ "4.15.0-42-generic", "net", "ns.inum", 136, 4 },
		{ "4.15.0-42-generic", "pid", "numbers", 48, 16 },
	};
	struct offsets *db;
	size_t i;

	(void)state;
	shell("build/lkccb import --db %s/shipped.db offsets/kernels/*.txt >/dev/null", work);
	assert_int_equal(offsets_open(path_of("shipped.db"), OFFSETS_READ, &db, &error), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct offsets_query query = { .release = cases[i].release, .by_release = true };
		enum offsets_match match;
		struct offsets_kernel *kernel;
		const struct offsets_fact *fact;

		assert_int_equal(offsets_find(db, &query, &kernel, &match, &error), 0);
		fact = offsets_kernel_fact(kernel, cases[i].type, cases[i].member);
		assert_non_null(fact);
		assert_int_equal(fact->offset, cases[i].offset);
		assert_int_equal(fact->size, cases[i].size);
		offsets_kernel_free(kernel);
	}
	offsets_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(build_id_goes_before_version),
		cmocka_unit_test(version_tells_reused_releases_apart),
		cmocka_unit_test(release_alone_is_no_match_unless_asked_for),
		cmocka_unit_test(a_release_of_two_layouts_needs_the_build_id),
		cmocka_unit_test(a_release_of_two_equal_layouts_is_one),
		cmocka_unit_test(the_source_that_is_trusted_more_is_taken),
		cmocka_unit_test(modules_are_not_kernels),
		cmocka_unit_test(equal_layouts_are_stored_once),
		cmocka_unit_test(the_same_kernel_again_changes_nothing),
		cmocka_unit_test(without_commit_nothing_stays),
		cmocka_unit_test(rollback_drops_one_package_only),
		cmocka_unit_test(a_reader_cannot_write),
		cmocka_unit_test(files_that_are_no_kernels_db),
		cmocka_unit_test(other_schema_is_reported),
		cmocka_unit_test(impossible_values_are_refused),
		cmocka_unit_test(other_tables_are_refused),
		cmocka_unit_test(a_write_ahead_log_is_refused),
		cmocka_unit_test(only_a_commit_changes_the_file),
		cmocka_unit_test(a_reader_sees_no_change),
		cmocka_unit_test(a_file_that_changes_while_it_is_read),
		cmocka_unit_test(damaged_bytes_never_crash),
		cmocka_unit_test(text_survives_the_round_trip),
		cmocka_unit_test(the_same_text_makes_the_same_bytes),
		cmocka_unit_test(bad_text_is_refused_with_its_line),
		cmocka_unit_test(shipped_kernels_have_the_true_numbers),
	};

	return cmocka_run_group_tests_name("store", tests, work_enter, work_leave);
}
