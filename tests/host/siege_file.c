/* SPDX-License-Identifier: BSD-2-Clause */
/* Files: names of every kind, all operations, what rules watch, /proc. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/host/siege.h"

#define EXCHANGE 2U /* RENAME_EXCHANGE */

/* Those of the default rules, ours to make. */
static const char *const watched[] = {
	".ssh/authorized_keys",
	".ssh/config",
	".bashrc",
	".profile",
	"x.service",
	"y.timer",
	"z.ko",
	".zshrc",
	".ssh/rc",
	".config/autostart/x",
	"\x1b[2J\n.service",
	"\xff.ko.xz",
	"a/.bashrc",
	"e\r\"\\.timer",
};

static const char *watched_any(void)
{
	return watched[any(sizeof(watched) / sizeof(watched[0]))];
}

static void directories_make(void)
{
	static const char *const names[] = { ".ssh", ".config", ".config/autostart", "a" };
	size_t i;

	for (i = 0; i < 4; i++)
		if (mkdir(names[i], 0700) && errno != EEXIST)
			return;
}

static void touch(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | (any(2) ? O_TRUNC : O_APPEND) | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	if (write(fd, "x", 1) == 1)
		fchmod(fd, any(010000));
	close(fd);
}

static void names(void)
{
	char name[256], other[256];

	name_any(name, 255);
	name_any(other, 255);
	touch(name);
	rename(name, other);
	syscall(SYS_renameat2, AT_FDCWD, name, AT_FDCWD, other, any(8));
	unlink(other);
	if (!mkdir(name, 0700))
		rmdir(name);
}

static void rules(void)
{
	const char *one = watched_any(), *two = watched_any();

	directories_make();
	touch(one);
	rename(one, two);
	touch(one);
	syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, EXCHANGE);
	if (any(2) ? link(one, "other") : symlink("/etc/\x1b[31m\n", "other"))
		unlink("other");
	chmod(two, any(07777));
	truncate(two, any(5000));
	utimensat(AT_FDCWD, two, NULL, 0);
	chown(two, -1, getgid());
	unlink(one);
	unlink("other");
}

static void attributes(void)
{
	char name[256] = "user.", value[200];
	const char *path = watched_any();

	directories_make();
	touch(path);
	name_any(name + 5, 200);
	bytes_any(value, sizeof(value));
	setxattr(path, name, value, any(sizeof(value)), 0);
	setxattr(path, "security.capability", value, 20, 0);
	setxattr(path, "system.posix_acl_access", value, any(sizeof(value)), 0);
	removexattr(path, name);
}

static void data(void)
{
	const char *path = watched_any();
	char by_descriptor[40];
	char *at;
	int fd;

	directories_make();
	fd = open(any(3) ? path : ".", O_RDWR | (any(3) ? O_CREAT : O_TMPFILE) | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	ftruncate(fd, any(100000));
	fallocate(fd, any(2), any(1000), 1 + any(100000));
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, any(2) ? MAP_SHARED : MAP_PRIVATE, fd, 0);
	pwrite(fd, "x", 1, any(4096));
	if (at != MAP_FAILED)
		munmap(at, 4096);
	snprintf(by_descriptor, sizeof(by_descriptor), "/proc/self/fd/%d", fd);
	linkat(AT_FDCWD, by_descriptor, AT_FDCWD, "y.service", AT_SYMLINK_FOLLOW);
	unlink("y.service");
	close(fd);
	unlink(path);
}

/* Down and down; the tests' watched names at the bottom. */
static void tree(void)
{
	char name[256];
	size_t depth = 1 + any(200), size = 1 + any(255);

	memset(name, any(2) ? 'n' : '\n', size);
	name[size] = '\0';
	while (depth--)
		if ((mkdir(name, 0700) && errno != EEXIST) || chdir(name))
			break;
	directories_make();
	rules();
}

static void trees(void)
{
	in_child(tree);
}

static void special(void)
{
	const char *path = watched_any();
	char points_to[300] = "";

	directories_make();
	bytes_any(points_to, any(299));
	mknod(path, S_IFIFO | 0600, 0);
	mknod("x.ko", S_IFCHR | 0600, 0x101); /* refused */
	mknod("y.ko", S_IFSOCK | 0600, 0);
	symlink(points_to, "z.service");
	unlink(path);
	unlink("y.ko");
	unlink("z.service");
}

/* What is not ours to write. */
static void refused(void)
{
	static const char *const paths[] = {
		"/etc/passwd",
		"/etc/shadow",
		"/etc/x\n.service",
		"/usr/bin/true",
		"/boot/x",
		"/etc/cron.d/x",
		"/lib/modules/x.ko",
		"/proc/sys/kernel/core_pattern",
		"/sys/kernel/tracing/tracing_on",
		"/sys/kernel/debug/tracing/kprobe_events",
		"/proc/sysrq-trigger",
		"/dev/mem",
		"/proc/kcore",
	};
	const char *path = paths[any(sizeof(paths) / sizeof(paths[0]))];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	rename("x.service", path);
	link(path, "x.service");
	symlink(path, path);
	mkdir(path, 0700);
}

static void inotify(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	static const char *const places[] = { "/etc", "/tmp", "/proc", "/usr/bin", ".", "/" };
	int i;

	for (i = 0; fd >= 0 && i < 6; i++)
		inotify_add_watch(fd, places[i], IN_ALL_EVENTS);
	rules();
	if (fd >= 0)
		close(fd);
}

static void memfds(void)
{
	char name[300];
	int fd;

	bytes_any(name, sizeof(name));
	name[any(260)] = '\0';
	fd = memfd_create(name, any(16));
	if (fd >= 0)
		close(fd);
}

/* What a process may say of itself. */
static void proc(void)
{
	static const char *const files[] = {
		"comm",      "oom_score_adj",  "coredump_filter", "timerslack_ns",
		"setgroups", "uid_map",        "gid_map",         "clear_refs",
		"mem",       "attr/current",   "attr/exec",       "loginuid",
		"sched",     "task/self/comm", "autogroup",       "environ",
		"fd/0",      "ns/user",        "root/etc/passwd",
	};
	char path[64], text[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/%s", files[any(sizeof(files) / sizeof(files[0]))]);
	bytes_any(text, sizeof(text));
	fd = open(path, (any(2) ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, any(2) ? text : "1\n", any(2) ? 2 : any(sizeof(text))) < 0)
		lseek(fd, any(1 << 20), SEEK_SET);
	if (read(fd, text, sizeof(text)) < 0)
		ioctl(fd, any(1 << 16), 0);
	close(fd);
}

static void proc_child(void)
{
	int i;

	for (i = 0; i < 20; i++)
		proc();
	unlink("program");
	if (program_write("program"))
		execl("program", "", NULL);
}

static void procs(void)
{
	in_child(proc_child);
}

const struct phase file_phases[] = {
	{ "file-names", names },
	{ "file-rules", rules },
	{ "file-attributes", attributes },
	{ "file-data", data },
	{ "file-trees", trees },
	{ "file-special", special },
	{ "file-refused", refused },
	{ "file-inotify", inotify },
	{ "file-memfds", memfds },
	{ "file-proc", procs },
	{ NULL, NULL },
};
