/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario: makes each event happen in known ways, and writes the truth
 * that it knows from its own calls, from wait() and from /proc to a file, one
 * record a line, tab-separated key=value, text in hex. tests/host/check.py
 * holds the sensor's JSON against it.
 *
 * Driver: scenario TRUTH DIRECTORY. A child that was exec'ed finds
 * SCENARIO_CASE in its environment, writes what it sees of itself, and ends as
 * SCENARIO_END says.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario.h"

#define TRUTH_FD  9
#define OWNER_UID 61022

char directory[1024];
static char program[1200]; /* this program's copy in it */

static void die(const char *what)
{
	fprintf(stderr, "scenario: %s: %s\n", what, strerror(errno));
	_exit(99);
}

void require(int ok, const char *what)
{
	if (!ok)
		die(what);
}

/* ---- writing the truth ------------------------------------------------ */

static char record[1 << 20];
static size_t record_size;

void put(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record_size += vsnprintf(record + record_size, sizeof(record) - record_size, format, args);
	va_end(args);
}

void put_hex(const char *key, const char *data, size_t size)
{
	size_t i;

	put("\t%s=", key);
	for (i = 0; i < size; i++)
		put("%02x", (unsigned char)data[i]);
}

void record_end(void)
{
	put("\n");
	require(write(TRUTH_FD, record, record_size) == (ssize_t)record_size, "truth");
	record_size = 0;
}

static ssize_t file_read(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n, total = 0;

	if (fd < 0)
		return -1;
	while ((n = read(fd, ret + total, size - total)) > 0)
		total += n;
	close(fd);
	return n < 0 ? -1 : total;
}

static void put_file(const char *key, const char *path)
{
	static char text[256 * 1024];
	ssize_t n = file_read(path, text, sizeof(text));

	if (n >= 0)
		put_hex(key, text, n);
}

static void put_link(const char *key, const char *path)
{
	char text[8192];
	ssize_t n = readlink(path, text, sizeof(text));

	if (n >= 0)
		put_hex(key, text, n);
}

/* Field of /proc/self/stat, counted as in proc(5); the host's numbers: /proc is the host's. */
static unsigned long long stat_field(int field)
{
	char text[4096], *at;
	ssize_t n = file_read("/proc/self/stat", text, sizeof(text) - 1);
	int i;

	require(n > 0, "/proc/self/stat");
	text[n] = '\0';
	if (field == 1)
		return strtoull(text, NULL, 10);
	at = strrchr(text, ')') + 2;
	for (i = 3; i < field; i++)
		at = strchr(at, ' ') + 1;
	return strtoull(at, NULL, 10);
}

/* "KEY_mnt=4026531840": inode numbers, as far as this kernel's /proc has them. */
static void put_namespaces(const char *key, const char *const *names)
{
	char path[64];
	struct stat st;

	for (; *names; names++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", *names);
		if (!stat(path, &st))
			put("\t%s_%s=%llu", key, *names, (unsigned long long)st.st_ino);
	}
}

/* What an exec'ed child sees of itself. */
static void exec_record(const char *name)
{
	static const char *const own[] = {
		"pid", "mnt", "net", "uts", "ipc", "user", "cgroup", NULL
	};
	const char *execfn = (const char *)getauxval(AT_EXECFN);
	char parent[64];
	uid_t r, e, s;
	gid_t gr, ge, gs;
	struct stat st;

	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	require(!stat("/proc/self/exe", &st), "/proc/self/exe");
	put("exec\tcase=%s\tpid=%llu\tppid=%llu\tstart=%llu\tvpid=%d", name, stat_field(1),
	    stat_field(4), stat_field(22), getpid());
	put("\tuid=%u\teuid=%u\tsuid=%u\tgid=%u\tegid=%u\tsgid=%u", r, e, s, gr, ge, gs);
	put("\tfsuid=%d\tfsgid=%d", setfsuid(-1), setfsgid(-1));
	put("\tpgrp=%llu\tsession=%llu\ttty=%llu\tnlink=%llu", stat_field(5), stat_field(6),
	    stat_field(7), (unsigned long long)st.st_nlink);
	put("\tinode=%llu\tdevice=%u:%u\tmode=%04o\towner=%u:%u", (unsigned long long)st.st_ino,
	    major(st.st_dev), minor(st.st_dev), st.st_mode & 07777, st.st_uid, st.st_gid);
	put_namespaces("ns", own);
	put_hex("execfn", execfn, strlen(execfn));
	put_file("cgroup", "/proc/self/cgroup");
	put_file("cmdline", "/proc/self/cmdline");
	put_file("environ", "/proc/self/environ");
	put_file("comm", "/proc/self/comm");
	put_file("loginuid", "/proc/self/loginuid");
	put_file("status", "/proc/self/status");
	put_link("exe", "/proc/self/exe");
	put_link("cwd", "/proc/self/cwd");
	snprintf(parent, sizeof(parent), "/proc/%llu/exe", stat_field(4));
	put_link("parent_exe", parent);
	record_end();
}

