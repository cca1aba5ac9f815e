/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/trace/call_class.h"

/* Each name has a blank on both sides. */
struct call_class {
	const char *name;
	bool paths; /* also each call that is given a path */
	const char *calls;
};

const char call_class_names[] = "file process network memory ipc signal creds desc";

static const struct call_class classes[] = {
	{ "file", true, " getcwd fchdir quotactl " },
	{ "process", false,
	  " clone clone3 execve execveat exit exit_group fork vfork kill pidfd_open "
	  "pidfd_send_signal "
	  "rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill unshare wait4 waitid waitpid " },
	{ "network", false,
	  " accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom "
	  "recvmmsg "
	  "recvmmsg_time64 recvmsg sendmmsg sendmsg sendto sethostname setdomainname setsockopt "
	  "shutdown socket socketcall socketpair " },
	{ "memory", false,
	  " brk get_mempolicy madvise mbind migrate_pages mincore mlock mlock2 mlockall mmap mmap2 "
	  "move_pages mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free "
	  "pkey_mprotect process_madvise remap_file_pages set_mempolicy shmat shmdt " },
	{ "ipc", false,
	  " ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat "
	  "shmctl shmdt shmget " },
	{ "signal", false,
	  " kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo "
	  "rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaction sigaltstack "
	  "signal "
	  "signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend tgkill tkill " },
	{ "creds", false,
	  " capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups "
	  "getgroups32 "
	  "getresgid getresgid32 getresuid getresuid32 getuid getuid32 prctl setfsgid setfsgid32 "
	  "setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid "
	  "setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32 " },
	{ "desc", false, " " }, /* and each call that is given a descriptor */
};

static const struct call_class *class_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!strcmp(classes[i].name, name))
			return &classes[i];
	return NULL;
}

static bool has_word(const char *list, const char *word)
{
	size_t size = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word))) {
		if (at[-1] == ' ' && at[size] == ' ')
			return true;
		at += size;
	}
	return false;
}

/* A parameter of that type. */
static bool takes(const struct call *call, const char *type)
{
	unsigned int i;

	for (i = 0; i < call->count; i++)
		if (!strcmp(call->fields[i].type->name, type))
			return true;
	return false;
}

bool call_class_exists(const char *class)
{
	return class_find(class) != NULL;
}

bool call_class_has(const char *class, const struct call *call)
{
	const struct call_class *c = class_find(class);

	if (!c)
		return false;
	if (has_word(c->calls, call->name) || (c->paths && takes(call, "path")))
		return true;
	return !strcmp(class, "desc") && (takes(call, "fd") || takes(call, "dirfd"));
}
