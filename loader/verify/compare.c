/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

#include "loader/stream/fields.h"
#include "loader/verify/compare.h"

/* In a chroot /proc shows paths from there, the kernel walks to the real root. */
static void same_path(const struct comparison *c, unsigned int field, const struct event_path *seen,
                      const char *truth)
{
	size_t size = strlen(truth), skip = seen->size > size ? seen->size - size : 0;

	differences_bytes(c->differences, EVENT_EXEC, field, field_path(EVENT_EXEC, field),
	                  seen->text + skip, seen->size - skip, truth, size);
}

/* A field that was not read is not compared: events say so themselves, 'check' says why. */
static bool can_compare(const struct comparison *c, const struct event *ev, unsigned int field)
{
	const struct field *f = field_get(ev->header.type, field);
	unsigned int i;

	if (!event_unread(ev, field))
		return true;
	for (i = 0; c->layout && i < f->count; i++)
		if (c->layout->facts[f->facts[i]].offset == LAYOUT_ABSENT)
			return false; /* this kernel does not have it */
	differences_add(c->differences, ev->header.type, field, field_path(ev->header.type, field),
	                "an unreadable value", "a value");
	return false;
}

/* capabilities: an exec gives others than what was set before it. */
static void compare_cred(const struct comparison *c, enum event_type type, unsigned int field,
                         const struct credentials *seen, bool capabilities)
{
	const struct proc *t = &c->child->truth;
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
		differences_number(c->differences, type, field, all[i].what, all[i].seen,
		                   all[i].truth);
}

static void compare_namespaces(const struct comparison *c, const struct namespaces *seen)
{
	const struct proc *t = &c->child->truth;
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
			differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_NAMESPACES,
			                   all[i].what, all[i].seen, all[i].truth);
}

static void compare_parent(const struct comparison *c, const struct event *ev,
                           const struct parent_ids *seen)
{
	enum event_type type = ev->header.type;

	if (!can_compare(c, ev, FIELD_PARENT))
		return;
	differences_number(c->differences, type, FIELD_PARENT, "process.parent.pid", seen->pid,
	                   c->child->own.pid);
	differences_number(c->differences, type, FIELD_START, "process.parent.start",
	                   start_ticks(seen->start_boottime_ns), c->child->own.start_ticks);
	differences_bytes(c->differences, type, FIELD_PARENT, "process.parent.name", seen->comm,
	                  strnlen(seen->comm, EVENTS_COMM_BYTES), c->child->own.comm,
	                  strlen(c->child->own.comm));
}

static void compare_start(const struct comparison *c, const struct event *ev, unsigned int field,
                          uint64_t seen_ns)
{
	if (can_compare(c, ev, field))
		differences_number(c->differences, ev->header.type, field,
		                   "process.start (in 1/100 s)", start_ticks(seen_ns),
		                   c->child->truth.start_ticks);
}

static void compare_exe(const struct comparison *c, const struct exec_event *e)
{
	const struct proc *t = &c->child->truth;

	if (t->exe_inode)
		differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_EXE_NUMBERS,
		                   "sextant.executable.inode", e->inode, t->exe_inode);
	if (t->exe_device)
		differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_EXE_NUMBERS,
		                   "sextant.executable.device", e->device, t->exe_device);
	differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_EXE_STAT,
	                   "sextant.executable.mode", e->mode, t->exe_mode);
}