/* "code 3", "signal 9" */
static int end_as_told(void)
{
	const char *end = getenv("SCENARIO_END");
	int number;

	if (end && sscanf(end, "code %d", &number) == 1)
		return number;
	if (end && sscanf(end, "signal %d", &number) == 1)
		raise(number);
	return 0;
}

void fork_record(const char *name, pid_t child, pid_t parent)
{
	put("fork\tcase=%s\tpid=%d\tparent=%d\tcaller=%d\tcaller_tid=%ld", name, child, parent,
	    getpid(), syscall(SYS_gettid));
	record_end();
}

static void exit_record(const char *name, pid_t child, int status, const struct rusage *used)
{
	put("exit\tcase=%s\tpid=%d\twait=%d\tcpu_ns=%lld", name, child, status,
	    (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000000LL +
	            (used->ru_utime.tv_usec + used->ru_stime.tv_usec) * 1000LL);
	record_end();
}

int child_wait(const char *name, pid_t child)
{
	struct rusage used;
	int status;

	require(wait4(child, &status, __WALL, &used) == child, name);
	exit_record(name, child, status, &used);
	return status;
}

/* ---- building blocks -------------------------------------------------- */

static char *more_env[6]; /* of the next program, ending with NULL */

/* What a process was just before its exec. */
static void call_record(const char *name)
{
	char comm[16];
	long tid = syscall(SYS_gettid);

	prctl(PR_GET_NAME, comm);
	put("call\tcase=%s\tpid=%llu", name, stat_field(1));
	if (tid != getpid())
		put("\ttid=%ld", tid);
	put_hex("comm", comm, strlen(comm));
	put_link("exe", "/proc/self/exe");
	record_end();
}

static void exec_as(const char *name, const char *path, char **argv, const char *end)
{
	char case_text[64], end_text[64];
	char *envp[8] = { case_text, end_text };
	size_t i;

	snprintf(case_text, sizeof(case_text), "SCENARIO_CASE=%s", name);
	snprintf(end_text, sizeof(end_text), "SCENARIO_END=%s", end);
	for (i = 0; more_env[i]; i++)
		envp[2 + i] = more_env[i];
	call_record(name);
	execve(path, argv, envp);
	die(path);
}

/* Forks, lets the child prepare, execs, waits. */
static void run(const char *name, const char *path, char **argv, const char *end,
                void (*prepare)(void))
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		if (prepare)
			prepare();
		exec_as(name, path, argv, end);
	}
	fork_record(name, child, getpid());
	child_wait(name, child);
}

static char *const plain_argv[] = { "plain", NULL };

static void run_plain(const char *name, const char *end, void (*prepare)(void))
{
	run(name, program, (char **)plain_argv, end, prepare);
}

/* ---- arguments -------------------------------------------------------- */

static void case_arguments(void)
{
	char *empty[] = { "", "", "x", "", NULL };
	char *awkward[] = { "two words", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\xa7",
		            "quote\"back\\slash", "tab\tline\n\x01\x7f", NULL };
	char *invalid[] = { "ok", "\xff\xfe", "\xc3", "\xed\xa0\x80", "\xc0\xaf", NULL };

	run("arguments-empty", program, empty, "code 0", NULL);
	run("arguments-awkward", program, awkward, "code 0", NULL);
	run("arguments-invalid-utf8", program, invalid, "code 0", NULL);
}

/* Values that are awkward; variables that are not to be shown; more than is sent. */
static void case_environment(void)
{
	static char large[6000];

	memset(large, 'L', sizeof(large) - 1);
	more_env[0] = "LD_PRELOAD=/tmp/\xff\xfe two\nlines\"";
	more_env[1] = "SECRET=LD_PRELOAD=x";
	more_env[2] = "LD_PRELOAD_NOT=1";
	more_env[3] = "no equals sign";
	run_plain("environment-awkward", "code 0", NULL);
	more_env[0] = large;
	more_env[1] = "LD_PRELOAD=behind";
	more_env[2] = more_env[3] = NULL;
	run_plain("environment-large", "code 0", NULL);
	more_env[0] = more_env[1] = NULL;
}

