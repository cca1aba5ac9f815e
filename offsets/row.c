/* SPDX-License-Identifier: BSD-2-Clause */
/* One kernel: who it is, and where its members lie. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/escape.h"
#include "offsets/util/jsonw.h"
#include "offsets/offsets.h"

#define NAME_MAX_BYTES  128
#define VALUE_MAX_BYTES 1000
#define FACTS_MAX       4096 /* the catalogue asks for some hundred */

static const char *const key_names[ROW_KEYS] = {
	[ROW_RELEASE] = "release",
	[ROW_MACHINE] = "machine",
	[ROW_VERSION] = "version",
	[ROW_BUILD_ID] = "build_id",
	[ROW_MODULE] = "module",
	[ROW_DISTRIBUTION] = "distribution",
	[ROW_PACKAGE] = "package",
	[ROW_PACKAGE_VERSION] = "package_version",
	[ROW_PACKAGE_SHA256] = "package_sha256",
	[ROW_SOURCE] = "source",
	[ROW_ORIGIN] = "origin",
	[ROW_VERSION_CODE] = "version_code",
};

/* One line always, that steers no terminal: names in it may come from hostile files. */
int offsets_fail(struct offsets_error *error, int err, const char *format, ...)
{
	char text[sizeof(error->text)];
	size_t size;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size = strlen(text);
	while (size && strchr(" \r\n", text[size - 1])) /* as libraries end theirs */
		size--;
	escape_text(text, size, error->text, sizeof(error->text));
	return err;
}

const char *offsets_row_key_name(enum row_key key)
{
	return key_names[key];
}

struct kernel_row *offsets_row_new(void)
{
	return calloc(1, sizeof(struct kernel_row));
}

void offsets_row_clear(struct kernel_row *row)
{
	size_t i;

	for (i = 0; i < row->count; i++) {
		free(row->facts[i].type);
		free(row->facts[i].member);
	}
	free(row->facts);
	row->facts = NULL;
	row->count = 0;
}

void offsets_row_free(struct kernel_row *row)
{
	size_t i;

	if (!row)
		return;
	for (i = 0; i < ROW_KEYS; i++)
		free(row->keys[i]);
	offsets_row_clear(row);
	free(row);
}

/* So that whatever lists or shows a row may print it as it is. */
static bool printable(const char *s, size_t max)
{
	size_t size = strnlen(s, max + 1);

	return size && size <= max && escape_is_plain(s, size);
}

static bool hex(const char *s)
{
	return s[strspn(s, "0123456789abcdef")] == '\0';
}

int offsets_row_set(struct kernel_row *row, enum row_key key, const char *value)
{
	char *copy;

	if (!printable(value, VALUE_MAX_BYTES))
		return -EINVAL;
	if ((key == ROW_BUILD_ID || key == ROW_PACKAGE_SHA256) && !hex(value))
		return -EINVAL;
	if (key == ROW_PACKAGE && strchr(value, '%')) /* in the store it stands for the release */
		return -EINVAL;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	free(row->keys[key]);
	row->keys[key] = copy;
	return 0;
}

static bool name_ok(const char *s)
{
	return printable(s, NAME_MAX_BYTES) && !strchr(s, ' ');
}

static bool type_ok(const char *s)
{
	return name_ok(offsets_fact_kind(s) == FACT_ENUMERATOR ? s + strlen("enum ") : s);
}

/* A kernel struct of 16 MiB does not exist: such a number is damage. */
static bool numbers_ok(const struct fact *fact)
{
	const uint32_t max = 1 << 24;

	return fact->offset < max && fact->size < max && fact->bit_offset < 64 &&
	       fact->bit_size <= 64 && fact->bit_offset + fact->bit_size <= 64 &&
	       (fact->bit_size || !fact->bit_offset);
}

int offsets_row_add_fact(struct kernel_row *row, const struct fact *fact)
{
	struct fact copy = *fact;

	if (row->count == FACTS_MAX || !type_ok(fact->type) || !name_ok(fact->member) ||
	    !numbers_ok(fact))
		return -EINVAL;
	if ((row->count & (row->count - 1)) == 0) {
		size_t room = row->count ? row->count * 2 : 1;
		struct fact *facts = realloc(row->facts, room * sizeof(*facts));

		if (!facts)
			return -ENOMEM;
		row->facts = facts;
	}
	copy.type = strdup(fact->type);
	copy.member = strdup(fact->member);
	if (!copy.type || !copy.member) {
		free(copy.type);
		free(copy.member);
		return -ENOMEM;
	}
	row->facts[row->count++] = copy;
	return 0;
}

int offsets_row_copy_facts(struct kernel_row *to, const struct kernel_row *from)
{
	size_t i;
	int err;

	for (i = 0; i < from->count; i++) {
		err = offsets_row_add_fact(to, &from->facts[i]);
		if (err)
			return err;
	}
	return 0;
}

static int fact_compare(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;
	int c = strcmp(x->type, y->type);

	return c ? c : strcmp(x->member, y->member);
}

void offsets_row_sort(struct kernel_row *row)
{
	if (row->count)
		qsort(row->facts, row->count, sizeof(*row->facts), fact_compare);
}

const struct fact *offsets_row_fact(const struct kernel_row *row, const char *type,
                                    const char *member)
{
	struct fact key = { .type = (char *)type, .member = (char *)member };

	if (!row->count)
		return NULL;
	return bsearch(&key, row->facts, row->count, sizeof(key), fact_compare);
}

bool offsets_fact_same(const struct fact *a, const struct fact *b)
{
	return a->offset == b->offset && a->size == b->size && a->bit_offset == b->bit_offset &&
	       a->bit_size == b->bit_size;
}

bool offsets_row_same_facts(const struct kernel_row *a, const struct kernel_row *b)
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

int offsets_row_print_json(const struct kernel_row *row, FILE *out)
{
	struct jsonw json;
	size_t i;

	jsonw_init(&json);
	jsonw_object_open(&json, NULL);
	for (i = 0; i < ROW_KEYS; i++)
		jsonw_string(&json, key_names[i], row->keys[i]);
	jsonw_array_open(&json, "facts");
	for (i = 0; i < row->count; i++) {
		const struct fact *fact = &row->facts[i];

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

void offsets_row_print_text(const struct kernel_row *row, FILE *out)
{
	size_t i;

	for (i = 0; i < ROW_KEYS; i++)
		if (row->keys[i])
			fprintf(out, "%s: %s\n", key_names[i], row->keys[i]);
	fprintf(out, "\n%-24s %-26s %6s %5s\n", "TYPE", "MEMBER", "OFFSET", "SIZE");
	for (i = 0; i < row->count; i++) {
		const struct fact *f = &row->facts[i];

		fprintf(out, "%-24s %-26s %6u %5u", f->type, f->member, f->offset, f->size);
		if (f->bit_size)
			fprintf(out, "  bits %u-%u", f->bit_offset,
			        f->bit_offset + f->bit_size - 1);
		fputc('\n', out);
	}
}
