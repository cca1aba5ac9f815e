/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that take a path, for tests/host/calls.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/host/calls.h"

/* ---- what they contain ------------------------------------------------------ */

static void contents(long fd)
{
	char target[64], *page = not_touched();
	long n;

	n = syscall(SYS_write, fd, "ab\0\377\ncd", 7);
	call_begin("write", n);
	number("fd", fd);
	bytes("buf", "ab\0\377\ncd", 7);
	number("count", 7);
	call_end();
	n = syscall(SYS_pread64, fd, target, sizeof(target), 2);
	call_begin("pread64", n);
	bytes("buf", "\0\377\ncd", 5);
	number("pos", 2);
	call_end();
	n = syscall(SYS_pwrite64, fd, "XY", 2, 5);
	call_begin("pwrite64", n);
	bytes("buf", "XY", 2);
	number("pos", 5);
	call_end();
	n = syscall(SYS_lseek, fd, -2L, SEEK_END);
	call_begin("lseek", n);
	number("offset", -2);
	word("whence", "SEEK_END");
	call_end();
	n = syscall(SYS_read, fd, page, PAGE);
	call_begin("read", n);
	bytes("buf", "XY", 2);
	number("count", PAGE);
	call_end();
	n = syscall(SYS_lseek, fd, 0L, 99);
	call_begin("lseek", n);
	word("whence", "0x63");
	call_end();
	n = syscall(SYS_ftruncate, fd, 3L);
	call_begin("ftruncate", n);
	number("length", 3);
	call_end();
	n = syscall(SYS_fallocate, fd, 0, 0L, 100L);
	call_begin("fallocate", n);
	number("fd", fd);
	number("len", 100);
	call_end();
}

static void stats(const char *path, long fd)
{
	struct stat st;
	unsigned char wide[256] = { 0 }; /* struct statx, which old headers lack */
	uint64_t size;
	long n;

	n = syscall(SYS_fstat, fd, &st);
	call_begin("fstat", n);
	json("statbuf", "{\"st_ino\":%llu,\"st_mode\":\"0100640\",\"st_size\":%lld}",
	     (unsigned long long)st.st_ino, (long long)st.st_size);
	call_end();
	n = syscall(SYS_stat, path, &st);
	call_begin("stat", n);
	text("filename", path);
	json("statbuf", "{\"st_nlink\":1,\"st_size\":%lld}", (long long)st.st_size);
	call_end();
	n = syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH);
	call_begin("newfstatat", n);
	number("dfd", fd);
	text("filename", "");
	json("statbuf", "{\"st_ino\":%llu}", (unsigned long long)st.st_ino);
	word("flag", "AT_EMPTY_PATH");
	call_end();
	n = syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0x7ff, wide);
	call_begin("statx", n);
	text("filename", path);
	word("flags", "AT_SYMLINK_NOFOLLOW");
	word("mask", "STATX_BASIC_STATS");
	memcpy(&size, wide + 40, sizeof(size));
	if (n)
		json("buffer", "null");
	else
		json("buffer", "{\"stx_mode\":\"0100640\",\"stx_size\":%llu}",
		     (unsigned long long)size);
	call_end();
}

/* ---- their attributes ------------------------------------------------------- */

static void attributes(const char *path, long fd)
{
	struct timespec times[2] = { { 7, 8 }, { 9, 10 } };
	long n;

	n = syscall(SYS_chmod, path, 0600);
	call_begin("chmod", n);
	text("filename", path);
	word("mode", "0600");
	call_end();
	n = syscall(SYS_fchmod, fd, 04755);
	call_begin("fchmod", n);
	number("fd", fd);
	word("mode", "04755");
	call_end();
	n = syscall(SYS_fchmodat, AT_FDCWD, path, 0640);
	call_begin("fchmodat", n);
	text("filename", path);
	word("mode", "0640");
	call_end();
	n = syscall(SYS_fchownat, AT_FDCWD, path, getuid(), -1, AT_SYMLINK_NOFOLLOW);
	call_begin("fchownat", n);
	number("user", getuid());
	number("group", -1);
	word("flag", "AT_SYMLINK_NOFOLLOW");
	call_end();
	n = syscall(SYS_utimensat, AT_FDCWD, path, times, 0);
	call_begin("utimensat", n);
	text("filename", path);
	json("utimes", "[{\"tv_sec\":7,\"tv_nsec\":8},{\"tv_sec\":9,\"tv_nsec\":10}]");
	call_end();
	n = syscall(SYS_access, path, R_OK | W_OK);
	call_begin("access", n);
	text("filename", path);
	word("mode", "R_OK|W_OK");
	call_end();
	n = syscall(SYS_setxattr, path, "user.a", "value", 5, 0);
	call_begin("setxattr", n);
	text("name", "user.a");
	bytes("value", "value", 5);
	call_end();
	n = syscall(SYS_truncate, path, 2L);
	call_begin("truncate", n);
	text("path", path);
	number("length", 2);
	call_end();
}