/* total: bytes of argv with its NULs, in arguments of 1,000. */
static void arguments_of(const char *name, size_t total)
{
	static char text[1000];
	static char last[1001];
	char *argv[256];
	size_t n = 0, left = total;

	memset(text, 'a', sizeof(text) - 1);
	for (; left > sizeof(text); left -= sizeof(text))
		argv[n++] = text;
	memset(last, 'z', left - 1);
	last[left - 1] = '\0';
	argv[n++] = last;
	argv[n] = NULL;
	run(name, program, argv, "code 0", NULL);
}

static void case_arguments_long(void)
{
	arguments_of("arguments-32767", 32767);
	arguments_of("arguments-32768", 32768);
	arguments_of("arguments-32769", 32769);
	arguments_of("arguments-100K", 100 * 1024);
}

/* ---- paths ------------------------------------------------------------ */

static int path_depth;
static size_t path_name;

/* Goes down, making directories; stays below. */
static void descend(void)
{
	char name[256];
	int i;

	memset(name, 'd', path_name);
	name[path_name] = '\0';
	require(!chdir(directory), directory);
	for (i = 0; i < path_depth; i++) {
		require(!mkdir(name, 0755) || errno == EEXIST, "mkdir");
		require(!chdir(name), "chdir");
	}
}

static void cwd_of(const char *name, int depth, size_t length)
{
	path_depth = depth;
	path_name = length;
	run_plain(name, "code 0", descend);
}

static void into_proc(void)
{
	require(!chdir("/proc/sys/kernel"), "/proc/sys/kernel");
}

static void into_root(void)
{
	require(!chdir("/"), "/");
}

static void file_copy(const char *from, const char *to, mode_t mode)
{
	static char data[8 << 20];
	ssize_t n = file_read(from, data, sizeof(data));
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	require(n > 0 && fd >= 0 && write(fd, data, n) == n, to);
	require(!fchmod(fd, mode) && !close(fd), to);
}

void run_copy(const char *name, const char *path)
{
	file_copy(program, path, 0755);
	run(name, path, (char **)plain_argv, "code 0", NULL);
}

static void into_invalid_name(void)
{
	require(!chdir(directory), directory);
	require(!mkdir("bad\xff name", 0755) || errno == EEXIST, "mkdir");
	require(!chdir("bad\xff name"), "chdir");
}

static void case_paths(void)
{
	char deep[2048];

	run_plain("cwd-root", "code 0", into_root);
	run_plain("cwd-mount", "code 0", into_proc);
	run_plain("cwd-invalid-utf8", "code 0", into_invalid_name);
	cwd_of("cwd-deep", 100, 1);
	cwd_of("cwd-long-names", 12, 255);
	cwd_of("cwd-over-4096", 20, 250);
	cwd_of("cwd-too-deep", 900, 1);
	path_depth = 40;
	path_name = 20;
	descend();
	require(getcwd(deep, sizeof(deep) - 16) != NULL, "getcwd");
	require(!chdir(directory), directory);
	strcat(deep, "/program");
	file_copy(program, deep, 0755);
	run("executable-deep", deep, (char **)plain_argv, "code 0", NULL);
}

static void file_write(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0755);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd),
	        path);
}

static void script_make(const char *path, const char *interpreter)
{
	char text[1300];

	snprintf(text, sizeof(text), "#!%s option\n", interpreter);
	file_write(path, O_CREAT | O_TRUNC, text);
}

static void case_script(void)
{
	char *argv[] = { "script", "one", NULL };

	script_make("script", program);
	script_make("script-of-script", "./script");
	run("script", "./script", argv, "code 0", NULL);
	run("script-of-script", "./script-of-script", argv, "code 0", NULL);
	script_make("script-of-three", "./script-of-script");
	run("script-of-three", "./script-of-three", argv, "code 0", NULL);
}

/* What the kernel knows by its first bytes, where it has binfmt_misc. */
static void case_binfmt_misc(void)
{
	char *argv[] = { "misc", "one", NULL };
	char rule[1300];

	require(!mkdir("formats", 0755) || errno == EEXIST, "formats");
	if (mount("binfmt_misc", "formats", "binfmt_misc", 0, NULL))
		return;
	snprintf(rule, sizeof(rule), ":sextant:M::sextant-scenario::%s:", program);
	file_write("formats/register", 0, rule);
	file_write("misc", O_CREAT | O_TRUNC, "sextant-scenario\n");
	run("script-by-binfmt-misc", "./misc", argv, "code 0", NULL);
	file_write("formats/sextant", 0, "-1");
	require(!umount("formats"), "formats");
}

