/* SPDX-License-Identifier: BSD-2-Clause */
/* BTF, as clang writes it for the same structs; then cut and damaged. */
#include "structs_check.h"

static struct offsets_error error;
static char data[1 << 20];

/* The .BTF section of structs.c in one of its ages; its size. */
static size_t btf_of(const char *flags)
{
	char path[128];
	size_t size;
	FILE *f;

	/* BPF lays structs out as x86_64 does. */
	shell("clang -target bpf -O1 -g -Itests/data %s -c tests/data/structs.c -o %s/structs.o",
	      flags, work);
	shell("llvm-objcopy --dump-section .BTF=%s/btf %s/structs.o", work, work);
	snprintf(path, sizeof(path), "%s/btf", work);
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	return size;
}

static void clangs_btf_gives_the_compilers_offsets(void **state)
{
	static const char *const ages[] = { "", "-DNEWER" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct kernel_row *row = offsets_row_new();
		size_t size = btf_of(ages[i]);

		if (offsets_btf_read(data, size, "x.btf", row, &error))
			fail_msg("%s", error.text);
		row_check(row, i, false);
		offsets_row_free(row);
	}
}

static void every_cut_is_an_error(void **state)
{
	size_t size = btf_of(""), i;

	(void)state;
	for (i = 0; i < size; i++) {
		struct guarded g = guarded_copy(data, i);
		struct kernel_row *row = offsets_row_new();

		assert_int_equal(offsets_btf_read(g.data, i, "x.btf", row, &error), -EBADMSG);
		assert_says(&error, "x.btf");
		offsets_row_free(row);
		guarded_free(&g);
	}
}

static void damaged_bytes_never_crash(void **state)
{
	size_t size = btf_of(""), i;
	int bit;

	(void)state;
	for (i = 0; i < size; i++)
		for (bit = 0; bit < 8; bit += 3) {
			struct guarded g = guarded_copy(data, size);
			struct kernel_row *row = offsets_row_new();

			g.data[i] ^= 1 << bit;
			offsets_btf_read(g.data, size, "x.btf", row, &error);
			offsets_row_free(row);
			guarded_free(&g);
		}
}

static void unknown_kinds_are_told(void **state)
{
	size_t size = btf_of("");
	struct kernel_row *row = offsets_row_new();
	uint32_t header;

	(void)state;
	memcpy(&header, data + 4, 4);
	data[header + 7] = 31; /* kind of the first type */
	assert_int_equal(offsets_btf_read(data, size, "x.btf", row, &error), -EBADMSG);
	assert_says(&error, "kind");
	offsets_row_free(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clangs_btf_gives_the_compilers_offsets),
		cmocka_unit_test(every_cut_is_an_error),
		cmocka_unit_test(damaged_bytes_never_crash),
		cmocka_unit_test(unknown_kinds_are_told),
	};

	return cmocka_run_group_tests_name("btf", tests, work_enter, work_leave);
}
