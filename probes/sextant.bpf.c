/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * All files of this folder are compiled as one translation unit and one ELF
 * (build/sextant.bpf.c includes them in the order of their names): each map has
 * one definition then, and libbpf loads one object.
 *
 * Each other file has the programs of an event class, for all attach methods or
 * for some of them. It includes only probes/core, which has what they share, and
 * probes/abi; each compiles alone as well (tests/cli/alone.py).
 *
 * A program's name begins with its tier (t1_: RHEL7 3.10.0-957 and later, 4.11
 * and later; f1_: fentry; t2_: 4.7 to 4.10; t3_: 4.4 to 4.6); scripts/check-probes
 * checks each against what the kernels of its tier have.
 */
#include "probes/core/mapdefs.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
