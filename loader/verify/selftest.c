/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "offsets/facts.h"
#include "offsets/util/cleanup.h"
#include "loader/host/clock.h"
#include "offsets/util/escape.h"
#include "loader/stream/fields.h"
#include "offsets/util/jsonw.h"
#include "loader/util/log.h"
#include "loader/host/proc.h"
#include "offsets/util/random.h"
#include "loader/verify/selftest.h"
#include "loader/util/signals.h"

/*
 * Ids and an exit code that no host uses and no garbage repeats. A process with
 * the child's real user id could send it signals: the id is a random one of a
 * range that is assigned to nobody (systemd's UIDS-GIDS).
 */
#define CHILD_ID_MIN    0x70000000U
#define CHILD_ID_MASK   0x0fffffffU
#define CHILD_EXIT_CODE 37

#define DEADLINE_NS 2000000000ULL

/* The child has to write its byte, and to end, within that time. */
#define CHILD_NS 30000000000ULL
#define CHILD_MS 10

/* A file that we make and remove, a memfd of the same name, a connection to ourselves. */
struct deed {
	char name[64], path[96];
	struct stat file;
	struct sockaddr_in local, remote;
};

struct selftest {
	pid_t child;
	struct event exec, fork, exit, credentials, memfd, file, socket;
	char *argv;        /* of exec: the record goes away */
	struct deed deed;  /* what we do ourselves */
	unsigned int seen; /* 1 << enum event_type */
	unsigned int failed;
	struct proc *truth;       /* of the child after its exec */
	struct proc *own;         /* ours: its parent */
	int status;               /* what wait() said */
	struct jsonw differences; /* lines */
	unsigned int missing;
};

/* ---- the child -------------------------------------------------------- */

int selftest_child(void)
{
	char byte;

	if (write(STDOUT_FILENO, "x", 1) != 1)
		return 1;
	if (read(STDIN_FILENO, &byte, 1) < 0)
		return 1;
	return CHILD_EXIT_CODE;
}

/* The working directory lies behind a mount, the arguments are awkward, the ids odd. */
static void child_exec(int in, int out, const gid_t ids[3])
{
	char *argv[] = { SELFTEST_NAME, "", "two words", "\xc3\xbc\xff", NULL };
	char *envp[] = { NULL };
	char own[32];

	snprintf(own, sizeof(own), "/proc/%d/task", getpid());
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || chdir(own))
		_exit(errno);
	/* Effective root stays: the program may lie where no other user gets. */
	if (setresgid(ids[0], ids[1], ids[1]) || setresuid(ids[2], (uid_t)-1, (uid_t)-1))
		errno = 0; /* not possible here: /proc says what the ids are */
	execve("/proc/self/exe", argv, envp);
	_exit(errno); /* child_observe() reports it */
}

/* ---- comparing -------------------------------------------------------- */

static void differ(struct selftest *c, enum event_type type, unsigned int field, const char *what,
                   const char *seen, const char *truth)
{
	const struct field *f = field_get(type, field);
	unsigned int i;

	c->failed |= 1U << type;
	jsonw_printf(&c->differences, "self-test of %s: %s: got %s, expected %s",
	             event_type_name(type), what, seen, truth);
	for (i = 0; i < f->count; i++)
		jsonw_printf(&c->differences, "%s %s",
		             i ? "," : "; offsets involved:", offsets_fact_name(f->facts[i]));
	jsonw_printf(&c->differences, "\n");
}

static void same_number(struct selftest *c, enum event_type type, unsigned int field,
                        const char *what, uint64_t seen, uint64_t truth)
{
	char a[32], b[32];

	if (seen == truth)
		return;
	snprintf(a, sizeof(a), "%llu", (unsigned long long)seen);
	snprintf(b, sizeof(b), "%llu", (unsigned long long)truth);
	differ(c, type, field, what, a, b);
}

/* Bytes of hostile origin (a wrong offset shows anything): quoted, and not at length. */
static void quote(const char *text, size_t size, char *ret, size_t ret_size)
{
	static const char whole[] = "'", cut[] = "..'";
	size_t shown = escape_text(text, size, ret + 1, ret_size - sizeof(cut));

	ret[0] = '\'';
	strcat(ret, shown < size ? cut : whole);
}

