/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

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

static const char *const of_all[] = {
	"read",
	"readv",
	"pread64",
	"preadv",
	"write",
	"writev",
	"pwrite64",
	"lseek",
	"_llseek",
	"close",
	"dup",
	"fstat",
	"fstat64",
	"ftruncate",
	"ftruncate64",
	"fadvise64",
	"munmap",
	"mremap",
	"madvise",
	"brk",
	"futex",
	"set_robust_list",
	"rseq",
	"sched_yield",
	"sched_getaffinity",
	"exit",
	"exit_group",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigaltstack",
	"restart_syscall",
	"getpid",
	"gettid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"clock_gettime",
	"gettimeofday",
	"time",
	"nanosleep",
	"clock_nanosleep",
	"getrandom",
	"getrusage",
	"getrlimit",
	"sysinfo",
	"uname",
};

void syscall_rules_of_all(struct syscall_rules *r)
{
	const struct scmp_arg_cmp own_limits[] = { SCMP_A0(SCMP_CMP_EQ, 0),
		                                   SCMP_A2(SCMP_CMP_EQ, 0) };

	syscall_rules_of(r, SCMP_ACT_ALLOW, of_all, sizeof(of_all) / sizeof(of_all[0]));
	syscall_rule_if(r, SCMP_ACT_ALLOW, "mmap", 2, PROT_EXEC, 0);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "mmap2", 2, PROT_EXEC, 0);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "mprotect", 2, PROT_EXEC, 0);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "tgkill", 0, UINT32_MAX, getpid());
	syscall_rule(r, SCMP_ACT_ALLOW, "prlimit64", 2, own_limits);
}

int syscall_rules_enter(struct syscall_rules *r)
{
	if (!r->err)
		r->err = seccomp_load(r->context);
	if (r->context)
		seccomp_release(r->context);
	return r->err;
}
