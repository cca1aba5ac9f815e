/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: inside PID RING   (as root; RING: the descriptor of a perf event that it has)
 *        inside PID --lose FD...
 * Makes a process that runs issue system calls that an attacker inside of it would try,
 * and prints "NAME RESULT" of each: its result, or -errno. Or makes it lose descriptors: each
 * becomes its standard input, so that what was attached by them is not any more. It goes
 * on then.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/perf_event.h>

/* Room for a text and for a zeroed struct, below the stack and its red zone. */
#define TEXT_BELOW   8192
#define STRUCT_BELOW 4096
#define STRUCT_BYTES 2048

static pid_t pid;
static struct user_regs_struct before;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void put(unsigned long at, const void *data, size_t size)
{
	struct iovec local = { (void *)data, size }, remote = { (void *)at, size };

	if (process_vm_writev(pid, &local, 1, &remote, 1, 0) != (ssize_t)size)
		fail("process_vm_writev");
}

static unsigned long text(const char *of)
{
	unsigned long at = before.rsp - TEXT_BELOW;

	put(at, of, strlen(of) + 1);
	return at;
}

static unsigned long zeroed(void)
{
	static const char zeroes[STRUCT_BYTES];
	unsigned long at = before.rsp - STRUCT_BELOW;

	put(at, zeroes, sizeof(zeroes));
	return at;
}

static void step(struct user_regs_struct *regs)
{
	int status;

	if (ptrace(PTRACE_SETREGS, pid, NULL, regs) || ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) ||
	    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_GETREGS, pid, NULL, regs))
		fail("step");
}

/* It was stopped in a system call, so that the instruction before rip is one. */
static long call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	struct user_regs_struct regs = before;

	regs.orig_rax = -1;
	regs.rip -= 2;
	regs.rax = number;
	regs.rdi = a;
	regs.rsi = b;
	regs.rdx = c;
	regs.r10 = d;
	regs.r8 = regs.r9 = 0;
	step(&regs);
	return regs.rax;
}

#define TRY(name, ...) printf("%s %ld\n", name, call(__VA_ARGS__))

static void try_files(void)
{
	TRY("create a file", SYS_openat, AT_FDCWD, text("/tmp/sextant-inside"), O_WRONLY | O_CREAT,
	    0600);
	TRY("creat", SYS_creat, text("/tmp/sextant-inside"), 0600, 0, 0);
	TRY("open for writing", SYS_openat, AT_FDCWD, text("/etc/passwd"), O_RDWR, 0);
	TRY("open and truncate", SYS_openat, AT_FDCWD, text("/etc/passwd"), O_TRUNC, 0);
	TRY("open an unnamed file", SYS_openat, AT_FDCWD, text("/tmp"), O_TMPFILE | O_RDWR, 0600);
	TRY("openat2", SYS_openat2, AT_FDCWD, text("/etc/passwd"), zeroed(), 24);
	TRY("read what root may", SYS_openat, AT_FDCWD, text("/etc/shadow"), O_RDONLY, 0);
	TRY("unlink", SYS_unlink, text("/tmp/sextant-inside"), 0, 0, 0);
	TRY("rename", SYS_rename, text("/tmp/sextant-inside"), text("/tmp/sextant-inside"), 0, 0);
	TRY("mkdir", SYS_mkdir, text("/tmp/sextant-inside"), 0700, 0, 0);
	TRY("symlink", SYS_symlink, text("/tmp/sextant-inside"), text("/tmp/sextant-inside"), 0, 0);
	TRY("chmod", SYS_chmod, text("/etc/passwd"), 0666, 0, 0);
	TRY("truncate", SYS_truncate, text("/etc/passwd"), 0, 0, 0);
	TRY("memfd_create", SYS_memfd_create, text("x"), 0, 0, 0);
	TRY("mount", SYS_mount, text("none"), text("none"), text("none"), 0);
	TRY("chroot", SYS_chroot, text("/"), 0, 0, 0);
}

/* ring: descriptor of a ring; -1: none. */
static void try_probes(int ring)
{
	TRY("make a BPF map", SYS_bpf, BPF_MAP_CREATE, zeroed(), 72, 0);
	TRY("load a program", SYS_bpf, BPF_PROG_LOAD, zeroed(), 72, 0);
	TRY("open a perf event", SYS_perf_event_open, zeroed(), 0, -1, -1);
	TRY("give an event a program", SYS_ioctl, ring, PERF_EVENT_IOC_SET_BPF, 0, 0);
	TRY("disable an event", SYS_ioctl, ring, PERF_EVENT_IOC_DISABLE, 0, 0);
	TRY("load a module", SYS_finit_module, 0, text(""), 0, 0);
}

