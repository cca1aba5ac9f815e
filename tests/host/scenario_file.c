/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenario's files: each operation on each file system that this kernel has,
 * reached in every way that leads to a file. A record is what stat() says after
 * it (before it, of what is removed), and the path by which it was reached.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static const char *kind; /* of the file system, for the records */
static char base[1200];  /* where its operations happen */

/* ---- records ---------------------------------------------------------- */

static void full_path(char *ret, size_t size, const char *name)
{
	if (*name == '/')
		snprintf(ret, size, "%s", name);
	else
		snprintf(ret, size, "%s/%s", base, name);
}

static void put_path(const char *key, const char *name)
{
	char path[PATH_MAX];

	full_path(path, sizeof(path), name);
	put_hex(key, path, strlen(path));
}

static void put_stat(const struct stat *st)
{
	put("\tinode=%llu\tdevice=%u:%u\tmode=%o\tuid=%u\tgid=%u", (unsigned long long)st->st_ino,
	    major(st->st_dev), minor(st->st_dev), st->st_mode, st->st_uid, st->st_gid);
	if (S_ISREG(st->st_mode))
		put("\tsize=%llu", (unsigned long long)st->st_size);
	if (S_ISCHR(st->st_mode))
		put("\tspecial=%u:%u", major(st->st_rdev), minor(st->st_rdev));
}

static int by_descriptor; /* what is done */

static void begin(const char *action, const char *name, const struct stat *st)
{
	put("file\tcase=%s\tpid=%d\taction=%s", kind, getpid(), action);
	put_path("path", name);
	if (by_descriptor)
		put("\tdescriptor=1");
	if (st)
		put_stat(st);
}

static struct stat stat_of(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	full_path(path, sizeof(path), name);
	require(!lstat(path, &st), path);
	return st;
}

/* Of what is there now. */
static void begin_of(const char *action, const char *name)
{
	struct stat st = stat_of(name);

	begin(action, name, &st);
}

static void done(const char *action, const char *name)
{
	begin_of(action, name);
	record_end();
}

/* ---- each operation, by names relative to base -------------------------- */

static void write_open(const char *name, int flags, const char *action)
{
	int fd = open(name, O_WRONLY | flags, 0640);

	require(fd >= 0, name);
	done(action, name);  /* its size as the open left it */
	done("write", name); /* told before it is done, and once */
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

/* By a mapping that is shared; written otherwise after that it is not told again. */
static void write_mapped(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);

	require(fd >= 0, name);
	done("open", name);
	map(fd, PROT_READ, MAP_SHARED);
	map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	close(fd);
	fd = open(name, O_RDWR | O_CLOEXEC);
	require(fd >= 0, name);
	done("open", name);
	done("write", name);
	map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	require(write(fd, "s", 1) == 1 && !close(fd), name);
}

