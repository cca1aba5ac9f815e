/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/verify/pty.h"
#include "loader/verify/workload.h"
#include "offsets/util/random.h"
#include "probes/abi/events.h"

/*
 * Ids that no host uses and no garbage repeats. A process with the child's real user
 * id could send it signals: the ids are random ones of a range that is assigned to
 * nobody (systemd's UIDS-GIDS).
 */
#define ID_MIN   0x70000000U
#define ID_MASK  0x0ffffff0U
#define IDS_USER 8 /* behind the group ids */

/*
 * CPU time that the child uses after it has said how much it has used: more than a tick of
 * 4 ms, by which the scheduler counts that (its clocks are exact from 3.18 on, 6e998916dfe3).
 */
#define CPU_NS 5000000ULL

/*
 * What a thread of it uses that has ended before: more than that and all that the end of
 * the process takes, also where the CPU of a VM stands still meanwhile, so that it is missed.
 */
#define GONE_NS 24000000ULL

/* So long a thread waits for the end of another one. */
#define FIRST_NS 5000000000ULL

static bool say(int out, const struct workload_message *message)
{
	return write(out, message, sizeof(*message)) == sizeof(*message);
}

static bool say_step(int out, enum workload_step step)
{
	return say(out, &(struct workload_message){ .step = step });
}

/* Eight different group ids, then as many user ids. */
static bool ids_choose(uid_t ret[16])
{
	uid_t id, i;

	if (random_fill(&id, sizeof(id)))
		return false;
	for (i = 0; i < 16; i++)
		ret[i] = ID_MIN | (id & ID_MASK) | i;
	return true;
}

/* ---- capabilities ----------------------------------------------------- */

/* Of no use to the child, so that its sets can differ in them. */
#define CAP_ONE   CAP_LEASE
#define CAP_TWO   CAP_SYS_TTY_CONFIG
#define CAP_THREE CAP_SYS_TIME

#define CAP_BIT(cap) (1ULL << (cap))

static bool capabilities_set(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2], data[2];
	int i;

	if (syscall(SYS_capget, &header, now))
		return false;
	for (i = 0; i < 2; i++) {
		data[i].permitted = now[i].permitted & permitted >> 32 * i;
		data[i].effective = now[i].permitted & effective >> 32 * i;
		data[i].inheritable = now[i].permitted & inheritable >> 32 * i;
	}
	return !syscall(SYS_capset, &header, data);
}

/* ---- child ------------------------------------------------------------ */

/* What changes nothing for anybody else, and is not always permitted. */
static unsigned int child_act(void)
{
	char *argv[] = { CHILD_NAME, NULL }, *envp[] = { NULL };
	unsigned int did = 0;

	if (!unshare(CLONE_NEWUTS | CLONE_NEWIPC) || !unshare(CLONE_NEWUTS))
		did |= 1U << EVENT_NAMESPACES;
	if (execve("/proc/self/" CHILD_NAME, argv, envp))
		did |= 1U << EVENT_EXEC_FAILED;
	return did;
}

/*
 * Where a step is not possible /proc says what there is. The exec makes saved and file
 * system user id equal to the effective one, which stays root's: the program may lie
 * where no other user gets.
 */
static void child_become_odd(void)
{
	uid_t ids[16];

	umask(CHILD_UMASK);
	/* In this order: what is not in the bounding set cannot become inheritable. */
	capabilities_set(~0ULL, ~0ULL, CAP_BIT(CAP_ONE) | CAP_BIT(CAP_TWO) | CAP_BIT(CAP_THREE));
	prctl(PR_CAPBSET_DROP, CAP_THREE);
	if (!ids_choose(ids) || setresgid(ids[0], ids[1], ids[2]) ||
	    setresuid(ids[IDS_USER], (uid_t)-1, (uid_t)-1))
		errno = 0;
}

/* The working directory lies behind mounts, the arguments are awkward, the ids odd. */
static void child_main(int in, int out)
{
	char *argv[] = { CHILD_NAME, "", "two words", "\xc3\xbc\xff", NULL };
	char *envp[] = { "SEXTANT=self-test", "\xc3\xbc\xff=", NULL };
	struct workload_message message = { .step = STEP_ACTED };

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(errno);
	message.did = child_act();
	child_become_odd();
	if (!say(STDOUT_FILENO, &message))
		_exit(EIO);
	execve(CHILD_EXECUTES, argv, envp);
	_exit(errno);
}

/* ---- child, after its exec -------------------------------------------- */

/* All ids and all sets of capabilities become different. */
static void credentials_change(void)
{
	const uint64_t act = CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID);
	const uint64_t mine = act | CAP_BIT(CAP_ONE) | CAP_BIT(CAP_TWO);
	const uint64_t given = CAP_BIT(CAP_ONE) | CAP_BIT(CAP_TWO) | CAP_BIT(CAP_THREE);
	uid_t ids[16], *users = ids + IDS_USER;

	if (!ids_choose(ids) || prctl(PR_SET_KEEPCAPS, 1) || setresgid(ids[3], ids[4], ids[5]))
		return;
	setfsgid(ids[6]);
	if (setresuid(users[3], users[4], users[5]) || !capabilities_set(mine, act, given))
		return;
	setfsuid(users[6]);
