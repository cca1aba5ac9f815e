/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of a process's own credentials, with what they were before and are after. */
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/host/scenario.h"

/* In the form that scenario_credentials.py makes of an event. */
static void put_credentials(const char *key)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];
	uid_t r, e, s;
	gid_t gr, ge, gs;

	require(!syscall(SYS_capget, &header, caps), "capget");
	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	put("\t%s=%u:%u:%u:%d/%u:%u:%u:%d/%08x%08x/%08x%08x", key, r, e, s, setfsuid(-1), gr, ge,
	    gs, setfsgid(-1), caps[1].permitted, caps[0].permitted, caps[1].effective,
	    caps[0].effective);
}

static void set_group_ids(void)
{
	require(!setresgid(61051, 61052, 61053), "setresgid");
}

static void set_user_ids(void)
{
	require(!setresuid(61061, 0, 61063), "setresuid");
}

static void set_user_ids_again(void)
{
	require(!setresuid(61061, 0, 61063), "setresuid"); /* nothing changes */
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];

	require(!syscall(SYS_capget, &header, caps), "capget");
	caps[0].effective &= ~(1U << CAP_NET_RAW);
	caps[0].permitted &= ~(1U << CAP_NET_RAW);
	require(!syscall(SYS_capset, &header, caps), "capset");
}

static void set_fs_id(void)
{
	setfsuid(61064);
}

static void change(void)
{
	static void (*const steps[])(void) = { set_group_ids, set_user_ids, set_user_ids_again,
		                               drop_capabilities, set_fs_id };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		put("credentials\tcase=credentials\tpid=%llu\ttid=%ld", stat_field(1),
		    syscall(SYS_gettid));
		put_credentials("before");
		steps[i]();
		put_credentials("after");
		record_end();
	}
}

static void credentials(void)
{
	in_child("credentials", change);
}

PART(.name = "credentials", .run = credentials);
