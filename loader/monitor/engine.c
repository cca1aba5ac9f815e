/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "loader/monitor/engine.h"
#include "offsets/confine/give_up.h"
#include "offsets/confine/syscall_rules.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What the modes of files let everybody read; the descriptors that it has. */
static const char *const allowed[] = {
	"stat",       "lstat",       "statx",      "newfstatat",   "statfs",     "fstatfs",
	"access",     "faccessat",   "faccessat2", "readlink",     "readlinkat", "getdents64",
	"fsync",      "fdatasync",   "getcwd",     "poll",         "ppoll",      "epoll_ctl",
	"epoll_wait", "epoll_pwait", "sendmsg",    "sendto",       "accept4",    "recvmsg",
	"recvfrom",   "wait4",       "getppid",    "clock_getres",
};

/* Of an output that is another host. */
static void rules_of_network(struct syscall_rules *r)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const int options[] = { SO_KEEPALIVE, SO_SNDBUF };
	size_t i;

	for (i = 0; i < COUNT(families); i++)
		syscall_rule_if(r, SCMP_ACT_ALLOW, "socket", 0, UINT32_MAX, families[i]);
	for (i = 0; i < COUNT(options); i++)
		syscall_rule_if(r, SCMP_ACT_ALLOW, "setsockopt", 2, UINT32_MAX, options[i]);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "setsockopt", 1, UINT32_MAX, IPPROTO_TCP);
	syscall_rules_of(r, SCMP_ACT_ALLOW, (const char *const[]){ "connect" }, 1);
}

/*
 * Files are opened to be read alone; a pipe is asked how much is in it, and a terminal
 * whether it is one.
 */
static void rules_with_arguments(struct syscall_rules *r)
{
	static const int commands[] = { F_GETFL,      F_SETFL,      F_GETFD,
		                        F_SETFD,      F_DUPFD,      F_DUPFD_CLOEXEC,
		                        F_GETPIPE_SZ, F_SETPIPE_SZ, F_ADD_SEALS };
	static const unsigned int ioctls[] = { FIONREAD, TCGETS, TIOCGWINSZ, SIOCOUTQ };
	static const unsigned int writing = O_ACCMODE | O_CREAT | O_TRUNC;
	size_t i;

	syscall_rule_if(r, SCMP_ACT_ALLOW, "open", 1, writing, O_RDONLY);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "openat", 2, writing, O_RDONLY);
	for (i = 0; i < COUNT(commands); i++)
		syscall_rule_if(r, SCMP_ACT_ALLOW, "fcntl", 1, UINT32_MAX, commands[i]);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "getsockopt", 2, UINT32_MAX, SO_PEERCRED);
	syscall_rule_if(r, SCMP_ACT_ALLOW, "getsockopt", 2, UINT32_MAX, SO_ERROR);
	for (i = 0; i < COUNT(ioctls); i++)
		syscall_rule_if(r, SCMP_ACT_ALLOW, "ioctl", 1, UINT32_MAX, ioctls[i]);
}

/* A call that is not in the list fails: the engine goes on, and what it was for does not work. */
static int syscalls_restrict(struct engine_needs needs)
{
	struct syscall_rules r;

	syscall_rules_init(&r, SCMP_ACT_ERRNO(EPERM));
	if (r.err)
		return r.err;
	syscall_rules_of_all(&r);
	syscall_rules_of(&r, SCMP_ACT_ALLOW, allowed, COUNT(allowed));
	rules_with_arguments(&r);
	if (needs.network)
		rules_of_network(&r);
	if (needs.memory_file)
		syscall_rules_of(&r, SCMP_ACT_ALLOW, (const char *const[]){ "memfd_create" }, 1);
	return syscall_rules_enter(&r);
}

void engine_confine(int *keep, size_t count, struct engine_needs needs, char *ret_lacks,
                    size_t size)
{
	struct lacks lacks = { ret_lacks, size };

	*ret_lacks = '\0';
	give_up_descriptors(keep, count);
	give_up_above(RLIMIT_CORE, 0);
	/* In a user namespace that lacks the id it stays root, of whom no user's process is. */
	lacks_note(&lacks, "a user of its own", give_up_user(user_of_its_own()));
	lacks_note(&lacks, "no capabilities", give_up_capabilities());
	prctl(PR_SET_DUMPABLE, 0);
	lacks_note(&lacks, "no_new_privs", give_up_new_privileges());
	lacks_note(&lacks, "seccomp", syscalls_restrict(needs));
}
