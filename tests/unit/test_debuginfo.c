/* SPDX-License-Identifier: BSD-2-Clause */
/* DWARF 2 to 5: every way to say where a member lies; copies that disagree; damage. */
#include "tests/unit/structs_check.h"

#include <fcntl.h>

#include "lkccb/input/input.h"

static struct offsets_error error;

static const struct input_options options = { .all_units = true, .threads = 1 };

/* Reads work/NAME; its only kernel is the caller's. */
static int read_file(const char *name, struct offsets_kernel **ret)
{
	struct kernels kernels;
	char path[128];
	int err;

	snprintf(path, sizeof(path), "%s/%s", work, name);
	err = input_read(path, &options, &kernels, &error);
	assert_int_equal(kernels.count, err ? 0 : 1);
	*ret = err ? NULL : kernels.list[0];
	return err;
}

static void compile(const char *flags, const char *source, const char *output)
{
	shell("cc -Itests/data -fno-stack-protector -O1 %s %s -o %s/%s", flags, source, work,
	      output);
}

static void expect_error(const char *name, int err, const char *word)
{
	struct offsets_kernel *kernel;

	assert_int_equal(read_file(name, &kernel), err);
	assert_says(&error, name);
	assert_says(&error, word);
	offsets_kernel_free(kernel);
}

/* ---- formats ---------------------------------------------------------- */

static void every_format_gives_the_compilers_offsets(void **state)
{
	static const char *const formats[] = {
		"-gdwarf-2 -gstrict-dwarf",
		"-gdwarf-3 -gstrict-dwarf",
		"-gdwarf-4 -gstrict-dwarf",
		"-gdwarf-5 -gstrict-dwarf",
		"-gdwarf-5 -gz=zlib",
		"-gdwarf-4 -fdebug-types-section",
		"-gdwarf-5 -fdebug-types-section",
	};
	static const char *const ages[] = { "", "-DNEWER" };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		for (j = 0; j < 2; j++) {
			struct offsets_kernel *kernel;
			char flags[128];

			snprintf(flags, sizeof(flags), "-nostdlib -static %s %s", formats[i],
			         ages[j]);
			compile(flags, "tests/data/structs.c", "structs");
			if (read_file("structs", &kernel))
				fail_msg("%s: %s", flags, error.text);
			assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE),
			                    "dwarf");
			kernel_check(kernel, j, true);
			offsets_kernel_free(kernel);

			/* Relocatable, as a module: relocations have to be applied. libdw reads no
			 * type units there; no kernel has them. */
			if (strstr(formats[i], "types"))
				continue;
			snprintf(flags, sizeof(flags), "-c %s %s", formats[i], ages[j]);
			compile(flags, "tests/data/structs.c", "structs.o");
			if (read_file("structs.o", &kernel))
				fail_msg("%s: %s", flags, error.text);
			kernel_check(kernel, j, true);
			offsets_kernel_free(kernel);
		}
}

static void a_kernel_says_who_it_is(void **state)
{
	struct offsets_kernel *kernel;

	(void)state;
	compile("-nostdlib -static -g -Wl,--build-id=0x0123456789abcdef", "tests/data/structs.c",
	        "vmlinux");
	assert_int_equal(read_file("vmlinux", &kernel), 0);
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE), "9.8.7-test");
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_VERSION),
	                    "#42 SMP Debian 9.8.7-1");
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE), "x86_64");
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID), "0123456789abcdef");
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_DISTRIBUTION), "debian");
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_VERSION_CODE), "9.8.7");
	assert_null(offsets_kernel_key(kernel, OFFSETS_KEY_MODULE));
	offsets_kernel_free(kernel);
}

static void two_version_codes_are_an_error(void **state)
{
	(void)state;
	compile("-nostdlib -static -g -DVERSION_CODE=0x090806", "tests/data/structs.c", "vmlinux");
	expect_error("vmlinux", -EBADMSG, "9.8.6");
	assert_says(&error, "9.8.7");
}

