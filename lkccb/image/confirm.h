/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares BTF with the DWARF of as few units as possible. */
#ifndef LKCCB_IMAGE_CONFIRM_H
#define LKCCB_IMAGE_CONFIRM_H

#include <stdbool.h>

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"

/* True: a few units confirm all facts of btf. False: all units must be read. */
bool confirm_quickly(const struct elffile *file, const struct offsets_kernel *btf);

#endif
