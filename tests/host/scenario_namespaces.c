/* SPDX-License-Identifier: BSD-2-Clause */
/* A process that enters namespaces, with those before and after. */
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/host/scenario.h"

/* /proc has pid_for_children from 4.12 on. */
static void put_namespace_set(const char *key)
{
	static const char *const set[] = { "pid_for_children", "mnt", "net", "uts", "ipc",
		                           "cgroup",           NULL };

	put_namespaces(key, set);
}

static void change_begin(const char *name)
{
	put("namespaces\tcase=%s\tpid=%llu\ttid=%ld", name, stat_field(1), syscall(SYS_gettid));
	put_namespace_set("before");
}

static void change_end(void)
{
	put_namespace_set("after");
	record_end();
}

static void enter(void)
{
	int uts = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	change_begin("unshare");
	require(!unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID), "unshare");
	change_end();
	change_begin("setns");
	require(!setns(uts, CLONE_NEWUTS), "setns");
	change_end();
}

static void namespaces(void)
{
	in_child("enter-namespaces", enter);
}

PART(.name = "namespaces", .run = namespaces);