static void exec_fails(const char *path)
{
	char *const argv[] = { "fails", NULL };

	execve(path, argv, argv + 1);
	put("exec_failed\tcase=exec-failed\tpid=%d\tcode=%s", getpid(), strerrorname_np(errno));
	put_hex("name", path, strlen(path));
	record_end();
}

/* Not there, not to be executed, no program; and one whose name is longer than is told. */
static void case_exec_failed(void)
{
	static char long_name[200];
	pid_t child = fork();
	int fd;

	require(child >= 0, "fork");
	if (!child) {
		memset(long_name, 'x', sizeof(long_name) - 1);
		fd = open("no-program", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
		require(fd >= 0 && write(fd, "\1\2\3\4", 4) == 4 && !close(fd), "no-program");
		fd = open("not-executable", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		require(fd >= 0 && !close(fd), "not-executable");
		exec_fails("./nothing-here\n");
		exec_fails("./not-executable");
		exec_fails("./no-program");
		exec_fails(long_name);
		_exit(0);
	}
	fork_record("exec-failed", child, getpid());
	child_wait("exec-failed", child);
}

static void case_memfd(void)
{
	static char data[8 << 20];
	char path[64];
	ssize_t n = file_read(program, data, sizeof(data));
	int fd = syscall(SYS_memfd_create, "scenario", 0);

	require(n > 0 && fd >= 0 && write(fd, data, n) == n, "memfd");
	/* By a read-only descriptor: one open for writing is "text file busy". */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = open(path, O_RDONLY);
	require(n >= 0 && !close(fd), path);
	snprintf(path, sizeof(path), "/proc/self/fd/%zd", n);
	run("memfd", path, (char **)plain_argv, "code 0", NULL);
	close(n);
}

/* ---- ids and namespaces ----------------------------------------------- */

static void lead_session(void)
{
	require(setsid() == getpid(), "setsid");
}

static void lead_group(void)
{
	require(!setpgid(0, 0), "setpgid");
}

/* What a process knows of its own credentials, as check.py reads it out of an event. */
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

static void change_begin(const char *kind, const char *name)
{
	put("%s\tcase=%s\tpid=%llu\ttid=%ld", kind, name, stat_field(1), syscall(SYS_gettid));
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

static void case_credentials(void)
{
	static void (*const steps[])(void) = { set_group_ids, set_user_ids, set_user_ids_again,
		                               drop_capabilities, set_fs_id };
	pid_t child = fork();
	size_t i;

	require(child >= 0, "fork");
	if (!child) {
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			change_begin("credentials", "credentials");
			put_credentials("before");
			steps[i]();
			put_credentials("after");
			record_end();
		}
		_exit(0);
	}
	fork_record("credentials", child, getpid());
	child_wait("credentials", child);
}

/* pid_for_children is in /proc from 4.12 on. */
static void put_namespace_set(const char *key)
{
	static const char *const set[] = { "pid_for_children", "mnt", "net", "uts", "ipc",
		                           "cgroup",           NULL };

	put_namespaces(key, set);
}

static void case_enter_namespaces(void)
{
	pid_t child = fork();
	int uts;

	require(child >= 0, "fork");
	if (!child) {
		uts = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
		change_begin("namespaces", "unshare");
		put_namespace_set("before");
		require(!unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID), "unshare");
		put_namespace_set("after");
		record_end();
		change_begin("namespaces", "setns");
		put_namespace_set("before");
		require(!setns(uts, CLONE_NEWUTS), "setns");
		put_namespace_set("after");
		record_end();
		_exit(0);
	}
	fork_record("enter-namespaces", child, getpid());
	child_wait("enter-namespaces", child);
}

static void case_groups(void)
{
	run_plain("session-leader", "code 0", lead_session);
	run_plain("group-leader", "code 0", lead_group);
}

static void become_other(void)
{
	require(!setresgid(OTHER_UID, OTHER_UID, OTHER_UID), "setresgid");
	require(!setresuid(OTHER_UID, OTHER_UID, OTHER_UID), "setresuid");
}

static void become_mixed(void)
{
	require(!setresgid(61031, 61032, 61033), "setresgid");
	require(!setresuid(61041, 0, 0), "setresuid");
}

static void case_ids(void)
{
	char path[1100];

	snprintf(path, sizeof(path), "%s/set-user-id", directory);
	file_copy(program, path, 0755);
	require(!chown(path, OWNER_UID, 61023) && !chmod(path, 06755), path);
	run("set-user-id", path, (char **)plain_argv, "code 0", become_other);
	run_plain("ids-mixed", "code 0", become_mixed);
	run_plain("ids-other", "code 0", become_other);
}

static void own_mounts(void)
{
	char path[1100];

	require(!unshare(CLONE_NEWNS), "unshare");
	require(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	snprintf(path, sizeof(path), "%s/mounted", directory);
	require(!mkdir(path, 0755) || errno == EEXIST, path);
	require(!mount("scenario", path, "tmpfs", 0, NULL), "tmpfs");
	require(!chdir(path) && !mkdir("inside", 0755), path);
	/* A bind mount in the mount: two crossings on the way up. */
	require(!mkdir("bound", 0755) && !mount("/proc/sys", "bound", NULL, MS_BIND, NULL), "bind");
	require(!chdir("bound/kernel"), "bound/kernel");
}

/* Its own mounts, a root directory that is not theirs, and /proc in it. */
static void own_root(void)
{
	require(!unshare(CLONE_NEWNS), "unshare");
	require(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	require(!chdir(directory), directory);
	require(!mkdir("rooted", 0755) || errno == EEXIST, "rooted");
	require(!mkdir("rooted/proc", 0755) || errno == EEXIST, "rooted/proc");
	file_copy(program, "rooted/program", 0755);
	require(!mount("proc", "rooted/proc", "proc", 0, NULL), "rooted/proc");
	require(!chroot("rooted") && !chdir("/"), "chroot");
}

static void case_chroot(void)
{
	run("chroot", "/program", (char **)plain_argv, "code 0", own_root);
}

/* The id of a container that is none. */
#define CONTAINER "c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc"

/* By controllers of version 1, and version 2: at least one of them is there. */
static const char *const cgroup_roots[][3] = { { "cgroup-memory", "cgroup", "memory" },
	                                       { "cgroup-cpu", "cgroup", "cpu" },
	                                       { "cgroup2", "cgroup2", NULL } };
#define CGROUP_ROOTS 3

static void enter_cgroups(void)
{
	char path[256];
	int entered = 0, fd;
	size_t i;

	for (i = 0; i < CGROUP_ROOTS; i++) {
		snprintf(path, sizeof(path), "%s/scenario/docker-" CONTAINER ".scope/cgroup.procs",
		         cgroup_roots[i][0]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			entered += write(fd, "0", 1) == 1;
		close(fd);
	}
	require(entered, "cgroup");
}

static void case_cgroup(void)
{
	pid_t middle = fork();
	char above[64], path[200];
	size_t i;

	require(middle >= 0, "fork");
	if (middle) {
		fork_record("cgroup-parent", middle, getpid());
		require(!child_wait("cgroup-parent", middle), "cgroup");
		return;
	}
	require(!unshare(CLONE_NEWNS), "unshare");
	require(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	for (i = 0; i < CGROUP_ROOTS; i++) {
		const char *const *root = cgroup_roots[i];

		require(!mkdir(root[0], 0755) || errno == EEXIST, root[0]);
		if (mount("scenario", root[0], root[1], 0, root[2]))
			continue;
		snprintf(above, sizeof(above), "%s/scenario", root[0]);
		snprintf(path, sizeof(path), "%s/docker-" CONTAINER ".scope", above);
		require(!mkdir(above, 0755) || errno == EEXIST, above);
		require(!mkdir(path, 0755) || errno == EEXIST, path);
	}
	run_plain("cgroup", "code 0", enter_cgroups);
	for (i = 0; i < CGROUP_ROOTS; i++) {
		snprintf(above, sizeof(above), "%s/scenario", cgroup_roots[i][0]);
		snprintf(path, sizeof(path), "%s/docker-" CONTAINER ".scope", above);
		rmdir(path);
		rmdir(above);
	}
	_exit(0);
}

static int terminal; /* the other side of the one that the child gets */

static void lead_terminal(void)
{
	char path[64];
	int fd;

	require(setsid() == getpid(), "setsid");
	require(!ptsname_r(terminal, path, sizeof(path)), "ptsname");
	fd = open(path, O_RDWR | O_CLOEXEC);
	require(fd >= 0 && !ioctl(fd, TIOCSCTTY, 0), path);
}

static void case_terminal(void)
{
	struct statfs fs;

	/* A virtual machine without an init has none. */
	if (statfs("/dev/pts", &fs) || fs.f_type != DEVPTS_SUPER_MAGIC)
		require((!mkdir("/dev/pts", 0755) || errno == EEXIST) &&
		                !mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666"),
		        "/dev/pts");
	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal), "terminal");
	run_plain("terminal", "code 0", lead_terminal);
	close(terminal);
}

static void own_uts_ipc_net(void)
{
	require(!unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET), "unshare");
}

/* Namespaces that are made by the clone itself. */
static void case_clone_namespaces(void)
{
	pid_t child = syscall(SYS_clone, CLONE_NEWUTS | CLONE_NEWIPC | SIGWINCH, 0, 0, 0, 0);

	require(child >= 0, "clone");
	if (!child)
		_exit(0);
	fork_record("clone-namespaces", child, getpid());
	child_wait("clone-namespaces", child);
}

/* The child is pid 1 of its namespace; /proc stays the host's. */
static void case_namespaces(void)
{
	pid_t middle, child;
	int status;

	run_plain("mount-namespace", "code 0", own_mounts);
	run_plain("uts-ipc-net-namespaces", "code 0", own_uts_ipc_net);
	middle = fork();
	require(middle >= 0, "fork");
	if (!middle) {
		require(!unshare(CLONE_NEWPID), "unshare");
		child = fork();
		require(child >= 0, "fork");
		if (!child)
			exec_as("pid-namespace", program, (char **)plain_argv, "code 5");
		fork_record("pid-namespace", child, getpid());
		child_wait("pid-namespace", child);
		_exit(0);
	}
	fork_record("pid-namespace-parent", middle, getpid());
	status = child_wait("pid-namespace-parent", middle);
	require(!status, "pid-namespace");
}

/* ---- forks, threads, exits -------------------------------------------- */

static void case_exits(void)
{
	static const char *const ends[] = { "code 0",   "code 1",    "code 42",   "code 255",
		                            "signal 9", "signal 15", "signal 11", "signal 6" };
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "exit-%s", ends[i]);
		*strchr(name, ' ') = '-';
		run_plain(name, ends[i], NULL);
	}
}

