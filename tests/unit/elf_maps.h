/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of the BPF object refer to, read from its relocations. */
#ifndef TESTS_UNIT_ELF_MAPS_H
#define TESTS_UNIT_ELF_MAPS_H

#include <stdbool.h>
#include <string.h>

#include <gelf.h>
#include <libelf.h>

/* The program of that name refers to the map (or section of data) of that name. */
typedef void (*elf_map_fn)(const char *program, const char *map);

struct elf_object {
	Elf *elf;
	Elf_Data *symbols;
	size_t symbol_count, symbol_names, section_names;
};

static const char *elf_section_name(const struct elf_object *o, size_t index)
{
	GElf_Shdr header;

	return gelf_getshdr(elf_getscn(o->elf, index), &header)
	               ? elf_strptr(o->elf, o->section_names, header.sh_name)
	               : "";
}

static bool elf_symbols_find(struct elf_object *o)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(o->elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB) {
			o->symbols = elf_getdata(section, NULL);
			o->symbol_count = header.sh_size / header.sh_entsize;
			o->symbol_names = header.sh_link;
			return o->symbols != NULL;
		}
	return false;
}

/* The function of a section that has this offset in it. */
static const char *elf_function_at(const struct elf_object *o, size_t section, GElf_Addr offset)
{
	GElf_Sym symbol;
	size_t i;

	for (i = 0; i < o->symbol_count; i++)
		if (gelf_getsym(o->symbols, i, &symbol) && symbol.st_shndx == section &&
		    GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_value <= offset &&
		    offset < symbol.st_value + symbol.st_size)
			return elf_strptr(o->elf, o->symbol_names, symbol.st_name);
	return NULL;
}

static void elf_relocation(const struct elf_object *o, size_t section, const GElf_Rel *rel,
                           elf_map_fn fn)
{
	const char *program = elf_function_at(o, section, rel->r_offset), *name;
	GElf_Sym symbol;

	if (!program || !gelf_getsym(o->symbols, GELF_R_SYM(rel->r_info), &symbol))
		return;
	name = elf_section_name(o, symbol.st_shndx);
	if (!strcmp(name, ".maps"))
		name = elf_strptr(o->elf, o->symbol_names, symbol.st_name);
	fn(program, name);
}

/* Calls back for each reference. False: the object cannot be read. */
static bool elf_maps_each(const void *object, unsigned long size, elf_map_fn fn)
{
	struct elf_object o = { 0 };
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Rel rel;
	int i;

	elf_version(EV_CURRENT);
	o.elf = elf_memory((char *)object, size);
	if (!o.elf || elf_getshdrstrndx(o.elf, &o.section_names) || !elf_symbols_find(&o))
		return false;
	while ((section = elf_nextscn(o.elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_REL)
			for (i = 0; gelf_getrel(elf_getdata(section, NULL), i, &rel); i++)
				elf_relocation(&o, header.sh_info, &rel, fn);
	elf_end(o.elf);
	return true;
}

#endif
