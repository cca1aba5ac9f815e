/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "loader/host/proc.h"

#define BTRFS_MAGIC     0x9123683e
#define OVERLAYFS_MAGIC 0x794c7630

ssize_t proc_text(pid_t pid, const char *name, bool is_link, char *ret, size_t size)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if (is_link) {
		n = readlink(path, ret, size);
		return n < 0 ? -errno : n;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, ret, size);
	return n < 0 ? -errno : n;
}

static ssize_t direct_text(void *arg, pid_t pid, const char *name, bool is_link, char *ret,
                           size_t size)
{
	(void)arg;
	return proc_text(pid, name, is_link, ret, size);
}

/* /proc has its processes in the order of their ids (fs/proc/base.c, proc_pid_readdir()). */
static ssize_t direct_list(void *arg, pid_t after, pid_t *ret, size_t room)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	(void)arg;
	if (!proc)
		return -errno;
	while (count < room && (entry = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid > after)
			ret[count++] = pid;
	}
	closedir(proc);
	return count;
}

static const struct proc_source direct = { direct_text, direct_list };
static const struct proc_source *source = &direct;
static void *source_arg;

void proc_read_by(const struct proc_source *by, void *arg)
{
	source = by;
	source_arg = arg;
}

ssize_t proc_list(pid_t after, pid_t *ret, size_t room)
{
	return source->list(source_arg, after, ret, room);
}

/* Bytes of /proc/PID/name, NUL-terminated; -errno. */
static ssize_t text_read(pid_t pid, const char *name, char *ret, size_t size)
{
	ssize_t n = source->text(source_arg, pid, name, false, ret, size - 1);

	if (n >= 0)
		ret[n] = '\0';
	return n;
}

static int link_read(pid_t pid, const char *name, char *ret, size_t size)
{
	ssize_t n = source->text(source_arg, pid, name, true, ret, size - 1);

	if (n < 0)
		return n;
	ret[n] = '\0';
	return 0;
}

struct stat_fields {
	char state;
	uint32_t ppid, pgid, sid, tty;
	unsigned long long start_ticks;
};

/* "12 (a) b) S 1 ...": the name may hold anything; field 22 is the start. */
static int stat_read(pid_t pid, struct stat_fields *ret)
{
	char text[2048], *end;
	ssize_t n = text_read(pid, "stat", text, sizeof(text));

	if (n < 0)
		return n;
	end = strrchr(text, ')');
	if (!end || sscanf(end,
	                   ") %c %u %u %u %u %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
	                   "%*d %*d %llu",
	                   &ret->state, &ret->ppid, &ret->pgid, &ret->sid, &ret->tty,
	                   &ret->start_ticks) != 6)
		return -EBADMSG;
	return 0;
}

int proc_birth(pid_t pid, struct proc_birth *ret)
{
	struct stat_fields stat;
	int err = stat_read(pid, &stat);

	if (err)
		return err;
	*ret = (struct proc_birth){ stat.start_ticks, stat.ppid };
	return stat.state == 'Z' || stat.state == 'X' ? -ESRCH : 0;
}

int proc_start(pid_t pid, uint64_t *ret_ticks)
{
	struct proc_birth birth = { 0 };
	int err = proc_birth(pid, &birth);

	*ret_ticks = birth.start_ticks;
	return err;
}

uint32_t proc_audit_session(pid_t pid)
{
	uint32_t session;
	char text[32];

	return text_read(pid, "sessionid", text, sizeof(text)) > 0 &&
	                       sscanf(text, "%u", &session) == 1
	               ? session
	               : -1U;
}

bool proc_root_is_initial(void)
{
	struct stat own, initial;

	return !stat("/", &own) && !stat("/proc/1/root", &initial) &&
	       own.st_ino == initial.st_ino && own.st_dev == initial.st_dev;
}

int proc_exe(pid_t pid, char *ret, size_t size)
{
	static const char deleted[] = " (deleted)";
	int err = link_read(pid, "exe", ret, size);
	size_t length;

	if (err)
		return err;
	length = strlen(ret);
	if (length > sizeof(deleted) && !strcmp(ret + length - (sizeof(deleted) - 1), deleted))
		ret[length - (sizeof(deleted) - 1)] = '\0';
	return 0;
}

int proc_cgroups(pid_t pid, char *ret, size_t size)
{
	ssize_t n = text_read(pid, "cgroup", ret, size);

	return n < 0 ? n : 0;
}

static uint64_t status_hex(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	unsigned long long value = 0;

	if (at)
		sscanf(at + strlen(key), "%llx", &value);
	return value;
}