/* ---- their names ------------------------------------------------------------ */

static void names(const char *directory, const char *path)
{
	char other[256], third[256], target[64];
	long n;

	snprintf(other, sizeof(other), "%s/n\303\244me\n\"\\", directory);
	snprintf(third, sizeof(third), "%s/third", directory);
	n = syscall(SYS_rename, path, other);
	call_begin("rename", n);
	text("oldname", path);
	text("newname", other);
	call_end();
	n = syscall(SYS_symlink, "to somewhere", path);
	call_begin("symlink", n);
	text("oldname", "to somewhere");
	text("newname", path);
	call_end();
	n = syscall(SYS_readlink, path, target, sizeof(target));
	call_begin("readlink", n);
	text("path", path);
	bytes("buf", "to somewhere", 12);
	call_end();
	n = syscall(SYS_readlinkat, AT_FDCWD, path, target, 4);
	call_begin("readlinkat", n);
	text("pathname", path);
	bytes("buf", "to s", 4);
	number("bufsiz", 4);
	call_end();
	n = syscall(SYS_linkat, AT_FDCWD, other, AT_FDCWD, third, AT_SYMLINK_FOLLOW);
	call_begin("linkat", n);
	text("oldname", other);
	text("newname", third);
	word("flags", "AT_SYMLINK_FOLLOW");
	call_end();
	n = syscall(SYS_renameat2, AT_FDCWD, other, AT_FDCWD, third, 1);
	call_begin("renameat2", n); /* EEXIST; not every file system has the flag */
	text("oldname", other);
	text("newname", third);
	word("flags", "RENAME_NOREPLACE");
	call_end();
	n = syscall(SYS_unlinkat, AT_FDCWD, other, 0);
	call_begin("unlinkat", n);
	text("pathname", other);
	call_end();
	n = syscall(SYS_unlink, path);
	call_begin("unlink", n);
	text("pathname", path);
	call_end();
	unlink(third);
}

/* ---- open -------------------------------------------------------------------- */

static void openings(const char *directory)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { O_RDONLY | O_DIRECTORY, 0, 8 };
	char missing[256], created[256];
	long n;

	snprintf(missing, sizeof(missing), "%s/missing", directory);
	snprintf(created, sizeof(created), "%s/created", directory);
	n = syscall(SYS_open, not_resident(directory, missing), O_RDONLY);
	call_begin("open", n);
	text("filename", missing);
	word("flags", "O_RDONLY");
	call_end();
	n = syscall(SYS_open, (char *)16, O_RDONLY);
	call_begin("open", n);
	json("filename", "null");
	call_end();
	n = syscall(SYS_open, not_touched(), O_RDONLY);
	call_begin("open", n);
	text("filename", "");
	call_end();
	n = syscall(SYS_openat, 99, "relative", O_RDONLY);
	call_begin("openat", n); /* EBADF */
	number("dfd", 99);
	text("filename", "relative");
	call_end();
	n = syscall(SYS_creat, created, 0604);
	call_begin("creat", n);
	text("pathname", created);
	word("mode", "0604");
	call_end();
	close(n);
	unlink(created);
	n = syscall(437 /* openat2, 5.6 */, AT_FDCWD, directory, &how, sizeof(how));
	call_begin("openat2", n);
	text("filename", directory);
	json("how", "{\"flags\":\"O_RDONLY|O_DIRECTORY\",\"resolve\":\"RESOLVE_BENEATH\"}");
	call_end();
	if (n >= 0)
		close(n);
}

void calls_files(const char *directory)
{
	char path[256], *name;
	long fd;

	snprintf(path, sizeof(path), "%s/file", directory);
	umask(022);
	name = across_pages(path);
	fd = syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	call_begin("openat", fd);
	number("dfd", AT_FDCWD);
	text("filename", path);
	word("flags", "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC");
	word("mode", "0640");
	call_end();
	contents(fd);
	stats(path, fd);
	attributes(path, fd);
	names(directory, path);
	openings(directory);
	close(fd);
}

/* ---- directories and special files ------------------------------------------- */

