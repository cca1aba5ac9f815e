/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside liboffsets: what offsets.h does not promise about struct offsets_kernel. */
#ifndef OFFSETS_KERNEL_H
#define OFFSETS_KERNEL_H

#include "offsets/offsets.h"

#define KERNEL_KEYS (OFFSETS_KEY_VERSION_CODE + 1) /* enum offsets_key */

/*
 * The sources in the order in which they are trusted: read from the debug data or BTF of
 * a package whose signature was verified, from the kernel's own debug data, its BTF, or a
 * symbol file that others made of it; inferred from the kernels around it, from tables,
 * or because the self-test of a host passed.
 */
#define KERNEL_SOURCES  "|verified-dwarf|verified-btf|dwarf|btf|isf|stream|table|proven|"
#define KERNEL_VERIFIED "verified-"
#define KERNEL_ISF      "|isf|"
#define KERNEL_INFERRED "|stream|"

/* The smaller, the more is its source trusted. */
size_t offsets_kernel_rank(const struct offsets_kernel *kernel);
bool offsets_kernel_inferred(const struct offsets_kernel *kernel);

/*
 * Whether it is clear that first is meant, of two entries of which it is trusted as much or
 * more. by_release: they were found by the release alone. Then two whose versions differ, or
 * are not known, may be two kernels: of these, only what was inferred yields to what was read.
 */
bool offsets_kernel_prevails(const struct offsets_kernel *first, const struct offsets_kernel *other,
                             bool by_release);

/* Read from the kernel itself. */
bool offsets_kernel_is_read(const struct offsets_kernel *kernel);

/*
 * Says in OFFSETS_KEY_SOURCE whether the signature of its package was verified, of what
 * was read from the kernel itself. What it said before does not matter. 0 or -errno.
 */
int offsets_kernel_verified(struct offsets_kernel *kernel, bool is_verified);

#endif
