/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * All programs, as one translation unit and one ELF: each map has one
 * definition then, and libbpf loads one object.
 *
 * Each file below has the programs of an event class, for all attach methods or
 * for some of them. It includes only probes/core, which has what they share, and
 * probes/abi; each compiles alone as well (tests/cli/alone.py).
 *
 * A program's name begins with its tier (t1_: RHEL7 3.10.0-957 and later, 4.11
 * and later; f1_: fentry; t2_: 4.7 to 4.10; t3_: 4.4 to 4.6); scripts/check-probes
 * checks each against what the kernels of its tier have.
 */
/* Processes */
#include "probes/exec.bpf.c"
#include "probes/exec_attempt.bpf.c"
#include "probes/exec_parts.bpf.c"
#include "probes/part_texts.bpf.c"
#include "probes/exec_failed.bpf.c"
#include "probes/fork.bpf.c"
#include "probes/process_exit.bpf.c"
#include "probes/change_begins.bpf.c"
#include "probes/credentials.bpf.c"
#include "probes/namespaces.bpf.c"
#include "probes/process_access.bpf.c"
#include "probes/ptrace.bpf.c"
#include "probes/signal.bpf.c"
/* The kernel */
#include "probes/bpf_load.bpf.c"
#include "probes/memfd.bpf.c"
#include "probes/module.bpf.c"
/* Files */
#include "probes/file_descriptor.bpf.c"
#include "probes/file_fentry.bpf.c"
#include "probes/file_kprobe.bpf.c"
#include "probes/file_report.bpf.c"
#include "probes/mount.bpf.c"
#include "probes/mount_parts.bpf.c"
/* Network */
#include "probes/dns.bpf.c"
#include "probes/socket_tcp.bpf.c"
#include "probes/socket_udp.bpf.c"
#include "probes/socket_unix.bpf.c"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