static void try_processes(void)
{
	TRY("fork", SYS_fork, 0, 0, 0, 0);
	TRY("vfork", SYS_vfork, 0, 0, 0, 0);
	TRY("clone", SYS_clone, SIGCHLD, 0, 0, 0);
	TRY("clone3", SYS_clone3, zeroed(), 64, 0, 0);
	TRY("execve", SYS_execve, text("/bin/true"), 0, 0, 0);
	TRY("execveat", SYS_execveat, AT_FDCWD, text("/bin/true"), 0, 0);
	TRY("trace a process", SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0);
	TRY("read its memory", SYS_process_vm_readv, getppid(), zeroed(), 0, zeroed());
	TRY("kill", SYS_kill, getppid(), SIGCONT, 0, 0);
	TRY("tgkill", SYS_tgkill, getppid(), getppid(), SIGCONT, 0);
	TRY("map memory to execute", SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS);
	TRY("make memory executable", SYS_mprotect, before.rsp & ~4095UL, 4096,
	    PROT_READ | PROT_EXEC, 0);
}

static void try_rights(void)
{
	TRY("setuid", SYS_setuid, 0, 0, 0, 0);
	TRY("setresuid", SYS_setresuid, 0, 0, 0, 0);
	TRY("setresgid", SYS_setresgid, 0, 0, 0, 0);
	TRY("capset", SYS_capset, zeroed(), zeroed(), 0, 0);
	TRY("prctl", SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0);
	TRY("unshare", SYS_unshare, CLONE_NEWUSER, 0, 0, 0);
	TRY("setns", SYS_setns, 0, CLONE_NEWNS, 0, 0);
	TRY("personality", SYS_personality, 0xffffffff, 0, 0, 0);
	TRY("keyctl", SYS_keyctl, 0, 0, 0, 0);
	TRY("io_uring_setup", SYS_io_uring_setup, 1, zeroed(), 0, 0);
	TRY("userfaultfd", SYS_userfaultfd, 0, 0, 0, 0);
}

static void try_network(void)
{
	TRY("a socket of TCP", SYS_socket, AF_INET, SOCK_STREAM, 0, 0);
	TRY("a socket of UDP", SYS_socket, AF_INET6, SOCK_DGRAM, 0, 0);
	TRY("a packet socket", SYS_socket, AF_PACKET, SOCK_RAW, 0, 0);
	TRY("a netlink socket", SYS_socket, AF_NETLINK, SOCK_RAW, 0, 0);
	TRY("a Unix socket", SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0);
	TRY("a pair of sockets", SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, zeroed());
}

/* What it has to be able to do: that the others fail proves something then. */
static void try_allowed(void)
{
	TRY("allowed: getpid", SYS_getpid, 0, 0, 0, 0);
	TRY("allowed: read what all may", SYS_openat, AT_FDCWD, text("/etc/passwd"), O_RDONLY, 0);
}

/* As it was: a system call that was interrupted is made again. */
static void leave(void)
{
	long result = before.rax;

	if ((long)before.orig_rax >= 0 && result <= -512 && result >= -516) {
		before.rip -= 2;
		before.rax = before.orig_rax;
	}
	before.orig_rax = -1;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &before) || ptrace(PTRACE_DETACH, pid, NULL, NULL))
		fail("leave");
}

static bool is_in_call(void)
{
	unsigned char code[2];
	struct iovec local = { code, 2 }, remote = { (void *)(before.rip - 2), 2 };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == 2 && code[0] == 0x0f &&
	       code[1] == 0x05;
}

/* Most of the time it waits for events. */
static void enter(void)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) || waitpid(pid, NULL, __WALL) != pid ||
		    ptrace(PTRACE_GETREGS, pid, NULL, &before))
			fail("attach");
		if (is_in_call())
			return;
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
		usleep(1000);
	}
	fprintf(stderr, "inside: process %d was never found in a system call\n", pid);
	exit(1);
}

int main(int argc, char **argv)
{
	bool is_lose = argc > 2 && !strcmp(argv[2], "--lose");
	int i;

	if (argc < 3 || (argc > 3 && !is_lose)) {
		fprintf(stderr, "usage: inside PID RING, or inside PID --lose FD...\n");
		return 2;
	}
	pid = atoi(argv[1]);
	enter();
	for (i = 3; i < argc; i++)
		TRY("lose", SYS_dup2, 0, atoi(argv[i]), 0, 0);
	if (is_lose) {
		leave();
		return 0;
	}
	try_allowed();
	try_files();
	try_probes(atoi(argv[2]));
	try_processes();
	try_rights();
	try_network();
	leave();
	return 0;
}
