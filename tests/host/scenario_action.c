/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process does to another one (ptrace, process_access, signal) and to
 * the kernel (memfd, bpf, module): by one actor.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario.h"

/* failed: the call did, and errno says why. */
static void action_record(const char *action, pid_t target, int number, int failed)
{
	put("%s\tcase=actions\tpid=%d\ttarget=%d\tnumber=%d\terror=%d", action, getpid(), target,
	    number, failed ? errno : 0);
	record_end();
}

static void object_record(const char *action, const char *name, size_t size, int loaded)
{
	put("%s\tcase=actions\tpid=%d\tloaded=%d", action, getpid(), loaded);
	put_hex("name", name, size);
	record_end();
}

static pid_t sleeper(const char *name, void (*prepare)(void))
{
	int ready[2];
	pid_t child;
	char byte;

	require(!pipe(ready), "pipe");
	child = fork();
	require(child >= 0, "fork");
	if (!child) {
		if (prepare)
			prepare();
		require(write(ready[1], "", 1) == 1, "pipe");
		pause();
		_exit(0);
	}
	fork_record(name, child, getpid());
	require(read(ready[0], &byte, 1) == 1, "pipe");
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void session_begin(void)
{
	require(setsid() == getpid(), "setsid");
}

/* A request of a tracer, and its truth. */
static void traced(int request, pid_t child, void *address, void *data)
{
	int failed = ptrace(request, child, address, data) == -1;

	put("ptrace\tcase=actions\tpid=%d\ttarget=%d\tnumber=%d\terror=%d", getpid(), child,
	    request, failed ? errno : 0);
	if (request == PTRACE_POKEDATA)
		put("\tat=0x%lx", (unsigned long)address);
	record_end();
}

static void reach(pid_t child)
{
	struct iovec same = { directory, 1 }; /* at one address in both, and the same there */
	int failed = process_vm_writev(child, &same, 1, &same, 1, 0) != 1;

	if (failed && errno == ENOSYS)
		return;
	errno = EACCES; /* as mm_access() has it; the call says EPERM */
	action_record("process_access", child, 0, failed);
}

/* The child stops when it is attached to. */
static void trace(pid_t child)
{
	struct user_regs_struct registers;
	long word;
	int status;

	traced(PTRACE_ATTACH, child, NULL, NULL);
	require(waitpid(child, &status, __WALL) == child, "ptrace");
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, child, directory, NULL); /* not reported */
	require(!errno, "peek");
	traced(PTRACE_POKEDATA, child, directory, (void *)word);
	traced(PTRACE_POKEDATA, child, NULL, NULL);
	require(!ptrace(PTRACE_GETREGS, child, NULL, &registers), "registers");
	traced(PTRACE_SETREGS, child, NULL, &registers);
	require(!ptrace(PTRACE_DETACH, child, NULL, NULL), "detach");
	traced(PTRACE_SEIZE, child, NULL, NULL);
	reach(child);
}

/* As a user who may not do it. child: in another session. */
static void be_refused(pid_t child)
{
	require(!setresuid(OTHER_UID, OTHER_UID, 0), "setresuid");
	traced(PTRACE_ATTACH, child, NULL, NULL);
	reach(child);
	action_record("signal", child, SIGTERM, kill(child, SIGTERM));
	require(!setresuid(0, 0, 0), "setresuid");
}

/* A signal that the kernel sends for what this process does: it is not reported. */
static void be_announced(pid_t child)
{
	int ends[2];

	require(!pipe(ends) && !fcntl(ends[0], F_SETOWN, child) &&
	                !fcntl(ends[0], F_SETSIG, SIGWINCH) && !fcntl(ends[0], F_SETFL, O_ASYNC),
	        "announced");
	require(write(ends[1], "", 1) == 1, "write");
	close(ends[0]);
	close(ends[1]);
}

/* child: in another session; only the last signal ends it. */
static void signal_each_way(pid_t child)
{
	const union sigval value = { 0 };

	be_announced(child);
	action_record("signal", child, 0, kill(child, 0));
	action_record("signal", child, SIGWINCH, sigqueue(child, SIGWINCH, value));
	action_record("signal", child, SIGCONT, syscall(SYS_tgkill, child, child, SIGCONT));
	action_record("signal", child, SIGTERM, kill(child, SIGTERM));
}

static void program_record(const union bpf_attr *attr, int error)
{
	put("bpf\tcase=actions\tpid=%d\ttype=%u\tinstructions=%u\terror=%d", getpid(),
	    attr->prog_type, attr->insn_cnt, error);
	put_hex("name", attr->prog_name, strlen(attr->prog_name));
	record_end();
}

/* With its name, or without on kernels before 4.15. */
static int program_load(union bpf_attr *attr, enum bpf_prog_type type)
{
	int fd;

	attr->prog_type = type;
	strcpy(attr->prog_name, "scenario");
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, attr, 64);
	if (fd >= 0 || errno != E2BIG)
		return fd;
	memset(attr->prog_name, 0, sizeof(attr->prog_name));
	return syscall(SYS_bpf, BPF_PROG_LOAD, attr, 48);
}

