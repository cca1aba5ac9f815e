/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * All programs in one ELF. A program's name begins with its tier (t1_: RHEL7
 * 3.10.0-957 and later, 4.11 and later; t2_: 4.7 to 4.10; t3_: 4.4 to 4.6);
 * scripts/check-probes holds each to what its tier's kernels have.
 */
#include "probes/exit.bpf.h"
#include "probes/fork.bpf.h"
#include "probes/mount.bpf.h"
#include "probes/socket.bpf.h"
#include "probes/syscall.bpf.h"
#include "probes/trampoline.bpf.h"
#include "probes/whole.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
