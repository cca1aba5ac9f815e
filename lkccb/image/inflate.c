/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The copy is the file, followed by the decompressed sections. Only the section
 * headers change, in the private mapping: offset, size, and the flag that a
 * section is compressed.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <zstd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/image/inflate.h"

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

#define CHUNK_BYTES (1 << 18)

/* The sections that libdw and units_open() read. */
static const char *const sections[] = {
	".debug_info",     ".debug_abbrev",  ".debug_str",
	".debug_line_str", ".debug_types",   ".debug_str_offsets",
	".debug_line",     ".debug_aranges", ".gnu_debugaltlink",
};

#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

struct inflate {
	const struct elffile *file;
	struct scratch *scratch;
	uint64_t start; /* of the copy in the scratch file */
	char what[512];
	struct offsets_error *error;
	struct {
		size_t index;
		Elf64_Chdr header;
		uint64_t offset; /* in the copy */
	} done[SECTIONS];
	size_t count;
};

static int malformed(const struct inflate *f, const char *section)
{
	return offsets_fail(f->error, -EBADMSG, "%s: malformed %s; use another copy",
	                    f->file->source->name, section);
}

/* Is it compressed by zstd? Makes its bytes available. */
static bool is_zstd(const struct elffile *file, const GElf_Shdr *section, Elf64_Chdr *ret)
{
	const struct image_range range = { section->sh_offset, section->sh_size };
	const struct image_source *source = file->source;

	if (!(section->sh_flags & SHF_COMPRESSED) || section->sh_size < sizeof(*ret) ||
	    section->sh_offset > source->size ||
	    section->sh_size > source->size - section->sh_offset || elffile_need(file, &range, 1))
		return false;
	memcpy(ret, source->data + section->sh_offset, sizeof(*ret));
	return ret->ch_type == ELFCOMPRESS_ZSTD;
}

static int bytes_inflate(struct inflate *f, ZSTD_DStream *stream, ZSTD_inBuffer *in, char *chunk)
{
	size_t left = 1;
	int err = 0;

	while (!err && (in->pos < in->size || left)) {
		ZSTD_outBuffer out = { chunk, CHUNK_BYTES, 0 };
		size_t before = in->pos;

		left = ZSTD_decompressStream(stream, &out, in);
		if (ZSTD_isError(left) || (!out.pos && in->pos == before))
			return -EBADMSG;
		err = scratch_write(f->scratch, chunk, out.pos, f->what, f->error);
	}
	return err;
}

static int section_inflate(struct inflate *f, const char *name, const GElf_Shdr *section,
                           const Elf64_Chdr *header)
{
	CLEANUP(cleanup_free) char *chunk = malloc(CHUNK_BYTES);
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer in = { f->file->source->data + section->sh_offset, section->sh_size,
		             sizeof(*header) };
	uint64_t before = f->scratch->used;
	int err = chunk && stream ? bytes_inflate(f, stream, &in, chunk) : -ENOMEM;

	ZSTD_freeDStream(stream);
	if (err == -EBADMSG || (!err && f->scratch->used - before != header->ch_size))
		return malformed(f, name);
	f->done[f->count].header = *header;
	f->done[f->count++].offset = before - f->start;
	return err;
}

/* Begins the copy at the first section that needs one. */
static int copy_begin(struct inflate *f)
{
	const struct image_source *source = f->file->source;
	const struct image_range all = { 0, source->size };

	if (f->count)
		return 0;
	if (elffile_need(f->file, &all, 1))
		return malformed(f, "ELF file");
	f->start = scratch_begin(f->scratch);
	return scratch_write(f->scratch, source->data, source->size, f->what, f->error);
}

static int sections_inflate(struct inflate *f)
{
	GElf_Shdr section;
	Elf64_Chdr header;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < SECTIONS; i++) {
		Elf_Scn *scn = section_find(f->file, sections[i], &section);

		if (!scn || !is_zstd(f->file, &section, &header))
			continue;
		err = copy_begin(f);
		f->done[f->count].index = elf_ndxscn(scn);
		if (!err)
			err = section_inflate(f, sections[i], &section, &header);
	}
	return err;
}

static int headers_change(const struct inflate *f, char *data)
{
	Elf64_Ehdr elf;
	size_t i;

	memcpy(&elf, data, sizeof(elf));
	for (i = 0; i < f->count; i++) {
		uint64_t at = elf.e_shoff + f->done[i].index * sizeof(Elf64_Shdr);
		Elf64_Shdr section;

		if (at > f->file->source->size - sizeof(section))
			return -EBADMSG;
		memcpy(&section, data + at, sizeof(section));
		section.sh_offset = f->done[i].offset;
		section.sh_size = f->done[i].header.ch_size;
		section.sh_addralign = f->done[i].header.ch_addralign;
		section.sh_flags &= ~(uint64_t)SHF_COMPRESSED;
		memcpy(data + at, &section, sizeof(section));
	}
	return 0;
}

int inflate_open(const struct elffile *file, struct scratch *scratch, struct inflated *ret,
                 struct offsets_error *error)
{
	struct inflate f = { .file = file, .scratch = scratch, .error = error };
	struct image_source *copy = &ret->source;
	GElf_Ehdr elf;
	int err;

	copy->data = NULL;
	if (!gelf_getehdr(file->elf, &elf) || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf.e_ident[EI_DATA] != ELFDATA2LSB)
		return 0;
	snprintf(f.what, sizeof(f.what), "%s: unpacked data", file->source->name);
	err = sections_inflate(&f);
	if (err || !f.count)
		return err;
	*copy = *file->source;
	copy->need = NULL;
	copy->size = scratch->used - f.start;
	copy->data = scratch_map(scratch, f.start, copy->size);
	ret->start = f.start;
	if (!copy->data)
		return offsets_fail(error, -errno, "%s: %s", copy->name, strerror(errno));
	return headers_change(&f, copy->data) ? malformed(&f, "section headers") : 0;
}

void inflate_close(struct inflated *inflated, struct scratch *scratch)
{
	if (!inflated->source.data)
		return;
	munmap(inflated->source.data, inflated->source.size);
	scratch_rewind(scratch, inflated->start);
	inflated->source.data = NULL;
}