static void compare_exec(const struct comparison *c)
{
	const struct event *ev = &c->sample->exec;
	const struct exec_event *e = &ev->exec;
	const struct proc *t = &c->child->truth;

	compare_start(c, ev, FIELD_START, e->process.start_boottime_ns);
	compare_parent(c, ev, &e->parent);
	if (can_compare(c, ev, FIELD_EXEC_CRED))
		compare_cred(c, EVENT_EXEC, FIELD_EXEC_CRED, &e->cred, true);
	if (t->has_audit && can_compare(c, ev, FIELD_EXEC_LOGINUID)) {
		differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_LOGINUID, "user.audit.id",
		                   e->loginuid, t->loginuid);
		differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_LOGINUID,
		                   "sextant.audit_session", e->sessionid, t->sessionid);
	}
	if (can_compare(c, ev, FIELD_EXEC_NAMESPACES))
		compare_namespaces(c, &e->ns);
	if (can_compare(c, ev, FIELD_EXEC_NS_PID)) {
		if (t->ns_pid)
			differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_NS_PID,
			                   "process.vpid", e->ns.ns_pid, t->ns_pid);
		if (t->pid_ns)
			differences_number(c->differences, EVENT_EXEC, FIELD_EXEC_NS_PID,
			                   "sextant.namespace.pid", e->ns.pid_ns, t->pid_ns);
	}
	if (can_compare(c, ev, FIELD_EXEC_EXE))
		same_path(c, FIELD_EXEC_EXE, &ev->texts[TEXT_EXE], t->exe);
	if (can_compare(c, ev, FIELD_EXEC_EXE_STAT))
		compare_exe(c, e);
	if (can_compare(c, ev, FIELD_EXEC_CWD))
		same_path(c, FIELD_EXEC_CWD, &ev->texts[TEXT_CWD], t->cwd);
	if (can_compare(c, ev, FIELD_EXEC_ARGV))
		differences_bytes(c->differences, EVENT_EXEC, FIELD_EXEC_ARGV, "process.args",
		                  c->sample->argv, e->argv_size, t->cmdline, t->cmdline_size);
}

static void compare_fork(const struct comparison *c)
{
	const struct event *ev = &c->sample->fork;

	differences_number(c->differences, EVENT_FORK, FIELD_START, "process.pid",
	                   ev->fork.child.pid, c->child->pid);
	compare_start(c, ev, FIELD_START, ev->fork.child.start_boottime_ns);
	compare_parent(c, ev, &ev->fork.parent);
	if (can_compare(c, ev, FIELD_FORK_CALLER))
		differences_number(c->differences, EVENT_FORK, FIELD_FORK_CALLER,
		                   "sextant.caller.start (in 1/100 s)",
		                   start_ticks(ev->fork.process.start_boottime_ns),
		                   c->child->own.start_ticks);
}

/* The last of the child: what /proc showed. */
static void compare_credentials(const struct comparison *c)
{
	const struct event *ev = &c->sample->credentials;

	compare_start(c, ev, FIELD_START, ev->credentials.process.start_boottime_ns);
	if (can_compare(c, ev, FIELD_CREDENTIALS_BEFORE) &&
	    can_compare(c, ev, FIELD_CREDENTIALS_AFTER))
		compare_cred(c, EVENT_CREDENTIALS, FIELD_CREDENTIALS_AFTER, &ev->credentials.after,
		             false);
}

static void compare_exit(const struct comparison *c)
{
	const struct event *ev = &c->sample->exit;

	compare_start(c, ev, FIELD_START, ev->exit.process.start_boottime_ns);
	compare_parent(c, ev, &ev->exit.parent);
	if (can_compare(c, ev, FIELD_EXIT_CODE))
		differences_number(c->differences, EVENT_EXIT, FIELD_EXIT_CODE, "wait status",
		                   ev->exit.exit_code, c->child->status);
}

/* What stat() shows is not in every inode: probes/core/inode.bpf.h. */
static bool file_is_plain(const struct file_event *e)
{
	return strcmp(e->type, "btrfs") && strcmp(e->type, "overlay");
}

