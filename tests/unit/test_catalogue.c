/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue: what is wanted, and how a kernel's facts become the map's value. */
#include "offsets/facts.h"
#include "tests/unit/unit.h"

static void wanted_is_sorted_and_unique(void **state)
{
	size_t count, i;
	const struct offsets_wanted *w = offsets_wanted_all(&count);

	(void)state;
	assert_true(count >= LAYOUT_MAX);
	for (i = 1; i < count; i++) {
		int c = strcmp(w[i - 1].type, w[i].type);

		assert_true(c < 0 || (!c && strcmp(w[i - 1].member, w[i].member) < 0));
	}
}

static bool wants_of(enum offsets_fact_kind kind, const char *type, const char *member)
{
	size_t count, i;
	const struct offsets_wanted *w = offsets_wanted_of(kind, type, &count);

	for (i = 0; i < count; i++)
		if (!strcmp(w[i].member, member))
			return true;
	return false;
}

static bool wants(const char *type, const char *member)
{
	return wants_of(OFFSETS_FACT_MEMBER, type, member);
}

static void facts_are_of_several_kinds(void **state)
{
	(void)state;
	assert_true(wants("task_struct", "sizeof"));
	assert_true(wants("thread_union", "sizeof"));
	assert_true(wants_of(OFFSETS_FACT_ENUMERATOR, "pid_type", "PIDTYPE_PGID"));
	assert_false(wants_of(OFFSETS_FACT_ENUMERATOR, "pid_type", "sizeof"));
	assert_true(wants_of(OFFSETS_FACT_ARGUMENT, "commit_creds", "new"));
	assert_true(wants_of(OFFSETS_FACT_SYMBOL, "", "commit_creds"));
	assert_true(wants_of(OFFSETS_FACT_SYMBOL, "", "commit_creds.isra"));
	assert_false(wants("pid_type", "PIDTYPE_PGID"));
	assert_false(wants("commit_creds", "new"));
	assert_int_equal(offsets_fact_kind("task_struct"), OFFSETS_FACT_MEMBER);
	assert_int_equal(offsets_fact_kind("enum pid_type"), OFFSETS_FACT_ENUMERATOR);
	assert_int_equal(offsets_fact_kind("commit_creds()"), OFFSETS_FACT_ARGUMENT);
	assert_int_equal(offsets_fact_kind(".symtab"), OFFSETS_FACT_SYMBOL);
}

static void alternatives_are_all_wanted(void **state)
{
	(void)state;
	assert_true(wants("task_struct", "start_boottime"));
	assert_true(wants("task_struct", "real_start_time"));
	assert_true(wants("task_struct", "thread_pid"));
	assert_true(wants("task_struct", "pids[0].pid"));
	assert_true(wants("pid_namespace", "ns.inum"));
	assert_true(wants("pid_namespace", "proc_inum"));
	assert_true(wants("nsproxy", "pid_ns"));
	assert_true(wants("thread_info", "task"));
	assert_false(wants("task_struct", "start_boottime|real_start_time"));
	assert_false(wants("no_such_struct", "pid"));
}

static void either_name_fills_the_fact(void **state)
{
	static const struct {
		const char *member;
		uint32_t size; /* a struct timespec before 3.17 */
	} names[] = { { "start_boottime", 8 }, { "real_start_time", 16 } };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct offsets_kernel *kernel = offsets_kernel_new();
		struct layout layout;

		add_fact(kernel, "task_struct", names[i].member, 1712, names[i].size);
		offsets_kernel_layout(kernel, &layout);
		assert_int_equal(layout.facts[LAYOUT_TASK_START_BOOTTIME].offset, 1712);
		assert_int_equal(layout.facts[LAYOUT_TASK_START_BOOTTIME].size, names[i].size);
		offsets_kernel_free(kernel);
	}
}

/* struct mount's place among those of its file system: a list head before 6.18, then a pointer. */
static void the_size_says_how_mounts_are_listed(void **state)
{
	static const struct {
		const char *member;
		uint32_t size;
	} names[] = { { "mnt_instance", 16 }, { "mnt_next_for_sb", 8 } };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct offsets_kernel *kernel = offsets_kernel_new();
		struct layout layout;

		add_fact(kernel, "mount", names[i].member, 128, names[i].size);
		offsets_kernel_layout(kernel, &layout);
		assert_int_equal(layout.facts[LAYOUT_MOUNT_INSTANCE].offset, 128);
		assert_int_equal(layout.facts[LAYOUT_MOUNT_INSTANCE].size, names[i].size);
		offsets_kernel_free(kernel);
	}
}

