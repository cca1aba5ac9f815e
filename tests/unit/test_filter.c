/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of whose events to report: what they say, and what is none. */
#include "tests/unit/unit.h"

#include "loader/rules/filter_file.h"
#include "loader/rules/settled.h"
#include "loader/rules/watch_rules.h"

static struct filter filter;
static struct offsets_error error;

static int read_file(const char *path)
{
	const struct rule_source source = { .path = path };

	return filter_read(&source, &filter, &error);
}

static int read_bytes(const char *text, size_t size)
{
	char path[] = "/tmp/test-filter-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	close(fd);
	err = read_file(path);
	unlink(path);
	return err;
}

static int read_rules(const char *text)
{
	return read_bytes(text, strlen(text));
}

static const struct filter_rule *rule_of(enum filter_kind kind, __u64 value)
{
	size_t i;

	for (i = 0; i < filter.count; i++)
		if (filter.rules[i].key.kind == kind && filter.rules[i].key.value == value)
			return &filter.rules[i];
	return NULL;
}

static __u64 cgroup_value(const char *above, const char *name)
{
	__u64 value = filter_cgroup_value(filter.seed, above, strlen(above));

	return filter_cgroup_value(value, name, strlen(name));
}

/* From the root on: slashes beside each other are one, 32 bytes of a name count. */
static void units_are_cgroups_of_the_system_slice(void **state)
{
	__u64 value;

	(void)state;
	assert_int_equal(read_rules("deny unit backup.service\n"), 0);
	assert_non_null(rule_of(FILTER_CGROUP, cgroup_value("system.slice", "backup.service")));
	assert_int_equal(read_rules("deny unit a-b@1-2.service\n"), 0);
	value = cgroup_value("system.slice", "system-a\\x2db.slice");
	value = filter_cgroup_value(value, "a-b@1-2.service", strlen("a-b@1-2.service"));
	assert_non_null(rule_of(FILTER_CGROUP, value));
	assert_int_equal(read_rules("deny unit backup\n"), -EBADMSG);
	assert_says(&error, ":1: expected the name of a service, as NAME.service: backup");
	assert_int_equal(read_rules("deny unit /a.service\n"), -EBADMSG);
	assert_int_equal(read_rules("deny unit .service\n"), -EBADMSG);
}

static void cgroups_are_paths(void **state)
{
	__u64 seed;

	(void)state;
	assert_int_equal(read_rules("deny cgroup //a/b/\n"), 0);
	assert_non_null(rule_of(FILTER_CGROUP, cgroup_value("a", "b")));
	assert_null(rule_of(FILTER_CGROUP, cgroup_value("", "ab")));
	assert_null(rule_of(FILTER_CGROUP, cgroup_value("b", "a")));
	assert_int_equal(read_rules("allow cgroup /a/0123456789abcdef0123456789abcdefX\n"), 0);
	assert_non_null(
		rule_of(FILTER_CGROUP, cgroup_value("a", "0123456789abcdef0123456789abcdefY")));
	assert_null(rule_of(FILTER_CGROUP, cgroup_value("a", "0123456789abcdef0123456789abcde")));
	/* Who knows the source cannot make a name for a hash. */
	seed = filter.seed;
	assert_int_equal(read_rules("deny cgroup /a/b\n"), 0);
	assert_true(filter.seed != seed);
}

static void rules_are_read(void **state)
{
	(void)state;
	assert_int_equal(read_rules("# whose\n"
	                            "\n"
	                            "deny uid 33 # the web server\n"
	                            "  allow\tcomm\tmy program  \n"
	                            "deny cgroup /system.slice/backup.service\n"
	                            "deny event thread,fork\n"
	                            "watch /\n"),
	                 0);
	assert_int_equal(filter.count, 3);
	assert_int_equal(rule_of(FILTER_UID, 33)->verdict, FILTER_DENY);
	assert_int_equal(
		rule_of(FILTER_COMM, filter_name_value("my program", EVENTS_COMM_BYTES))->verdict,
		FILTER_ALLOW);
	assert_int_equal(
		rule_of(FILTER_CGROUP, cgroup_value("system.slice", "backup.service"))->verdict,
		FILTER_DENY);
	assert_int_equal(filter.kinds, 1 << FILTER_UID | 1 << FILTER_COMM | 1 << FILTER_CGROUP);
	assert_int_equal(filter.only, 1 << FILTER_COMM);
	assert_int_equal(filter.classes, ~(1U << EVENT_THREAD | 1U << EVENT_FORK));
	assert_int_equal(filter.watched, WATCH_ALL);
	assert_int_equal(filter.given, 5);
}

