/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libdw finds a unit only by way of all units before it. So the wanted ones are
 * put into an ELF file of their own, in memory, beside the sections that they
 * refer to: units of gcc refer to nothing else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <elfutils/libdw.h>

#include "cleanup.h"
#include "debuginfo.h"
#include "symbols.h"
#include "units.h"

/* In whose files the catalogue's structs are defined. */
static const char *const functions[] = {
	"mmput",                  /* kernel/fork.c: nearly all */
	"mnt_want_write",         /* fs/namespace.c: mount, mnt_namespace */
	"switch_task_namespaces", /* kernel/nsproxy.c: ipc_namespace */
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* The sections of the new file; .debug_info is the first. */
static const char *const names[] = {
	".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_str_offsets",
};

#define SECTIONS (sizeof(names) / sizeof(names[0]))

/* ---- where the units are ---------------------------------------------- */

/* kernel/ is built first: its units are in the first part of .debug_info. */
#define INFO_BYTES (18 << 20)

int units_prefetch(const struct elffile *file, const char *const *more)
{
	static const char *const sections[] = { ".debug_aranges",     ".debug_abbrev",
		                                ".debug_str",         ".debug_line_str",
		                                ".debug_str_offsets", NULL };
	struct image_range ranges[32];
	size_t count = 0;
	GElf_Shdr info;

	if (section_find(file, ".debug_info", &info))
		ranges[count++] = (struct image_range){ info.sh_offset, info.sh_size < INFO_BYTES
			                                                        ? info.sh_size
			                                                        : INFO_BYTES };
	count += sections_ranges(file, sections, ranges + count, 8);
	count += sections_ranges(file, more, ranges + count, 8);
	return elffile_need(file, ranges, count);
}

static void address_note(void *arg, const char *name, size_t size, uint64_t address)
{
	uint64_t *addresses = arg;
	size_t j;

	for (j = 0; j < FUNCTIONS; j++)
		if (strlen(functions[j]) == size && !memcmp(functions[j], name, size))
			addresses[j] = address;
}

static int addresses_find(const struct elffile *file, uint64_t *ret)
{
	size_t j;
	int err;

	memset(ret, 0, FUNCTIONS * sizeof(*ret));
	err = symbols_each(file, address_note, ret);
	for (j = 0; !err && j < FUNCTIONS; j++)
		if (!ret[j])
			err = -ENOTSUP;
	return err;
}

static uint64_t number(const char *at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

/* Adds the unit if one of the addresses lies in it. */
static void tuples_read(struct bytes tuples, uint64_t unit, const uint64_t *addresses,
                        uint64_t *ret_units)
{
	size_t i, j;

	for (i = 0; i + 16 <= tuples.size; i += 16) {
		uint64_t start = number(tuples.data + i, 8), size = number(tuples.data + i + 8, 8);

		for (j = 0; j < FUNCTIONS; j++)
			if (addresses[j] >= start && addresses[j] - start < size)
				ret_units[j] = unit;
	}
}

/* .debug_aranges: sets of a header (32-bit DWARF, version 2, 8-byte addresses) and tuples. */
static int units_find(const struct elffile *file, const uint64_t *addresses, uint64_t *ret_units)
{
	struct bytes all;
	size_t at = 0, i;

	if (section_bytes(file, ".debug_aranges", &all))
		return -ENOTSUP;
	while (all.size - at >= 16) {
		uint64_t length = number(all.data + at, 4);
		struct bytes tuples;

		if (length < 12 || length > all.size - at - 4 ||
		    number(all.data + at + 4, 2) != 2 || all.data[at + 10] != 8 ||
		    all.data[at + 11] != 0)
			return -ENOTSUP;
		tuples = (struct bytes){ all.data + at + 16, length - 12 };
		tuples_read(tuples, number(all.data + at + 6, 4), addresses, ret_units);
		at += 4 + length;
	}
	for (i = 0; i < FUNCTIONS; i++)
		if (ret_units[i] == UINT64_MAX)
			return -ENOTSUP;
	return 0;
}

/* ---- a file of their own ---------------------------------------------- */

/* Makes the units be there: their lengths, then the whole of each. */
static int units_need(const struct elffile *file, const GElf_Shdr *info, const uint64_t *units,
                      struct bytes *ret)
{
	struct image_range ranges[FUNCTIONS];
	size_t i;

	for (i = 0; i < FUNCTIONS; i++) {
		if (units[i] > info->sh_size || info->sh_size - units[i] < 16)
			return -ENOTSUP;
		ranges[i] = (struct image_range){ info->sh_offset + units[i], 16 };
	}
	if (elffile_need(file, ranges, FUNCTIONS))
		return -ENOTSUP;
	for (i = 0; i < FUNCTIONS; i++) {
		const char *data = file->source->data + ranges[i].offset;
		uint64_t size = 4 + number(data, 4);

		if (size >= 0xfffffff0 || size > info->sh_size - units[i])
			return -ENOTSUP;
		ranges[i].size = size;
		ret[i] = (struct bytes){ data, size };
	}
	return elffile_need(file, ranges, FUNCTIONS) ? -ENOTSUP : 0;
}

struct slice {
	char *data;
	size_t size;
};

static void slice_put(struct slice *slice, const void *data, size_t size)
{
	if (size)
		memcpy(slice->data + slice->size, data, size);
	slice->size += size;
}

static size_t name_offset(size_t section)
{
	size_t i, offset = 1;

	for (i = 0; i < section; i++)
		offset += strlen(names[i]) + 1;
	return offset;
}

/* Header, .debug_info, the others, names of the sections, section headers. */
static int slice_build(const struct elffile *file, const struct bytes *units,
                       const struct bytes *others, struct slice *ret)
{
	Elf64_Shdr headers[SECTIONS + 2] = { { 0 } };
	Elf64_Ehdr header;
	size_t i, j, total = sizeof(header) + sizeof(headers) + name_offset(SECTIONS) + 16 + 8;

	for (i = 0; i < FUNCTIONS; i++)
		total += units[i].size;
	for (i = 1; i < SECTIONS; i++)
		total += others[i].size;
	*ret = (struct slice){ calloc(1, total), sizeof(header) };
	if (!ret->data)
		return -ENOMEM;
	for (i = 0; i < SECTIONS; i++) {
		headers[i + 1] = (Elf64_Shdr){ .sh_name = name_offset(i),
			                       .sh_type = SHT_PROGBITS,
			                       .sh_offset = ret->size,
			                       .sh_addralign = 1 };
		for (j = 0; !i && j < FUNCTIONS; j++)
			slice_put(ret, units[j].data, units[j].size);
		if (i)
			slice_put(ret, others[i].data, others[i].size);
		headers[i + 1].sh_size = ret->size - headers[i + 1].sh_offset;
	}
	headers[SECTIONS + 1] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
		                              .sh_offset = ret->size,
		                              .sh_size = name_offset(SECTIONS),
		                              .sh_addralign = 1 };
	slice_put(ret, "", 1);
	for (i = 0; i < SECTIONS; i++)
		slice_put(ret, names[i], strlen(names[i]) + 1);
	ret->size = (ret->size + 7) & ~(size_t)7;
	memcpy(&header, file->source->data, sizeof(header));
	header.e_phnum = 0;
	header.e_shoff = ret->size;
	header.e_shnum = SECTIONS + 2;
	header.e_shstrndx = SECTIONS + 1;
	memcpy(ret->data, &header, sizeof(header));
	slice_put(ret, headers, sizeof(headers));
	return 0;
}

static int slice_read(const struct slice *slice, const char *name, struct kernel_row *row,
                      struct offsets_error *error)
{
	Elf *elf = elf_memory(slice->data, slice->size);
	Dwarf *dwarf = elf ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
	int err = dwarf ? dwarf_read(&dwarf, 1, name, DWARF_AGREE, row, error) : -ENOTSUP;

	if (dwarf)
		dwarf_end(dwarf);
	elf_end(elf);
	return err;
}

static bool twice(const uint64_t *units)
{
	size_t i, j;

	for (i = 0; i < FUNCTIONS; i++)
		for (j = 0; j < i; j++)
			if (units[i] == units[j])
				return true;
	return false;
}

int units_read(const struct elffile *file, struct kernel_row *row, struct offsets_error *error)
{
	static const char *const more[] = { NULL };
	uint64_t addresses[FUNCTIONS], units[FUNCTIONS];
	struct bytes unit_bytes[FUNCTIONS], others[SECTIONS];
	struct slice slice = { NULL, 0 };
	GElf_Shdr info;
	size_t i;
	int err = units_prefetch(file, more);

	for (i = 0; i < FUNCTIONS; i++)
		units[i] = UINT64_MAX;
	for (i = 0; !err && i < SECTIONS; i++)
		err = section_bytes(file, names[i], &others[i]);
	if (!err && !section_find(file, ".debug_info", &info))
		err = -ENOTSUP;
	if (!err)
		err = addresses_find(file, addresses);
	if (!err)
		err = units_find(file, addresses, units);
	if (!err && twice(units)) /* of an LTO build: one unit is many files */
		err = -ENOTSUP;
	if (!err)
		err = units_need(file, &info, units, unit_bytes);
	if (!err)
		err = slice_build(file, unit_bytes, others, &slice);
	if (!err)
		err = slice_read(&slice, file->source->name, row, error);
	free(slice.data);
	return err;
}
