/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes, threads, signals, tracing, scheduling and ids. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <grp.h>
#include <sys/fsuid.h>

#include "tests/host/siege.h"

static char *const no_environment[] = { NULL };
static char *const by_name[] = { "program", "\xff\n", NULL };

static void program_run(void)
{
	if (access("program", X_OK))
		program_write("program");
	execve("program", by_name, no_environment);
}

/* ---- forks ------------------------------------------------------------ */

static void storm(void)
{
	pid_t pids[20];
	int i;

	for (i = 0; i < 20; i++) {
		pids[i] = spawn();
		if (!pids[i])
			_exit(i);
	}
	while (i--)
		reap(pids[i]);
}

/* Orphans: somebody else has to wait for them. */
static void orphan(void)
{
	if (!spawn()) {
		usleep(any(3000));
		program_run();
	}
}

static void orphans(void)
{
	in_child(orphan);
}

/* Each the parent of the next; they end from either side. */
static void chain(void)
{
	unsigned int depth = 1 + any(25), by_leaf = any(2);
	pid_t child = 0;

	if (spawn())
		return;
	while (depth-- && !(child = spawn()))
		;
	if (by_leaf)
		reap(child);
	_exit(3);
}

static void chains(void)
{
	chain();
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
}

static void vforks(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(0);
	reap(pid);
}

static int cloned(void *arg)
{
	syscall(SYS_exit, (int)(long)arg);
	return 0;
}

/* Each set of flags that goes without rights. */
static void clone_one(void)
{
	static char stacks[8][16384] __attribute__((aligned(16)));
	static const int flags[] = {
		CLONE_FS,       CLONE_FILES,
		CLONE_PTRACE,   CLONE_VFORK,
		CLONE_PARENT,   CLONE_IO,
		CLONE_SYSVSEM,  CLONE_UNTRACED,
		CLONE_VM,       CLONE_VM | CLONE_SIGHAND,
		CLONE_DETACHED, CLONE_NEWUSER,
	};
	static int next;
	int sum = any(2) ? SIGCHLD : (int)any(65), count = any(5);

	while (count--)
		sum |= flags[any(sizeof(flags) / sizeof(flags[0]))];
	/* A child that shares our memory keeps its stack for a while. */
	clone(cloned, stacks[next++ % 8] + sizeof(stacks[0]), sum, (void *)(long)any(256));
}

static void clones_child(void)
{
	int number;

	for (number = 1; number < SIGRTMAX; number++) /* what the children announce their ends by */
		if (number != SIGCHLD)
			signal(number, SIG_IGN);
	for (number = 0; number < 30; number++) {
		clone_one();
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
	}
}

static void clones(void)
{
	in_child(clones_child);
}

static void *thread_end(void *arg)
{
	prctl(PR_SET_NAME, "\x1b[31m\nthread");
	if (arg)
		usleep(5000);
	return NULL;
}

