/* SPDX-License-Identifier: BSD-2-Clause */
/* The sensor itself: found in /proc, and stopped, if that could be. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/host/siege.h"

/* 0: it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512], *end;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[size > 0 ? size : 0] = '\0';
	end = strrchr(text, ')');
	return end ? atoi(end + 3) : 0;
}

/* Of the target's family, and not of ours. */
static bool is_prey(pid_t pid)
{
	int depth;

	for (depth = 0; pid > 1 && depth < 20; depth++) {
		if (pid == warden)
			return false;
		if (pid == target)
			return true;
		pid = parent_of(pid);
	}
	return false;
}

static void signal_all_ways(pid_t pid)
{
	/* For some seconds each: who is killed soon after it was stopped does not hang. */
	int number = any(100) ? (time(NULL) / 6 % 2 ? SIGSTOP : SIGKILL) : (int)any(65), fd;
	siginfo_t info = { .si_signo = number, .si_code = SI_QUEUE };

	kill(pid, number);
	kill(-pid, number);
	syscall(SYS_tgkill, pid, pid, number);
	syscall(SYS_rt_sigqueueinfo, pid, number, &info);
#ifdef SYS_pidfd_open
	fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd >= 0) {
		syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
		close(fd);
	}
#endif
}

static void hinder(pid_t pid)
{
	struct rlimit none = { 0, 0 };
	struct iovec bad = { (void *)0x1000, 64 };
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_setaffinity(pid, sizeof(set), &set);
	setpriority(PRIO_PROCESS, pid, 19);
	syscall(SYS_prlimit64, pid, any(RLIM_NLIMITS), &none, NULL);
	ptrace(PTRACE_SEIZE, pid, NULL, NULL);
	ptrace(PTRACE_ATTACH, pid, NULL, NULL);
	process_vm_writev(pid, &bad, 1, &bad, 1, 0);
	prctl(PR_SET_PTRACER, pid);
}

static void look_into(pid_t pid)
{
	static const char *const files[] = { "mem",    "maps",       "environ", "fd",
		                             "fdinfo", "exe",        "stack",   "oom_score_adj",
		                             "comm",   "clear_refs", "ns/mnt",  "root" };
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i]);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "1000\n", 5) < 0)
			close(fd);
		else if (fd >= 0)
			close(fd);
	}
}

/* Who lives for a moment has to be hit at once. */
static void hunt_one(pid_t pid)
{
	signal_all_ways(pid);
	if (any(20))
		return;
	hinder(pid);
	look_into(pid);
}

/* By the list of children, which is quick. False: this kernel has none. */
static bool hunt_family(pid_t pid, int depth)
{
	char path[64], text[4096], *at = text;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[size > 0 ? size : 0] = '\0';
	while (depth && *at) {
		pid_t child = strtol(at, &at, 10);

		at += *at == ' ';
		if (!child || child == warden)
			continue;
		hunt_one(child);
		hunt_family(child, depth - 1);
	}
	return true;
}

static void hunt_all(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid && is_prey(pid))
			hunt_one(pid);
	}
	if (proc)
		closedir(proc);
}

static void hunt(void)
{
	if (!target) {
		usleep(100000);
		return;
	}
	if (!any(10))
		hunt_one(target);
	if (!hunt_family(target, 5) || !any(100))
		hunt_all();
}

/* What belongs to it: programs, maps, rings. All refused. */
static void programs(void)
{
	union bpf_attr attr;
	struct perf_event_attr event = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(event) };
	static char log[256], license[] = "GPL\n\x1b[2J";
	struct bpf_insn code[] = { { .code = 0xb7 }, { .code = 0x95 } };
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = 1 + any(30);
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = any(3);
	attr.license = (uintptr_t)license;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	bytes_any(attr.prog_name, sizeof(attr.prog_name) - 1);
	syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	syscall(SYS_bpf, any(40), &attr, any(sizeof(attr)));
	event.config = any(12);
	fd = syscall(SYS_perf_event_open, &event, any(2) ? 0 : target, -1, -1, 0);
	if (fd >= 0)
		close(fd);
}

const struct phase stalk_phases[] = {
	{ "stalk-hunt", hunt },
	{ "stalk-programs", programs },
	{ NULL, NULL },
};
