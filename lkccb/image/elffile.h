/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of an ELF file and its sections, of which not all may be there yet. */
#ifndef LKCCB_ELFFILE_H
#define LKCCB_ELFFILE_H

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
	char *data;       /* private: may be written to */
	uint64_t size;
	/* Fills in what is going to be looked at: 0 or -errno; NULL: all is there. */
	int (*need)(void *arg, const struct image_range *ranges, size_t count);
	void *arg;
	bool has_end; /* the section headers are there already */
	/* "address type name" lines of its functions (System.map), or NULL: look into .symtab. */
	const char *symbols;
	uint64_t symbols_size;
	/* The dwz files of its package. */
	const struct image_alt *alts;
	size_t alt_count;
	/* What the path in a package says; NULL: nothing. module: of a module only. */
	const char *release, *module;
};

struct elffile {
	const struct image_source *source;
	Elf *elf;
};

/* Reads the headers. -EBADMSG: no ELF file that can be read. */
int elffile_open(const struct image_source *source, struct elffile *ret);
void elffile_close(struct elffile *file);

int elffile_need(const struct elffile *file, const struct image_range *ranges, size_t count);

/* A section that has contents; its bytes may not be there yet. NULL: there is none. */
Elf_Scn *section_find(const struct elffile *file, const char *name, GElf_Shdr *ret);

/* Where the sections of a list that ends with NULL lie, as far as the file has them. */
size_t sections_ranges(const struct elffile *file, const char *const *names,
                       struct image_range *ret, size_t max);

/* Makes the sections of a list that ends with NULL be there, as far as the file has them. */
int sections_need(const struct elffile *file, const char *const *names);

struct bytes {
	const char *data;
	size_t size;
};

/*
 * A section as it lies in the file; nothing where there is none. -ENOTSUP:
 * it is compressed, or lies outside of the file.
 */
int section_bytes(const struct elffile *file, const char *name, struct bytes *ret);

/* A section's bytes, decompressed; NULL: there is none. */
Elf_Data *section_data(const struct elffile *file, const char *name);

#endif