static void threads_child(void)
{
	pthread_t threads[16];
	size_t i, count = 0, stay = any(2);

	for (i = 0; i < 16; i++)
		count += !pthread_create(&threads[count], NULL, thread_end, any(2) ? "" : NULL);
	if (stay)
		pthread_exit(NULL); /* the leader is a zombie while the others go on */
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static void threads(void)
{
	in_child(threads_child);
}

/* Dead, and not waited for. */
static void zombies(void)
{
	int i;

	for (i = 0; i < 40; i++)
		if (!spawn())
			_exit(0);
	usleep(200000);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* ---- signals ---------------------------------------------------------- */

static void die_by_signal(void)
{
	int number = 1 + any(64);

	setpgid(0, 0);
	signal(number, SIG_DFL);
	if (any(2))
		raise(number);
	else
		kill(0, number);
}

static void deaths(void)
{
	in_child(die_by_signal);
}

/* A core of a few pages; the limit and the directory are the keeper's. */
static void dump(void)
{
	volatile int *volatile nowhere = (int *)8;

	prctl(PR_SET_NAME, "%p/../\n|x");
	*nowhere = 0;
}

static void dumps(void)
{
	in_child(dump);
	usleep(5000);
}

static void wait_for_death(void)
{
	for (;;)
		pause();
}

static void stops(void)
{
	pid_t child = spawn();
	int i;

	if (!child)
		wait_for_death();
	for (i = 0; child > 0 && i < 500; i++)
		kill(child, i % 2 ? SIGCONT : SIGSTOP);
	if (child > 0)
		kill(child, SIGKILL);
	reap(child);
}

static void queues(void)
{
	union sigval value = { .sival_ptr = (void *)-1L };
	pid_t child = spawn();
	int i;

	if (!child) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
		setsid();
		wait_for_death();
	}
	for (i = 0; child > 0 && i < 500; i++)
		sigqueue(child, SIGRTMIN + any(30), value);
	if (child > 0)
		kill(child, SIGKILL);
	reap(child);
}

/* All that this user runs: nobody else uses its id (siege.c sees to it). */
static void everything(void)
{
	static const int numbers[] = { 0, SIGSTOP, SIGCONT, SIGUSR1, SIGTERM, SIGKILL, SIGHUP };

	usleep(100000);
	kill(-1, numbers[any(7)]);
}

/* Into other sessions, and to who does not let us: refused. */
static void strangers(void)
{
	pid_t pid = 1 + any(32768);

	if (any(2))
		kill(pid, any(65));
	else
		syscall(SYS_tgkill, pid, pid, any(65));
}

static void timers(void)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } };
	struct timespec second = { 0, 50000000 };

	signal(SIGALRM, SIG_IGN);
	setitimer(ITIMER_REAL, &often, NULL);
	nanosleep(&second, NULL);
	memset(&often, 0, sizeof(often));
	setitimer(ITIMER_REAL, &often, NULL);
}

static void session(void)
{
	pid_t child;

	setsid();
	child = spawn();
	if (!child) {
		setpgid(0, any(2) ? 0 : getppid());
		setsid();
		kill(getppid(), SIGUSR2);
		program_run();
		_exit(0);
	}
	setpgid(child, any(2) ? child : getpid());
	kill(child, SIGTERM);
	reap(child);
}

static void sessions(void)
{
	in_child(session);
}

/* ---- tracing ---------------------------------------------------------- */

static void traced(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	program_run();
}

static void trace(void)
{
	pid_t child = spawn();
	struct user_regs_struct registers;
	int status, i;

	if (!child) {
		traced();
		_exit(0);
	}
	for (i = 0; i < 200 && waitpid(child, &status, __WALL) == child && WIFSTOPPED(status);
	     i++) {
		if (!i)
			ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_EXITKILL | any(0x80));
		if (!ptrace(PTRACE_GETREGS, child, NULL, &registers))
			ptrace(any(9) ? PTRACE_SETREGS : PTRACE_POKEDATA, child, registers.rsp,
			       &registers);
		ptrace(any(50) ? PTRACE_SYSCALL : PTRACE_DETACH, child, NULL, NULL);
	}
	kill(child, SIGKILL);
	reap(child);
}

static void reach(void)
{
	static char buffer[64];
	struct iovec same = { buffer, sizeof(buffer) }, bad = { (void *)1, 1UL << 20 };
	pid_t child = spawn();
	int i;

	if (!child)
		wait_for_death();
	for (i = 0; child > 0 && i < 50; i++) {
		process_vm_readv(child, &same, 1, any(2) ? &same : &bad, 1, 0);
		process_vm_writev(child, &same, 1, any(2) ? &same : &bad, 1, 0);
		ptrace(PTRACE_SEIZE, child, NULL, NULL);
		process_vm_readv(1 + any(32768), &same, 1, &same, 1, 0);
	}
	if (child > 0)
		kill(child, SIGKILL);
	reap(child);
}

/* ---- scheduling, limits, ids ------------------------------------------ */