/* A name that is no UTF-8: in the exit, and as the parent's in another. */
static void case_name(void)
{
	pid_t child = fork(), grandchild;

	require(child >= 0, "fork");
	if (!child) {
		require(!prctl(PR_SET_NAME, "bad\xff name"), "prctl");
		grandchild = fork();
		require(grandchild >= 0, "fork");
		if (!grandchild)
			_exit(4);
		fork_record("name-child", grandchild, getpid());
		child_wait("name-child", grandchild);
		_exit(3);
	}
	fork_record("name", child, getpid());
	child_wait("name", child);
}

static void case_vfork(void)
{
	pid_t child = vfork();

	require(child >= 0, "vfork");
	if (!child)
		exec_as("vfork", program, (char **)plain_argv, "code 7");
	fork_record("vfork", child, getpid());
	child_wait("vfork", child);
}

/* The child's parent is ours, not us. */
static void case_clone_parent(void)
{
	pid_t middle = fork(), child;
	struct rusage used;
	int status;

	require(middle >= 0, "fork");
	if (!middle) {
		child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		require(child >= 0, "clone");
		if (!child)
			_exit(8);
		fork_record("clone-parent", child, getppid());
		_exit(0);
	}
	fork_record("clone-parent-caller", middle, getpid());
	child_wait("clone-parent-caller", middle);
	child = wait4(-1, &status, __WALL, &used);
	require(child > 0, "clone-parent");
	exit_record("clone-parent", child, status, &used);
}

