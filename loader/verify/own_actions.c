/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/verify/workload.h"
#include "loader/verify/own_actions.h"
#include "loader/verify/pty.h"
#include "offsets/util/cleanup.h"
#include "probes/abi/events.h"

void own_actions_init(struct own_actions *d)
{
	snprintf(d->name, sizeof(d->name), ".%s-%d-%llx", CHILD_NAME, getpid(),
	         (unsigned long long)clock_monotonic_ns());
}

/* For writing alone; then for reading, which is not reported. False: nowhere to make one. */
static bool file_do(struct own_actions *d)
{
	static const char *const places[] = { "/tmp", "/run", "/dev/shm" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		CLEANUP(cleanup_fd) int fd = -1;
		CLEANUP(cleanup_fd) int reader = -1;

		snprintf(d->path, sizeof(d->path), "%s/%s", places[i], d->name);
		fd = open(d->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			continue;
		reader = open(d->path, O_RDONLY | O_CLOEXEC);
		unlink(d->path);
		return !fstat(fd, &d->file);
	}
	return false;
}

/* False: this kernel has none, or refuses it. */
static bool memfd_do(const struct own_actions *d)
{
	CLEANUP(cleanup_fd) int fd = memfd_create(d->name, MFD_CLOEXEC);

	return fd >= 0;
}

/* "return 0". False: this kernel has no such programs, or refuses them. */
static bool bpf_do(void)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;
	CLEANUP(cleanup_fd) int fd = -1;

	memset(&attr, 0, sizeof(attr)); /* an older kernel wants zeroes behind what it knows */
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = sizeof(program) / sizeof(program[0]);
	attr.license = (uintptr_t) "";
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd >= 0;
}

/* A signal that a process ignores unless it asks for it. */
static bool signal_do(pid_t other)
{
	return !kill(other, SIGWINCH);
}

/* False: not permitted here. */
static bool ptrace_do(pid_t other)
{
	int status;

	if (ptrace(PTRACE_ATTACH, other, NULL, NULL))
		return false;
	while (waitpid(other, &status, __WALL) < 0)
		if (errno != EINTR)
			return true;
	ptrace(PTRACE_DETACH, other, NULL, NULL);
	return true;
}

/* It is a copy of this process: its memory has the same addresses. */
static bool access_do(pid_t other)
{
	static char byte;
	struct iovec iov = { &byte, 1 };

	return process_vm_writev(other, &iov, 1, &iov, 1, 0) == 1;
}

/* Writes the name to it. False: there is none to be had. */
static bool terminal_do(struct own_actions *d)
{
	size_t size = strlen(d->name);
	struct pty pty;
	bool done;

	if (!pty_open(&pty, false))
		return false;
	snprintf(d->tty, sizeof(d->tty), "pts%d", pty.number);
	done = write(pty.slave, d->name, size) == (ssize_t)size;
	close(pty.slave);
	close(pty.master);
	return done;
}

unsigned int own_actions_do(struct own_actions *d, unsigned int classes, pid_t other)
{
	unsigned int done = 0;

	if (classes & (1U << EVENT_FILE) && file_do(d))
		done |= 1U << EVENT_FILE;
	if (classes & (1U << EVENT_MEMFD) && memfd_do(d))
		done |= 1U << EVENT_MEMFD;
	if (classes & (1U << EVENT_SOCKET))
		socket_actions_do(d->name, &d->sockets);
	if (d->sockets.done & (1U << SOCKETS_CONNECT))
		done |= 1U << EVENT_SOCKET;
	if (classes & (1U << EVENT_DNS))
		socket_actions_ask(&d->sockets);
	if (d->sockets.asked)
		done |= 1U << EVENT_DNS;
	if (classes & (1U << EVENT_BPF) && bpf_do())
		done |= 1U << EVENT_BPF;
	if (classes & (1U << EVENT_SIGNAL) && signal_do(other))
		done |= 1U << EVENT_SIGNAL;
	if (classes & (1U << EVENT_PTRACE) && ptrace_do(other))
		done |= 1U << EVENT_PTRACE;
	if (classes & (1U << EVENT_PROCESS_ACCESS) && access_do(other))
		done |= 1U << EVENT_PROCESS_ACCESS;
	if (classes & (1U << EVENT_TERMINAL) && terminal_do(d))
		done |= 1U << EVENT_TERMINAL;
	return done;
}