static bool status_ids(const char *text, const char *key, uint32_t ids[4])
{
	const char *at = strstr(text, key);

	return at &&
	       sscanf(at + strlen(key), "%u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]) == 4;
}

static int status_read(pid_t pid, struct proc *p)
{
	char text[8192], *at;
	ssize_t n = text_read(pid, "status", text, sizeof(text));

	if (n < 0)
		return n;
	if (!status_ids(text, "\nUid:", p->uids) || !status_ids(text, "\nGid:", p->gids))
		return -EBADMSG;
	p->cap_permitted = status_hex(text, "\nCapPrm:");
	p->cap_effective = status_hex(text, "\nCapEff:");
	p->cap_inheritable = status_hex(text, "\nCapInh:");
	p->cap_bounding = status_hex(text, "\nCapBnd:");
	p->cap_ambient = status_hex(text, "\nCapAmb:");
	at = strstr(text, "\nNSpid:");
	if (at) {
		at += strlen("\nNSpid:");
		at[strcspn(at, "\n")] = '\0';
		at = strrchr(at, '\t');
		if (at)
			sscanf(at, "%u", &p->ns_pid);
	}
	return 0;
}

static uint32_t namespace_read(pid_t pid, const char *name)
{
	char path[32], text[64];
	unsigned int inum = 0;

	snprintf(path, sizeof(path), "ns/%s", name);
	if (link_read(pid, path, text, sizeof(text)) || sscanf(text, "%*[^[][%u]", &inum) != 1)
		return 0;
	return inum;
}

static void audit_read(pid_t pid, struct proc *p)
{
	char text[32];

	p->has_audit = text_read(pid, "loginuid", text, sizeof(text)) > 0 &&
	               sscanf(text, "%u", &p->loginuid) == 1 &&
	               text_read(pid, "sessionid", text, sizeof(text)) > 0 &&
	               sscanf(text, "%u", &p->sessionid) == 1;
}

static int exe_read(pid_t pid, struct proc *p)
{
	struct statfs fs;
	struct stat st;
	char path[32];
	int err = link_read(pid, "exe", p->exe, sizeof(p->exe));

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (err || stat(path, &st) || statfs(path, &fs))
		return err ? err : -errno;
	p->exe_mode = st.st_mode;
	p->exe_links = st.st_nlink;
	if (fs.f_type != OVERLAYFS_MAGIC)
		p->exe_inode = st.st_ino;
	if (fs.f_type != BTRFS_MAGIC && fs.f_type != OVERLAYFS_MAGIC)
		p->exe_device = major(st.st_dev) << 20 | minor(st.st_dev);
	return 0;
}

/* Unix98 terminals are the only ones with a name that follows from their number. */
#define PTS_MAJOR 136

static void tty_name(uint32_t number, struct proc *p)
{
	if (number && major(number) == PTS_MAJOR)
		snprintf(p->tty, sizeof(p->tty), "pts%u", minor(number));
	else
		p->has_other_tty = number;
}

/* "4:memory,cpu:/a": is the controller in the list between the colons? */
static bool has_controller(const char *list, size_t size, const char *name)
{
	const char *at = list, *end = list + size;

	while (at < end) {
		size_t n = strcspn(at, ",:");

		if (n == strlen(name) && !strncmp(at, name, n))
			return true;
		at += n + 1;
	}
	return false;
}

static void cgroup_line(char *line, struct proc *p)
{
	char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

	if (!path)
		return;
	list++;
	path++;
	if (!strncmp(line, "0::", 3))
		snprintf(p->cgroup, sizeof(p->cgroup), "%s", path);
	else if (has_controller(list, path - 1 - list, "memory"))
		snprintf(p->cgroup_v1, sizeof(p->cgroup_v1), "%s", path);
}

static void cgroups_read(pid_t pid, struct proc *p)
{
	char text[8192], *at = text;

	if (proc_cgroups(pid, text, sizeof(text)))
		return;
	while (*at) {
		char *end = at + strcspn(at, "\n");
		bool last = !*end;

		*end = '\0';
		cgroup_line(at, p);
		at = last ? end : end + 1;
	}
}

/* Two texts of strings that are ended by NUL. */
static int strings_read(pid_t pid, struct proc *p)
{
	ssize_t n = text_read(pid, "cmdline", p->cmdline, sizeof(p->cmdline));

	if (n < 0)
		return n;
	p->cmdline_size = n;
	n = text_read(pid, "environ", p->environment, sizeof(p->environment));
	p->environment_size = n < 0 ? 0 : n;
	return 0;
}

static void namespaces_read(pid_t pid, struct proc *p)
{
	p->mnt_ns = namespace_read(pid, "mnt");
	p->net_ns = namespace_read(pid, "net");
	p->uts_ns = namespace_read(pid, "uts");
	p->ipc_ns = namespace_read(pid, "ipc");
	p->pid_ns = namespace_read(pid, "pid");
	p->user_ns = namespace_read(pid, "user");
	p->cgroup_ns = namespace_read(pid, "cgroup");
}

int proc_read(pid_t pid, struct proc *ret)
{
	struct stat_fields stat = { 0 };
	struct proc *p = ret;
	ssize_t n;
	int err;

	memset(p, 0, sizeof(*p));
	p->pid = pid;
	err = stat_read(pid, &stat);
	p->ppid = stat.ppid;
	p->pgid = stat.pgid;
	p->sid = stat.sid;
	p->start_ticks = stat.start_ticks;
	tty_name(stat.tty, p);
	if (!err)
		err = status_read(pid, p);
	if (!err)
		err = exe_read(pid, p);
	if (!err)
		err = link_read(pid, "cwd", p->cwd, sizeof(p->cwd));
	if (!err)
		err = link_read(pid, "root", p->root, sizeof(p->root));
	if (!err)
		err = strings_read(pid, p);
	if (err)
		return err;
	n = text_read(pid, "comm", p->comm, sizeof(p->comm));
	if (n < 0)
		return n;
	p->comm[strcspn(p->comm, "\n")] = '\0';
	audit_read(pid, p);
	namespaces_read(pid, p);
	cgroups_read(pid, p);
	return 0;
}
