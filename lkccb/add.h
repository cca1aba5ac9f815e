/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LKCCB_ADD_H
#define LKCCB_ADD_H

#include "offsets.h"

/*
 * Reads one file, whatever it is: a .deb, an ELF file, raw BTF. release and
 * machine say what the file does not; NULL: it must. The row is the caller's.
 */
int add_read(const char *path, const char *release, const char *machine, struct kernel_row **ret,
             struct offsets_error *error);

#endif
