/* SPDX-License-Identifier: BSD-2-Clause */
/* The ELF file of a kernel, put together from single sections of it. */
#ifndef LKCCB_IMAGE_ASSEMBLED_H
#define LKCCB_IMAGE_ASSEMBLED_H

#include <stddef.h>
#include <stdint.h>

#define ASSEMBLED_FIRST 4096 /* where the first section may begin */
#define ASSEMBLED_MAX   32   /* sections */

struct assembled_section {
	const char *name;
	uint64_t offset, size; /* where its bytes are in the file */
};

/*
 * Writes the ELF header, and the section headers at end. A section of debug data
 * that begins as a compressed one does is marked so. machine: EM_X86_64 or the
 * like. *ret_size: of the file. -E2BIG: too many sections; or -errno.
 */
int assembled_write(int fd, uint16_t machine, const struct assembled_section *sections,
                    size_t count, uint64_t end, uint64_t *ret_size);

#endif