static void compare_file(const struct comparison *c)
{
	const struct event *ev = &c->sample->file;
	const struct file_event *e = &ev->file;
	const struct stat *st = &c->actions->file;
	const char *name = strrchr(c->actions->path, '/');
	const struct event_path *seen = &ev->texts[FILE_PATH];
	size_t size = strlen(name), skip = seen->size > size ? seen->size - size : 0;

	/* By its name: the directory may be reached through a symlink. */
	if (can_compare(c, ev, FIELD_FILE_PATH))
		differences_bytes(c->differences, EVENT_FILE, FIELD_FILE_PATH, "file.path",
		                  seen->text + skip, seen->size - skip, name, size);
	if (!can_compare(c, ev, FIELD_FILE_STAT))
		return;
	differences_number(c->differences, EVENT_FILE, FIELD_FILE_STAT, "file.mode", e->after.mode,
	                   st->st_mode);
	differences_number(c->differences, EVENT_FILE, FIELD_FILE_STAT, "file.uid", e->after.uid,
	                   st->st_uid);
	if (!file_is_plain(e))
		return;
	differences_number(c->differences, EVENT_FILE, FIELD_FILE_NUMBERS, "file.inode", e->inode,
	                   st->st_ino);
	differences_number(c->differences, EVENT_FILE, FIELD_FILE_NUMBERS, "file.device", e->device,
	                   major(st->st_dev) << 20 | minor(st->st_dev));
}

/* The function that makes one may be inlined where it is called: then there is no event. */
static void compare_memfd(const struct comparison *c)
{
	const char *seen = c->sample->memfd.action.text;

	if (can_compare(c, &c->sample->memfd, FIELD_MEMFD_OBJECT))
		differences_bytes(c->differences, EVENT_MEMFD, FIELD_MEMFD_OBJECT,
		                  "sextant.memfd.name", seen,
		                  strnlen(seen, sizeof(c->sample->memfd.action.text)),
		                  c->actions->name, strlen(c->actions->name));
}

static void compare_socket(const struct comparison *c)
{
	const struct socket_event *e = &c->sample->socket.socket;
	const struct own_actions *d = c->actions;
	uint32_t local, remote;

	if (!can_compare(c, &c->sample->socket, FIELD_SOCKET_ADDRESSES))
		return;
	memcpy(&local, e->ends.local, sizeof(local));
	memcpy(&remote, e->ends.remote, sizeof(remote));
	differences_number(c->differences, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "source.port",
	                   e->ends.local_port, ntohs(d->local.sin_port));
	differences_number(c->differences, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "destination.port",
	                   e->ends.remote_port, ntohs(d->remote.sin_port));
	differences_number(c->differences, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "source.ip",
	                   ntohl(local), ntohl(d->local.sin_addr.s_addr));
	differences_number(c->differences, EVENT_SOCKET, FIELD_SOCKET_ADDRESSES, "destination.ip",
	                   ntohl(remote), ntohl(d->remote.sin_addr.s_addr));
	if (c->child->own.net_ns)
		differences_number(c->differences, EVENT_SOCKET, FIELD_SOCKET_NETNS,
		                   "sextant.namespace.net", e->ends.netns, c->child->own.net_ns);
}

unsigned int compare_run(const struct comparison *c, unsigned int classes)
{
	static const struct {
		enum event_type type;
		void (*run)(const struct comparison *); /* NULL: that it comes is all */
		unsigned int field; /* whose facts decide whether it comes at all */
	} all[] = {
		{ EVENT_FORK, compare_fork, FIELD_START },
		{ EVENT_EXEC, compare_exec, FIELD_START },
		{ EVENT_EXIT, compare_exit, FIELD_EXIT_CODE },
		{ EVENT_CREDENTIALS, compare_credentials, FIELD_CREDENTIALS_AFTER },
		{ EVENT_FILE, compare_file, FIELD_FILE_STAT },
		{ EVENT_MEMFD, compare_memfd, FIELD_MEMFD_OBJECT },
		{ EVENT_SOCKET, compare_socket, FIELD_SOCKET_ADDRESSES },
		{ EVENT_NAMESPACES, NULL, FIELD_START },
		{ EVENT_CHROOT, NULL, FIELD_START },
		{ EVENT_EXEC_FAILED, NULL, FIELD_START },
		{ EVENT_BPF, NULL, FIELD_START },
	};
	unsigned int missing = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!(classes & (1U << all[i].type)))
			continue;
		if (c->sample->seen & (1U << all[i].type)) {
			if (all[i].run)
				all[i].run(c);
			continue;
		}
		missing |= 1U << all[i].type;
		differences_missing(c->differences, all[i].type, all[i].field);
	}
	return missing;
}
