/* SPDX-License-Identifier: BSD-2-Clause */
/* Does DWARF say the same as BTF? By as few units as that takes. */
#ifndef LKCCB_CONFIRM_H
#define LKCCB_CONFIRM_H

#include <stdbool.h>

#include "lkccb/image/elffile.h"
#include "offsets/offsets.h"

/* False: something is unclear, so all units have to be read. */
bool confirm_quickly(const struct elffile *file, const struct kernel_row *btf);

#endif