static void nodes(const char *directory)
{
	char path[256];
	long n;

	snprintf(path, sizeof(path), "%s/node", directory);
	n = syscall(SYS_mknod, path, S_IFIFO | 0600, 0);
	call_begin("mknod", n);
	text("filename", path);
	word("mode", "010600");
	call_end();
	unlink(path);
	n = syscall(SYS_mknodat, AT_FDCWD, path, S_IFCHR | 0600, makedev(1, 3));
	call_begin("mknodat", n);
	text("filename", path);
	word("mode", "020600");
	number("dev", 0x103);
	call_end();
	unlink(path);
}

static void entries(long fd)
{
	union {
		char bytes[1024];
		uint64_t aligned;
	} found;
	char list[1024] = "";
	unsigned short length;
	long n, at;

	n = syscall(SYS_getdents64, fd, &found, sizeof(found));
	call_begin("getdents64", n);
	for (at = 0; at < n; at += length) {
		memcpy(&length, found.bytes + at + 16, sizeof(length));
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s{\"d_name\":\"%s\"}",
		         at ? "," : "", found.bytes + at + 19);
	}
	json("dirent", "[%s]", list);
	call_end();
}

/* RHEL 7's kernel has them for file systems of exports; others fail with EOPNOTSUPP. */
static void handles(const char *path)
{
	struct {
		unsigned int bytes;
		int type;
		unsigned char handle[128];
	} h = { .bytes = 128 };
	char hex[257] = "";
	unsigned int i;
	int mount = 0;
	long n;

	n = syscall(SYS_name_to_handle_at, AT_FDCWD, path, &h, &mount, 0);
	call_begin("name_to_handle_at", n);
	text("name", path);
	for (i = 0; i < h.bytes && i < sizeof(h.handle); i++)
		snprintf(hex + 2 * i, 3, "%02x", h.handle[i]);
	if (!n) {
		json("handle", "{\"handle_bytes\":%u,\"handle_type\":%d,\"f_handle\":\"%s\"}",
		     h.bytes, h.type, hex);
		number("mnt_id", mount);
	}
	call_end();
	h.bytes = 200; /* more than any has: EINVAL */
	n = syscall(SYS_open_by_handle_at, AT_FDCWD, &h, O_RDONLY | O_CLOEXEC);
	call_begin("open_by_handle_at", n);
	json("handle", "{\"handle_bytes\":200,\"handle_type\":%d}", h.type);
	word("flags", "O_RDONLY|O_CLOEXEC");
	call_end();
}

void calls_places(const char *directory)
{
	char path[256], before[4096], inner[300];
	long n, fd, old;

	snprintf(path, sizeof(path), "%s/place", directory);
	snprintf(inner, sizeof(inner), "%s/inner", path);
	old = open(".", O_RDONLY | O_DIRECTORY);
	n = syscall(SYS_mkdir, path, 0711);
	call_begin("mkdir", n);
	text("pathname", path);
	word("mode", "0711");
	call_end();
	n = syscall(SYS_mkdir, path, 0711);
	call_begin("mkdir", n); /* EEXIST */
	text("pathname", path);
	call_end();
	n = syscall(SYS_mkdirat, AT_FDCWD, inner, 0700);
	call_begin("mkdirat", n);
	text("pathname", inner);
	word("mode", "0700");
	call_end();
	n = syscall(SYS_rmdir, path);
	call_begin("rmdir", n); /* ENOTEMPTY */
	text("pathname", path);
	call_end();
	n = syscall(SYS_chdir, path);
	call_begin("chdir", n);
	text("filename", path);
	call_end();
	n = syscall(SYS_getcwd, before, sizeof(before));
	call_begin("getcwd", n);
	text("buf", before);
	call_end();
	fd = open(path, O_RDONLY | O_DIRECTORY);
	entries(fd);
	n = syscall(SYS_fchdir, old);
	call_begin("fchdir", n);
	number("fd", old);
	call_end();
	n = syscall(SYS_chdir, "/no/such/directory");
	call_begin("chdir", n);
	text("filename", "/no/such/directory");
	call_end();
	handles(path);
	n = syscall(SYS_unlinkat, AT_FDCWD, inner, AT_REMOVEDIR);
	call_begin("unlinkat", n);
	text("pathname", inner);
	word("flag", "AT_REMOVEDIR");
	call_end();
	n = syscall(SYS_rmdir, path);
	call_begin("rmdir", n);
	text("pathname", path);
	call_end();
	close(fd);
	close(old);
	nodes(directory);
}
