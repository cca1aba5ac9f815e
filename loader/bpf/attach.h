/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaches loaded programs to their hooks. */
#ifndef LOADER_BPF_ATTACH_H
#define LOADER_BPF_ATTACH_H

#include <stdint.h>

#include "loader/bpf/hook.h"
#include "loader/bpf/kprobe_events.h"

struct bpf_link;
struct bpf_program;

struct attachment {
	struct bpf_link *link;                /* NULL: not attached */
	int program;                          /* its descriptor */
	char event[KPROBE_EVENTS_NAME_BYTES]; /* in kprobe_events; empty: none */
};

/* 0; -errno, and the error says by which method it failed. */
int attachment_open(const struct hook_host *host, const struct hook *hook,
                    enum attach_method method, struct bpf_program *program, struct attachment *ret,
                    struct offsets_error *error);
void attachment_close(const struct hook_host *host, struct attachment *attachment);

/*
 * Hits that the kernel could not deliver: all instances of a kretprobe were in use,
 * or the hit was inside of another probe; a program by fentry was already running on that
 * CPU, or another one any program of those types (in an interrupt). Kernels before 6.7 do not
 * count the latter, nor hits of the PMU's kprobes.
 */
uint64_t attachment_missed(const char *tracefs, const struct attachment *attachment);

#endif
