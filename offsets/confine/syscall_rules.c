/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "offsets/confine/syscall_rules.h"

void syscall_rules_init(struct syscall_rules *r, uint32_t otherwise)
{
	r->context = seccomp_init(otherwise);
	r->err = r->context ? 0 : -ENOMEM;
}

void syscall_rule(struct syscall_rules *r, uint32_t action, const char *name, unsigned int count,
                  const struct scmp_arg_cmp *args)
{
	int number = seccomp_syscall_resolve_name(name);

	if (!r->err && number >= 0)
		r->err = seccomp_rule_add_array(r->context, action, number, count, args);
}

void syscall_rule_if(struct syscall_rules *r, uint32_t action, const char *name, unsigned int arg,
                     uint64_t mask, uint64_t value)
{
	const struct scmp_arg_cmp compare = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value);

	syscall_rule(r, action, name, 1, &compare);
}

void syscall_rules_of(struct syscall_rules *r, uint32_t action, const char *const *names,
                      size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		syscall_rule(r, action, names[i], 0, NULL);
}

int syscall_rules_enter(struct syscall_rules *r)
{
	if (!r->err)
		r->err = seccomp_load(r->context);
	if (r->context)
		seccomp_release(r->context);
	return r->err;
}
