/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * All programs in one ELF. A program's name begins with its tier (t1_: RHEL7
 * 3.10.0-957 and later, 4.11 and later; t2_: 4.7 to 4.10; t3_: 4.4 to 4.6);
 * scripts/check-probes holds each to what its tier's kernels have.
 */
#include "exit.bpf.h"
#include "fork.bpf.h"
#include "mount.bpf.h"
#include "socket.bpf.h"
#include "syscall.bpf.h"
#include "trampoline.bpf.h"
#include "whole.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