static __u64 name_value(const char *name)
{
	return filter_path_name_value(name, strlen(name));
}

/* By hashes of names, from the root on or from the last one back; an ending by its bytes. */
static void paths_are_watched(void **state)
{
	__u64 below = filter_hash(filter_hash(0, name_value("etc")), name_value("ssh"));
	__u64 tail = filter_hash(filter_hash(0, name_value("authorized_keys")), name_value(".ssh"));

	(void)state;
	assert_int_equal(read_rules("watch /etc//ssh/\n"
	                            "watch .../.ssh/authorized_keys\n"
	                            "watch *.ko # modules\n"),
	                 0);
	assert_int_equal(filter.given, 3);
	assert_non_null(rule_of(WATCH_BELOW, below));
	assert_non_null(rule_of(WATCH_TAIL, tail));
	assert_non_null(rule_of(WATCH_ENDING, 'o' << 16 | 'k' << 8 | '.'));
	assert_int_equal(filter.watched,
	                 1U << (WATCH_BELOW_SHIFT + 2) | 1U << (WATCH_ABOVE_SHIFT + 1) |
	                         1U << (WATCH_TAIL_SHIFT + 2) | 1U << (WATCH_ABOVE_TAIL_SHIFT + 1) |
	                         1U << (WATCH_ENDING_SHIFT + 3));
	assert_int_equal(filter.kinds, 0); /* they are no rules about processes */
}

static bool begun(enum watch_begin begin, __u64 value)
{
	return filter.begins[begin_index(value)] & begin;
}

