/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each part works without the others: an old kernel or a container may lack
 * some. The order matters: closing descriptors needs /dev, changing the user
 * needs capabilities, Landlock and seccomp need no_new_privs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "offsets/util/cleanup.h"
#include "lkccb/confine/sandbox.h"
#include "lkccb/confine/syscalls.h"

#define DESCRIPTORS_MAX 256
#define THREADS_MAX     256
#define UNLISTED_MAX    65536

struct lacks {
	char *text;
	size_t size;
};

/* err: 0, or the -errno for which the part is missing. */
static void note(struct lacks *lacks, const char *part, int err)
{
	size_t used = strlen(lacks->text);

	if (err)
		snprintf(lacks->text + used, lacks->size - used, "%s%s (%s)", used ? ", " : "",
		         part, strerror(-err));
}

/* ---- descriptors ------------------------------------------------------ */

/* Without close_range(). Closing every number up to RLIMIT_NOFILE can take minutes. */
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

/* Without /dev/null, a descriptor that can be neither read nor written. */
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
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory is larger than any limit */
	/* Since v4.7, commit 84638335900f, RLIMIT_DATA also counts private mappings. */
	if (!err && s->memory_bytes)
		err = limit_set(RLIMIT_DATA, s->memory_bytes);
#endif
	signal(SIGXFSZ, SIG_IGN); /* write(2) then fails with EFBIG */
	return err;
}

/* ---- user and capabilities -------------------------------------------- */

/*
 * A user id that nobody else has: no other process can signal or trace it, and
 * RLIMIT_NPROC counts only its threads. No distribution assigns ids in this
 * range. A user namespace may lack it: then "nobody" is used.
 */
#define USER_FIRST  2000000000U
#define USER_NOBODY 65534U

static int user_become(const struct sandbox *s, uid_t id)
{
	if (s->kind == SANDBOX_STORING_FETCHER && chown(".", id, id))
		return -errno;
	if (setresgid(id, id, id) || setresuid(id, id, id))
		return -errno;
	return 0;
}

/* Without CAP_KILL, the parent could no longer kill a process of another user. */
static bool may_kill(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return !syscall(SYS_capget, &header, caps) && caps[0].effective & 1U << CAP_KILL;
}

static void user_switch(const struct sandbox *s, struct lacks *lacks)
{
	if (geteuid())
		return;
	note(lacks, "no groups", setgroups(0, NULL) ? -errno : 0);
	if (may_kill() && !user_become(s, USER_FIRST + getpid()))
		limit_set(RLIMIT_NPROC, THREADS_MAX);
	else
		note(lacks, "a user of its own", may_kill() ? user_become(s, USER_NOBODY) : -EPERM);
}

/* Matters only after an exec, which the sandbox forbids, so a failure is ignored. */
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

#define LANDLOCK_STORE                                                    \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |    \
	 LANDLOCK_ACCESS_FS_MAKE_DIR)

/* Allows files below the working directory. */
static int landlock_storing(int ruleset)
{
	CLEANUP(cleanup_fd) int here = open(".", O_PATH | O_CLOEXEC);
	const struct landlock_path_beneath_attr rule = { LANDLOCK_STORE, here };

	if (here < 0)
		return -errno;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
	               ? -errno
	               : 0;
}

/* Without a rule, everything that it handles is denied. */
static int landlock_enter(const struct sandbox *s)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_ALL };
	CLEANUP(cleanup_fd) int fd = -1;
	int err = 0;

	if (s->kind != SANDBOX_READER)
		attr.handled_access_fs &= ~LANDLOCK_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (fd < 0)
		return -errno;
	if (s->kind == SANDBOX_STORING_FETCHER)
		err = landlock_storing(fd);
	if (!err && syscall(SYS_landlock_restrict_self, fd, 0))
		err = -errno;
	return err;
}
#else
static int landlock_enter(const struct sandbox *s)
{
	(void)s;
	return -ENOSYS;
}
#endif

/* ---- all of it -------------------------------------------------------- */

/* After all changes of credentials, which clear the signal. */
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
	user_switch(s, &lacks);
	note(&lacks, "no capabilities", capabilities_drop());
	err = end_with(s->parent);
	if (err)
		return err;
	note(&lacks, "no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0);
	note(&lacks, "Landlock", landlock_enter(s));
	signal(SIGSYS, SIG_DFL); /* of the forbidden system calls */
	note(&lacks, "seccomp", syscalls_restrict(s->kind));
	return 0;
}
