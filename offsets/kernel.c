/* SPDX-License-Identifier: BSD-2-Clause */
/* One kernel: its keys, and its facts as an array that is sorted by type and member. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/escape.h"
#include "offsets/util/jsonw.h"
#include "offsets/kernel.h"

#define NAME_MAX_BYTES  128
#define VALUE_MAX_BYTES 1000
#define FACTS_MAX       4096 /* the catalogue has some hundred */

static const char *const key_names[KERNEL_KEYS] = {
	[OFFSETS_KEY_RELEASE] = "release",
	[OFFSETS_KEY_MACHINE] = "machine",
	[OFFSETS_KEY_VERSION] = "version",
	[OFFSETS_KEY_BUILD_ID] = "build_id",
	[OFFSETS_KEY_MODULE] = "module",
	[OFFSETS_KEY_DISTRIBUTION] = "distribution",
	[OFFSETS_KEY_PACKAGE] = "package",
	[OFFSETS_KEY_PACKAGE_VERSION] = "package_version",
	[OFFSETS_KEY_PACKAGE_SHA256] = "package_sha256",
	[OFFSETS_KEY_SOURCE] = "source",
	[OFFSETS_KEY_ORIGIN] = "origin",
	[OFFSETS_KEY_VERSION_CODE] = "version_code",
};

struct offsets_kernel {
	char *keys[KERNEL_KEYS];    /* NULL: unknown */
	struct offsets_fact *facts; /* it owns their names */
	size_t count;
};

const char *offsets_key_name(unsigned int key)
{
	return key < KERNEL_KEYS ? key_names[key] : NULL;
}

struct offsets_kernel *offsets_kernel_new(void)
{
	return calloc(1, sizeof(struct offsets_kernel));
}

void offsets_kernel_clear(struct offsets_kernel *kernel)
{
	size_t i;

	for (i = 0; i < kernel->count; i++) {
		free((char *)kernel->facts[i].type);
		free((char *)kernel->facts[i].member);
	}
	free(kernel->facts);
	kernel->facts = NULL;
	kernel->count = 0;
}

void offsets_kernel_free(struct offsets_kernel *kernel)
{
	size_t i;

	if (!kernel)
		return;
	for (i = 0; i < KERNEL_KEYS; i++)
		free(kernel->keys[i]);
	offsets_kernel_clear(kernel);
	free(kernel);
}

/* Stored text can be printed without escaping. */
static bool printable(const char *s, size_t max)
{
	size_t size = strnlen(s, max + 1);

	return size && size <= max && escape_is_plain(s, size);
}

static bool hex(const char *s)
{
	return s[strspn(s, "0123456789abcdef")] == '\0';
}

const char *offsets_kernel_key(const struct offsets_kernel *kernel, enum offsets_key key)
{
	return key < KERNEL_KEYS ? kernel->keys[key] : NULL;
}

int offsets_kernel_set(struct offsets_kernel *kernel, enum offsets_key key, const char *value)
{
	char *copy;

	if (key >= KERNEL_KEYS || !printable(value, VALUE_MAX_BYTES))
		return -EINVAL;
	if ((key == OFFSETS_KEY_BUILD_ID || key == OFFSETS_KEY_PACKAGE_SHA256) && !hex(value))
		return -EINVAL;
	if (key == OFFSETS_KEY_PACKAGE &&
	    strchr(value, '%')) /* in the database, % stands for the release */
		return -EINVAL;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	free(kernel->keys[key]);
	kernel->keys[key] = copy;
	return 0;
}

static bool name_ok(const char *s)
{
	return printable(s, NAME_MAX_BYTES) && !strchr(s, ' ');
}

static bool type_ok(const char *s)
{
	return name_ok(strncmp(s, "enum ", 5) ? s : s + 5);
}

/* No kernel struct has 16 MiB: a larger number is damage. */
static bool numbers_ok(const struct offsets_fact *fact)
{
	const uint32_t max = 1 << 24;

	return fact->offset < max && fact->size < max && fact->bit_offset < 64 &&
	       fact->bit_size <= 64 && fact->bit_offset + fact->bit_size <= 64 &&
	       (fact->bit_size || !fact->bit_offset);
}

int offsets_kernel_add_fact(struct offsets_kernel *kernel, const struct offsets_fact *fact)
{
	struct offsets_fact copy = *fact;

	if (kernel->count == FACTS_MAX || !type_ok(fact->type) || !name_ok(fact->member) ||
	    !numbers_ok(fact))
		return -EINVAL;
	if ((kernel->count & (kernel->count - 1)) == 0) {
		size_t room = kernel->count ? kernel->count * 2 : 1;
		struct offsets_fact *facts = realloc(kernel->facts, room * sizeof(*facts));

		if (!facts)
			return -ENOMEM;
		kernel->facts = facts;
	}
	copy.type = strdup(fact->type);
	copy.member = strdup(fact->member);
	if (!copy.type || !copy.member) {
		free((char *)copy.type);
		free((char *)copy.member);
		return -ENOMEM;
	}
	kernel->facts[kernel->count++] = copy;
	return 0;
}

int offsets_kernel_copy_facts(struct offsets_kernel *to, const struct offsets_kernel *from)
{
	size_t i;
	int err;

	for (i = 0; i < from->count; i++) {
		err = offsets_kernel_add_fact(to, &from->facts[i]);
		if (err)
			return err;
	}
	return 0;
}

static int fact_compare(const void *a, const void *b)
{
	const struct offsets_fact *x = a, *y = b;
	int c = strcmp(x->type, y->type);

	return c ? c : strcmp(x->member, y->member);
}

