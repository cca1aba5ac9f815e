/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of the BPF object refer to, read from its relocations. */
#ifndef TESTS_ELF_MAPS_H
#define TESTS_ELF_MAPS_H

/* The program of that name refers to the map (or section of data) of that name. */
typedef void (*elf_map_fn)(const char *program, const char *map);

/* Calls back for each reference. False: the object cannot be read. */
int elf_maps_each(const void *object, unsigned long size, elf_map_fn fn);

#endif