static __u64 last_bytes(const char bytes[8])
{
	__u64 value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* The directories on the path of a rule: for what renames them, or makes others in their places. */
static void directories_above_a_rule_are_known(void **state)
{
	__u64 srv = filter_hash(0, name_value("srv")), two = filter_hash(srv, name_value("www"));
	__u64 ssh = filter_hash(0, name_value(".ssh"));

	(void)state;
	assert_int_equal(read_rules("watch /srv/www/conf\n"
	                            "watch /srv/www/conf.d\n"
	                            "watch .../.ssh/keys/mine\n"),
	                 0);
	assert_int_equal(filter.given, 3);
	assert_non_null(rule_of(WATCH_ABOVE, srv));
	assert_non_null(rule_of(WATCH_ABOVE, two));
	assert_non_null(rule_of(WATCH_BELOW, filter_hash(two, name_value("conf"))));
	assert_non_null(rule_of(WATCH_ABOVE_TAIL, ssh));
	assert_non_null(rule_of(WATCH_ABOVE_TAIL, filter_hash(filter_hash(0, name_value("keys")),
	                                                      name_value(".ssh"))));
	assert_true(begun(BEGIN_TWO, filter_hash(srv, 0)));
	assert_true(begun(BEGIN_TAIL, last_bytes("\0\0\0\0.ssh")));
	assert_true(begun(BEGIN_TAIL, last_bytes("\0\0\0\0keys")));
	assert_int_equal(filter.watched,
	                 1U << (WATCH_BELOW_SHIFT + 3) | 1U << (WATCH_ABOVE_SHIFT + 1) |
	                         1U << (WATCH_ABOVE_SHIFT + 2) | 1U << (WATCH_TAIL_SHIFT + 3) |
	                         1U << (WATCH_ABOVE_TAIL_SHIFT + 1) |
	                         1U << (WATCH_ABOVE_TAIL_SHIFT + 2));
}

/* What most paths are dismissed by: the first names, the last one, the last two bytes. */
static void what_begins_a_rule_is_known(void **state)
{
	__u64 etc = filter_hash(0, name_value("etc")), var = filter_hash(0, name_value("var"));
	__u64 spool = filter_hash(var, name_value("spool"));

	(void)state;
	assert_int_equal(read_rules("watch /etc\n"
	                            "watch /var/spool/cron\n"
	                            "watch .../.ssh/config\n"
	                            "watch *.ko\n"),
	                 0);
	assert_true(begun(BEGIN_FIRST, etc));
	assert_true(begun(BEGIN_FIRST, var));
	assert_false(begun(BEGIN_FIRST, filter_hash(0, name_value("home"))));
	assert_true(begun(BEGIN_ONE, etc));
	assert_false(begun(BEGIN_TWO, etc));
	assert_true(begun(BEGIN_TWO, spool));
	assert_false(begun(BEGIN_ONE, var));
	assert_false(begun(BEGIN_TWO, filter_hash(var, name_value("log"))));
	assert_true(begun(BEGIN_TAIL, last_bytes("\0\0config")));
	assert_true(begun(BEGIN_TAIL, last_bytes("\0\0\0\0.ssh")));
	assert_false(begun(BEGIN_TAIL, last_bytes("\0\0\0\0.tmp")));
	assert_true(begun(BEGIN_LAST, 'g' << 8 | 'i'));
	assert_false(begun(BEGIN_ENDING, 'g' << 8 | 'i'));
	assert_true(begun(BEGIN_LAST, 'o' << 8 | 'k'));
	assert_true(begun(BEGIN_ENDING, 'o' << 8 | 'k'));
	assert_false(begun(BEGIN_LAST, 'o' << 8 | 'j'));
}

/* No more than eight bytes of a last name, no less than two. */
static void last_names_begin_with_their_last_bytes(void **state)
{
	(void)state;
	assert_int_equal(read_rules("watch .../sub/authorized_keys\n"
	                            "watch .../a\n"),
	                 0);
	assert_true(begun(BEGIN_TAIL, last_bytes("zed_keys")));
	assert_true(begun(BEGIN_LAST, 's' << 8 | 'y'));
	assert_true(begun(BEGIN_TAIL, last_bytes("\0\0\0\0\0\0\0a")));
	assert_true(begun(BEGIN_LAST, 'a' << 8));
	assert_false(begun(BEGIN_LAST, 'a' << 8 | 'a'));
}

/* Before an ending of one byte there may be any other, or none. */
static void an_ending_of_one_byte_begins_with_any(void **state)
{
	unsigned int before;

	(void)state;
	assert_int_equal(read_rules("watch *~\n"), 0);
	for (before = 0; before < 256; before++)
		assert_true(begun(BEGIN_ENDING, '~' << 8 | before) &&
		            begun(BEGIN_LAST, '~' << 8 | before));
}

static void what_is_watched_by_default(void **state)
{
	(void)state;
	assert_int_equal(read_file(NULL), 0);
	assert_non_null(rule_of(WATCH_BELOW, filter_hash(0, name_value("etc"))));
	assert_int_equal(filter.classes, ~0U);
	assert_int_equal(read_rules("deny uid 1\n"), 0);
	assert_non_null(rule_of(WATCH_BELOW, filter_hash(0, name_value("etc"))));
	assert_int_equal(read_rules("watch /srv\n"), 0); /* in place of the defaults */
	assert_null(rule_of(WATCH_BELOW, filter_hash(0, name_value("etc"))));
}

/* Names are compared as far as 32 bytes, and words that a name has not are not hashed. */
static void names_are_values(void **state)
{
	static const char long_name[] = "a-name-of-more-than-thirty-two-bytes";

	(void)state;
	assert_int_equal(name_value("12345678"), filter_hash(0, 0x3837363534333231));
	assert_int_equal(name_value("123456789"), filter_hash(name_value("12345678"), '9'));
	assert_int_equal(filter_path_name_value(long_name, strlen(long_name)),
	                 filter_path_name_value(long_name, 32));
	assert_int_not_equal(filter_path_name_value(long_name, 32),
	                     filter_path_name_value(long_name, 31));
}

static void one_name_is_matched_for_the_self_test(void **state)
{
	(void)state;
	watch_rules_of_name("name", &filter);
	assert_int_equal(filter.count, 1);
	assert_non_null(rule_of(WATCH_TAIL, filter_hash(0, name_value("name"))));
	assert_int_equal(filter.watched, 1U << (WATCH_TAIL_SHIFT + 1));
	assert_true(begun(BEGIN_TAIL, last_bytes("\0\0\0\0name")));
}

/* As in Linux 6.1. */
static struct layout layout_of_paths(void)
{
	struct layout layout;

	memset(&layout, 0xff, sizeof(layout));
	layout.facts[LAYOUT_DENTRY_PARENT].offset = 24;
	layout.facts[LAYOUT_DENTRY_NAME].offset = 32;
	layout.facts[LAYOUT_QSTR_NAME].offset = 8;
	layout.facts[LAYOUT_MOUNT_PARENT].offset = 16;
	layout.facts[LAYOUT_MOUNT_MOUNTPOINT].offset = 24;
	layout.facts[LAYOUT_MOUNT_MNT].offset = 32;
	layout.facts[LAYOUT_VFSMOUNT_ROOT].offset = 0;
	layout.facts[LAYOUT_FILE_MODE].offset = 20;
	layout.facts[LAYOUT_PATH_MNT].offset = 0;
	layout.facts[LAYOUT_PATH_DENTRY].offset = 8;
	return layout;
}

/* The check of a path reads them at once: elsewhere it would be of other bytes. */
static void a_layout_whose_members_are_apart_is_known(void **state)
{
	static const enum layout_id moved[] = { LAYOUT_DENTRY_PARENT, LAYOUT_DENTRY_NAME,
		                                LAYOUT_QSTR_NAME,     LAYOUT_MOUNT_PARENT,
		                                LAYOUT_MOUNT_MNT,     LAYOUT_MOUNT_MOUNTPOINT,
		                                LAYOUT_VFSMOUNT_ROOT, LAYOUT_PATH_MNT,
		                                LAYOUT_PATH_DENTRY };
	struct layout layout = layout_of_paths();
	struct settings settings = { 0 };
	size_t i;

	(void)state;
	assert_true(filter_fits(&layout));
	watch_rules_of_name("name", &filter);
	filter_settings(&filter, &layout, &settings);
	assert_int_equal(settings.watched, filter.watched);
	assert_int_equal(settings.dentry_part, 24);
	assert_int_equal(settings.mount_part, 16);
	assert_int_equal(settings.file_mode, 20);
	assert_int_equal(settings.mount_mnt, 32);
	for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		layout = layout_of_paths();
		layout.facts[moved[i]].offset += 8;
		assert_false(filter_fits(&layout));
		layout.facts[moved[i]].offset = LAYOUT_ABSENT;
		assert_false(filter_fits(&layout));
	}
}