static void same_bytes(struct selftest *c, enum event_type type, unsigned int field,
                       const char *what, const char *seen, size_t seen_size, const char *truth,
                       size_t truth_size)
{
	char a[160], b[160];

	if (seen_size == truth_size && !memcmp(seen, truth, seen_size))
		return;
	quote(seen, seen_size, a, sizeof(a));
	quote(truth, truth_size, b, sizeof(b));
	differ(c, type, field, what, a, b);
}

/* In a chroot /proc shows paths from there, the kernel walks to the real root. */
static void same_path(struct selftest *c, unsigned int field, const struct event_path *seen,
                      const char *truth)
{
	size_t size = strlen(truth), skip = seen->size > size ? seen->size - size : 0;

	same_bytes(c, EVENT_EXEC, field, field_path(EVENT_EXEC, field), seen->text + skip,
	           seen->size - skip, truth, size);
}

/* A field that was not read is not compared: events say so themselves, 'check' says why. */
static bool can_compare(struct selftest *c, const struct event *ev, unsigned int field,
                        const struct layout *layout)
{
	const struct field *f = field_get(ev->header.type, field);
	unsigned int i;

	if (!event_unread(ev, field))
		return true;
	for (i = 0; layout && i < f->count; i++)
		if (layout->facts[f->facts[i]].offset == LAYOUT_ABSENT)
			return false; /* this kernel does not have it */
	differ(c, ev->header.type, field, field_path(ev->header.type, field), "an unreadable value",
	       "a value");
	return false;
}

/* capabilities: an exec gives others than what was set before it. */
static void compare_cred(struct selftest *c, enum event_type type, unsigned int field,
                         const struct credentials *seen, bool capabilities)
{
	const struct proc *t = c->truth;
	const struct {
		const char *what;
		uint64_t seen, truth;
	} all[] = {
		{ "process.real_user.id", seen->uid, t->uids[0] },
		{ "process.user.id", seen->euid, t->uids[1] },
		{ "process.saved_user.id", seen->suid, t->uids[2] },
		{ "sextant.fs_uid", seen->fsuid, t->uids[3] },
		{ "process.real_group.id", seen->gid, t->gids[0] },
		{ "process.group.id", seen->egid, t->gids[1] },
		{ "process.saved_group.id", seen->sgid, t->gids[2] },
		{ "sextant.fs_gid", seen->fsgid, t->gids[3] },
		{ "sextant.capabilities.permitted", seen->cap_permitted, t->cap_permitted },
		{ "sextant.capabilities.effective", seen->cap_effective, t->cap_effective },
	};
	size_t i;

	for (i = 0; i < (capabilities ? sizeof(all) / sizeof(all[0]) : 8); i++)
		same_number(c, type, field, all[i].what, all[i].seen, all[i].truth);
}

static void compare_namespaces(struct selftest *c, const struct namespaces *seen)
{
	const struct proc *t = c->truth;
	const struct {
		const char *what;
		uint32_t seen, truth;
	} all[] = {
		{ "sextant.namespace.mnt", seen->mnt_ns, t->mnt_ns },
		{ "sextant.namespace.net", seen->net_ns, t->net_ns },
		{ "sextant.namespace.uts", seen->uts_ns, t->uts_ns },
		{ "sextant.namespace.ipc", seen->ipc_ns, t->ipc_ns },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].truth)
			same_number(c, EVENT_EXEC, FIELD_EXEC_NAMESPACES, all[i].what, all[i].seen,
			            all[i].truth);
}

static void compare_parent(struct selftest *c, const struct event *ev,
                           const struct parent_ids *seen, const struct layout *layout)
{
	enum event_type type = ev->header.type;

	if (!can_compare(c, ev, FIELD_PARENT, layout))
		return;
	same_number(c, type, FIELD_PARENT, "process.parent.pid", seen->pid, c->own->pid);
	same_number(c, type, FIELD_START, "process.parent.start",
	            start_ticks(seen->start_boottime_ns), c->own->start_ticks);
	same_bytes(c, type, FIELD_PARENT, "process.parent.name", seen->comm,
	           strnlen(seen->comm, EVENTS_COMM_BYTES), c->own->comm, strlen(c->own->comm));
}

