/* SPDX-License-Identifier: BSD-2-Clause */
/* BTF, as clang writes it for the same structs; then cut and damaged. */
#include "tests/unit/structs_check.h"

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
		struct offsets_kernel *kernel = offsets_kernel_new();
		size_t size = btf_of(ages[i]);

		if (offsets_btf_read(data, size, "x.btf", kernel, &error))
			fail_msg("%s", error.text);
		kernel_check(kernel, i, false);
		offsets_kernel_free(kernel);
	}
}

static void every_cut_is_an_error(void **state)
{
	size_t size = btf_of(""), i;

	(void)state;
	for (i = 0; i < size; i++) {
		struct guarded g = guarded_copy(data, i);
		struct offsets_kernel *kernel = offsets_kernel_new();

		assert_int_equal(offsets_btf_read(g.data, i, "x.btf", kernel, &error), -EBADMSG);
		assert_says(&error, "x.btf");
		offsets_kernel_free(kernel);
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
			struct offsets_kernel *kernel = offsets_kernel_new();

			g.data[i] ^= 1 << bit;
			offsets_btf_read(g.data, size, "x.btf", kernel, &error);
			offsets_kernel_free(kernel);
			guarded_free(&g);
		}
}

static void unknown_kinds_are_reported(void **state)
{
	size_t size = btf_of("");
	struct offsets_kernel *kernel = offsets_kernel_new();
	uint32_t header;

	(void)state;
	memcpy(&header, data + 4, 4);
	data[header + 7] = 31; /* kind of the first type */
	assert_int_equal(offsets_btf_read(data, size, "x.btf", kernel, &error), -EBADMSG);
	assert_says(&error, "kind");
	offsets_kernel_free(kernel);
}

/* ---- modules: their types and strings go on behind the kernel's ----------- */

struct header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_size, type_offset, type_size, string_offset, string_size;
};

struct type {
	uint32_t name, info, size;
};

/* struct inode, 8 bytes, type 1 */
static const struct {
	struct header header;
	struct type inode;
	char strings[7];
} vmlinux = { { 0xeb9f, 1, 0, sizeof(struct header), 0, 12, 12, 7 },
	      { 1, 4U << 24, 8 },
	      "\0inode" };

#define KERNEL_STRINGS sizeof(vmlinux.strings)

/*
 * struct dentry *, type 2; struct dentry, a declaration; struct ovl_inode { 8 bytes;
 * struct inode vfs_inode; 8 bytes; struct dentry *__upperdentry; }
 */
static const struct {
	struct header header;
	struct type pointer, dentry, structure;
	struct {
		uint32_t name, type, bits;
	} members[2];
	char strings[41];
} module = {
	{ 0xeb9f, 1, 0, sizeof(struct header), 0, 60, 60, 41 },
	{ 0, 2U << 24, 3 },
	{ KERNEL_STRINGS + 34, 7U << 24, 0 },
	{ KERNEL_STRINGS, 4U << 24 | 2, 32 },
	{ { KERNEL_STRINGS + 10, 1, 64 }, { KERNEL_STRINGS + 20, 2, 192 } },
	"ovl_inode\0vfs_inode\0__upperdentry\0dentry",
};

#define MODULE_BYTES (offsetof(__typeof__(module), strings) + sizeof(module.strings))

static int module_read(const void *blob, size_t size, struct offsets_kernel *kernel)
{
	return offsets_btf_read_module(&vmlinux, sizeof(vmlinux), blob, size, "overlay", kernel,
	                               &error);
}

static void a_modules_structs_refer_to_the_kernels_types(void **state)
{
	struct offsets_kernel *kernel = offsets_kernel_new();
	const struct offsets_fact *fact;

	(void)state;
	if (module_read(&module, MODULE_BYTES, kernel))
		fail_msg("%s", error.text);
	fact = offsets_kernel_fact(kernel, "ovl_inode", "vfs_inode");
	assert_non_null(fact);
	assert_int_equal(fact->offset, 8);
	assert_int_equal(fact->size, 8);
	fact = offsets_kernel_fact(kernel, "ovl_inode", "__upperdentry");
	assert_non_null(fact);
	assert_int_equal(fact->offset, 24);
	assert_int_equal(fact->size, 8);
	offsets_kernel_free(kernel);
}

static void a_damaged_module_is_an_error_or_harmless(void **state)
{
	size_t i;
	int bit;

	(void)state;
	for (i = 0; i < MODULE_BYTES; i++) {
		struct guarded g = guarded_copy(&module, i);
		struct offsets_kernel *kernel = offsets_kernel_new();

		assert_int_equal(module_read(g.data, i, kernel), -EBADMSG);
		assert_says(&error, "overlay");
		offsets_kernel_free(kernel);
		guarded_free(&g);
		for (bit = 0; bit < 8; bit++) {
			g = guarded_copy(&module, MODULE_BYTES);
			kernel = offsets_kernel_new();
			g.data[i] ^= 1 << bit;
			module_read(g.data, MODULE_BYTES, kernel);
			offsets_kernel_free(kernel);
			guarded_free(&g);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clangs_btf_gives_the_compilers_offsets),
		cmocka_unit_test(every_cut_is_an_error),
		cmocka_unit_test(damaged_bytes_never_crash),
		cmocka_unit_test(unknown_kinds_are_reported),
		cmocka_unit_test(a_modules_structs_refer_to_the_kernels_types),
		cmocka_unit_test(a_damaged_module_is_an_error_or_harmless),
	};

	return cmocka_run_group_tests_name("btf", tests, work_enter, work_leave);
}
