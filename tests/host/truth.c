/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the truth file: a record a line, a kind and tab-separated key=value,
 * text in hex. Children have the file open too and append to it, a record by
 * one write.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/host/scenario.h"

#define TRUTH_FD 9

void require(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "scenario: %s: %s\n", what, strerror(errno));
	_exit(99);
}

void truth_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

	require(fd >= 0 && dup2(fd, TRUTH_FD) == TRUTH_FD, path);
	if (fd != TRUTH_FD)
		close(fd);
}

/* ---- records ------------------------------------------------------------ */

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

/* ---- what /proc says ---------------------------------------------------- */

static void put_file(const char *key, const char *path)
{
	static char text[256 * 1024];
	ssize_t n = file_read(path, text, sizeof(text));

	if (n >= 0)
		put_hex(key, text, n);
}

void put_link(const char *key, const char *path)
{
	char text[8192];
	ssize_t n = readlink(path, text, sizeof(text));

	if (n >= 0)
		put_hex(key, text, n);
}

unsigned long long stat_field(int field)
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

void put_namespaces(const char *key, const char *const *names)
{
	char path[64];
	struct stat st;

	for (; *names; names++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", *names);
		if (!stat(path, &st))
			put("\t%s_%s=%llu", key, *names, (unsigned long long)st.st_ino);
	}
}

/* ---- records of all parts ----------------------------------------------- */

static void put_ids(void)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	put("\tuid=%u\teuid=%u\tsuid=%u\tgid=%u\tegid=%u\tsgid=%u", r, e, s, gr, ge, gs);
	put("\tfsuid=%d\tfsgid=%d", setfsuid(-1), setfsgid(-1));
}

static void put_executable(void)
{
	struct stat st;

	require(!stat("/proc/self/exe", &st), "/proc/self/exe");
	put("\tnlink=%llu", (unsigned long long)st.st_nlink);
	put("\tinode=%llu\tdevice=%u:%u\tmode=%04o\towner=%u:%u", (unsigned long long)st.st_ino,
	    major(st.st_dev), minor(st.st_dev), st.st_mode & 07777, st.st_uid, st.st_gid);
}

void exec_record(const char *name)
{
	static const char *const own[] = {
		"pid", "mnt", "net", "uts", "ipc", "user", "cgroup", NULL
	};
	const char *execfn = (const char *)getauxval(AT_EXECFN);
	char parent[64];

	put("exec\tcase=%s\tpid=%llu\tppid=%llu\tstart=%llu\tvpid=%d", name, stat_field(1),
	    stat_field(4), stat_field(22), getpid());
	put_ids();
	put("\tpgrp=%llu\tsession=%llu\ttty=%llu", stat_field(5), stat_field(6), stat_field(7));
	put_executable();
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

void call_record(const char *name)
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

void fork_record(const char *name, pid_t child, pid_t parent)
{
	put("fork\tcase=%s\tpid=%d\tparent=%d\tcaller=%d\tcaller_tid=%ld", name, child, parent,
	    getpid(), syscall(SYS_gettid));
	record_end();
}

void exit_record(const char *name, pid_t child, int status, const struct rusage *used)
{
	put("exit\tcase=%s\tpid=%d\twait=%d\tcpu_ns=%lld", name, child, status,
	    (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000000LL +
	            (used->ru_utime.tv_usec + used->ru_stime.tv_usec) * 1000LL);
	record_end();
}