static void compare_start(struct selftest *c, const struct event *ev, unsigned int field,
                          uint64_t seen_ns, const struct layout *layout)
{
	if (can_compare(c, ev, field, layout))
		same_number(c, ev->header.type, field, "process.start (in 1/100 s)",
		            start_ticks(seen_ns), c->truth->start_ticks);
}

static void compare_exe(struct selftest *c, const struct exec_event *e)
{
	const struct proc *t = c->truth;

	if (t->exe_inode)
		same_number(c, EVENT_EXEC, FIELD_EXEC_EXE_NUMBERS, "sextant.executable.inode",
		            e->inode, t->exe_inode);
	if (t->exe_device)
		same_number(c, EVENT_EXEC, FIELD_EXEC_EXE_NUMBERS, "sextant.executable.device",
		            e->device, t->exe_device);
	same_number(c, EVENT_EXEC, FIELD_EXEC_EXE_STAT, "sextant.executable.mode", e->mode,
	            t->exe_mode);
}

static void compare_exec(struct selftest *c, const struct layout *layout)
{
	const struct event *ev = &c->exec;
	const struct exec_event *e = &ev->exec;
	const struct proc *t = c->truth;

	compare_start(c, ev, FIELD_START, e->process.start_boottime_ns, layout);
	compare_parent(c, ev, &e->parent, layout);
	if (can_compare(c, ev, FIELD_EXEC_CRED, layout))
		compare_cred(c, EVENT_EXEC, FIELD_EXEC_CRED, &e->cred, true);
	if (t->has_audit && can_compare(c, ev, FIELD_EXEC_LOGINUID, layout)) {
		same_number(c, EVENT_EXEC, FIELD_EXEC_LOGINUID, "user.audit.id", e->loginuid,
		            t->loginuid);
		same_number(c, EVENT_EXEC, FIELD_EXEC_LOGINUID, "sextant.audit_session",
		            e->sessionid, t->sessionid);
	}
	if (can_compare(c, ev, FIELD_EXEC_NAMESPACES, layout))
		compare_namespaces(c, &e->ns);
	if (can_compare(c, ev, FIELD_EXEC_NS_PID, layout)) {
		if (t->ns_pid)
			same_number(c, EVENT_EXEC, FIELD_EXEC_NS_PID, "process.vpid", e->ns.ns_pid,
			            t->ns_pid);
		if (t->pid_ns)
			same_number(c, EVENT_EXEC, FIELD_EXEC_NS_PID, "sextant.namespace.pid",
			            e->ns.pid_ns, t->pid_ns);
	}
	if (can_compare(c, ev, FIELD_EXEC_EXE, layout))
		same_path(c, FIELD_EXEC_EXE, &ev->texts[TEXT_EXE], t->exe);
	if (can_compare(c, ev, FIELD_EXEC_EXE_STAT, layout))
		compare_exe(c, e);
	if (can_compare(c, ev, FIELD_EXEC_CWD, layout))
		same_path(c, FIELD_EXEC_CWD, &ev->texts[TEXT_CWD], t->cwd);
	if (can_compare(c, ev, FIELD_EXEC_ARGV, layout))
		same_bytes(c, EVENT_EXEC, FIELD_EXEC_ARGV, "process.args", c->argv, e->argv_size,
		           t->cmdline, t->cmdline_size);
}

static void compare_fork(struct selftest *c, const struct layout *layout)
{
	const struct event *ev = &c->fork;

	compare_start(c, ev, FIELD_START, ev->fork.child.start_boottime_ns, layout);
	compare_parent(c, ev, &ev->fork.parent, layout);
	if (can_compare(c, ev, FIELD_FORK_CALLER, layout))
		same_number(c, EVENT_FORK, FIELD_FORK_CALLER, "sextant.caller.start (in 1/100 s)",
		            start_ticks(ev->fork.process.start_boottime_ns), c->own->start_ticks);
}