static void types_are_those_that_the_probes_can_read(void **state)
{
	const struct offsets_wanted *mounts = offsets_wanted_find("super_block", "s_mounts");
	const struct offsets_wanted *whole = offsets_wanted_find("super_block", "sizeof");

	(void)state;
	assert_true(offsets_type_expected(mounts, "*mount"));
	assert_true(offsets_type_expected(mounts, "list_head"));
	assert_false(offsets_type_expected(mounts, "*mountpoint"));
	assert_false(offsets_type_expected(mounts, "mount"));
	assert_false(offsets_type_expected(mounts, "8"));
	assert_false(offsets_type_expected(mounts, ""));
	assert_true(offsets_type_expected(whole, "anything"));
	assert_true(offsets_size_expected(mounts, 8));
	assert_true(offsets_size_expected(offsets_wanted_find("mount", "mnt_parent"), 8));
	assert_false(offsets_size_expected(offsets_wanted_find("mount", "mnt_parent"), 16));
	assert_false(offsets_size_expected(offsets_wanted_find("cred", "uid"), 8));
	assert_null(offsets_wanted_find("super_block", "s_root"));
}

static void each_member_has_a_type(void **state)
{
	size_t count, i;
	const struct offsets_wanted *w = offsets_wanted_all(&count);

	(void)state;
	for (i = 0; i < count; i++) {
		enum offsets_fact_kind kind = offsets_fact_kind(w[i].type);
		bool typed = kind == OFFSETS_FACT_ARGUMENT ||
		             (kind == OFFSETS_FACT_MEMBER && strcmp(w[i].member, "sizeof"));

		if (typed != !!w[i].expected || strpbrk(w[i].member, ":,"))
			fail_msg("%s.%s", w[i].type, w[i].member);
	}
}

static void what_a_kernel_lacks_is_absent(void **state)
{
	struct offsets_kernel *kernel = offsets_kernel_new();
	struct layout layout;
	size_t i, present = 0;

	(void)state;
	add_fact(kernel, "task_struct", "pid", 0, 4);       /* 0 is a real offset */
	add_fact(kernel, "task_struct", "tgid", 0xffff, 4); /* too far for the map's value */
	offsets_kernel_layout(kernel, &layout);
	for (i = 0; i < LAYOUT_MAX; i++)
		present += layout.facts[i].offset != LAYOUT_ABSENT;
	assert_int_equal(present, 1);
	assert_int_equal(layout.facts[LAYOUT_TASK_PID].offset, 0);
	offsets_kernel_free(kernel);
}

static void bit_fields_keep_their_bits(void **state)
{
	struct offsets_fact fact = { "task_struct", "in_execve", 1184, 4, 1, 1 };
	struct offsets_kernel *kernel = offsets_kernel_new();
	struct layout layout;

	(void)state;
	assert_int_equal(offsets_kernel_add_fact(kernel, &fact), 0);
	offsets_kernel_layout(kernel, &layout);
	assert_int_equal(layout.facts[LAYOUT_TASK_IN_EXECVE].offset, 1184);
	assert_int_equal(layout.facts[LAYOUT_TASK_IN_EXECVE].bit_offset, 1);
	assert_int_equal(layout.facts[LAYOUT_TASK_IN_EXECVE].bit_size, 1);
	offsets_kernel_free(kernel);
}

static void impossible_facts_are_refused(void **state)
{
	static const struct offsets_fact bad[] = {
		{ "", "pid", 0, 4, 0, 0 },
		{ "task struct", "pid", 0, 4, 0, 0 },
		{ "task_struct", "pi\nd", 0, 4, 0, 0 },
		{ "task_struct", "pid", 1 << 24, 4, 0, 0 },
		{ "task_struct", "pid", 0, UINT32_MAX, 0, 0 },
		{ "task_struct", "pid", 0, 4, 60, 8 },
		{ "task_struct", "pid", 0, 4, 1, 0 },
	};
	struct offsets_kernel *kernel = offsets_kernel_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(offsets_kernel_add_fact(kernel, &bad[i]), -EINVAL);
	assert_int_equal(offsets_kernel_count(kernel), 0);
	offsets_kernel_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wanted_is_sorted_and_unique),
		cmocka_unit_test(facts_are_of_several_kinds),
		cmocka_unit_test(alternatives_are_all_wanted),
		cmocka_unit_test(either_name_fills_the_fact),
		cmocka_unit_test(the_size_says_how_mounts_are_listed),
		cmocka_unit_test(types_are_those_that_the_probes_can_read),
		cmocka_unit_test(each_member_has_a_type),
		cmocka_unit_test(what_a_kernel_lacks_is_absent),
		cmocka_unit_test(bit_fields_keep_their_bits),
		cmocka_unit_test(impossible_facts_are_refused),
	};

	return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