static pthread_barrier_t barrier;

static void *thread_body(void *arg)
{
	put("thread\tcase=threads\tpid=%d\ttid=%ld", getpid(), syscall(SYS_gettid));
	record_end();
	pthread_barrier_wait(&barrier);
	usleep((uintptr_t)arg * 20000);
	return NULL;
}

/* The leader ends first; the process ends with its last thread. */
static void case_threads(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		pthread_t threads[3];
		uintptr_t i;

		pthread_barrier_init(&barrier, NULL, 2);
		for (i = 0; i < 3; i++) {
			require(!pthread_create(&threads[i], NULL, thread_body, (void *)(i + 1)),
			        "thread");
			pthread_barrier_wait(&barrier);
		}
		syscall(SYS_exit, 17);
	}
	fork_record("threads", child, getpid());
	child_wait("threads", child);
}

/* CPU time of a thread that has ended, and of one that has not. */
static void *burn(void *arg)
{
	clockid_t clock = (clockid_t)(uintptr_t)arg;
	struct timespec now;

	do
		clock_gettime(clock, &now);
	while (!now.tv_sec && now.tv_nsec < 100000000);
	return NULL;
}

static void case_busy(void)
{
	pid_t child = fork();
	pthread_t thread;

	require(child >= 0, "fork");
	if (!child) {
		require(!pthread_create(&thread, NULL, burn, (void *)CLOCK_THREAD_CPUTIME_ID) &&
		                !pthread_join(thread, NULL),
		        "thread");
		burn((void *)CLOCK_THREAD_CPUTIME_ID);
		syscall(SYS_exit_group, 0);
	}
	fork_record("busy", child, getpid());
	child_wait("busy", child);
}