/* From CPU to CPU between fork, exec and exit. */
static void hop(void)
{
	int i;

	for (i = 0; i < 20; i++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(any(sysconf(_SC_NPROCESSORS_CONF)), &set);
		sched_setaffinity(0, sizeof(set), &set);
		sched_yield();
	}
	program_run();
}

static void hops(void)
{
	in_child(hop);
}

static void schedule(void)
{
	struct sched_param none = { 0 }, most = { 99 };

	sched_setscheduler(0, any(2) ? SCHED_BATCH : SCHED_IDLE, &none);
	sched_setscheduler(0, SCHED_FIFO, &most); /* refused */
	setpriority(PRIO_PROCESS, 0, -20);        /* refused */
	setpriority(PRIO_PROCESS, 0, 5 + any(15));
	program_run();
}

static void schedules(void)
{
	in_child(schedule);
}

static void limit(void)
{
	struct rlimit little = { any(5000), any(5000) };

	setrlimit(any(RLIM_NLIMITS), &little);
	setrlimit(any(RLIM_NLIMITS), &little);
	program_run();
}

static void limits(void)
{
	in_child(limit);
}

/* What it has, with anything; a few take the process's own life. */
static void prctl_any(void)
{
	unsigned long values[4];
	int i;

	for (i = 0; i < 4; i++)
		values[i] = any(3) ? any(4) : random_next();
	for (i = 0; i < 30; i++)
		prctl(any(80), values[0], values[1], values[2], values[3]);
	program_run();
}

static void prctls(void)
{
	in_child(prctl_any);
}

static void identity(void)
{
	static const uid_t ids[] = { 0, 1, 61001, 65534, (uid_t)-1 };
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0 } };
	uid_t id = ids[any(5)];
	gid_t group = id;

	setuid(id);
	setreuid(id, getuid());
	setresuid(getuid(), id, getuid());
	setresgid(getgid(), getgid(), getgid());
	setgid(id);
	setfsuid(any(2) ? id : getuid());
	setgroups(1, &group);
	setresuid(getuid(), getuid(), getuid());
	syscall(SYS_capset, &header, none);
}

static void keys(void)
{
	char name[256];

	name_any(name, 200);
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, any(2) ? name : NULL);
	syscall(SYS_add_key, "user", name, name, strlen(name), KEY_SPEC_PROCESS_KEYRING);
	syscall(SYS_request_key, "user", name, NULL, KEY_SPEC_PROCESS_KEYRING);
	syscall(SYS_keyctl, KEYCTL_CLEAR, KEY_SPEC_PROCESS_KEYRING);
}

static void key_rings(void)
{
	in_child(keys);
}

/* System calls that fail or never come, by its own filter. */
static void filtered(void)
{
	static const int calls[] = { SYS_execve, SYS_exit_group, SYS_openat, SYS_setuid, SYS_kill };
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[any(5)], 0, 1),
		BPF_STMT(BPF_RET | BPF_K, any(2) ? SECCOMP_RET_ERRNO : SECCOMP_RET_KILL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	setuid(0);
	kill(getppid(), 0);
	program_run();
}

static void filters(void)
{
	in_child(filtered);
}

const struct phase process_phases[] = {
	{ "fork-storm", storm },
	{ "fork-orphans", orphans },
	{ "fork-chains", chains },
	{ "fork-vforks", vforks },
	{ "fork-clones", clones },
	{ "fork-threads", threads },
	{ "fork-zombies", zombies },
	{ "signal-deaths", deaths },
	{ "signal-dumps", dumps },
	{ "signal-stops", stops },
	{ "signal-queues", queues },
	{ "signal-everything", everything },
	{ "signal-strangers", strangers },
	{ "signal-timers", timers },
	{ "signal-sessions", sessions },
	{ "trace-children", trace },
	{ "trace-reach", reach },
	{ "process-hops", hops },
	{ "process-schedules", schedules },
	{ "process-limits", limits },
	{ "process-prctls", prctls },
	{ "process-identity", identity },
	{ "process-keys", key_rings },
	{ "process-filters", filters },
	{ NULL, NULL },
};
