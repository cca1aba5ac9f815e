/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "offsets/confine/syscall_rules.h"
#include "lkccb/confine/syscalls.h"

/* No library uses these: a process that tries one is killed. */
static const char *const deadly[] = {
	"execve", "execveat",    "ptrace",       "process_vm_readv", "process_vm_writev",
	"bpf",    "init_module", "finit_module", "kexec_load",       "mount",
	"setns",  "unshare",
};

/* Libraries try these and handle the error. */
static const char *const refused[] = {
	"open",
	"openat",
	"openat2",
	"creat",
	"socket",
	"socketpair",
	"connect",
	"kill",
	"tkill",
	"rt_sigqueueinfo",
	"rt_tgsigqueueinfo",
	"pidfd_send_signal",
	"pidfd_open",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"renameat2",
	"link",
	"linkat",
	"symlink",
	"symlinkat",
	"mkdir",
	"mkdirat",
	"mknod",
	"mknodat",
	"chmod",
	"fchmod",
	"fchmodat",
	"chown",
	"fchown",
	"fchownat",
	"truncate",
	"access",
	"faccessat",
	"stat",
	"lstat",
	"readlink",
	"readlinkat",
};

/*
 * For a fetcher, which may do everything else that its user may. It ends with
 * who started it, and what it made can be removed by its path.
 */
static const char *const refused_to_fetchers[] = {
	"kill", "tkill",  "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "pidfd_open",
	"fork", "vfork",  "setsid",          "setpgid",           "symlink",           "symlinkat",
	"link", "linkat", "mknod",           "mknodat",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Threads but no processes. */
static void reader_rules_with_arguments(struct syscall_rules *r)
{
	static const int commands[] = { F_GETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC };
	const struct scmp_arg_cmp own_nice[] = { SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS),
		                                 SCMP_A1(SCMP_CMP_EQ, 0) };
	size_t i;

	syscall_rule_if(r, SCMP_ACT_ALLOW, "clone", 0, CLONE_THREAD, CLONE_THREAD);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "newfstatat", 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
	syscall_rule(r, SCMP_ACT_ALLOW, "setpriority", 2, own_nice);
	for (i = 0; i < COUNT(commands); i++)
		syscall_rule_if(r, SCMP_ACT_ALLOW, "fcntl", 1, UINT32_MAX, commands[i]);
}

static void reader_rules(struct syscall_rules *r)
{
	syscall_rules_of_all(r);
	syscall_rules_of(r, SCMP_ACT_TRAP, deadly, COUNT(deadly));
	syscall_rules_of(r, SCMP_ACT_ERRNO(EPERM), refused, COUNT(refused));
	reader_rules_with_arguments(r);
}

/* Threads but no processes, as for a reader. */
static void fetcher_rules(struct syscall_rules *r)
{
	const struct scmp_arg_cmp others = SCMP_A0(SCMP_CMP_NE, getpid());
	const struct scmp_arg_cmp outliving[] = { SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG),
		                                  SCMP_A1(SCMP_CMP_NE, SIGKILL) };

	syscall_rule(r, SCMP_ACT_ERRNO(EPERM), "prctl", 2, outliving);
	syscall_rule(r, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
	syscall_rule_if(r, SCMP_ACT_ERRNO(EPERM), "clone", 0, CLONE_THREAD, 0);
	syscall_rules_of(r, SCMP_ACT_TRAP, deadly, COUNT(deadly));
	syscall_rules_of(r, SCMP_ACT_ERRNO(EPERM), refused_to_fetchers, COUNT(refused_to_fetchers));
	syscall_rule(r, SCMP_ACT_ERRNO(EPERM), "tgkill", 1, &others);
}

static void writing_refuse(struct syscall_rules *r)
{
	static const char *const calls[] = { "creat", "openat2" };
	static const int writing[] = { O_WRONLY, O_RDWR };
	size_t i;

	syscall_rules_of(r, SCMP_ACT_ERRNO(EPERM), calls, COUNT(calls));
	for (i = 0; i < COUNT(writing); i++) {
		syscall_rule_if(r, SCMP_ACT_ERRNO(EPERM), "open", 1, O_ACCMODE, writing[i]);
		syscall_rule_if(r, SCMP_ACT_ERRNO(EPERM), "openat", 2, O_ACCMODE, writing[i]);
	}
}

/*
 * The default is ENOSYS, as on an older kernel, which libraries handle: glibc
 * falls back from clone3() to clone(), whose flags can be checked.
 */
int syscalls_restrict(enum sandbox_kind kind)
{
	bool reader = kind == SANDBOX_READER;
	struct syscall_rules r;

	syscall_rules_init(&r, reader ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW);
	if (r.err)
		return r.err;
	if (reader)
		reader_rules(&r);
	else
		fetcher_rules(&r);
	if (kind == SANDBOX_FETCHER)
		writing_refuse(&r);
	return syscall_rules_enter(&r);
}