/* Many threads that end at the same moment: one exit event all the same. */
static void *thread_short(void *arg)
{
	pthread_barrier_wait(arg);
	syscall(SYS_exit, 0);
	return NULL;
}

static void case_threads_race(void)
{
	int round;

	for (round = 0; round < 200; round++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (!child) {
			pthread_t threads[7];
			int i;

			pthread_barrier_init(&barrier, NULL, 8);
			for (i = 0; i < 7; i++)
				require(!pthread_create(&threads[i], NULL, thread_short, &barrier),
				        "thread");
			thread_short(&barrier);
		}
		fork_record("threads-race", child, getpid());
		child_wait("threads-race", child);
	}
}

static void *thread_exec(void *arg)
{
	(void)arg;
	exec_as("exec-from-thread", program, (char **)plain_argv, "code 9");
	return NULL;
}

static void case_exec_from_thread(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		pthread_t thread;

		require(!pthread_create(&thread, NULL, thread_exec, NULL), "thread");
		pause();
	}
	fork_record("exec-from-thread", child, getpid());
	child_wait("exec-from-thread", child);
}

/* A process whose thread ends the group while others run. */
static void *thread_exit_group(void *arg)
{
	(void)arg;
	_exit(23);
	return NULL;
}

static void case_exit_group(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		pthread_t thread;

		require(!pthread_create(&thread, NULL, thread_exit_group, NULL), "thread");
		pause();
	}
	fork_record("exit-group", child, getpid());
	child_wait("exit-group", child);
}

/* ---- what an attacker would try ---------------------------------------- */

static char rewritten[64];

/* Never the same argument for long; of one length, else it would lose its NUL, and us our
 * environment. */
static void *rewrite(void *arg)
{
	static const char *const texts[] = { "--harmless", "--wreck-it" };
	unsigned int i;

	(void)arg;
	for (i = 0;; i++)
		strcpy(rewritten, texts[i & 1]);
	return NULL;
}

/* The truth is what the program got, which it says itself. */
static void case_arguments_rewritten(void)
{
	char *argv[] = { "rewritten", rewritten, NULL };
	int round;

	for (round = 0; round < 20; round++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (!child) {
			pthread_t thread;

			require(!pthread_create(&thread, NULL, rewrite, NULL), "thread");
			usleep(1000);
			exec_as("arguments-rewritten", program, argv, "code 0");
		}
		fork_record("arguments-rewritten", child, getpid());
		child_wait("arguments-rewritten", child);
	}
}

static void other_name(void)
{
	require(!prctl(PR_SET_NAME, "sshd"), "prctl");
}

/* One file system on another at the same path, each with a program of its own. */
static void own_tmpfs(void)
{
	require(!unshare(CLONE_NEWNS), "unshare");
	require(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	require(!chdir(directory), directory);
	require(!mkdir("same", 0755) || errno == EEXIST, "same");
	require(!mount("scenario", "same", "tmpfs", 0, NULL), "same");
	file_copy(program, "same/program", 0755);
}

static void case_looks_like_another(void)
{
	char path[1100];

	run_plain("name-of-another", "code 0", other_name);
	snprintf(path, sizeof(path), "%s/same/program", directory);
	run("same-path-1", path, (char **)plain_argv, "code 0", own_tmpfs);
	run("same-path-2", path, (char **)plain_argv, "code 0", own_tmpfs);
}

#define AWKWARD "new\nline \"quote\" back\\slash \x01\x1b[31m"

static void case_awkward_names(void)
{
	static const char path[] = AWKWARD "/" AWKWARD;

	require(!mkdir(AWKWARD, 0755) || errno == EEXIST, "awkward");
	file_copy(program, path, 0755);
	run("names-awkward", path, (char **)plain_argv, "code 0", NULL);
}

/* The longest path that the kernel takes; many levels. */
static void case_longest_path(void)
{
	char path[4096], name[256];
	size_t left, n;

	require(!chdir(directory) && getcwd(path, sizeof(path)), directory);
	memset(name, 'p', sizeof(name));
	for (;;) {
		left = sizeof(path) - 1 - strlen(path);
		n = left > 60 ? 19 : left - sizeof("/program");
		name[n] = '\0';
		require(!mkdir(name, 0755) || errno == EEXIST, "mkdir");
		require(!chdir(name), "chdir");
		sprintf(path + strlen(path), "/%s", name);
		name[n] = 'p';
		if (left <= 60)
			break;
	}
	file_copy(program, "program", 0755);
	strcat(path, "/program");
	require(strlen(path) == sizeof(path) - 1 && !chdir(directory), "longest path");
	run("path-longest", path, (char **)plain_argv, "code 0", NULL);
}

#define AGAIN 1000

/* Execs itself as often as the environment says; the last one is the case. */
static void again(int left)
{
	char text[32], *argv[] = { "again", NULL };
	char *envp[] = { text, NULL };

	if (!left)
		exec_as("execs-in-a-row", "/proc/self/exe", (char **)plain_argv, "code 0");
	snprintf(text, sizeof(text), "SCENARIO_AGAIN=%d", left - 1);
	execve("/proc/self/exe", argv, envp);
	die("again");
}

static void case_execs_in_a_row(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child)
		again(AGAIN);
	fork_record("execs-in-a-row", child, getpid());
	child_wait("execs-in-a-row", child);
}