#ifdef PR_CAP_AMBIENT
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_TWO, 0, 0);
#endif
	capabilities_set(mine, CAP_BIT(CAP_SETUID), given);
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void cpu_use(uint64_t until_ns)
{
	while (cpu_ns() < until_ns)
		;
}

static void input_end(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

/* A thread that has been joined may be there for a moment. */
static void threads_settle(void)
{
	uint64_t end = clock_monotonic_ns() + FIRST_NS;
	struct stat st;

	/* Two links, and one for each thread. */
	while (!stat("/proc/self/task", &st) && st.st_nlink > 3 && clock_monotonic_ns() < end)
		usleep(1000);
}

static void *gone_main(void *arg)
{
	cpu_use(cpu_ns() + GONE_NS);
	return arg;
}

/*
 * The first thread ends before, with another code, and this one for all: then the code
 * of the process is not that of its first thread.
 */
static void *thread_main(void *first)
{
	struct workload_message ends = { .step = STEP_ENDS };
	uint64_t end = clock_monotonic_ns() + FIRST_NS;

	input_end();
	while (__atomic_load_n((int *)first, __ATOMIC_SEQ_CST) && clock_monotonic_ns() < end)
		usleep(1000);
	ends.cpu_ns = cpu_ns();
	if (!say(STDOUT_FILENO, &ends))
		_exit(1);
	cpu_use(ends.cpu_ns + CPU_NS);
	_exit(CHILD_EXIT_CODE);
	return NULL;
}

int workload_child_main(void)
{
	static int first = 1; /* the kernel makes it 0 when this thread has ended */
	pthread_t thread;
	char byte;

	if (!say_step(STDOUT_FILENO, STEP_EXECUTED))
		return 1;
	if (pthread_create(&thread, NULL, gone_main, NULL) || pthread_join(thread, NULL))
		return 1;
	threads_settle();
	if (read(STDIN_FILENO, &byte, 1) < 0)
		return 1;
	credentials_change();
	if (pthread_create(&thread, NULL, thread_main, &first) ||
	    !say_step(STDOUT_FILENO, STEP_CHANGED))
		return 1;
	syscall(SYS_set_tid_address, &first);
	input_end();
	syscall(SYS_exit, 1);
	return 1;
}

/* ---- other ------------------------------------------------------------ */

/* Until nobody can write to it any more; what is written is for the child. */
static void hangup_wait(int in)
{
	struct pollfd fd = { in, 0, 0 };

	while (poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
}

static void other_main(int in, int out, const char *name, const struct file_actions *mounted)
{
	struct workload_message message = { .step = STEP_FILES, .files = *mounted };

	file_actions_do(name, &message.files);
	if (say(out, &message))
		hangup_wait(in);
	syscall(SYS_exit, OTHER_EXIT_CODE);
}

/* ---- parent ----------------------------------------------------------- */

/* A session of its own, and a terminal for it if there is one to be had. */
static void session_begin(void)
{
	struct pty pty;

	setsid();
	pty_open(&pty, true); /* it stays open */
}

static pid_t other_fork(int in, int out, const char *name, const struct file_actions *mounted)
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		other_main(in, out, name, mounted);
	}
	if (pid > 0)
		setpgid(pid, pid);
	return pid;
}

/* go: readable as soon as it is in the group of other, which it cannot name itself. */
static pid_t child_fork(int in, int out, pid_t other)
{
	int go[2];
	pid_t pid;
	char byte;

	if (pipe(go))
		return -1;
	pid = fork();
	if (!pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) < 0)
			_exit(errno);
		close(go[0]);
		child_main(in, out);
	}
	if (pid > 0)
		setpgid(pid, other);
	close(go[0]);
	close(go[1]);
	return pid;
}

static int status_wait(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

void workload_main(int in, int out, const char *name)
{
	struct workload_message message = { .step = STEP_STARTED };
	struct file_actions mounted = { 0 };
	pid_t child, other;

	prctl(PR_SET_NAME, PARENT_NAME);
	session_begin();
	file_actions_mount(CHILD_NAME, &mounted);
	if (!mounted.is_mounted && chdir("/proc/self/task"))
		_exit(errno);
	other = other_fork(in, out, name, &mounted);
	/* The child is the first of a pid namespace. */
	if (other < 0 || (unshare(CLONE_NEWPID) && errno == ENOMEM))
		_exit(errno);
	child = child_fork(in, out, other);
	if (child < 0)
		_exit(errno);
	message.started.child = child;
	message.started.other = other;
	say(out, &message);
	message = (struct workload_message){ .step = STEP_ENDED };
	message.ended.child = status_wait(child);
	message.ended.other = status_wait(other);
	say(out, &message);
	_exit(0);
}