/* The last of the child: what /proc showed. */
static void compare_credentials(struct selftest *c, const struct layout *layout)
{
	const struct event *ev = &c->credentials;

	compare_start(c, ev, FIELD_START, ev->credentials.process.start_boottime_ns, layout);
	if (can_compare(c, ev, FIELD_CREDENTIALS_BEFORE, layout) &&
	    can_compare(c, ev, FIELD_CREDENTIALS_AFTER, layout))
		compare_cred(c, EVENT_CREDENTIALS, FIELD_CREDENTIALS_AFTER, &ev->credentials.after,
		             false);
}

static void compare_exit(struct selftest *c, const struct layout *layout)
{
	const struct event *ev = &c->exit;

	compare_start(c, ev, FIELD_START, ev->exit.process.start_boottime_ns, layout);
	compare_parent(c, ev, &ev->exit.parent, layout);
	if (can_compare(c, ev, FIELD_EXIT_CODE, layout))
		same_number(c, EVENT_EXIT, FIELD_EXIT_CODE, "wait status", ev->exit.exit_code,
		            c->status);
}

/* What stat() shows is not in every inode: probes/inode.bpf.h. */
static bool file_is_plain(const struct file_event *e)
{
	return strcmp(e->type, "btrfs") && strcmp(e->type, "overlay");
}

static void compare_file(struct selftest *c, const struct layout *layout)
{
	const struct event *ev = &c->file;
	const struct file_event *e = &ev->file;
	const struct stat *st = &c->deed.file;
	const char *name = strrchr(c->deed.path, '/');
	const struct event_path *seen = &ev->texts[FILE_PATH];
	size_t size = strlen(name), skip = seen->size > size ? seen->size - size : 0;

	/* By its name: the directory may be reached through a symlink. */
	if (can_compare(c, ev, FIELD_FILE_PATH, layout))
		same_bytes(c, EVENT_FILE, FIELD_FILE_PATH, "file.path", seen->text + skip,
		           seen->size - skip, name, size);
	if (!can_compare(c, ev, FIELD_FILE_STAT, layout))
		return;
	same_number(c, EVENT_FILE, FIELD_FILE_STAT, "file.mode", e->after.mode, st->st_mode);
	same_number(c, EVENT_FILE, FIELD_FILE_STAT, "file.uid", e->after.uid, st->st_uid);
	if (!file_is_plain(e))
		return;
	same_number(c, EVENT_FILE, FIELD_FILE_NUMBERS, "file.inode", e->inode, st->st_ino);
	same_number(c, EVENT_FILE, FIELD_FILE_NUMBERS, "file.device", e->device,
	            major(st->st_dev) << 20 | minor(st->st_dev));
}

/* The function that makes one may be inlined where it is called: then there is no event. */
static void compare_memfd(struct selftest *c, const struct layout *layout)
{
	const char *seen = c->memfd.action.text;

	if (can_compare(c, &c->memfd, FIELD_MEMFD_OBJECT, layout))
		same_bytes(c, EVENT_MEMFD, FIELD_MEMFD_OBJECT, "sextant.memfd.name", seen,
		           strnlen(seen, sizeof(c->memfd.action.text)), c->deed.name,
		           strlen(c->deed.name));
}

static void compare_socket(struct selftest *c, const struct layout *layout)
{
	const struct socket_event *e = &c->socket.socket;
	const struct deed *d = &c->deed;
	uint32_t local, remote;

	if (!can_compare(c, &c->socket, FIELD_SOCKET_ADDRESSES, layout))
		return;
	memcpy(&local, e->ends.local, sizeof(local));
	memcpy(&remote, e->ends.remote, sizeof(remote));
	same_number(c, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "source.port", e->ends.local_port,
	            ntohs(d->local.sin_port));
	same_number(c, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "destination.port",
	            e->ends.remote_port, ntohs(d->remote.sin_port));
	same_number(c, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "source.ip", ntohl(local),
	            ntohl(d->local.sin_addr.s_addr));
	same_number(c, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "destination.ip", ntohl(remote),
	            ntohl(d->remote.sin_addr.s_addr));
	if (c->own->net_ns)
		same_number(c, EVENT_SOCKET, FIELD_SOCKET_NETNS, "sextant.namespace.net",
		            e->ends.netns, c->own->net_ns);
}

