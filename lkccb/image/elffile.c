/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "lkccb/image/elffile.h"

int elffile_need(const struct elffile *file, const struct image_range *ranges, size_t count)
{
	return file->source->need ? file->source->need(file->source->arg, ranges, count) : 0;
}

Elf_Scn *section_find(const struct elffile *file, const char *name, GElf_Shdr *ret)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(file->elf, &names))
		return NULL;
	while ((scn = elf_nextscn(file->elf, scn))) {
		const char *found;

		if (!gelf_getshdr(scn, ret) || ret->sh_type == SHT_NOBITS)
			continue;
		found = elf_strptr(file->elf, names, ret->sh_name);
		if (found && !strcmp(found, name))
			return scn;
	}
	return NULL;
}

size_t sections_ranges(const struct elffile *file, const char *const *names,
                       struct image_range *ret, size_t max)
{
	size_t count = 0;
	GElf_Shdr header;

	for (; *names && count < max; names++)
		if (section_find(file, *names, &header))
			ret[count++] = (struct image_range){ header.sh_offset, header.sh_size };
	return count;
}

int sections_need(const struct elffile *file, const char *const *names)
{
	struct image_range ranges[32];

	if (!file->source->need)
		return 0;
	return elffile_need(file, ranges, sections_ranges(file, names, ranges, 32));
}

Elf_Data *section_data(const struct elffile *file, const char *name)
{
	const char *const names[] = { name, NULL };
	GElf_Shdr header;
	Elf_Scn *scn = section_find(file, name, &header);

	if (!scn || sections_need(file, names))
		return NULL;
	if (header.sh_flags & SHF_COMPRESSED && elf_compress(scn, 0, 0) < 0)
		return NULL;
	return elf_getdata(scn, NULL);
}

/*
 * Guesses, which cost little if they are wrong: a kernel's .data, and the
 * section headers at the end. Requested together, they are decompressed in
 * parallel.
 */
#define DATA_START (24 << 20)
#define DATA_END   (33 << 20)
#define TAIL_BYTES (1 << 16)

/* The ELF header, then the section headers, then their names. */
static int headers_need(const struct elffile *file)
{
	const struct image_source *source = file->source;
	struct image_range range = { 0, sizeof(Elf64_Ehdr) };
	Elf64_Ehdr header;
	Elf64_Shdr names;
	uint64_t at;
	int err;

	if (!source->need)
		return 0;
	if (source->size < sizeof(header))
		return -EBADMSG;
	err = elffile_need(file, &range, 1);
	if (err)
		return err;
	memcpy(&header, source->data, sizeof(header));
	/* For another machine, the ELF header suffices. */
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
		return 0;
	if (!source->has_end && source->size > DATA_END) {
		const struct image_range guesses[] = {
			{ DATA_START, DATA_END - DATA_START },
			{ source->size - TAIL_BYTES, TAIL_BYTES },
		};

		err = elffile_need(file, guesses, 2);
	}
	if (err)
		return err;
	if (header.e_shentsize != sizeof(Elf64_Shdr))
		return -EBADMSG;
	range = (struct image_range){ header.e_shoff,
		                      (uint64_t)header.e_shnum * header.e_shentsize };
	at = header.e_shoff + (uint64_t)header.e_shstrndx * sizeof(names);
	if (header.e_shstrndx >= header.e_shnum || at > source->size ||
	    source->size - at < sizeof(names))
		return -EBADMSG;
	err = elffile_need(file, &range, 1);
	if (err)
		return err;
	memcpy(&names, source->data + at, sizeof(names));
	range = (struct image_range){ names.sh_offset, names.sh_size };
	return elffile_need(file, &range, 1);
}

int elffile_open(const struct image_source *source, struct elffile *ret)
{
	int err;

	*ret = (struct elffile){ .source = source };
	elf_version(EV_CURRENT);
	err = headers_need(ret);
	if (err)
		return err;
	ret->elf = elf_memory(source->data, source->size);
	if (ret->elf && elf_kind(ret->elf) == ELF_K_ELF)
		return 0;
	elffile_close(ret);
	return -EBADMSG;
}

void elffile_close(struct elffile *file)
{
	elf_end(file->elf);
	file->elf = NULL;
}

int section_bytes(const struct elffile *file, const char *name, struct bytes *ret)
{
	GElf_Shdr header;

	*ret = (struct bytes){ NULL, 0 };
	if (!section_find(file, name, &header))
		return 0;
	if (header.sh_flags & SHF_COMPRESSED || header.sh_offset > file->source->size ||
	    header.sh_size > file->source->size - header.sh_offset)
		return -ENOTSUP;
	*ret = (struct bytes){ file->source->data + header.sh_offset, header.sh_size };
	return 0;
}