static void make(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd;

	require(!mkdir("dir", 0750), "mkdir");
	done("mkdir", "dir");
	write_open("file", O_CREAT | O_EXCL, "create");
	write_open("file", 0, "open");
	write_open("file", O_CREAT, "open");
	write_mapped("file");
	require(!mknod("regular", S_IFREG | 0600, 0), "mknod");
	done("create", "regular");
	require(!mkfifo("fifo", 0600), "mkfifo");
	done("mknod", "fifo");
	if (!mknod("null", S_IFCHR | 0600, makedev(1, 3)))
		done("mknod", "null");
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	require(fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	done("mknod", "socket");
	close(fd);
	require(!symlink("where it leads", "symlink"), "symlink");
	begin_of("symlink", "symlink");
	put_hex("text", "where it leads", strlen("where it leads"));
	record_end();
}

static void link_record(const char *name, const char *other)
{
	begin_of("link", name);
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

static void rename_record(const char *action, const char *name, const char *other,
                          const struct stat *replaced)
{
	begin_of(action, name);
	put_path("other", other);
	if (replaced)
		put("\treplaced=%llu", (unsigned long long)replaced->st_ino);
	record_end();
}

static void renames(void)
{
	struct stat replaced;

	write_open("first", O_CREAT, "create");
	require(!rename("first", "dir/moved"), "rename");
	rename_record("rename", "dir/moved", "first", NULL);
	write_open("second", O_CREAT, "create");
	replaced = stat_of("dir/moved");
	require(!rename("second", "dir/moved"), "rename over");
	rename_record("rename", "dir/moved", "second", &replaced);
	write_open("third", O_CREAT, "create");
	replaced = stat_of("third");
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
	begin_of(action, name);
	put("\tbefore=%04o:%u:%u", before->st_mode & 07777, before->st_uid, before->st_gid);
	record_end();
}

/* One by a descriptor: kernels without kprobes tell of these alone. */
static void descriptor_record(const char *action, const char *name, const struct stat *before)
{
	by_descriptor = 1;
	change_record(action, name, before);
	by_descriptor = 0;
}

/* A change that is refused is not told, and what follows it is not taken for it. */
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
	struct stat before = stat_of("file");
	int fd;

	require(!chmod("file", 0604), "chmod");
	change_record("chmod", "file", &before);
	before = stat_of("file");
	require(!chown("file", 61071, 61072), "chown");
	change_record("chown", "file", &before);
	before = stat_of("file");
	require(!truncate("file", 4), "truncate");
	change_record("truncate", "file", &before);
	fd = open("file", O_RDWR | O_CLOEXEC);
	require(fd >= 0, "file");
	done("open", "file");
	before = stat_of("file");
	require(!ftruncate(fd, 2) && !close(fd), "ftruncate");
	descriptor_record("truncate", "file", &before);
	fd = open("file", O_RDONLY | O_CLOEXEC);
	before = stat_of("file");
	require(fd >= 0 && !fchmod(fd, 0666), "fchmod");
	descriptor_record("chmod", "file", &before);
	before = stat_of("file");
	require(!fchown(fd, 61071, 61072) && !close(fd), "fchown");
	descriptor_record("chown", "file", &before);
	if (!setxattr("file", "security.capability", capability, sizeof(capability), 0)) {
		begin_of("setxattr", "file");
		put_hex("text", "security.capability", strlen("security.capability"));
		record_end();
		require(!removexattr("file", "security.capability"), "removexattr");
		begin_of("removexattr", "file");
		put_hex("text", "security.capability", strlen("security.capability"));
		record_end();
		require(removexattr("file", "security.capability") && errno == ENODATA,
		        "removexattr");
	}
	setxattr("file", "user.not_reported", "", 0, 0);
	fail_to_change();
}

static void gone(const char *action, const char *name, int (*remove_it)(const char *))
{
	struct stat st = stat_of(name);

	st.st_nlink--;
	require(!remove_it(name), name);
	begin(action, name, &st);
	record_end();
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
			gone("unlink", names[i], unlink);
	gone("rmdir", "dir", rmdir);
}

/* ---- ways that lead to a file ------------------------------------------- */

#define OPENAT2 437 /* from 5.6 */

static void by_other_ways(void)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { O_WRONLY | O_CREAT, 0600, 0 };
	char path[128];
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	require(dir >= 0, base);
	require(!mkdir("sub", 0700) && !chdir("sub"), "sub");
	done("mkdir", "sub");
	fd = open("../by-relative-path", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0 && !close(fd) && !chdir(".."), "relative");
	done("create", "by-relative-path");
	snprintf(path, sizeof(path), "/proc/self/fd/%d/by-descriptor", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0 && !close(fd), path);
	done("create", "by-descriptor");
	fd = openat(dir, "by-openat", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0, "openat");
	done("create", "by-openat");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	close(fd);
	fd = open("by-openat", O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	close(open(path, O_WRONLY | O_CLOEXEC));
	done("open", "by-openat");
	close(fd);
	fd = syscall(OPENAT2, dir, "by-openat2", &how, sizeof(how));
	if (fd >= 0) {
		close(fd);
		done("create", "by-openat2");
		gone("unlink", "by-openat2", unlink);
	}
	/* A symlink does not stand in the path; what it leads to does. */
	require(!symlink("sub", "way"), "symlink");
	begin_of("symlink", "way");
	put_hex("text", "sub", 3);
	record_end();
	fd = open("way/through", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0 && !close(fd), "way");
	done("create", "sub/through");
	close(dir);
}

#if defined(__x86_64__)
/* As a 32-bit program does it: unlink is 10, mkdir 39. */
static long syscall_32(long number, const char *path, long value)
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

/* Kernels without IA32_EMULATION end the process, so it is tried by another. */
static int has_32_bits(void)
{
	pid_t child = fork();
	int status;

	require(child >= 0, "fork");
	if (!child)
		_exit(syscall_32(20, "", 0) == getpid() ? 0 : 1); /* getpid */
	return waitpid(child, &status, 0) == child && !status;
}

static void by_32_bits(void)
{
	struct stat st;

	if (!has_32_bits())
		return;
	require(!syscall_32(39, "by-32-bits", 0700), "mkdir of 32 bits");
	done("mkdir", "by-32-bits");
	st = stat_of("by-32-bits");
	require(!syscall_32(40, "by-32-bits", 0), "rmdir of 32 bits");
	begin("rmdir", "by-32-bits", &st);
	record_end();
}
#else
static void by_32_bits(void)
{
}
#endif

/* ---- io_uring ---------------------------------------------------------- */

struct ring {
	int fd;
	unsigned int *tail, mask, *array, *done_head, done_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *results;
};

static void *ring_map(int fd, size_t size, off_t at)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);

	require(map != MAP_FAILED, "io_uring");
	return map;
}

