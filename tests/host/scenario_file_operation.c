/* SPDX-License-Identifier: BSD-2-Clause */
/* Each operation on files, by names below the base directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"

static void write_open(const char *name, int flags, const char *action)
{
	int fd = open(name, O_WRONLY | flags, 0640);

	require(fd >= 0, name);
	file_record(action, name);  /* its size as the open left it */
	file_record("write", name); /* reported before it is done, and once */
	require(write(fd, "some text\n", 10) == 10 && write(fd, "more\n", 5) == 5 && !close(fd),
	        name);
}

static void map(int fd, int prot, int flags)
{
	char *mapped = mmap(NULL, 1, prot, flags, fd, 0);

	require(mapped != MAP_FAILED, "mmap");
	if (prot & PROT_WRITE)
		*mapped = 'S';
	munmap(mapped, 1);
}

/* By a shared mapping. A write by a system call after that is not reported again. */
static void write_mapped(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);

	require(fd >= 0, name);
	file_record("open", name);
	map(fd, PROT_READ, MAP_SHARED);
	map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	close(fd);
	fd = open(name, O_RDWR | O_CLOEXEC);
	require(fd >= 0, name);
	file_record("open", name);
	file_record("write", name);
	map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	require(write(fd, "s", 1) == 1 && !close(fd), name);
}

static void make(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd;

	require(!mkdir("dir", 0750), "mkdir");
	file_record("mkdir", "dir");
	write_open("file", O_CREAT | O_EXCL, "create");
	write_open("file", 0, "open");
	write_open("file", O_CREAT, "open");
	write_mapped("file");
	require(!mknod("regular", S_IFREG | 0600, 0), "mknod");
	file_record("create", "regular");
	require(!mkfifo("fifo", 0600), "mkfifo");
	file_record("mknod", "fifo");
	if (!mknod("null", S_IFCHR | 0600, makedev(1, 3)))
		file_record("mknod", "null");
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	require(fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	file_record("mknod", "socket");
	close(fd);
	require(!symlink("where it leads", "symlink"), "symlink");
	file_begin_of("symlink", "symlink");
	put_hex("text", "where it leads", strlen("where it leads"));
	record_end();
}

static void link_record(const char *name, const char *other)
{
	file_begin_of("link", name);
	put_path("other", other);
	record_end();
}

static void links(void)
{
	int fd = open("file", O_RDONLY | O_CLOEXEC);

	require(!link("file", "linked"), "link");
	link_record("linked", "file");
	require(fd >= 0, "file");
	if (!linkat(fd, "", AT_FDCWD, "linked-by-descriptor", AT_EMPTY_PATH))
		link_record("linked-by-descriptor", "file");
	close(fd);
}

static void renames(void)
{
	struct stat replaced;

	write_open("first", O_CREAT, "create");
	require(!rename("first", "dir/moved"), "rename");
	rename_record("rename", "dir/moved", "first", NULL);
	write_open("second", O_CREAT, "create");
	replaced = file_stat("dir/moved");
	require(!rename("second", "dir/moved"), "rename over");
	rename_record("rename", "dir/moved", "second", &replaced);
	write_open("third", O_CREAT, "create");
	replaced = file_stat("third");
	if (!syscall(SYS_renameat2, AT_FDCWD, "dir/moved", AT_FDCWD, "third", 2 /* EXCHANGE */))
		rename_record("exchange", "third", "dir/moved", &replaced);
	require(!rename("dir", "dir-moved"), "rename a directory");
	rename_record("rename", "dir-moved", "dir", NULL);
	require(!rename("dir-moved", "dir"), "rename it back");
	rename_record("rename", "dir", "dir-moved", NULL);
	/* What does not succeed is not reported. */
	require(rename("nothing", "something") && errno == ENOENT, "rename of nothing");
	require(rename("file", "dir") && errno == EISDIR, "rename onto a directory");
}

static void change_record(const char *action, const char *name, const struct stat *before)
{
	file_begin_of(action, name);
	put("\tbefore=%04o:%u:%u", before->st_mode & 07777, before->st_uid, before->st_gid);
	record_end();
}

/* A change by a descriptor: without kprobes only these are reported. */
static void descriptor_record(const char *action, const char *name, const struct stat *before)
{
	file_by_descriptor = 1;
	change_record(action, name, before);
	file_by_descriptor = 0;
}

/* A change that is refused is not reported, and what follows it is not taken for it. */
static void fail_to_change(void)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (!child) {
		require(!setresuid(61073, 61073, 61073), "setresuid");
		require(chmod("file", 0777) && errno == EPERM, "chmod of another's file");
		require(!access("file", W_OK) && !utimensat(AT_FDCWD, "file", NULL, 0), "touch");
		_exit(0);
	}
	fork_record("change-refused", child, getpid());
	require(!child_wait("change-refused", child), "change-refused");
}

