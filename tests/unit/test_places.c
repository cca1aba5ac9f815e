/* SPDX-License-Identifier: BSD-2-Clause */
/* Where paths lie: by a table of mounts and a directory with symbolic links. */
#include <sys/stat.h>

#include "tests/unit/unit.h"

#include "loader/rules/places.h"
#include "loader/rules/watch_rules.h"

static const char mountinfo[] = "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
				"22 21 0:20 / /proc rw - proc proc rw\n"
				"30 21 8:2 / /home rw - ext4 /dev/sda2 rw\n"
				"31 30 8:3 /@shared /home/u\\040v/share rw - btrfs /dev/sda3 rw\n"
				"32 21 0:31 / /over rw - tmpfs under rw\n"
				"33 32 0:32 / /over rw - tmpfs upper rw\n"
				"34 21 0:33 / /net rw - nfs4 server:/ rw\n"
				"35 21 8:1 /srv /bound rw - ext4 /dev/sda1 rw\n"
				"not a line\n"
				"36 30 0:34 /\n";

static char root[64];
static struct mount_table *table;

static void link_make(const char *target, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(symlink(target, path), 0);
}

static void directory_make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static int setup(void **state)
{
	char path[80];
	FILE *file;

	(void)state;
	strcpy(root, "/tmp/test-places-XXXXXX");
	assert_non_null(mkdtemp(root));
	directory_make("usr");
	directory_make("usr/bin");
	directory_make("home");
	directory_make("net");
	link_make("usr/bin", "bin");
	link_make("/home/u v", "absolute");
	link_make("../bin/../../home", "usr/up");
	link_make("loop", "loop");
	link_make("/etc", "net/link");
	snprintf(path, sizeof(path), "%s/mountinfo", root);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(mountinfo, file);
	fclose(file);
	assert_int_equal(mount_table_read(path, root, &table), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[80];

	(void)state;
	mount_table_free(table);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void a_path_is_found_in_its_file_system(void **state)
{
	static const struct {
		const char *path;
		unsigned int device; /* 0: there is none */
		const char *names;
	} cases[] = {
		{ "/etc/passwd", 8 << 20 | 1, "/etc/passwd" },
		{ "/", 8 << 20 | 1, "/" },
		{ "/bin/ls", 8 << 20 | 1, "/usr/bin/ls" },
		{ "/home", 8 << 20 | 2, "/" },
		{ "/home//u/.ssh/", 8 << 20 | 2, "/u/.ssh" },
		{ "/homeless", 8 << 20 | 1, "/homeless" },
		{ "/home/u v/share/x", 8 << 20 | 3, "/@shared/x" },
		{ "/absolute/share", 8 << 20 | 3, "/@shared" },
		{ "/usr/up/u", 8 << 20 | 2, "/u" },
		{ "/over/x", 32, "/x" },
		{ "/bound/x", 8 << 20 | 1, "/srv/x" },
		{ "/net/link/x", 33, "/link/x" }, /* it is not read */
		{ "/loop/x", 0, NULL },
	};
	struct place place;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int err = place_find(table, cases[i].path, &place);

		assert_int_equal(err, cases[i].device ? 0 : -ELOOP);
		if (err)
			continue;
		assert_string_equal(place.names, cases[i].names);
		assert_int_equal(place.device, cases[i].device);
	}
}

static struct filter filter, found;

static bool has(enum filter_kind kind, __u64 value)
{
	size_t i;

	for (i = 0; i < found.count; i++)
		if (found.rules[i].key.kind == kind && found.rules[i].key.value == value)
			return true;
	return false;
}

static __u64 hash_of(__u64 hash, const char *name)
{
	return filter_hash(hash, filter_path_name_value(name, strlen(name)));
}

static void places_are_keys_beside_the_names(void **state)
{
	struct offsets_error error;
	struct ruleset p = { .path = "rules", .filter = &filter, .error = &error };
	__u64 root_fs = place_seed(8 << 20 | 1), home = place_seed(8 << 20 | 2);

	(void)state;
	assert_int_equal(watch_rules_add(&p, "/bin"), 0);
	assert_int_equal(watch_rules_add(&p, "/home"), 0);
	assert_int_equal(watch_rules_add(&p, "/loop"), 0);
	filter.given = 3; /* so filter_read() counts them */
	assert_int_equal(places_add(&filter, table, &found), 1);
	assert_int_equal(found.given, 3);
	assert_true(has(WATCH_BELOW, hash_of(0, "bin")));
	assert_true(has(WATCH_BELOW, hash_of(hash_of(root_fs, "usr"), "bin")));
	assert_true(has(WATCH_ABOVE, hash_of(root_fs, "usr")));
	/* Also where it is when the link is none any more. */
	assert_true(has(WATCH_BELOW, hash_of(root_fs, "bin")));
	assert_true(has(WATCH_BELOW, hash_of(root_fs, "loop")));
	assert_true(has(WATCH_BELOW, home));
	assert_true(found.begins[begin_index(home)] & BEGIN_DEVICE);
	assert_true(found.begins[begin_index(hash_of(0, "usr"))] & BEGIN_FIRST);
	assert_int_equal(found.places, 1U << WATCH_PLACE_SHIFT | 1U << (WATCH_PLACE_SHIFT + 1) |
	                                       1U << (WATCH_PLACE_SHIFT + 2) |
	                                       1U << (WATCH_PLACE_ABOVE_SHIFT + 1));
}

static unsigned int links;
static struct linked_file linked;

static void link_found(void *arg, const struct linked_file *file)
{
	(void)arg;
	links++;
	linked = *file;
}

static void file_make(const char *name, const char *link_name)
{
	char path[128], other[128];
	struct stat st;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	snprintf(other, sizeof(other), "%s/%s", root, link_name);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
	        "root:x:0:0:root:/:/bin/sh\nu:x:1:1:u:/home/u:/bin/sh\nn:x:2:2:n:/net/n:/bin/sh\n");
	fclose(file);
	assert_true(!*link_name || !link(path, other));
	assert_int_equal(stat(path, &st), 0);
	linked.number = st.st_ino;
}

/* Of rules with a whole path, and below the home directories of passwd. */
static void files_with_several_names_are_found(void **state)
{
	static struct filter rules;
	struct offsets_error error;
	struct ruleset p = { .path = "rules", .filter = &rules, .error = &error };
	char passwd[128];
	__u64 number;

	(void)state;
	directory_make("home/u");
	directory_make("home/u/.ssh");
	file_make("passwd", "");
	file_make("usr/one", "");
	file_make("home/u/.ssh/keys", "home/u/other");
	number = linked.number;
	snprintf(passwd, sizeof(passwd), "%s/passwd", root);
	assert_int_equal(watch_rules_add(&p, "/usr/one"), 0);
	assert_int_equal(watch_rules_add(&p, "/usr/none"), 0);
	assert_int_equal(watch_rules_add(&p, "/usr"), 0);
	assert_int_equal(watch_rules_add(&p, ".../.ssh/keys"), 0);
	assert_int_equal(watch_rules_add(&p, "*.service"), 0);
	places_links(&rules, table, passwd, link_found, NULL);
	assert_int_equal(links, 1);
	assert_int_equal(linked.number, number);
	assert_int_equal(linked.device, 8 << 20 | 2);
	assert_int_equal(watch_rules_add(&p, "/home/u/other"), 0);
	places_links(&rules, table, passwd, link_found, NULL);
	assert_int_equal(links, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_found_in_its_file_system),
		cmocka_unit_test(places_are_keys_beside_the_names),
		cmocka_unit_test(files_with_several_names_are_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