/* False: this kernel has none, or does not let us. */
static int ring_open(struct ring *r)
{
	struct io_uring_params p = { 0 };
	char *requests, *results;

	r->fd = syscall(__NR_io_uring_setup, 1, &p);
	if (r->fd < 0)
		return 0;
	requests = ring_map(r->fd, p.sq_off.array + p.sq_entries * 4, IORING_OFF_SQ_RING);
	results = ring_map(r->fd, p.cq_off.cqes + p.cq_entries * sizeof(*r->results),
	                   IORING_OFF_CQ_RING);
	r->entries = ring_map(r->fd, p.sq_entries * sizeof(*r->entries), IORING_OFF_SQES);
	r->tail = (unsigned int *)(requests + p.sq_off.tail);
	r->mask = *(unsigned int *)(requests + p.sq_off.ring_mask);
	r->array = (unsigned int *)(requests + p.sq_off.array);
	r->done_head = (unsigned int *)(results + p.cq_off.head);
	r->done_mask = *(unsigned int *)(results + p.cq_off.ring_mask);
	r->results = (struct io_uring_cqe *)(results + p.cq_off.cqes);
	return 1;
}

/* One request, and its result: -errno. */
static int ring_do(struct ring *r, const struct io_uring_sqe *request)
{
	unsigned int slot = *r->tail & r->mask;
	int result;

	r->entries[slot] = *request;
	r->array[slot] = slot;
	__atomic_store_n(r->tail, *r->tail + 1, __ATOMIC_RELEASE);
	require(syscall(__NR_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1,
	        "io_uring_enter");
	result = r->results[*r->done_head & r->done_mask].res;
	__atomic_store_n(r->done_head, *r->done_head + 1, __ATOMIC_RELEASE);
	return result;
}

/* Each since another kernel: 5.6, 5.15, 5.11. */
static void by_io_uring(void)
{
	struct io_uring_sqe make = { .opcode = IORING_OP_OPENAT,
		                     .fd = AT_FDCWD,
		                     .addr = (uintptr_t) "by-io-uring",
		                     .len = 0600,
		                     .open_flags = O_WRONLY | O_CREAT };
	struct io_uring_sqe directory_make = { .opcode = IORING_OP_MKDIRAT,
		                               .fd = AT_FDCWD,
		                               .addr = (uintptr_t) "by-io-uring-too",
		                               .len = 0700 };
	struct io_uring_sqe remove_it = { .opcode = IORING_OP_UNLINKAT,
		                          .fd = AT_FDCWD,
		                          .addr = (uintptr_t) "by-io-uring" };
	struct stat st;
	struct ring r;

	if (!ring_open(&r))
		return;
	if (ring_do(&r, &make) >= 0) {
		done("create", "by-io-uring");
		st = stat_of("by-io-uring");
		if (!ring_do(&r, &remove_it)) {
			begin("unlink", "by-io-uring", &st);
			record_end();
		}
	}
	if (!ring_do(&r, &directory_make))
		done("mkdir", "by-io-uring-too");
	close(r.fd);
}

/* The path is that in the mount namespace: where it was reached, not where it lies. */
static void through_a_bind_mount(void)
{
	char path[1300];
	int fd;

	snprintf(path, sizeof(path), "%s.bound", base);
	require(!mkdir(path, 0755), path);
	done("mkdir", path);
	require(!mount(base, path, NULL, MS_BIND, NULL), path);
	strcat(path, "/through-bind");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	require(fd >= 0 && !close(fd), path);
	done("create", path);
	gone("unlink", path, unlink);
}

static void in_a_chroot(void)
{
	pid_t child = fork();
	struct stat st;
	int fd;

	require(child >= 0, "fork");
	if (!child) {
		require(!chroot(base) && !chdir("/sub"), "chroot");
		fd = open("/sub/in-chroot", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		require(fd >= 0 && !fstat(fd, &st) && !close(fd), "in-chroot");
		begin("create", "sub/in-chroot", &st);
		put_hex("root", base, strlen(base));
		record_end();
		_exit(0);
	}
	fork_record("chroot", child, getpid());
	require(!child_wait("chroot", child), "chroot");
}

/* ---- by rules ----------------------------------------------------------- */

/* A letter more than fits into a word, into two, into what is compared. */
static const int lengths[] = { 1, 7, 8, 9, 15, 16, 17, 31, 32, 33 };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static const char *const endings[] = { "%", ".w", "-watched" };
#define ENDINGS (sizeof(endings) / sizeof(endings[0]))

/*
 * In the root directory: a name that is a rule, and one of a rule of more names; and files by rules
 * of one name and of two, several, for any of them may end by chance as another rule does.
 */
#define ROOT_ONE   "/sextant-scenario-one"
#define ROOT_TWO   "/sextant-scenario-two"
#define ROOT_FILES "/sextant-scenario-files"
#define FILES      6
#define LONG_NAME  "a-name-of-more-than-forty-bytes-lies-outside-of-its-dentry"

static char *name_of_length(int length)
{
	static char name[64];
	int i;

	for (i = 0; i < length; i++)
		name[i] = 'a' + (i + length) % 26;
	name[i] = 0;
	return name;
}

void watch_rules(void)
{
	size_t i;

	for (i = 0; i < LENGTHS; i++)
		printf("watch .../%s\n", name_of_length(lengths[i]));
	for (i = 0; i < ENDINGS; i++)
		printf("watch *%s\n", endings[i]);
	puts("watch .../sub/second\nwatch .../sub/below/third");
	puts("watch " ROOT_ONE "\nwatch " ROOT_TWO "/" LONG_NAME "/inside");
	for (i = 0; i < FILES; i++)
		printf("watch %s-%zu\nwatch %s/%zu\n", ROOT_FILES, i, ROOT_FILES, i);
}

static void file_make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	require(fd >= 0 && !close(fd), name);
}

static void made_and_removed(const char *name)
{
	file_make(name);
	done("create", name);
	done("unlink", name);
	require(!unlink(name), name);
}

static void made_and_removed_unseen(const char *name)
{
	file_make(name);
	require(!unlink(name), name);
}

static void renamed(const char *from, const char *to)
{
	require(!rename(from, to), to);
	rename_record("rename", to, from, NULL);
}

static void renamed_unseen(const char *from, const char *to)
{
	require(!rename(from, to), to);
}

/* Behind a name that was longer lies what is left of it. */
static void made_longer_and_removed(const char *name)
{
	file_make("plain-and-of-thirty-one-bytes--");
	renamed("plain-and-of-thirty-one-bytes--", name);
	done("unlink", name);
	require(!unlink(name), name);
}

static void watched_names(void)
{
	size_t i;
	char *name;

	for (i = 0; i < LENGTHS; i++) {
		name = name_of_length(lengths[i]);
		made_and_removed(name);
		made_longer_and_removed(name);
		if (lengths[i] > 32) /* compared so far */
			continue;
		strcat(name, "+");
		if (lengths[i] < 32)
			made_and_removed_unseen(name);
		name[lengths[i] - 1] = '+';
		name[lengths[i]] = 0;
		made_and_removed_unseen(name);
	}
}

static void watched_endings(void)
{
	size_t i, ending, size;
	char name[64];

	for (i = 0; i < LENGTHS; i++)
		for (ending = 0; ending < ENDINGS; ending++) {
			size = strlen(endings[ending]);
			if (size > (size_t)lengths[i])
				continue;
			memset(name, '-', sizeof(name));
			strcpy(name + lengths[i] - size, endings[ending]);
			made_and_removed(name);
			name[lengths[i] - size] = '+';
			if (size > 1)
				made_and_removed_unseen(name);
		}
}

/* By the old name or the new one, in one directory and in two. */
static void watched_renames(void)
{
	char below[1200];

	snprintf(below, sizeof(below), "%s/from-elsewhere", directory);
	file_make("plain");
	renamed("plain", "new.w");
	renamed("new.w", "plain");
	renamed_unseen("plain", "plainer");
	renamed("plainer", "sub/new.w");
	renamed("sub/new.w", "sub/plain");
	renamed_unseen("sub/plain", "sub/plainer");
	renamed("sub/plainer", "sub/second");
	renamed("sub/second", "second");
	renamed_unseen("second", "sub/below/plain");
	renamed("sub/below/plain", "sub/below/third");
	renamed("sub/below/third", "sub/third");
	renamed_unseen("sub/third", "plain");
	renamed("plain", "sub/second");
	renamed("sub/second", "sub/plain");
	renamed_unseen("sub/plain", "second");
	renamed("second", below);
	renamed(below, "plain");
}

/* More names than are kept. */
static void watched_deep(void)
{
	char deep[256] = "deep", plain[300], other[300];
	int i;

	for (i = 0; i < 30; i++) {
		require(!mkdir(deep, 0755), deep);
		strcat(deep, i < 29 ? "/deep" : "/sub");
	}
	require(!mkdir(deep, 0755), deep);
	snprintf(plain, sizeof(plain), "%s/plain", deep);
	file_make(plain);
	snprintf(other, sizeof(other), "%s/plainer", deep);
	renamed_unseen(plain, other);
	snprintf(plain, sizeof(plain), "%s/second", deep);
	renamed(other, plain);
	renamed(plain, other);
}

/* What was open for writing is closed, and its memory that of a file that nobody watches. */
static void memory_used_again(void)
{
	int i, fd;

	for (i = 0; i < 10; i++) {
		made_and_removed("not-written.w");
		usleep(30000); /* memory is free a grace period later */
		fd = open("written", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		require(fd >= 0 && write(fd, "text", 4) == 4 && !close(fd), "written");
		require(!unlink("written"), "written");
	}
}

/* In a directory that is not watched, what the rules of watch_rules() name. */
static void by_rules(void)
{
	require(!mkdir(base, 0755) && !chdir(base), base);
	require(!mkdir("sub", 0755) && !mkdir("sub/below", 0755), "sub");
	watched_names();
	watched_endings();
	watched_renames();
	watched_deep();
	memory_used_again();
}

/* By the first names of a path. */
static void by_first_names(void)
{
	strcpy(base, ROOT_ONE);
	require(!mkdir(base, 0755) && !chdir(base), base);
	done("mkdir", base);
	made_and_removed("plain");
	done("rmdir", base);
	require(!rmdir(base), base);

	strcpy(base, ROOT_TWO);
	require(!mkdir(base, 0755) && !chdir(base) && !mkdir(LONG_NAME, 0755), base);
	made_and_removed_unseen("inside");
	made_and_removed_unseen(LONG_NAME "/second");
	made_and_removed(LONG_NAME "/inside");
	require(!rmdir(LONG_NAME) && !chdir("/") && !rmdir(base), base);
}

static void by_new_names(const char *plain, const char *watched)
{
	char from[64], to[64];
	int i;

	for (i = 0; i < FILES; i++) {
		snprintf(from, sizeof(from), "%s%d", plain, i);
		snprintf(to, sizeof(to), "%s%d", watched, i);
		file_make(from);
		renamed(from, to);
		renamed(to, from);
		require(!unlink(from), from);
	}
}

/* Where the last name is one of the first; and where a directory has another name at once. */
static void by_last_and_first_names(void)
{
	char name[16];
	int i;

	strcpy(base, ROOT_FILES);
	by_new_names(ROOT_FILES "-plain-", ROOT_FILES "-");
	require(!mkdir(base, 0755) && !chdir(base), base);
	by_new_names("plain-", "");
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		require(!rename(base, ROOT_FILES "-other"), base);
		made_and_removed_unseen(name);
		require(!rename(ROOT_FILES "-other", base), base);
		made_and_removed(name);
	}
	require(!chdir("/") && !rmdir(base), base);
}

static void own_mounts(void)
{
	require(!unshare(CLONE_NEWNS), "unshare");
	require(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
}

/* On a mount that is moved below what a rule names. */
static void by_a_moved_mount(void)
{
	static const char from[] = ROOT_FILES "-mount";

	own_mounts();
	strcpy(base, ROOT_ONE);
	require(!mkdir(from, 0755) && !mkdir(base, 0755), base);
	done("mkdir", base);
	require(!mount("moved", from, "tmpfs", 0, NULL) && !chdir(from), from);
	made_and_removed_unseen("name");
	require(!mount(from, base, NULL, MS_MOVE, NULL), base);
	usleep(20000); /* it counts from the next tick on */
	made_and_removed("name");
	require(!chdir("/") && !umount2(base, MNT_DETACH), base);
	done("rmdir", base);
	require(!rmdir(base) && !rmdir(from), base);
}

/* ---- file systems ------------------------------------------------------- */

static void operate(void)
{
	require(!mkdir(base, 0755) && !chdir(base), base);
	done("mkdir", base);
	make();
	links();
	renames();
	changes();
	removals();
	by_other_ways();
	by_32_bits();
	by_io_uring();
	through_a_bind_mount();
	in_a_chroot();
}

static void mount_record(const char *action, const char *path, const char *source, const char *type)
{
	put("mount\tcase=%s\tpid=%d\taction=%s\ttype=%s", kind, getpid(), action, type);
	put_path("path", path);
	put_hex("source", source, strlen(source));
	record_end();
}

/* Makes a place and mounts on it; false: this kernel does not have that file system. */
static int mount_at(const char *path, const char *source, const char *type, const char *options)
{
	require(!mkdir(path, 0755) || errno == EEXIST, path);
	if (mount(source, path, type, 0, options))
		return 0;
	mount_record("mount", path, source, type);
	return 1;
}

static int on_tmpfs(char *path)
{
	return mount_at(path, "scenario", "tmpfs", "mode=755");
}

static int on_overlayfs(char *path)
{
	static const char *const names[] = { "lower", "upper", "work" };
	char layers[1200], options[4096];
	size_t i;

	snprintf(layers, sizeof(layers), "%s.layers", path);
	require(!mkdir(layers, 0755) || errno == EEXIST, layers);
	require(!mount("layers", layers, "tmpfs", 0, NULL), layers);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(options, sizeof(options), "%s/%s", layers, names[i]);
		require(!mkdir(options, 0755), options);
	}
	snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work",
	         layers, layers, layers);
	return mount_at(path, "scenario", "overlay", options);
}

