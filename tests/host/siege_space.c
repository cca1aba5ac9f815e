/* SPDX-License-Identifier: BSD-2-Clause */
/* Namespaces, mounts and cgroups, as far as the kernel lets a user. */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <linux/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/host/siege.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static char *const no_environment[] = { NULL };

static void run_program(void)
{
	char *argv[] = { "in-a-namespace", NULL };

	if (program_write("program"))
		execute("./program", argv, no_environment);
}

static void text_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		close(fd);
	else
		close(fd);
}

/* A user namespace, in which we are root, and others with it. */
static bool namespace_enter(int flags)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	char map[64];

	if (unshare(CLONE_NEWUSER | flags))
		return false;
	text_put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	text_put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	text_put("/proc/self/gid_map", map);
	return true;
}

/* ---- namespaces ------------------------------------------------------- */

static void some(void)
{
	static const int flags[] = { CLONE_NEWNS,     CLONE_NEWUTS,  CLONE_NEWIPC, CLONE_NEWPID,
		                     CLONE_NEWCGROUP, CLONE_NEWTIME, CLONE_FS,     CLONE_FILES };
	int sum = 0, count = any(6);

	while (count--)
		sum |= flags[any(8)];
	if (!any(4) ? unshare(sum) : !namespace_enter(sum))
		return;
	run_program();
	setuid(0);
	chroot(".");
	run_program();
}

static void namespaces(void)
{
	in_child(some);
}

/* Its first process takes the others with it. */
static void init_of_its_own(void)
{
	if (!namespace_enter(CLONE_NEWPID | CLONE_NEWNS))
		return;
	if (!spawn()) {
		mount("proc\n\x1b[2J", "/proc", "proc", 0, NULL);
		run_program();
		if (!spawn())
			run_program();
		kill(-1, SIGTERM);
		_exit(0);
	}
	usleep(20000);
}

static void pids(void)
{
	in_child(init_of_its_own);
}

static void host_name(void)
{
	char name[65];

	if (!namespace_enter(CLONE_NEWUTS))
		return;
	name_any(name, 60);
	sethostname(name, strlen(name));
	setdomainname(name, strlen(name));
	run_program();
}

static void host_names(void)
{
	in_child(host_name);
}

/* Bounded: taking one down is work for the whole host. */
static void network(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	usleep(50000);
	if (!namespace_enter(CLONE_NEWNET))
		return;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ioctl(fd, SIOCSIFFLAGS, &request);
	run_program();
}

static void networks(void)
{
	in_child(network);
}

static void nested(void)
{
	int depth = 1 + any(35);

	while (depth-- && namespace_enter(0))
		;
	run_program();
}

static void nests(void)
{
	in_child(nested);
}

/* To and fro, where it may: the same again is a change too. */
static void back_and_forth(void)
{
	static const char *const names[] = { "mnt", "uts", "ipc", "net", "user", "pid", "cgroup" };
	char path[40];
	int fd, i;

	namespace_enter(CLONE_NEWNS | CLONE_NEWUTS);
	for (i = 0; i < 30; i++) {
		snprintf(path, sizeof(path), "/proc/%s/ns/%s", any(2) ? "self" : "1",
		         names[any(7)]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		setns(fd, 0);
		if (fd >= 0)
			close(fd);
	}
}

static void entries(void)
{
	in_child(back_and_forth);
}

/* ---- mounts ----------------------------------------------------------- */

static const char *const places[] = { "/etc", "/usr/bin", "/boot", "/tmp", ".", "/proc", "/" };

static void mount_some(void)
{
	char name[256];
	int i;

	if (!namespace_enter(CLONE_NEWNS))
		return;
	for (i = 0; i < 30; i++) {
		const char *place = places[any(7)];

		name_any(name, 200);
		mkdir(name, 0700);
		mount(any(2) ? name : "none", any(2) ? place : name, any(5) ? "tmpfs" : name,
		      any(1 << 12), any(2) ? "size=64k" : name);
		mount(place, name, NULL, MS_BIND | (any(2) ? MS_REC : 0), NULL);
		mount(NULL, place, NULL, any(2) ? MS_PRIVATE : MS_REMOUNT | MS_BIND | any(16),
		      NULL);
		if (any(2))
			mount(name, place, NULL, MS_MOVE, NULL);
		umount2(any(2) ? name : place, any(2) ? MNT_DETACH : 0);
	}
	run_program();
}

static void mounts(void)
{
	in_child(mount_some);
}

static int file_make(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd;
}

/* Files that rules watch, as fast as it goes: below /etc of its own. */
static void watched_flood(void)
{
	char path[300] = "/etc/", other[300] = "/etc/";
	int i;

	if (!namespace_enter(CLONE_NEWNS) ||
	    mount("none", "/etc", "tmpfs", 0, "size=1m,nr_inodes=500"))
		return;
	name_any(path + 5, 255);
	name_any(other + 5, 255);
	for (i = 0; i < 300; i++) {
		file_make(path);
		rename(path, other);
		if (any(2))
			unlink(other);
	}
}

static void watched(void)
{
	in_child(watched_flood);
}

/* Layers over what is watched; the root put elsewhere. */
static void layers(void)
{
	if (!namespace_enter(CLONE_NEWNS) || mount("none", "/tmp", "tmpfs", 0, "size=256k"))
		return;
	mkdir("/tmp/upper", 0700);
	mkdir("/tmp/work", 0700);
	mkdir("/tmp/root", 0700);
	mount("overlay\n", "/etc", "overlay", 0,
	      "lowerdir=/etc,upperdir=/tmp/upper,workdir=/tmp/work");
	file_make("/etc/\x1b[2J.service");
	rename("/etc/passwd", "/etc/passwd\n");
	mount("none", "/tmp/root", "tmpfs", 0, "size=64k");
	mkdir("/tmp/root/old\n", 0700);
	if (!chdir("/tmp/root") && !syscall(SYS_pivot_root, ".", "old\n"))
		umount2("/old\n", MNT_DETACH);
	run_program();
}

static void overlays(void)
{
	in_child(layers);
}

/* ---- cgroups ---------------------------------------------------------- */

/* As container engines name theirs, and as nobody does. */
static void cgroup_enter(void)
{
	static const char *const before[] = { "docker-", "", "crio-", "x\n" };
	static const char *const behind[] = { ".scope", "", "0", "\n" };
	char path[700], name[256], file[720], container[65];
	size_t i;

	for (i = 0; i < 64; i++)
		container[i] = "0123456789abcdef"[any(16)];
	container[64] = '\0';
	name_any(name, 200);
	if (any(2))
		snprintf(path, sizeof(path), "%s/%s%s%s", cgroup_path, before[any(4)], container,
		         behind[any(4)]);
	else
		snprintf(path, sizeof(path), "%s/%s", cgroup_path, name);
	if (mkdir(path, 0700))
		return;
	snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	text_put(file, "0");
	run_program();
	snprintf(file, sizeof(file), "%s/cgroup.procs", cgroup_path);
	text_put(file, "0");
	rmdir(path);
}

static void cgroups(void)
{
	if (*cgroup_path)
		in_child(cgroup_enter);
	else
		usleep(100000);
}

const struct phase space_phases[] = {
	{ "space-some", namespaces },
	{ "space-pids", pids },
	{ "space-host-names", host_names },
	{ "space-networks", networks },
	{ "space-nests", nests },
	{ "space-entries", entries },
	{ "space-mounts", mounts },
	{ "space-watched", watched },
	{ "space-overlays", overlays },
	{ "space-cgroups", cgroups },
	{ NULL, NULL },
};