/* The same pid for two processes, where the kernel lets us say the next one. */
static void case_pid_again(void)
{
	pid_t first = fork(), second;
	char text[16];
	int fd, status;

	require(first >= 0, "fork");
	if (!first)
		_exit(1);
	require(waitpid(first, &status, 0) == first, "waitpid");
	usleep(30000); /* a start of its own in 1/100 s */
	fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	snprintf(text, sizeof(text), "%d", first - 1);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return;
	close(fd);
	second = fork();
	require(second >= 0, "fork");
	if (!second)
		_exit(2);
	require(waitpid(second, &status, 0) == second, "waitpid");
	if (second == first) {
		put("again\tcase=pid-again\tpid=%d", first);
		record_end();
	}
}

/* ---- main ------------------------------------------------------------- */

static void storm(int count)
{
	char *argv[] = { "true", NULL };
	volatile int i; /* the vfork child shares our memory */
	int status;

	for (i = 0; i < count; i++) {
		pid_t child = vfork();

		require(child >= 0, "vfork");
		if (!child) {
			execve("/bin/true", argv, NULL);
			_exit(127);
		}
		require(waitpid(child, &status, 0) == child && !status, "storm");
		printf("%d\n", child);
	}
}

/* Processes that do nothing, until we end. */
static void sleepers(int count)
{
	int i;

	for (i = 0; i < count; i++) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
	}
	printf("%d\n", count);
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(int count);
	} storms[] = { { "storm", storm },
		       { "file-storm", file_storm },
		       { "flow-storm", flow_storm },
		       { "sleepers", sleepers } };
	const char *name = getenv("SCENARIO_CASE"), *left = getenv("SCENARIO_AGAIN");
	size_t i;
	int fd;

	if (left)
		again(atoi(left));
	if (name) {
		exec_record(name);
		return end_as_told();
	}
	for (i = 0; argc == 3 && i < sizeof(storms) / sizeof(storms[0]); i++)
		if (!strcmp(argv[1], storms[i].name)) {
			storms[i].run(atoi(argv[2]));
			return 0;
		}
	if (argc == 2 && !strcmp(argv[1], "rules")) {
		watch_rules();
		return 0;
	}
	if (argc != 3 || !realpath(argv[2], directory)) {
		fprintf(stderr, "usage: scenario TRUTH DIRECTORY | scenario rules | "
		                "scenario storm|file-storm|flow-storm|sleepers COUNT\n");
		return 2;
	}
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	require(fd >= 0 && dup2(fd, TRUTH_FD) == TRUTH_FD, argv[1]);
	if (fd != TRUTH_FD)
		close(fd);
	snprintf(program, sizeof(program), "%s/program", directory);
	file_copy("/proc/self/exe", program, 0755);
	require(!chmod(directory, 0755) && !chdir(directory), directory);
	case_arguments();
	case_arguments_long();
	case_environment();
	case_groups();
	case_credentials();
	case_enter_namespaces();
	case_busy();
	case_paths();
	case_script();
	case_binfmt_misc();
	case_memfd();
	case_exec_failed();
	case_ids();
	case_namespaces();
	case_chroot();
	case_cgroup();
	case_terminal();
	case_exits();
	case_name();
	case_vfork();
	case_clone_parent();
	case_clone_namespaces();
	case_threads();
	case_threads_race();
	case_exec_from_thread();
	case_exit_group();
	case_actions();
	case_files();
	case_sockets();
	case_arguments_rewritten();
	case_looks_like_another();
	case_awkward_names();
	case_longest_path();
	case_execs_in_a_row();
	case_pid_again();
	return 0;
}