/* A copy of an image that tests/vm/matrix.py has brought, by a loop device that goes with the
 * mount. */
static int on_image(char *path, const char *type)
{
	struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };
	int control, image, copy, loop, mounted;
	char name[1200];
	struct stat st;

	snprintf(name, sizeof(name), "/images/%s", type);
	image = open(name, O_RDONLY | O_CLOEXEC);
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (image < 0 || control < 0)
		return 0;
	snprintf(name, sizeof(name), "%s.image", path);
	copy = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	require(copy >= 0 && !fstat(image, &st), name);
	while (sendfile(copy, image, NULL, st.st_size) > 0)
		;
	snprintf(name, sizeof(name), "/dev/loop%d", ioctl(control, LOOP_CTL_GET_FREE));
	loop = open(name, O_RDWR | O_CLOEXEC);
	require(loop >= 0 && !ioctl(loop, LOOP_SET_FD, copy), name);
	require(!ioctl(loop, LOOP_SET_STATUS64, &info), name);
	mounted = mount_at(path, name, type, NULL);
	close(loop);
	return mounted;
}

static int on_ext4(char *path)
{
	return on_image(path, "ext4");
}

static int on_btrfs(char *path)
{
	return on_image(path, "btrfs");
}

/* So many files made, renamed and removed as fast as one CPU can. */
void file_storm(int count)
{
	int i, fd;

	for (i = 0; i < count; i++) {
		fd = open("storm", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		require(fd >= 0 && !close(fd), "create");
		require(!rename("storm", "storm-renamed") && !unlink("storm-renamed"), "rename");
	}
}

/* By the system calls from 5.2 on, below what is mounted. */
static void mount_in_steps(const char *above)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), made;
	char path[1200];

	if (context < 0)
		return;
	snprintf(path, sizeof(path), "%s/steps", above);
	require(!mkdir(path, 0755), path);
	require(!fsconfig(context, FSCONFIG_SET_STRING, "source", "in-steps", 0) &&
	                !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0),
	        "fsconfig");
	made = fsmount(context, FSMOUNT_CLOEXEC, 0);
	require(made >= 0 && !move_mount(made, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), path);
	close(made);
	close(context);
	mount_record("mount", path, "in-steps", "tmpfs");
}

