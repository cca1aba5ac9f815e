/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probes by the file kprobe_events of tracefs, in the group "sextant". They
 * outlive a process that is killed; the next start removes them. Alone among
 * the attach methods it can give a kretprobe more instances.
 */
#ifndef LOADER_BPF_KPROBE_EVENTS_H
#define LOADER_BPF_KPROBE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/bpf/hook.h"
#include "offsets/offsets.h"

#define KPROBE_EVENTS_GROUP      "sextant"
#define KPROBE_EVENTS_NAME_BYTES 64 /* of an event, with its NUL */

/* Whether the file is there and can be written. tracefs may be NULL. */
bool kprobe_events_usable(const char *tracefs);

/* Whether this kernel takes the number of a kretprobe's instances there. */
bool kprobe_events_take_instances(const char *tracefs);

/*
 * Adds an event for a program at a kprobe or kretprobe; its name, which holds our
 * pid and start time, goes to ret[KPROBE_EVENTS_NAME_BYTES]. 0 or -errno.
 */
int kprobe_events_add(const struct hook_host *host, const struct hook *hook, const char *program,
                      char *ret);
int kprobe_events_remove(const char *tracefs, const char *event);

/*
 * Removes what runs that were killed have left: events of our group whose
 * process (pid and start time are in the name) does not exist any more. Returns
 * how many; -errno: one could not be removed.
 */
int hooks_sweep(const char *tracefs, struct offsets_error *error);

/* Hits of an event that the kernel could not deliver, as kprobe_profile counts them. */
uint64_t kprobe_events_missed(const char *tracefs, const char *event);

/* The line that is written: for tests. */
void kprobe_events_definition(char *ret, size_t size, const struct hook *hook, const char *event,
                              bool with_instances);

#endif
