/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's BPF can do, found by trying it: distributions backport. */
#ifndef LOADER_BPF_TIER_H
#define LOADER_BPF_TIER_H

#include <stdbool.h>
#include <stdint.h>

struct host;

/* The tier of programs that this kernel runs, 1 to 3: docs/design/probes.md. */
unsigned int kernel_tier(void);

/* Whether it accepts programs for raw tracepoints; for fentry, with the helpers of 5.17. */
bool kernel_has_raw_tracepoints(void);
bool kernel_has_fentry(void);

/* Whether maps count against RLIMIT_MEMLOCK. */
bool kernel_counts_memlock(void);

/*
 * LINUX_VERSION_CODE as kprobe programs must name it before 5.0, which uname
 * often does not say: Ubuntu has it in /proc/version_signature, Debian in
 * uname -v. A candidate is tried on the kernel, then all 256 sublevels are.
 * 0: the kernel accepts none, so kprobe programs cannot be loaded.
 */
uint32_t kernel_version_code(const struct host *host);

#endif
