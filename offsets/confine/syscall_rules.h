/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of system calls and what happens to each (seccomp(2)), by libseccomp. */
#ifndef OFFSETS_CONFINE_SYSCALL_RULES_H
#define OFFSETS_CONFINE_SYSCALL_RULES_H

#include <stddef.h>
#include <stdint.h>

#include <seccomp.h>

struct syscall_rules {
	scmp_filter_ctx context;
	int err; /* 0, or the -errno of the first failure */
};

/* otherwise: what happens to calls without a rule (SCMP_ACT_*). */
void syscall_rules_init(struct syscall_rules *rules, uint32_t otherwise);

/* A rule for a call with such arguments. Names that libseccomp or the machine lacks get none. */
void syscall_rule(struct syscall_rules *rules, uint32_t action, const char *name,
                  unsigned int count, const struct scmp_arg_cmp *args);

/* The argument of that number, of which only the bits of mask count, has to have that value. */
void syscall_rule_if(struct syscall_rules *rules, uint32_t action, const char *name,
                     unsigned int arg, uint64_t mask, uint64_t value);

void syscall_rules_of(struct syscall_rules *rules, uint32_t action, const char *const *names,
                      size_t count);

/*
 * Allows what every process needs, with the descriptors and the memory that it has: no
 * memory that can be executed, signals and limits of its own alone.
 */
void syscall_rules_of_all(struct syscall_rules *rules);

/* Puts them in force for good, and frees them. 0 or -errno: this kernel has no seccomp. */
int syscall_rules_enter(struct syscall_rules *rules);

#endif