static void a_module_says_whose_it_is(void **state)
{
	struct offsets_kernel *kernel;

	(void)state;
	shell("printf '%%s\\n' '#include \"structs.h\"' 'struct task_struct t;' "
	      "'static const char m[] __attribute__((section(\".modinfo\"), used)) ="
	      " \"name=btrfs\\0vermagic=9.8.7-test SMP mod_unload \";' > %s/module.c",
	      work);
	shell("cc -Itests/data -g -c %s/module.c -o %s/btrfs.ko", work, work);
	assert_int_equal(read_file("btrfs.ko", &kernel), 0);
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE), "9.8.7-test");
	assert_string_equal(offsets_kernel_key(kernel, OFFSETS_KEY_MODULE), "btrfs");
	offsets_kernel_free(kernel);
}

static void the_callers_word_must_fit(void **state)
{
	const struct input_options other = { .release = "1.2.3" };
	struct kernels kernels;
	char path[128];

	(void)state;
	compile("-nostdlib -static -g", "tests/data/structs.c", "vmlinux");
	snprintf(path, sizeof(path), "%s/vmlinux", work);
	assert_int_equal(input_read(path, &other, &kernels, &error), -EINVAL);
	assert_says(&error, "9.8.7-test");
	assert_says(&error, "1.2.3");
}

/* ---- several units ---------------------------------------------------- */

static void units_that_agree_are_one(void **state)
{
	struct offsets_kernel *kernel;

	(void)state;
	shell("echo '#include \"structs.h\"\nstruct task_struct other;' > %s/other.c", work);
	shell("cc -nostdlib -static -g -Itests/data tests/data/structs.c %s/other.c -o %s/two",
	      work, work);
	assert_int_equal(read_file("two", &kernel), 0);
	kernel_check(kernel, false, true);
	offsets_kernel_free(kernel);
}

static void units_that_disagree_are_named(void **state)
{
	(void)state;
	shell("echo 'struct task_struct { long shifted; int pid, tgid; } other;' > %s/other.c",
	      work);
	shell("cc -nostdlib -static -g -Itests/data tests/data/structs.c %s/other.c -o %s/mixed",
	      work, work);
	expect_error("mixed", -ENOTUNIQ, "task_struct.");
	assert_says(&error, "tests/data/structs.c");
	assert_says(&error, "other.c");
}

static void a_member_that_only_one_unit_has_is_a_disagreement(void **state)
{
	(void)state;
	shell("echo 'struct qstr { unsigned long long hash_len; const char *name; } q;' > "
	      "%s/other.c",
	      work);
	shell("cc -nostdlib -static -g -Itests/data tests/data/structs.c %s/other.c -o %s/mixed",
	      work, work);
	expect_error("mixed", -ENOTUNIQ, "qstr.len");
	assert_says(&error, "absent");
}

/* A unit of its own folder, with another struct qstr than that of tests/data. */
static void qstr_of(const char *file)
{
	shell("mkdir -p $(dirname %s/%s) && echo 'struct qstr { long shifted; unsigned int len; "
	      "};' > "
	      "%s/%s",
	      work, file, work, file);
	shell("echo '#include \"%s\"\nstruct qstr other;' > %s/other.c", file, work);
	shell("mkdir -p %s/include/linux && cp tests/data/structs.h %s/include/linux/ && "
	      "cc -nostdlib -static -g -I%s/include/linux -x c - -c -o %s/first.o < "
	      "tests/data/structs.c",
	      work, work, work, work);
	shell("cc -nostdlib -static -g -I%s %s/first.o %s/other.c -o %s/named", work, work, work,
	      work);
}

static void of_two_structs_the_kernels_header_counts(void **state)
{
	const struct offsets_fact *len;
	struct offsets_kernel *kernel;

	(void)state;
	qstr_of("drivers/other/other.h");
	if (read_file("named", &kernel))
		fail_msg("%s", error.text);
	kernel_check(kernel, false, true);
	assert_non_null(
		strstr(offsets_kernel_key(kernel, OFFSETS_KEY_ORIGIN), "include/linux/structs.h"));
	assert_non_null(
		strstr(offsets_kernel_key(kernel, OFFSETS_KEY_ORIGIN), "drivers/other/other.h"));
	offsets_kernel_free(kernel);

	/* Also where the other one comes first. */
	shell("cc -nostdlib -static -g -I%s %s/other.c %s/first.o -o %s/named", work, work, work,
	      work);
	assert_int_equal(read_file("named", &kernel), 0);
	len = offsets_kernel_fact(kernel, "qstr", "len");
	assert_int_equal(len->offset, 4);
	offsets_kernel_free(kernel);
}