static void allowed_classes_are_the_only_ones(void **state)
{
	(void)state;
	assert_int_equal(read_rules("allow event exec,exit\ndeny event exit\n"), 0);
	assert_int_equal(filter.classes, 1U << EVENT_EXEC);
	assert_int_equal(filter.kinds, 0);
}

/* A kernel's name is at most 15 bytes: a longer one would never match, and nobody would know. */
static void what_is_no_rule_names_its_line(void **state)
{
	static const char *const bad[] = {
		"deny uid\n",
		"deny uid -1\n",
		"deny uid 4294967296\n",
		"deny uid 1x\n",
		"deny comm sixteen-bytes-xx\n",
		"deny cgroup backup.service\n",
		"deny cgroup system.slice/backup.service\n",
		"deny cgroup /\n",
		"deny cgroup /a/b/c/d\n",
		"deny event execute\n",
		"deny path /tmp\n",
		"forbid uid 1\n",
		"deny uid 1\nallow uid 1\n",
		"watch\n",
		"watch etc\n",
		"watch /a/b/c/d/e/f/g/h/i\n",
		"watch .../\n",
		"watch .../a/b/c/d\n",
		"watch *\n",
		"watch *too-long-\n",
		"watch *a/b\n",
		"deny\n",
	};
	size_t i;

	(void)state;
	assert_int_equal(read_rules("deny uid 7\n"), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_rules(bad[i]), -EBADMSG);
		assert_says(&error,
		            strchr(bad[i], '\n') && strchr(bad[i], '\n')[1] ? ":2: " : ":1: ");
	}
	assert_non_null(rule_of(FILTER_UID, 7)); /* those before stay */
	assert_int_equal(read_rules("deny cgroup backup.service\n"), -EBADMSG);
	assert_says(&error, ":1: expected the path of a cgroup, as /system.slice/NAME.service");
	assert_says(&error, "below their own): backup.service; a rule is: ");
}

