/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libdw reaches a unit only through all units before it. So the wanted units
 * are put into a new ELF file in memory, with the sections that they refer to;
 * units of gcc do not refer to other units.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <elfutils/libdw.h>

#include "offsets/util/cleanup.h"
#include "lkccb/image/debuginfo.h"
#include "lkccb/image/symbols.h"
#include "lkccb/image/units.h"

/* Functions whose files define the catalogue's structs; a kernel may lack some of them. */
static const char *const functions[] = {
	"mmput",                  /* kernel/fork.c: nearly all */
	"mnt_want_write",         /* fs/namespace.c: mount, mnt_namespace */
	"switch_task_namespaces", /* kernel/nsproxy.c: ipc_namespace */
	"tcp_v6_connect",         /* net/ipv6/tcp_ipv6.c: sock, inet_sock, tcp_sock, ipv6_pinfo */
	"mptcp_finish_connect",   /* net/mptcp/protocol.c: mptcp_sock */
	"unix_stream_connect",    /* net/unix/af_unix.c: unix_sock, unix_address, socket */
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* Above this share of all units, reading all of them, in parallel, is faster. */
#define SHARE_MAX 4

/* The sections of the new file; .debug_info is the first. */
static const char *const names[] = {
	".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_str_offsets",
};

#define SECTIONS (sizeof(names) / sizeof(names[0]))

struct unit {
	uint64_t offset; /* in .debug_info */
	bool taken;
};

struct units {
	const struct elffile *file;
	GElf_Shdr info;
	struct bytes others[SECTIONS]; /* of .debug_info only units are read */
	struct unit *list;             /* those of .debug_aranges */
	size_t count, taken;
	bool first_read;
};

/* ---- where the units are ---------------------------------------------- */

int units_prefetch(const struct elffile *file, const char *const *more)
{
	static const char *const sections[] = { ".debug_aranges",     ".debug_abbrev",
		                                ".debug_str",         ".debug_line_str",
		                                ".debug_str_offsets", NULL };
	struct image_range ranges[32];
	size_t count = sections_ranges(file, sections, ranges, 8);

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

static uint64_t number(const char *at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

static bool unit_has(struct bytes tuples, const uint64_t *addresses)
{
	size_t i, j;

	for (i = 0; i + 16 <= tuples.size; i += 16) {
		uint64_t start = number(tuples.data + i, 8), size = number(tuples.data + i + 8, 8);

		for (j = 0; j < FUNCTIONS; j++)
			if (addresses[j] && addresses[j] >= start && addresses[j] - start < size)
				return true;
	}
	return false;
}

static int unit_add(struct units *u, uint64_t offset, bool first)
{
	if ((u->count & (u->count - 1)) == 0) {
		size_t room = u->count ? 2 * u->count : 1;
		struct unit *list = realloc(u->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		u->list = list;
	}
	u->list[u->count++] = (struct unit){ offset, first };
	u->taken += first;
	return 0;
}

/*
 * .debug_aranges: sets of a header (32-bit DWARF, version 2, 8-byte addresses)
 * and tuples. Those that have one of the addresses are taken.
 */
static int units_list(struct units *u, const uint64_t *addresses)
{
	struct bytes all, tuples;
	size_t at = 0;
	int err = section_bytes(u->file, ".debug_aranges", &all) ? -ENOTSUP : 0;

	while (!err && all.size - at >= 16) {
		uint64_t length = number(all.data + at, 4);

		if (length < 12 || length > all.size - at - 4 ||
		    number(all.data + at + 4, 2) != 2 || all.data[at + 10] != 8 ||
		    all.data[at + 11] != 0)
			return -ENOTSUP;
		tuples = (struct bytes){ all.data + at + 16, length - 12 };
		err = unit_add(u, number(all.data + at + 6, 4), unit_has(tuples, addresses));
		at += 4 + length;
	}
	return err;
}

/* ---- a file of their own ---------------------------------------------- */

/* Makes the units available: their lengths, then each unit. */
static int units_need(const struct units *u, const uint64_t *offsets, size_t count,
                      struct bytes *ret)
{
	CLEANUP(cleanup_free) struct image_range *ranges = calloc(count, sizeof(*ranges));
	size_t i;

	if (!ranges)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (offsets[i] > u->info.sh_size || u->info.sh_size - offsets[i] < 16)
			return -ENOTSUP;
		ranges[i] = (struct image_range){ u->info.sh_offset + offsets[i], 16 };
	}
	if (elffile_need(u->file, ranges, count))
		return -ENOTSUP;
	for (i = 0; i < count; i++) {
		const char *data = u->file->source->data + ranges[i].offset;
		uint64_t size = 4 + number(data, 4);

		if (size >= 0xfffffff0 || size > u->info.sh_size - offsets[i])
			return -ENOTSUP;
		ranges[i].size = size;
		ret[i] = (struct bytes){ data, size };
	}
	return elffile_need(u->file, ranges, count) ? -ENOTSUP : 0;
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
static int slice_build(const struct units *u, const struct bytes *units, size_t count,
                       struct slice *ret)
{
	Elf64_Shdr headers[SECTIONS + 2] = { { 0 } };
	Elf64_Ehdr header;
	size_t i, j, total = sizeof(header) + sizeof(headers) + name_offset(SECTIONS) + 16 + 8;

	for (i = 0; i < count; i++)
		total += units[i].size;
	for (i = 1; i < SECTIONS; i++)
		total += u->others[i].size;
	*ret = (struct slice){ calloc(1, total), sizeof(header) };
	if (!ret->data)
		return -ENOMEM;
	for (i = 0; i < SECTIONS; i++) {
		headers[i + 1] = (Elf64_Shdr){ .sh_name = name_offset(i),
			                       .sh_type = SHT_PROGBITS,
			                       .sh_offset = ret->size,
			                       .sh_addralign = 1 };
		for (j = 0; !i && j < count; j++)
			slice_put(ret, units[j].data, units[j].size);
		if (i)
			slice_put(ret, u->others[i].data, u->others[i].size);
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
	memcpy(&header, u->file->source->data, sizeof(header));
	header.e_phnum = 0;
	header.e_shoff = ret->size;
	header.e_shnum = SECTIONS + 2;
	header.e_shstrndx = SECTIONS + 1;
	memcpy(ret->data, &header, sizeof(header));
	slice_put(ret, headers, sizeof(headers));
	return 0;
}

static int slice_read(const struct slice *slice, const char *name, struct offsets_kernel *kernel,
                      struct offsets_error *error)
{
	Elf *elf = elf_memory(slice->data, slice->size);
	Dwarf *dwarf = elf ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
	int err = dwarf ? dwarf_read(&dwarf, 1, name, DWARF_AGREE, kernel, error) : -ENOTSUP;

	if (dwarf)
		dwarf_end(dwarf);
	elf_end(elf);
	return err;
}

static int units_read(const struct units *u, const uint64_t *offsets, size_t count,
                      struct offsets_kernel *kernel, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct bytes *bytes = calloc(count, sizeof(*bytes));
	struct slice slice = { NULL, 0 };
	int err = bytes ? units_need(u, offsets, count, bytes) : -ENOMEM;

	if (!err)
		err = slice_build(u, bytes, count, &slice);
	if (!err)
		err = slice_read(&slice, u->file->source->name, kernel, error);
	free(slice.data);
	return err;
}

/* ---- more and more ---------------------------------------------------- */

int units_open(const struct elffile *file, struct units **ret)
{
	static const char *const more[] = { NULL };
	struct units *u = calloc(1, sizeof(*u));
	uint64_t addresses[FUNCTIONS] = { 0 };
	size_t i;
	int err = u ? units_prefetch(file, more) : -ENOMEM;

	*ret = u;
	if (u)
		u->file = file;
	for (i = 0; !err && i < SECTIONS; i++)
		err = section_bytes(file, names[i], &u->others[i]);
	if (!err && !section_find(file, ".debug_info", &u->info))
		err = -ENOTSUP;
	if (!err)
		err = symbols_each(file, address_note, addresses);
	if (!err)
		err = units_list(u, addresses);
	if (err) {
		units_close(u);
		*ret = NULL;
	}
	return err;
}

void units_close(struct units *u)
{
	if (!u)
		return;
	free(u->list);
	free(u);
}

/* The first units were added when they were found. */
static size_t offsets_first(const struct units *u, uint64_t *ret)
{
	size_t i, count = 0;

	for (i = 0; i < u->count; i++)
		if (u->list[i].taken)
			ret[count++] = u->list[i].offset;
	return count;
}

/* Doubles the units, spread over the whole kernel: neighbours resemble each other. */
static size_t offsets_next(struct units *u, uint64_t *ret)
{
	size_t most = u->taken ? u->taken : 1, step = u->count / most + 1, start, i, count = 0;

	for (start = 0; start < step && count < most; start++)
		for (i = start; i < u->count && count < most; i += step)
			if (!u->list[i].taken) {
				u->list[i].taken = true;
				ret[count++] = u->list[i].offset;
			}
	u->taken += count;
	return count;
}

int units_more(struct units *u, struct offsets_kernel *kernel, struct offsets_error *error)
{
	CLEANUP(cleanup_free) uint64_t *offsets = calloc(u->count + 1, sizeof(*offsets));
	size_t count;

	if (!offsets)
		return -ENOMEM;
	count = u->first_read ? 0 : offsets_first(u, offsets);
	u->first_read = true;
	if (!count && u->taken * SHARE_MAX < u->count + SHARE_MAX)
		count = offsets_next(u, offsets);
	return count ? units_read(u, offsets, count, kernel, error) : -ENOENT;
}