static void a_drivers_own_include_is_no_header_of_the_kernel(void **state)
{
	static const char *const files[] = { "drivers/gpu/include/other.h", "drivers/net/other.h" };
	struct offsets_kernel *kernel;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		qstr_of(files[i]);
		if (read_file("named", &kernel))
			fail_msg("%s: %s", files[i], error.text);
		assert_int_equal(offsets_kernel_fact(kernel, "qstr", "len")->offset, 4);
		offsets_kernel_free(kernel);
	}
}

static void of_two_headers_of_the_kernel_none_counts(void **state)
{
	(void)state;
	qstr_of("include/net/other.h");
	expect_error("named", -ENOTUNIQ, "qstr.");
}

/* ---- bad input -------------------------------------------------------- */

static void files_without_what_we_need(void **state)
{
	(void)state;
	compile("-nostdlib -static -s", "tests/data/structs.c", "stripped");
	expect_error("stripped", -ENODATA, "debug package");
	shell("echo 'int main(void) { return 0; }' > %s/main.c", work);
	shell("cc -g %s/main.c -o %s/main", work, work);
	expect_error("main", -ENODATA, "debug package");
	shell("echo '#!/bin/sh' > %s/script", work);
	expect_error("script", -EBADMSG, "neither ELF");
	shell("cp %s/stripped %s/arm && printf '\\050' | dd of=%s/arm bs=1 seek=18 conv=notrunc "
	      "2>/dev/null",
	      work, work, work);
	expect_error("arm", -EINVAL, "x86_64 and aarch64");
}

/* Every cut, and flipped bytes all over: a kernel or an error, never a crash or a hang. */
static void damaged_bytes_never_crash(void **state)
{
	static char data[1 << 20];
	char path[128];
	size_t size, i, step;
	struct offsets_kernel *kernel;
	FILE *f;

	(void)state;
	compile("-c -gdwarf-5", "tests/data/structs.c", "structs.o");
	compile("-nostdlib -static -gdwarf-4", "tests/data/structs.c", "structs");
	snprintf(path, sizeof(path), "%s/structs", work);
	f = fopen(path, "r");
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/damaged", work);
	step = size / 400 + 1;
	for (i = 0; i < size; i += step) {
		f = fopen(path, "w");
		fwrite(data, 1, i, f);
		fclose(f);
		read_file("damaged", &kernel);
		offsets_kernel_free(kernel);
		data[i] ^= 0x55;
		f = fopen(path, "w");
		fwrite(data, 1, size, f);
		fclose(f);
		data[i] ^= 0x55;
		read_file("damaged", &kernel);
		offsets_kernel_free(kernel);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_gives_the_compilers_offsets),
		cmocka_unit_test(a_kernel_says_who_it_is),
		cmocka_unit_test(two_version_codes_are_an_error),
		cmocka_unit_test(a_module_says_whose_it_is),
		cmocka_unit_test(the_callers_word_must_fit),
		cmocka_unit_test(units_that_agree_are_one),
		cmocka_unit_test(units_that_disagree_are_named),
		cmocka_unit_test(a_member_that_only_one_unit_has_is_a_disagreement),
		cmocka_unit_test(of_two_structs_the_kernels_header_counts),
		cmocka_unit_test(a_drivers_own_include_is_no_header_of_the_kernel),
		cmocka_unit_test(of_two_headers_of_the_kernel_none_counts),
		cmocka_unit_test(files_without_what_we_need),
		cmocka_unit_test(damaged_bytes_never_crash),
	};

	return cmocka_run_group_tests_name("debuginfo", tests, work_enter, work_leave);
}