/* A program that the verifier accepts, then one that does not return. */
static void load_program(void)
{
	struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
		                   { .code = BPF_JMP | BPF_EXIT } };
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attr;
	int fd;

	/* Before 5.11 programs count against it, and the sensor's maps may have used it up. */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	memset(&attr, 0, sizeof(attr));
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = 2;
	attr.license = (uintptr_t) "GPL";
	/* RHEL 7 does not accept the second type, kernels before 4.7 do not know the first one. */
	fd = program_load(&attr, BPF_PROG_TYPE_TRACEPOINT);
	if (fd < 0)
		fd = program_load(&attr, BPF_PROG_TYPE_SOCKET_FILTER);
	if (fd < 0)
		return;
	close(fd);
	program_record(&attr, 0);
	attr.insn_cnt = 1;
	require(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, 64) < 0 && errno == EINVAL, "verifier");
	program_record(&attr, errno);
}

/* ---- modules ------------------------------------------------------------ */

/* It is loaded from the file at that path now, or from memory (NULL). */
static void module_record(const char *path, const char *image, size_t size)
{
	struct stat st;

	put("module\tcase=actions\tpid=%d\tloaded=1\timage=%s", getpid(), path ? "file" : "memory");
	put_hex("name", "dummy", 5);
	if (path) {
		require(!stat(path, &st), path);
		put("\tinode=%llu\tdevice=%u:%u", (unsigned long long)st.st_ino, major(st.st_dev),
		    minor(st.st_dev));
		put_hex("path", path, strlen(path));
		put_hex("text", image, size);
	}
	record_end();
}

static void module_remove(void)
{
	require(!syscall(SYS_delete_module, "dummy", 0), "dummy");
	object_record("module", "dummy", 5, 0);
}

/* What a call that fails has read is none of what the next one loads. */
static void load_from_memory(const char *image, size_t size)
{
	int fd;

	file_write("no-module", O_CREAT | O_TRUNC, "no module");
	fd = open("no-module", O_RDONLY | O_CLOEXEC);
	require(fd >= 0 && syscall(SYS_finit_module, fd, "", 0), "no module");
	close(fd);
	module_record(NULL, NULL, 0);
	require(!syscall(SYS_init_module, image, size, ""), "dummy");
}

/* By the time it is loaded another file has its name. */
static void load_what_is_replaced(const char *path, const char *image, size_t size)
{
	char copy[1300];
	int fd;

	snprintf(copy, sizeof(copy), "%s/copied.ko", directory);
	unlink(copy);
	file_copy(path, copy, 0644);
	usleep(100000); /* a tick of file times */
	fd = open(copy, O_RDONLY | O_CLOEXEC);
	module_record(copy, image, size);
	require(fd >= 0 && !unlink(copy), copy);
	file_write(copy, O_CREAT | O_TRUNC, "another one");
	require(!syscall(SYS_finit_module, fd, "", 0), copy);
	close(fd);
}

/* One that scripts/vm has loaded: it is removed and loaded again, in each way. */
static void load_module(void)
{
	static char image[400000];
	const char *path;
	glob_t found;
	ssize_t size;
	int fd;

	if (glob("/modules/*-dummy.ko*", 0, NULL, &found))
		return;
	path = found.gl_pathv[0];
	size = file_read(path, image, sizeof(image));
	require(size > 0 && size < (ssize_t)sizeof(image), path);
	module_remove();
	fd = open(path, O_RDONLY | O_CLOEXEC);
	module_record(path, image, size);
	require(fd >= 0 && !syscall(SYS_finit_module, fd, "", 0), "dummy");
	close(fd);
	module_remove();
	load_from_memory(image, size);
	module_remove();
	load_what_is_replaced(path, image, size);
}

/* Alone, with the truth in the working directory. */
static void modules_load(int count)
{
	require(getcwd(directory, sizeof(directory)) != NULL, "getcwd");
	truth_open("modules-truth");
	while (count-- > 0)
		load_module();
}

static void act_on_processes(void)
{
	pid_t other = sleeper("traced", NULL);

	trace(other);
	require(!kill(other, SIGKILL), "kill"); /* in the same session: not reported */
	child_wait("traced", other);
	other = sleeper("signaled", session_begin);
	be_refused(other);
	signal_each_way(other);
	child_wait("signaled", other);
}

static void make_memory_files(void)
{
	static const char name[] = "new\nline \xff";

	require(syscall(SYS_memfd_create, name, 0) >= 0, "memfd");
	object_record("memfd", name, sizeof(name) - 1, 0);
	if (syscall(SYS_memfd_create, "huge", MFD_HUGETLB) >= 0)
		object_record("memfd", "huge", 4, 0);
}

static void act(void)
{
	act_on_processes();
	make_memory_files();
	load_program();
	load_module();
}

static void actions(void)
{
	in_child("actor-parent", act);
}

static const struct command commands[] = { { "modules", modules_load }, { NULL, NULL } };

PART(.name = "action", .run = actions, .commands = commands);
