/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loader/helper/helper.h"
#include "loader/util/log.h"
#include "offsets/confine/give_up.h"
#include "offsets/confine/syscall_rules.h"

/* ---- in the helper ------------------------------------------------------- */

void helper_answer(int engine, const void *answer, size_t size)
{
	if (send(engine, answer, size, MSG_NOSIGNAL) < 0)
		_exit(0);
}

static const char *const allowed[] = {
	"fstat", "newfstatat", "poll", "ppoll", "recvfrom", "sendto", "readlink", "fcntl",
};

static int syscalls_restrict(const struct helper *helper)
{
	static const unsigned int writing = O_ACCMODE | O_CREAT | O_TRUNC;
	struct syscall_rules r;

	syscall_rules_init(&r, SCMP_ACT_ERRNO(EPERM));
	if (r.err)
		return r.err;
	syscall_rules_of_all(&r);
	syscall_rules_of(&r, SCMP_ACT_ALLOW, allowed, sizeof(allowed) / sizeof(allowed[0]));
	syscall_rules_of(&r, SCMP_ACT_ALLOW, helper->calls, helper->call_count);
	syscall_rule_if(&r, SCMP_ACT_ALLOW, "open", 1, writing, O_RDONLY);
	syscall_rule_if(&r, SCMP_ACT_ALLOW, "openat", 2, writing, O_RDONLY);
	return syscall_rules_enter(&r);
}

static void confine(const struct helper *helper, int engine)
{
	struct lacks lacks = { (char[256]){ "" }, 256 };

	give_up_above(RLIMIT_CORE, 0);
	lacks_note(&lacks, "/dev/null", give_up_streams(1, &engine, 1));
	lacks_note(&lacks, "a user of its own",
	           give_up_user_but(user_of_its_own(), helper->capabilities,
	                            helper->capability_count));
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of the user takes it back */
	lacks_note(&lacks, "no_new_privs", give_up_new_privileges());
	lacks_note(&lacks, "seccomp", syscalls_restrict(helper));
	if (*lacks.text)
		log_line(LEVEL_WARNING, "this system lacks for the process that %s: %s",
		         helper->does, lacks.text);
}

static void run(const struct helper *helper, const void *arg, int engine)
{
	int fds[] = { engine };

	give_up_descriptors(fds, 1); /* first: what is attached stays as long as one has it open */
	prctl(PR_SET_NAME, helper->comm);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (helper->prepare && !helper->prepare(arg))
		_exit(1);
	setpriority(PRIO_PROCESS, 0, 0);
	confine(helper, engine);
	helper->serve(engine);
	_exit(0);
}

/* ---- in the monitor ------------------------------------------------------ */

int helper_start(const struct helper *helper, const void *arg, pid_t *ret_pid, int *ret_fd,
                 struct offsets_error *error)
{
	int fds[2];

	*ret_fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return offsets_fail(error, -errno, "the process that %s has no socket: %s",
		                    helper->does, strerror(errno));
	*ret_pid = fork();
	if (!*ret_pid) {
		close(fds[0]);
		run(helper, arg, fds[1]);
	}
	close(fds[1]);
	if (*ret_pid < 0) {
		int err = -errno;

		close(fds[0]);
		*ret_pid = 0;
		return offsets_fail(error, err, "the process that %s cannot be started: %s",
		                    helper->does, strerror(-err));
	}
	*ret_fd = fds[0];
	return 0;
}