void case_files(void)
{
	static const struct {
		const char *name;
		int (*mount)(char *path);
	} systems[] = { { "tmpfs", on_tmpfs },
		        { "overlay", on_overlayfs },
		        { "ext4", on_ext4 },
		        { "btrfs", on_btrfs } };
	char path[1100], copy[1200], name[32];
	pid_t child;
	size_t i;

	for (i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		kind = systems[i].name;
		snprintf(path, sizeof(path), "%s/%s", directory, kind);
		snprintf(base, sizeof(base), "%s/operations", path);
		child = fork();
		require(child >= 0, "fork");
		if (!child) {
			own_mounts();
			if (systems[i].mount(path)) {
				snprintf(name, sizeof(name), "exec-on-%s", kind);
				snprintf(copy, sizeof(copy), "%s/program", path);
				run_copy(name, copy);
				operate();
				mount_in_steps(path);
				require(!chdir("/") && !umount2(path, MNT_DETACH), path);
				mount_record("umount", path, "", "");
			}
			_exit(0);
		}
		fork_record(kind, child, getpid());
		require(!child_wait(kind, child), kind);
	}
	kind = "rules";
	snprintf(base, sizeof(base), "%s.unwatched-%d", directory, getpid());
	child = fork();
	require(child >= 0, "fork");
	if (!child) {
		by_rules();
		_exit(0);
	}
	fork_record(kind, child, getpid());
	require(!child_wait(kind, child), kind);
	kind = "first-names";
	child = fork();
	require(child >= 0, "fork");
	if (!child) {
		by_first_names();
		by_last_and_first_names();
		by_a_moved_mount();
		_exit(0);
	}
	fork_record(kind, child, getpid());
	require(!child_wait(kind, child), kind);
}