/* ---- running ---------------------------------------------------------- */

struct selftest *selftest_new(void)
{
	struct selftest *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->truth = calloc(1, sizeof(*c->truth));
	c->own = calloc(1, sizeof(*c->own));
	if (c->truth && c->own) {
		snprintf(c->deed.name, sizeof(c->deed.name), ".%s-%d-%llx", SELFTEST_NAME, getpid(),
		         (unsigned long long)clock_monotonic_ns());
		return c;
	}
	selftest_free(c);
	return NULL;
}

const char *selftest_file(const struct selftest *c)
{
	return c->deed.name;
}

void selftest_free(struct selftest *c)
{
	if (!c)
		return;
	free(c->truth);
	free(c->own);
	free(c->argv);
	jsonw_deinit(&c->differences);
	free(c);
}

static void exec_keep(struct selftest *c, const struct event *ev)
{
	free(c->argv);
	c->argv = malloc(ev->exec.argv_size + 1);
	if (!c->argv)
		return;
	memcpy(c->argv, ev->argv, ev->exec.argv_size);
	c->exec = *ev;
	c->seen |= 1U << EVENT_EXEC;
}

/* Before 4.19 a struct file does not say that its file was made by this open. */
static bool is_creation(const struct selftest *c, const struct file_event *e)
{
	return e->operation == FILE_CREATE ||
	       (e->operation == FILE_OPEN && e->inode == c->deed.file.st_ino);
}

/* Our own events: the file's creation, the memfd, the connection. */
static void own_record(struct selftest *c, const struct event *ev)
{
	if (ev->header.type == EVENT_FILE && ev->file.process.pid == (__u32)getpid() &&
	    is_creation(c, &ev->file)) {
		c->file = *ev;
		c->seen |= 1U << EVENT_FILE;
	} else if (ev->header.type == EVENT_MEMFD && ev->action.process.pid == (__u32)getpid()) {
		c->memfd = *ev;
		c->seen |= 1U << EVENT_MEMFD;
	} else if (ev->header.type == EVENT_SOCKET && ev->socket.process.pid == (__u32)getpid() &&
	           ev->socket.operation == SOCKET_CONNECT && ev->socket.ends.family == AF_INET) {
		c->socket = *ev;
		c->seen |= 1U << EVENT_SOCKET;
	}
}

void selftest_record(struct selftest *c, const void *data, size_t size)
{
	struct event ev;

	if (!c->child || event_decode(data, size, &ev))
		return;
	if (ev.header.type == EVENT_EXEC && ev.exec.process.pid == (__u32)c->child) {
		exec_keep(c, &ev);
	} else if (ev.header.type == EVENT_FORK && ev.fork.child.pid == (__u32)c->child) {
		c->fork = ev;
		c->seen |= 1U << EVENT_FORK;
	} else if (ev.header.type == EVENT_EXIT && ev.exit.process.pid == (__u32)c->child) {
		c->exit = ev;
		c->seen |= 1U << EVENT_EXIT;
	} else if (ev.header.type == EVENT_CREDENTIALS &&
	           ev.credentials.process.pid == (__u32)c->child) {
		c->credentials = ev;
		c->seen |= 1U << EVENT_CREDENTIALS;
	} else {
		own_record(c, &ev);
	}
}

static int ids_choose(gid_t ret[3])
{
	int i, err = random_fill(ret, 3 * sizeof(*ret));

	for (i = 0; i < 3; i++)
		ret[i] = CHILD_ID_MIN | (ret[i] & CHILD_ID_MASK & ~3U) | i;
	return err;
}

/* Our pid as the probes see it: /proc and they agree unless we are in a pid namespace. */
static int child_start(struct selftest *c, int *ret_in, int *ret_out)
{
	gid_t ids[3];
	int in[2], out[2], err = ids_choose(ids);
	pid_t pid;

	if (err)
		return err;
	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return -errno;
	}
	pid = fork();
	if (!pid)
		child_exec(in[0], out[1], ids);
	close(in[0]);
	close(out[1]);
	*ret_in = in[1];
	*ret_out = out[0];
	c->child = pid;
	return pid < 0 ? -errno : 0;
}