static void changes(void)
{
	static const char capability[20] = { 0, 0, 0, 2, 1 }; /* VFS_CAP_REVISION_2 */
	struct stat before = file_stat("file");
	int fd;

	require(!chmod("file", 0604), "chmod");
	change_record("chmod", "file", &before);
	before = file_stat("file");
	require(!chown("file", 61071, 61072), "chown");
	change_record("chown", "file", &before);
	before = file_stat("file");
	require(!truncate("file", 4), "truncate");
	change_record("truncate", "file", &before);
	fd = open("file", O_RDWR | O_CLOEXEC);
	require(fd >= 0, "file");
	file_record("open", "file");
	before = file_stat("file");
	require(!ftruncate(fd, 2) && !close(fd), "ftruncate");
	descriptor_record("truncate", "file", &before);
	fd = open("file", O_RDONLY | O_CLOEXEC);
	before = file_stat("file");
	require(fd >= 0 && !fchmod(fd, 0666), "fchmod");
	descriptor_record("chmod", "file", &before);
	before = file_stat("file");
	require(!fchown(fd, 61071, 61072) && !close(fd), "fchown");
	descriptor_record("chown", "file", &before);
	if (!setxattr("file", "security.capability", capability, sizeof(capability), 0)) {
		file_begin_of("setxattr", "file");
		put_hex("text", "security.capability", strlen("security.capability"));
		record_end();
		require(!removexattr("file", "security.capability"), "removexattr");
		file_begin_of("removexattr", "file");
		put_hex("text", "security.capability", strlen("security.capability"));
		record_end();
		require(removexattr("file", "security.capability") && errno == ENODATA,
		        "removexattr");
	}
	setxattr("file", "user.not_reported", "", 0, 0);
	fail_to_change();
}

static void removals(void)
{
	static const char *const names[] = { "linked",   "linked-by-descriptor",
		                             "third",    "symlink",
		                             "fifo",     "null",
		                             "socket",   "regular",
		                             "dir/moved" };
	struct stat st;
	size_t i;

	require(unlink("nothing") && errno == ENOENT, "unlink of nothing");
	require(rmdir("dir") && errno == ENOTEMPTY, "rmdir of what is not empty");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!lstat(names[i], &st))
			file_remove("unlink", names[i], unlink);
	file_remove("rmdir", "dir", rmdir);
}

/* On overlayfs there is a file in the lower layer: it keeps its number. */
static void copied_up(void)
{
	if (access("below", F_OK))
		return;
	write_open("below", O_CLOEXEC, "open");
	write_open("below", O_CLOEXEC | O_APPEND, "open");
}

#define OPEN_AT_ONCE 4500

/* More files than a former table had: the first one is still reported when it is written. */
static void many_open(void)
{
	const struct rlimit limit = { OPEN_AT_ONCE + 100, OPEN_AT_ONCE + 100 };
	static int files[OPEN_AT_ONCE];
	int first, i;

	if (strcmp(file_case, "tmpfs"))
		return;
	require(!setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	first = open("many", O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	require(first >= 0, "many");
	file_record("create", "many");
	for (i = 0; i < OPEN_AT_ONCE; i++) {
		files[i] = open("many", O_WRONLY | O_CLOEXEC);
		require(files[i] >= 0, "many");
		file_record("open", "many");
		if (i % 32 == 31)
			usleep(2000); /* the sensor has to keep up */
	}
	file_record("write", "many");
	require(write(first, "first", 5) == 5 && !close(first), "many");
	for (i = 0; i < OPEN_AT_ONCE; i++)
		close(files[i]);
}

void file_operations(void)
{
	copied_up();
	many_open();
	make();
	links();
	renames();
	changes();
	removals();
}
