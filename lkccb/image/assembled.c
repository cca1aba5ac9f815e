/* SPDX-License-Identifier: BSD-2-Clause */
/* The file: ELF header, room, sections, section headers, their names. */
#include <errno.h>
#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lkccb/image/assembled.h"

#define NAMES_MAX (32 * ASSEMBLED_MAX) /* bytes */

struct headers {
	Elf64_Shdr list[ASSEMBLED_MAX + 2]; /* the first is empty, the last is of the names */
	char names[NAMES_MAX];
};

/* What a name says of a section; the others have data. */
static uint32_t type_of(const char *name)
{
	static const struct {
		const char *name;
		uint32_t type;
	} types[] = {
		{ ".notes", SHT_NOTE },
		{ ".symtab", SHT_SYMTAB },
		{ ".strtab", SHT_STRTAB },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, name))
			return types[i].type;
	return SHT_PROGBITS;
}

/*
 * A server sends the bytes of a section as they are, but not its flags. No debug
 * data begins so: the first unit would have one or two bytes.
 */
static bool is_compressed(int fd, const struct assembled_section *s)
{
	Elf64_Chdr header;

	if (strncmp(s->name, ".debug_", 7) || s->size < sizeof(header) ||
	    pread(fd, &header, sizeof(header), s->offset) != sizeof(header))
		return false;
	return (header.ch_type == 1 || header.ch_type == 2) && /* zlib, zstd */
	       !header.ch_reserved && header.ch_size && header.ch_addralign &&
	       header.ch_addralign <= 16;
}

static Elf64_Shdr header_of(int fd, const struct assembled_section *s, size_t name)
{
	return (Elf64_Shdr){ .sh_name = name,
		             .sh_type = type_of(s->name),
		             .sh_flags = is_compressed(fd, s) ? SHF_COMPRESSED : 0,
		             .sh_offset = s->offset,
		             .sh_size = s->size,
		             .sh_addralign = type_of(s->name) == SHT_NOTE ? 4 : 1 };
}

/* Returns the number of bytes of the names. */
static size_t headers_make(int fd, const struct assembled_section *sections, size_t count,
                           struct headers *h)
{
	size_t i, size = 1, strings = 0;

	for (i = 0; i < count; i++) {
		h->list[i + 1] = header_of(fd, &sections[i], size);
		size += snprintf(h->names + size, sizeof(h->names) - size, "%s", sections[i].name);
		size++;
		if (!strcmp(sections[i].name, ".strtab"))
			strings = i + 1;
	}
	for (i = 1; i <= count; i++)
		if (h->list[i].sh_type == SHT_SYMTAB) {
			h->list[i].sh_link = strings;
			h->list[i].sh_entsize = sizeof(Elf64_Sym);
		}
	return size;
}

static int write_at(int fd, const void *data, size_t size, uint64_t offset)
{
	const ssize_t n = pwrite(fd, data, size, offset);

	if (n < 0)
		return -errno;
	return n == (ssize_t)size ? 0 : -ENOSPC;
}

int assembled_write(int fd, uint16_t machine, const struct assembled_section *sections,
                    size_t count, uint64_t end, uint64_t *ret_size)
{
	struct headers h = { .names = "" };
	Elf64_Ehdr elf = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
		                        EV_CURRENT },
		           .e_type = ET_EXEC,
		           .e_machine = machine,
		           .e_version = EV_CURRENT,
		           .e_ehsize = sizeof(elf),
		           .e_shentsize = sizeof(Elf64_Shdr),
		           .e_shoff = (end + 7) & ~(uint64_t)7,
		           .e_shnum = count + 2,
		           .e_shstrndx = count + 1 };
	const size_t list = (count + 2) * sizeof(Elf64_Shdr);
	size_t size;
	int err;

	if (count > ASSEMBLED_MAX)
		return -E2BIG;
	size = headers_make(fd, sections, count, &h);
	if (size > sizeof(h.names))
		return -E2BIG;
	h.list[count + 1] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
		                          .sh_offset = elf.e_shoff + list,
		                          .sh_size = size,
		                          .sh_addralign = 1 };
	err = write_at(fd, &elf, sizeof(elf), 0);
	if (!err)
		err = write_at(fd, h.list, list, elf.e_shoff);
	if (!err)
		err = write_at(fd, h.names, size, elf.e_shoff + list);
	*ret_size = elf.e_shoff + list + size;
	return err;
}
