/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/image/symbols.h"

const char *const *symbols_sections(const struct elffile *file)
{
	static const char *const sections[] = { ".symtab", ".strtab", NULL };

	return file->source->symbols ? sections + 2 : sections;
}

/* "ffffffff81064d60 T mmput" */
static void map_each(const struct elffile *file, symbol_fn fn, void *arg)
{
	const char *data = file->source->symbols, *end = data + file->source->symbols_size;

	while (data < end) {
		const char *stop = memchr(data, '\n', end - data);
		size_t size = (stop ? stop : end) - data;

		if (size > 19 && strchr("TtW", data[17]))
			fn(arg, data + 19, size - 19, strtoull(data, NULL, 16));
		data += size + 1;
	}
}

int symbols_each(const struct elffile *file, symbol_fn fn, void *arg)
{
	struct bytes symbols, strings;
	Elf64_Sym symbol;
	size_t i;

	if (file->source->symbols) {
		map_each(file, fn, arg);
		return 0;
	}
	if (section_bytes(file, ".symtab", &symbols) || section_bytes(file, ".strtab", &strings) ||
	    !strings.size || strings.data[strings.size - 1])
		return -ENOTSUP;
	for (i = 0; i < symbols.size / sizeof(symbol); i++) {
		memcpy(&symbol, symbols.data + i * sizeof(symbol), sizeof(symbol));
		if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_name < strings.size)
			fn(arg, strings.data + symbol.st_name,
			   strlen(strings.data + symbol.st_name), symbol.st_value);
	}
	return 0;
}

/* ---- facts ------------------------------------------------------------ */

/* "acct_process" as wanted, or "acct_process.isra" and a number. */
static bool symbol_is(const char *wanted, const char *name, size_t size, uint32_t *ret_number)
{
	size_t len = strlen(wanted), i;

	*ret_number = 0;
	if (size < len || memcmp(wanted, name, len))
		return false;
	if (size == len)
		return !strchr(wanted, '.');
	if (!strchr(wanted, '.') || name[len] != '.' || size - len > 6 || size - len < 2)
		return false;
	for (i = len + 1; i < size; i++) {
		if (!isdigit((unsigned char)name[i]))
			return false;
		*ret_number = *ret_number * 10 + (name[i] - '0');
	}
	return true;
}

/* The facts are not sorted yet. */
static bool added(const struct offsets_kernel *kernel, const struct offsets_fact *fact)
{
	const struct offsets_fact *f;
	size_t i;

	for (i = 0; (f = offsets_kernel_fact_at(kernel, i)); i++)
		if (!strcmp(f->type, fact->type) && !strcmp(f->member, fact->member))
			return true;
	return false;
}

void symbol_facts_init(struct symbol_facts *ret, struct offsets_kernel *kernel)
{
	*ret = (struct symbol_facts){ .kernel = kernel };
	ret->w = offsets_wanted_of(OFFSETS_FACT_SYMBOL, "", &ret->count);
}

void symbol_facts_name(void *arg, const char *name, size_t size)
{
	struct symbol_facts *f = arg;
	struct offsets_fact fact = { 0 };
	size_t i;

	for (i = 0; !f->err && i < f->count; i++) {
		if (f->w[i].member[0] != name[0] ||
		    !symbol_is(f->w[i].member, name, size, &fact.offset))
			continue;
		fact.type = f->w[i].type;
		fact.member = f->w[i].member;
		if (added(f->kernel, &fact)) /* of several clones, the first counts */
			return;
		f->err = offsets_kernel_add_fact(f->kernel, &fact);
	}
}

static void symbol_note(void *arg, const char *name, size_t size, uint64_t address)
{
	(void)address;
	symbol_facts_name(arg, name, size);
}

int symbols_read(const struct elffile *file, struct offsets_kernel *kernel,
                 struct offsets_error *error)
{
	struct symbol_facts facts;

	symbol_facts_init(&facts, kernel);
	symbols_each(file, symbol_note, &facts);
	if (facts.err)
		return offsets_fail(error, facts.err, "%s: out of memory", file->source->name);
	offsets_kernel_sort(kernel);
	return 0;
}
