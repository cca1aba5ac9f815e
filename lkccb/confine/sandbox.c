/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each part works without the others: an old kernel or a container may lack
 * some. The order matters: closing descriptors needs /dev, changing the user
 * needs capabilities, Landlock and seccomp need no_new_privs.
 */
#include <errno.h>
#include <fcntl.h>
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
#include "offsets/confine/give_up.h"
#include "lkccb/confine/sandbox.h"
#include "lkccb/confine/syscalls.h"

#define DESCRIPTORS_MAX 256
#define THREADS_MAX     256

/* ---- descriptors ------------------------------------------------------ */

static int descriptors_close(const struct sandbox *s)
{
	int keep[16], err;

	if (s->keep_count > 16)
		return -E2BIG;
	err = give_up_streams(2, NULL, 0);
	if (err)
		return err;
	if (s->keep_count)
		memcpy(keep, s->keep, s->keep_count * sizeof(*keep));
	give_up_descriptors(keep, s->keep_count);
	return 0;
}

/* ---- resources -------------------------------------------------------- */

static int limits_set(const struct sandbox *s)
{
	int err = give_up_above(RLIMIT_CORE, 0);

	if (!err)
		err = give_up_above(RLIMIT_NOFILE, DESCRIPTORS_MAX);
	if (!err && s->file_bytes)
		err = give_up_above(RLIMIT_FSIZE, s->file_bytes);
	if (!err && s->cpu_s)
		err = give_up_above(RLIMIT_CPU, s->cpu_s);
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory is larger than any limit */
	/* Since v4.7, commit 84638335900f, RLIMIT_DATA also counts private mappings. */
	if (!err && s->memory_bytes)
		err = give_up_above(RLIMIT_DATA, s->memory_bytes);
#endif
	signal(SIGXFSZ, SIG_IGN); /* write(2) then fails with EFBIG */
	return err;
}

/* ---- user and capabilities -------------------------------------------- */

/*
 * A process with a user id of its own cannot be signalled, and RLIMIT_NPROC counts only
 * its threads. A user namespace may lack that id: then "nobody" is used.
 */
#define USER_NOBODY 65534U

static int user_become(const struct sandbox *s, uid_t id)
{
	if (s->kind == SANDBOX_STORING_FETCHER && chown(".", id, id))
		return -errno;
	return give_up_user(id);
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
	if (may_kill() && !user_become(s, user_of_its_own()))
		give_up_above(RLIMIT_NPROC, THREADS_MAX);
	else
		lacks_note(lacks, "a user of its own",
		           may_kill() ? user_become(s, USER_NOBODY) : -EPERM);
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
	user_switch(s, &lacks);
	lacks_note(&lacks, "no capabilities", give_up_capabilities());
	err = end_with(s->parent);
	if (err)
		return err;
	lacks_note(&lacks, "no_new_privs", give_up_new_privileges());
	lacks_note(&lacks, "Landlock", landlock_enter(s));
	signal(SIGSYS, SIG_DFL); /* of the forbidden system calls */
	lacks_note(&lacks, "seccomp", syscalls_restrict(s->kind));
	return 0;
}