void offsets_kernel_sort(struct offsets_kernel *kernel)
{
	if (kernel->count)
		qsort(kernel->facts, kernel->count, sizeof(*kernel->facts), fact_compare);
}

const struct offsets_fact *offsets_kernel_fact(const struct offsets_kernel *kernel,
                                               const char *type, const char *member)
{
	struct offsets_fact key = { .type = type, .member = member };

	if (!kernel->count)
		return NULL;
	return bsearch(&key, kernel->facts, kernel->count, sizeof(key), fact_compare);
}

size_t offsets_kernel_count(const struct offsets_kernel *kernel)
{
	return kernel->count;
}

const struct offsets_fact *offsets_kernel_fact_at(const struct offsets_kernel *kernel, size_t index)
{
	return index < kernel->count ? &kernel->facts[index] : NULL;
}

bool offsets_fact_same(const struct offsets_fact *a, const struct offsets_fact *b)
{
	return a->offset == b->offset && a->size == b->size && a->bit_offset == b->bit_offset &&
	       a->bit_size == b->bit_size;
}

bool offsets_kernel_same_facts(const struct offsets_kernel *a, const struct offsets_kernel *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (fact_compare(&a->facts[i], &b->facts[i]) ||
		    !offsets_fact_same(&a->facts[i], &b->facts[i]))
			return false;
	return true;
}

int offsets_kernel_print_json(const struct offsets_kernel *kernel, FILE *out)
{
	struct jsonw json;
	size_t i;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	for (i = 0; i < KERNEL_KEYS; i++)
		jsonw_string(&json, key_names[i], kernel->keys[i]);
	jsonw_array_open(&json, "facts");
	for (i = 0; i < kernel->count; i++) {
		const struct offsets_fact *fact = &kernel->facts[i];

		jsonw_object_open(&json, NULL);
		jsonw_string(&json, "type", fact->type);
		jsonw_string(&json, "member", fact->member);
		jsonw_u64(&json, "offset", fact->offset);
		jsonw_u64(&json, "size", fact->size);
		if (fact->bit_size) {
			jsonw_u64(&json, "bit_offset", fact->bit_offset);
			jsonw_u64(&json, "bit_size", fact->bit_size);
		} else {
			jsonw_string(&json, "bit_offset", NULL);
			jsonw_string(&json, "bit_size", NULL);
		}
		jsonw_object_close(&json);
	}
	jsonw_array_close(&json);
	jsonw_object_close(&json);
	return jsonw_print(&json, out);
}

void offsets_kernel_print_text(const struct offsets_kernel *kernel, FILE *out)
{
	size_t i;

	for (i = 0; i < KERNEL_KEYS; i++)
		if (kernel->keys[i])
			fprintf(out, "%s: %s\n", key_names[i], kernel->keys[i]);
	fprintf(out, "\n%-24s %-26s %6s %5s\n", "TYPE", "MEMBER", "OFFSET", "SIZE");
	for (i = 0; i < kernel->count; i++) {
		const struct offsets_fact *f = &kernel->facts[i];

		fprintf(out, "%-24s %-26s %6u %5u", f->type, f->member, f->offset, f->size);
		if (f->bit_size)
			fprintf(out, "  bits %u-%u", f->bit_offset,
			        f->bit_offset + f->bit_size - 1);
		fputc('\n', out);
	}
}

size_t offsets_kernel_rank(const struct offsets_kernel *kernel)
{
	const char *source = offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE), *at;
	char word[sizeof(KERNEL_SOURCES)];

	if (!source || (size_t)snprintf(word, sizeof(word), "|%s|", source) >= sizeof(word))
		return sizeof(KERNEL_SOURCES);
	at = strstr(KERNEL_SOURCES, word);
	return at ? (size_t)(at - KERNEL_SOURCES) : sizeof(KERNEL_SOURCES);
}

static size_t rank_of(const char *source)
{
	return strstr(KERNEL_SOURCES, source) - KERNEL_SOURCES;
}

bool offsets_kernel_inferred(const struct offsets_kernel *kernel)
{
	return offsets_kernel_rank(kernel) >= rank_of(KERNEL_INFERRED);
}

bool offsets_kernel_is_read(const struct offsets_kernel *kernel)
{
	return offsets_kernel_rank(kernel) < rank_of(KERNEL_ISF);
}

int offsets_kernel_verified(struct offsets_kernel *kernel, bool is_verified)
{
	const char *source = offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE);
	char word[sizeof(KERNEL_SOURCES)];

	if (!offsets_kernel_is_read(kernel))
		return 0;
	if (!strncmp(source, KERNEL_VERIFIED, strlen(KERNEL_VERIFIED)))
		source += strlen(KERNEL_VERIFIED);
	snprintf(word, sizeof(word), "%s%s", is_verified ? KERNEL_VERIFIED : "", source);
	return offsets_kernel_set(kernel, OFFSETS_KEY_SOURCE, word);
}

static bool same_version(const struct offsets_kernel *a, const struct offsets_kernel *b)
{
	const char *x = a->keys[OFFSETS_KEY_VERSION], *y = b->keys[OFFSETS_KEY_VERSION];

	return x && y && !strcmp(x, y);
}

bool offsets_kernel_prevails(const struct offsets_kernel *first, const struct offsets_kernel *other,
                             bool by_release)
{
	return offsets_kernel_same_facts(first, other) ||
	       (offsets_kernel_rank(first) < offsets_kernel_rank(other) &&
	        (!by_release || offsets_kernel_inferred(other) || same_version(first, other)));
}