static int events_wait(struct selftest *c, struct probes *probes, unsigned int wanted)
{
	uint64_t deadline = clock_monotonic_ns() + DEADLINE_NS;
	int err = 0;

	while (!err && (c->seen & wanted) != wanted && clock_monotonic_ns() < deadline &&
	       !signals_end())
		err = probes_poll(probes, 20);
	return err;
}

/* -ETIMEDOUT: it says nothing; -EINTR: we are to end; -ECHILD: it has ended. */
static int child_hear(int out, uint64_t end)
{
	struct pollfd fd = { out, POLLIN, 0 };
	char byte;

	while (poll(&fd, 1, CHILD_MS) <= 0) {
		if (signals_end())
			return -EINTR;
		if (clock_monotonic_ns() > end)
			return -ETIMEDOUT;
	}
	return read(out, &byte, 1) == 1 ? 0 : -ECHILD;
}

/* A child that is stopped or delayed does not delay the sensor. */
static int child_end(struct selftest *c, uint64_t end)
{
	for (;;) {
		pid_t pid = waitpid(c->child, &c->status, WNOHANG);

		if (pid == c->child)
			return 0;
		if (pid < 0 && errno != EINTR)
			return -errno;
		if (signals_end() || clock_monotonic_ns() > end)
			break;
		usleep(CHILD_MS * 1000);
	}
	kill(c->child, SIGKILL);
	while (waitpid(c->child, &c->status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return signals_end() ? -EINTR : -ETIMEDOUT;
}

/* The child runs, is looked at, ends. */
static int child_observe(struct selftest *c)
{
	uint64_t end = clock_monotonic_ns() + CHILD_NS;
	CLEANUP(cleanup_fd) int in = -1;
	CLEANUP(cleanup_fd) int out = -1;
	int err = child_start(c, &in, &out), ended;

	if (err)
		return err;
	err = child_hear(out, end);
	if (!err)
		err = proc_read(c->child, c->truth);
	if (!err)
		err = proc_read(getpid(), c->own);
	close(in);
	in = -1;
	ended = child_end(c, err == -ETIMEDOUT ? 0 : end);
	if (err == -ECHILD && !ended && WIFEXITED(c->status) && WEXITSTATUS(c->status))
		return -WEXITSTATUS(c->status);
	return err ? err : ended;
}

/* False: nowhere to make one. */
static bool file_do(struct deed *d)
{
	static const char *const places[] = { "/tmp", "/run", "/dev/shm" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		CLEANUP(cleanup_fd) int fd = -1;

		snprintf(d->path, sizeof(d->path), "%s/%s", places[i], d->name);
		fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			continue;
		unlink(d->path);
		return !fstat(fd, &d->file);
	}
	return false;
}

/* False: this kernel has none, or refuses it. */
static bool memfd_do(const struct deed *d)
{
	CLEANUP(cleanup_fd) int fd = memfd_create(d->name, MFD_CLOEXEC);

	return fd >= 0;
}

/* From 127.0.0.2 to 127.0.0.1, so that one is not taken for the other. False: there is no loopback.
 */
static bool socket_do(struct deed *d)
{
	CLEANUP(cleanup_fd) int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CLEANUP(cleanup_fd) int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(d->remote), local_size = sizeof(d->local);

	d->remote = (struct sockaddr_in){ .sin_family = AF_INET,
		                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	d->local = (struct sockaddr_in){ .sin_family = AF_INET,
		                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1) };
	return server >= 0 && client >= 0 &&
	       !bind(client, (struct sockaddr *)&d->local, sizeof(d->local)) &&
	       !bind(server, (struct sockaddr *)&d->remote, sizeof(d->remote)) &&
	       !listen(server, 1) && !getsockname(server, (struct sockaddr *)&d->remote, &size) &&
	       !connect(client, (struct sockaddr *)&d->remote, sizeof(d->remote)) &&
	       !getsockname(client, (struct sockaddr *)&d->local, &local_size);
}

/* Those of the classes that could be done. */
static unsigned int deeds_do(struct selftest *c, unsigned int classes)
{
	unsigned int done = 0;

	if (classes & (1U << EVENT_FILE) && file_do(&c->deed))
		done |= 1U << EVENT_FILE;
	if (classes & (1U << EVENT_MEMFD) && memfd_do(&c->deed))
		done |= 1U << EVENT_MEMFD;
	if (classes & (1U << EVENT_SOCKET) && socket_do(&c->deed))
		done |= 1U << EVENT_SOCKET;
	return done;
}

static void compare(struct selftest *c, unsigned int classes, const struct layout *layout)
{
	static const struct {
		enum event_type type;
		void (*run)(struct selftest *, const struct layout *);
		unsigned int field; /* whose facts decide whether it comes at all */
	} all[] = {
		{ EVENT_FORK, compare_fork, FIELD_START },
		{ EVENT_EXEC, compare_exec, FIELD_START },
		{ EVENT_EXIT, compare_exit, FIELD_EXIT_CODE },
		{ EVENT_CREDENTIALS, compare_credentials, FIELD_CREDENTIALS_AFTER },
		{ EVENT_FILE, compare_file, FIELD_FILE_STAT },
		{ EVENT_MEMFD, compare_memfd, FIELD_MEMFD_OBJECT },
		{ EVENT_SOCKET, compare_socket, FIELD_SOCKET_ADDRESSES },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!(classes & (1U << all[i].type)))
			continue;
		if (c->seen & (1U << all[i].type)) {
			all[i].run(c, layout);
			continue;
		}
		c->missing |= 1U << all[i].type;
		differ(c, all[i].type, all[i].field, "the event", "none", "one");
	}
}

static int child_failed(const struct selftest *c, int err, struct offsets_error *error)
{
	if (err == -EINTR)
		return offsets_fail(error, err, "a signal interrupted the self-test");
	if (err == -ETIMEDOUT)
		return offsets_fail(error, err,
		                    "the child of the self-test did not run and end in time: "
		                    "it was stopped, or this host is very slow; start again");
	if (err == -ECHILD && WIFSIGNALED(c->status))
		return offsets_fail(
			error, err,
			"the child of the self-test was killed by signal %d; start again",
			WTERMSIG(c->status));
	return offsets_fail(error, err,
	                    "the child of the self-test could not be run or read: %s; mount /proc",
	                    strerror(-err));
}

int selftest_run(struct selftest *c, struct probes *probes, unsigned int classes,
                 const struct layout *layout, struct selftest_result *ret,
                 struct offsets_error *error)
{
	/* A thread event is a fork event with a flag; the rest the child does not do. */
	unsigned int checked = classes & (1U << EVENT_EXEC | 1U << EVENT_FORK | 1U << EVENT_EXIT |
	                                  1U << EVENT_CREDENTIALS);
	int err = child_observe(c);

	if (err)
		return child_failed(c, err, error);
	checked |= deeds_do(c, classes);
	err = events_wait(c, probes, checked);
	if (err)
		return offsets_fail(error, err, "the self-test was interrupted: %s",
		                    strerror(-err));
	compare(c, checked, layout);
	if (c->failed & (1U << EVENT_FORK))
		c->failed |= classes & (1U << EVENT_THREAD);
	if (checked & (1U << EVENT_FORK)) /* by the same program and offsets */
		checked |= classes & (1U << EVENT_THREAD);
	*ret = (struct selftest_result){ checked & ~c->failed, c->failed, c->missing };
	if (c->missing & (1U << EVENT_FORK))
		ret->missing |= classes & (1U << EVENT_THREAD);
	return 0;
}

void selftest_explain(const struct selftest *c)
{
	const char *at = c->differences.text, *end = at ? at + c->differences.size : NULL;

	for (; at < end; at = (const char *)memchr(at, '\n', end - at) + 1)
		log_line(LEVEL_WARNING, "%.*s",
		         (int)((const char *)memchr(at, '\n', end - at) - at), at);
}
