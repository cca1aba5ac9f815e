/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each part stands on its own: an old kernel or a container may lack some. The
 * order matters: descriptors need /dev, the user needs capabilities, Landlock
 * and seccomp need no_new_privs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <seccomp.h>

#include "sandbox.h"

#define DESCRIPTORS_MAX 256
#define THREADS_MAX     256
#define UNLISTED_MAX    65536

struct lacks {
	char *text;
	size_t size;
};

/* err: 0, or -errno: then the part is missing. */
static void note(struct lacks *lacks, const char *part, int err)
{
	size_t used = strlen(lacks->text);

	if (err)
		snprintf(lacks->text + used, lacks->size - used, "%s%s (%s)", used ? ", " : "",
		         part, strerror(-err));
}

/* ---- descriptors ------------------------------------------------------ */

/* Where there is no close_range(): RLIMIT_NOFILE may be a thousand million. */
static void listed_close(unsigned int first, unsigned int last)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned int fd;

	while (list && (entry = readdir(list))) {
		fd = strtoul(entry->d_name, NULL, 10);
		if (fd >= first && fd <= last && fd != (unsigned int)dirfd(list))
			close(fd);
	}
	for (fd = first; !list && fd <= last && fd < UNLISTED_MAX; fd++)
		close(fd);
	if (list)
		closedir(list);
}

static void range_close(unsigned int first, unsigned int last)
{
#ifdef SYS_close_range /* since v5.9, commit 278a5fbaed89 */
	if (!syscall(SYS_close_range, first, last, 0))
		return;
#endif
	listed_close(first, last);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Without /dev/null: a place that can be neither read nor written. */
static int null_open(void)
{
	int fd = open("/dev/null", O_RDWR);

	return fd >= 0 ? fd : open("/", O_PATH);
}

static int descriptors_close(const struct sandbox *s)
{
	int keep[16], null = null_open(), fd;
	size_t i;

	if (null < 0 || s->keep_count > 16)
		return null < 0 ? -errno : -E2BIG;
	for (fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	if (s->keep_count)
		memcpy(keep, s->keep, s->keep_count * sizeof(*keep));
	qsort(keep, s->keep_count, sizeof(*keep), by_number);
	for (i = 0, fd = 3; i < s->keep_count; fd = keep[i++] + 1)
		if (keep[i] > fd)
			range_close(fd, keep[i] - 1);
	range_close(fd, ~0U);
	return 0;
}

/* ---- resources -------------------------------------------------------- */

static int limit_set(int resource, uint64_t most)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return -errno;
	if (most > limit.rlim_max)
		most = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = most;
	return setrlimit(resource, &limit) ? -errno : 0;
}

static int limits_set(const struct sandbox *s)
{
	int err = limit_set(RLIMIT_CORE, 0);

	if (!err)
		err = limit_set(RLIMIT_NOFILE, DESCRIPTORS_MAX);
	if (!err && s->file_bytes)
		err = limit_set(RLIMIT_FSIZE, s->file_bytes);
	if (!err && s->cpu_s)
		err = limit_set(RLIMIT_CPU, s->cpu_s);
#ifndef __SANITIZE_ADDRESS__ /* whose shadow is larger than any limit */
	/* Since v4.7, commit 84638335900f, it also counts what is mapped. */
	if (!err && s->memory_bytes)
		err = limit_set(RLIMIT_DATA, s->memory_bytes);
#endif
	signal(SIGXFSZ, SIG_IGN); /* the write says EFBIG */
	return err;
}

/* ---- user and capabilities -------------------------------------------- */

/*
 * Of its own: nobody else can send it signals or trace it, and RLIMIT_NPROC
 * counts its threads alone. No distribution gives out ids up there; in a user
 * namespace that does not have them, "nobody" has to do.
 */
#define USER_FIRST  2000000000U
#define USER_NOBODY 65534U

static int user_become(uid_t id)
{
	if (setresgid(id, id, id) || setresuid(id, id, id))
		return -errno;
	return 0;
}

/* Who lacks it could not end a process of another user any more. */
static bool may_kill(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return !syscall(SYS_capget, &header, caps) && caps[0].effective & 1U << CAP_KILL;
}

static void user_switch(struct lacks *lacks)
{
	if (geteuid())
		return;
	note(lacks, "no groups", setgroups(0, NULL) ? -errno : 0);
	if (may_kill() && !user_become(USER_FIRST + getpid()))
		limit_set(RLIMIT_NPROC, THREADS_MAX);
	else
		note(lacks, "a user of its own", may_kill() ? user_become(USER_NOBODY) : -EPERM);
}

/* For what comes after an exec; there is none, so nothing is lost where it fails. */
static void bounding_set_drop(void)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static int capabilities_drop(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return syscall(SYS_capset, &header, none) ? -errno : 0;
}

/* ---- Landlock --------------------------------------------------------- */

#if defined(__has_include)
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif
#endif

#if defined(LANDLOCK_CREATE_RULESET_VERSION) && defined(SYS_landlock_create_ruleset)
#define LANDLOCK_READ \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define LANDLOCK_ALL ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1) /* of its first version */

/* No rule: nothing of what it handles is allowed. */
static int landlock_enter(const struct sandbox *s)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_ALL };
	int fd, err;

	if (s->kind == SANDBOX_FETCHER)
		attr.handled_access_fs &= ~LANDLOCK_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_landlock_restrict_self, fd, 0) ? -errno : 0;
	close(fd);
	return err;
}
#else
static int landlock_enter(const struct sandbox *s)
{
	(void)s;
	return -ENOSYS;
}
#endif

/* ---- system calls ----------------------------------------------------- */

