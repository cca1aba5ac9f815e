/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: what offsets.h does not promise about struct offsets_kernel. */
#ifndef OFFSETS_KERNEL_H
#define OFFSETS_KERNEL_H

#include "offsets/offsets.h"

#define KERNEL_KEYS (OFFSETS_KEY_VERSION_CODE + 1) /* enum offsets_key */

#endif
