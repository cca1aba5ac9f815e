/* SPDX-License-Identifier: BSD-2-Clause */
/* Each way that leads to a file: kinds of paths, 32-bit calls, io_uring, bind mounts, chroot(). */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"

#define OPENAT2 437 /* from 5.6 */

/* False: the kernel does not know the system call. */
static int made_by_openat2(int dir)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { O_WRONLY | O_CREAT, 0600, 0 };
	int fd = syscall(OPENAT2, dir, "by-openat2", &how, sizeof(how));

	close(fd);
	return fd >= 0;
}

static void made(const char *path, const char *name)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	require(fd >= 0 && !close(fd), path);
	file_record("create", name);
}

/* An open file once more, by its descriptor's link. */
static void opened_by_descriptor(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	close(open(path, O_WRONLY | O_CLOEXEC));
	file_record("open", name);
	close(fd);
}

static void by_other_paths(void)
{
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	char path[128];

	require(dir >= 0, base);
	require(!mkdir("sub", 0700) && !chdir("sub"), "sub");
	file_record("mkdir", "sub");
	made("../by-relative-path", "by-relative-path");
	require(!chdir(".."), "..");
	snprintf(path, sizeof(path), "/proc/self/fd/%d/by-descriptor", dir);
	made(path, "by-descriptor");
	fd = openat(dir, "by-openat", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0 && !close(fd), "openat");
	file_record("create", "by-openat");
	opened_by_descriptor("by-openat");
	if (made_by_openat2(dir)) {
		file_record("create", "by-openat2");
		file_remove("unlink", "by-openat2", unlink);
	}
	/* The path has the symlink's target in the symlink's place. */
	require(!symlink("sub", "way"), "symlink");
	file_begin_of("symlink", "way");
	put_hex("text", "sub", 3);
	record_end();
	made("way/through", "sub/through");
	close(dir);
}

#if defined(__x86_64__)
#define GETPID_32 20
#define MKDIR_32  39
#define RMDIR_32  40

long syscall_32(long number, const char *path, long value)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long ret = number;

	require(low != MAP_FAILED, "mmap");
	strcpy(low, path);
	asm volatile("int $0x80"
	             : "+a"(ret)
	             : "b"(low), "c"(value)
	             : "memory", "r8", "r9", "r10", "r11");
	munmap(low, 4096);
	return (int)ret;
}

/* Tried in a child: kernels without IA32_EMULATION end it. */
int has_32_bits(void)
{
	pid_t child = fork();
	int status;

	require(child >= 0, "fork");
	if (!child)
		_exit(syscall_32(GETPID_32, "", 0) == getpid() ? 0 : 1);
	return waitpid(child, &status, 0) == child && !status;
}

static void by_32_bits(void)
{
	struct stat st;

	if (!has_32_bits())
		return;
	require(!syscall_32(MKDIR_32, "by-32-bits", 0700), "mkdir of 32 bits");
	file_record("mkdir", "by-32-bits");
	st = file_stat("by-32-bits");
	require(!syscall_32(RMDIR_32, "by-32-bits", 0), "rmdir of 32 bits");
	file_begin("rmdir", "by-32-bits", &st);
	record_end();
}
#else
long syscall_32(long number, const char *path, long value)
{
	(void)number;
	(void)path;
	(void)value;
	return -1;
}

int has_32_bits(void)
{
	return 0;
}

static void by_32_bits(void)
{
}
#endif

/* The path is the one by which the file was reached, not that of the mounted directory. */
static void through_a_bind_mount(void)
{
	char path[1300];
	int fd;

	snprintf(path, sizeof(path), "%s.bound", base);
	require(!mkdir(path, 0755), path);
	file_record("mkdir", path);
	require(!mount(base, path, NULL, MS_BIND, NULL), path);
	strcat(path, "/through-bind");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0 && !close(fd), path);
	file_record("create", path);
	file_remove("unlink", path, unlink);
}

static void make_in_a_chroot(void)
{
	struct stat st;
	int fd;

	require(!chroot(base) && !chdir("/sub"), "chroot");
	fd = open("/sub/in-chroot", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0 && !fstat(fd, &st) && !close(fd), "in-chroot");
	file_begin("create", "sub/in-chroot", &st);
	put_hex("root", base, strlen(base));
	record_end();
}

void file_other_ways(void)
{
	by_other_paths();
	by_32_bits();
	file_by_io_uring();
	through_a_bind_mount();
	require(!in_child("chroot", make_in_a_chroot), "chroot");
}