/* What is left on the descriptors and the memory of a reader. */
static const char *const allowed[] = {
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

/* No library of ours does these: who tries them is ended at once. */
static const char *const deadly[] = {
	"execve", "execveat",    "ptrace",       "process_vm_readv", "process_vm_writev",
	"bpf",    "init_module", "finit_module", "kexec_load",       "mount",
	"setns",  "unshare",
};

/* Libraries try these and can do without. */
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

/* Of a fetcher, which may do all else that its user may. */
static const char *const refused_to_fetchers[] = {
	"creat",
	"openat2",
	"kill",
	"tkill",
	"rt_sigqueueinfo",
	"rt_tgsigqueueinfo",
	"pidfd_send_signal",
	"pidfd_open",
};

struct rules {
	scmp_filter_ctx context;
	int err;
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Names that this libseccomp or machine does not have are left to the default. */
static void rule(struct rules *r, uint32_t action, const char *name, unsigned int count,
                 const struct scmp_arg_cmp *args)
{
	int number = seccomp_syscall_resolve_name(name);

	if (!r->err && number >= 0)
		r->err = seccomp_rule_add_array(r->context, action, number, count, args);
}

static void rules_of(struct rules *r, uint32_t action, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		rule(r, action, names[i], 0, NULL);
}

static void rule_if(struct rules *r, uint32_t action, const char *name, unsigned int arg,
                    uint64_t mask, uint64_t value)
{
	const struct scmp_arg_cmp compare = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value);

	rule(r, action, name, 1, &compare);
}

/* Threads but no processes; memory that is not executed; signals to itself alone. */
static void reader_rules_with_arguments(struct rules *r)
{
	static const int commands[] = { F_GETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC };
	const struct scmp_arg_cmp own_limits[] = { SCMP_A0(SCMP_CMP_EQ, 0),
		                                   SCMP_A2(SCMP_CMP_EQ, 0) };
	const struct scmp_arg_cmp own_nice[] = { SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS),
		                                 SCMP_A1(SCMP_CMP_EQ, 0) };
	size_t i;

	rule_if(r, SCMP_ACT_ALLOW, "clone", 0, CLONE_THREAD, CLONE_THREAD);
	rule_if(r, SCMP_ACT_ALLOW, "mmap", 2, PROT_EXEC, 0);
	rule_if(r, SCMP_ACT_ALLOW, "mmap2", 2, PROT_EXEC, 0);
	rule_if(r, SCMP_ACT_ALLOW, "mprotect", 2, PROT_EXEC, 0);
	rule_if(r, SCMP_ACT_ALLOW, "tgkill", 0, UINT32_MAX, getpid());
	rule_if(r, SCMP_ACT_ALLOW, "newfstatat", 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
	rule(r, SCMP_ACT_ALLOW, "prlimit64", 2, own_limits);
	rule(r, SCMP_ACT_ALLOW, "setpriority", 2, own_nice);
	for (i = 0; i < COUNT(commands); i++)
		rule_if(r, SCMP_ACT_ALLOW, "fcntl", 1, UINT32_MAX, commands[i]);
}

static void reader_rules(struct rules *r)
{
	rules_of(r, SCMP_ACT_ALLOW, allowed, COUNT(allowed));
	rules_of(r, SCMP_ACT_TRAP, deadly, COUNT(deadly));
	rules_of(r, SCMP_ACT_ERRNO(EPERM), refused, COUNT(refused));
	reader_rules_with_arguments(r);
}

static void fetcher_rules(struct rules *r)
{
	static const int writing[] = { O_WRONLY, O_RDWR };
	const struct scmp_arg_cmp others = SCMP_A0(SCMP_CMP_NE, getpid());
	size_t i;

	rules_of(r, SCMP_ACT_TRAP, deadly, COUNT(deadly));
	rules_of(r, SCMP_ACT_ERRNO(EPERM), refused_to_fetchers, COUNT(refused_to_fetchers));
	rule(r, SCMP_ACT_ERRNO(EPERM), "tgkill", 1, &others);
	for (i = 0; i < COUNT(writing); i++) {
		rule_if(r, SCMP_ACT_ERRNO(EPERM), "open", 1, O_ACCMODE, writing[i]);
		rule_if(r, SCMP_ACT_ERRNO(EPERM), "openat", 2, O_ACCMODE, writing[i]);
	}
}

/*
 * ENOSYS is what libraries expect of a kernel that is older than they are: glibc
 * falls back from clone3() to clone(), whose flags can be looked at.
 */
static int seccomp_enter(const struct sandbox *s)
{
	bool reader = s->kind == SANDBOX_READER;
	struct rules r = { .context =
		                   seccomp_init(reader ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW) };

	if (!r.context)
		return -ENOMEM;
	if (reader)
		reader_rules(&r);
	else
		fetcher_rules(&r);
	if (!r.err)
		r.err = seccomp_load(r.context);
	seccomp_release(r.context);
	return r.err;
}

/* ---- all of it -------------------------------------------------------- */

/* Last of what changes credentials: those changes clear the signal. */
static int end_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

int sandbox_enter(const struct sandbox *s, char *ret_lacks, size_t size)
{
	struct lacks lacks = { ret_lacks, size };
	int err;

	*ret_lacks = '\0';
	err = descriptors_close(s);
	if (!err)
		err = limits_set(s);
	if (err)
		return err;
	bounding_set_drop();
	user_switch(&lacks);
	note(&lacks, "no capabilities", capabilities_drop());
	err = end_with(s->parent);
	if (err)
		return err;
	note(&lacks, "no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0);
	note(&lacks, "Landlock", landlock_enter(s));
	signal(SIGSYS, SIG_DFL); /* of what is deadly */
	note(&lacks, "seccomp", seccomp_enter(s));
	return 0;
}
