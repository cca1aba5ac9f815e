/* SPDX-License-Identifier: BSD-2-Clause */
/* An ELF file and its sections. Not all bytes may be available yet. */
#ifndef LKCCB_IMAGE_ELFFILE_H
#define LKCCB_IMAGE_ELFFILE_H

#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

struct image_range {
	uint64_t offset, size; /* bytes of the file */
};

/* A file of debug data that dwz moved out of others. */
struct image_alt {
	char name[128];       /* without folders */
	uint64_t start, size; /* in the scratch file */
};

/* Where the bytes are. */
struct image_source {
	const char *name; /* for messages */
	char *data;       /* private and writable */
	uint64_t size;
	/* Makes the ranges available: 0 or -errno. NULL: all bytes are. */
	int (*need)(void *arg, const struct image_range *ranges, size_t count);
	void *arg;
	bool has_end; /* the section headers are available already */
	/* "address type name" lines of its functions (System.map). NULL: use .symtab. */
	const char *symbols;
	uint64_t symbols_size;
	/* The dwz files of its package. */
	const struct image_alt *alts;
	size_t alt_count;
	/* From the path in a package; NULL: unknown. module: only for a module. */
	const char *release, *module;
};

struct elffile {
	const struct image_source *source;
	Elf *elf;
};

/* Reads the headers. -EBADMSG: not a readable ELF file. */
int elffile_open(const struct image_source *source, struct elffile *ret);
void elffile_close(struct elffile *file);

int elffile_need(const struct elffile *file, const struct image_range *ranges, size_t count);

/* Finds a section with contents; its bytes may not be available yet. NULL: none. */
Elf_Scn *section_find(const struct elffile *file, const char *name, GElf_Shdr *ret);

/* The ranges of the sections of a list that ends with NULL; missing sections are skipped. */
size_t sections_ranges(const struct elffile *file, const char *const *names,
                       struct image_range *ret, size_t max);

/* Makes the sections of a list that ends with NULL available; missing sections are skipped. */
int sections_need(const struct elffile *file, const char *const *names);

struct bytes {
	const char *data;
	size_t size;
};

/*
 * A section as it is in the file; size 0: there is none. -ENOTSUP: it is
 * compressed, or outside the file.
 */
int section_bytes(const struct elffile *file, const char *name, struct bytes *ret);

/* The bytes of a section, decompressed; NULL: there is none. */
Elf_Data *section_data(const struct elffile *file, const char *name);

#endif