static void lines_and_files_have_limits(void **state)
{
	static char text[32 * (FILTERS_MAX + 1)], line[600];
	size_t i, size = 0;

	(void)state;
	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 2] = '\n';
	assert_int_equal(read_rules(line), -EBADMSG);
	assert_says(&error, "too long");
	for (i = 0; i <= FILTERS_MAX; i++)
		size += sprintf(text + size, "deny uid %zu\n", i);
	assert_int_equal(read_rules(text), -EBADMSG);
	assert_int_equal(read_file("/nonexistent/rules"), -ENOENT);
	assert_says(&error, "/nonexistent/rules");
}

/* As it may be while somebody writes it. */
static void a_file_that_may_be_half_written_is_refused(void **state)
{
	static const char nul[] = "deny uid 0\0junk\n";

	(void)state;
	assert_int_equal(read_rules("deny uid 33\n"), 0);
	assert_int_equal(read_rules(""), -EBADMSG);
	assert_int_equal(read_rules("deny uid 3"), -EBADMSG);
	assert_says(&error, "half-written");
	assert_int_equal(read_bytes(nul, sizeof(nul) - 1), -EBADMSG);
	assert_says(&error, "NUL");
	assert_int_equal(read_bytes("\0\0\0\0", 4), -EBADMSG);
	assert_int_equal(filter.given, 1); /* the rules of before */
	assert_int_equal(read_rules("# none\n"), 0);
	assert_int_equal(filter.given, 0);
}

static void what_is_no_regular_file_is_refused_at_once(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo", work);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_file(path), -EINVAL);
	assert_says(&error, "not a regular file");
	assert_int_equal(read_file("/dev/zero"), -EINVAL);
	assert_int_equal(read_file(work), -EINVAL);
}

#define MS 1000000ULL

/* Read again when it has not changed for 300 ms. */
static void rules_are_read_again_once_they_stay_as_they_are(void **state)
{
	struct settled file = { 0 };
	char path[128];
	FILE *out;

	(void)state;
	snprintf(path, sizeof(path), "%s/rules", work);
	assert_false(settled_now(path, 1 * MS, &file)); /* nobody has asked */
	settled_await(path, 1000 * MS, &file);
	assert_false(settled_now(path, 1200 * MS, &file));
	out = fopen(path, "w");
	fputs("deny uid 1\n", out);
	fflush(out);
	assert_false(settled_now(path, 1400 * MS, &file));
	fputs("deny uid 2\n", out);
	fclose(out);
	assert_false(settled_now(path, 1500 * MS, &file));
	assert_false(settled_now(path, 1700 * MS, &file));
	assert_true(settled_now(path, 1800 * MS, &file));
	assert_false(settled_now(path, 9000 * MS, &file)); /* once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_cgroups_of_the_system_slice),
		cmocka_unit_test(cgroups_are_paths),
		cmocka_unit_test(rules_are_read),
		cmocka_unit_test(paths_are_watched),
		cmocka_unit_test(directories_above_a_rule_are_known),
		cmocka_unit_test(what_begins_a_rule_is_known),
		cmocka_unit_test(last_names_begin_with_their_last_bytes),
		cmocka_unit_test(an_ending_of_one_byte_begins_with_any),
		cmocka_unit_test(what_is_watched_by_default),
		cmocka_unit_test(names_are_values),
		cmocka_unit_test(one_name_is_matched_for_the_self_test),
		cmocka_unit_test(a_layout_whose_members_are_apart_is_known),
		cmocka_unit_test(allowed_classes_are_the_only_ones),
		cmocka_unit_test(what_is_no_rule_names_its_line),
		cmocka_unit_test(lines_and_files_have_limits),
		cmocka_unit_test(a_file_that_may_be_half_written_is_refused),
		cmocka_unit_test(what_is_no_regular_file_is_refused_at_once),
		cmocka_unit_test(rules_are_read_again_once_they_stay_as_they_are),
	};

	return cmocka_run_group_tests_name("filter", tests, work_enter, work_leave);
}
