/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loader/verify/sample.h"

struct taking {
	struct sample *sample;
	const struct child *child;
	const struct own_actions *actions;
};

static void keep(const struct taking *t, struct event *where, const struct event *ev)
{
	*where = *ev;
	t->sample->seen |= 1U << ev->header.type;
}

static char *copy(char **ret, const char *text, size_t size)
{
	free(*ret);
	*ret = malloc(size + 1);
	return *ret ? memcpy(*ret, text, size) : NULL;
}

/* ---- processes -------------------------------------------------------- */

static void exec_take(const struct taking *t, const struct event *ev)
{
	if (ev->head.process.pid == (__u32)t->child->pid &&
	    copy(&t->sample->argv, ev->argv, ev->exec.argv_size) &&
	    copy(&t->sample->env, ev->env, ev->exec.env_size))
		keep(t, &t->sample->exec, ev);
}

/* Two are started. With wrong facts the number of the child may be anything. */
static void fork_take(const struct taking *t, const struct event *ev)
{
	const struct child *c = t->child;

	if (ev->fork.child.pid == (__u32)c->pid ||
	    (ev->head.process.pid == (__u32)c->parent && ev->fork.child.pid != (__u32)c->other &&
	     !(t->sample->seen & (1U << EVENT_FORK))))
		keep(t, &t->sample->fork, ev);
}

static void exit_take(const struct taking *t, const struct event *ev)
{
	if (ev->head.process.pid == (__u32)t->child->pid) {
		keep(t, &t->sample->exit, ev);
		t->sample->exits++;
	} else if (ev->head.process.pid == (__u32)t->child->other) {
		t->sample->other_exit = *ev;
		t->sample->other_exits++;
	}
}

/* ---- files and sockets ------------------------------------------------ */

static bool has_name(const struct event_path *path, const char *directory, const char *name)
{
	size_t size = strlen(directory), whole = size + strlen(name);
	const char *at = path->text + (path->size - whole);

	return path->size >= whole && !memcmp(at, directory, size) &&
	       !memcmp(at + size, name, whole - size);
}

#define FILE_ACTION_PATH(operation, path, other) { operation, path },

/* A file that was opened was made there: before 4.19 a struct file does not say so. */
static void action_take(const struct taking *t, const struct event *ev)
{
	static const struct {
		enum file_operation operation;
		const char *directory;
	} actions[] = { FILE_ACTIONS(FILE_ACTION_PATH) };
	unsigned int operation = ev->file.operation;
	size_t i;

	if (operation == FILE_OPEN)
		operation = FILE_CREATE;
	for (i = 0; i < FILE_ACTIONS_COUNT; i++) {
		if (actions[i].operation != operation ||
		    !has_name(&ev->texts[FILE_PATH], actions[i].directory, t->actions->name))
			continue;
		t->sample->files[i] = *ev;
		t->sample->files_seen |= 1U << i;
	}
}

/* The first one; where its numbers are wrong it has the name at least. */
static void own_file_take(const struct taking *t, const struct event *ev)
{
	if (!t->sample->file_opens++)
		keep(t, &t->sample->file, ev);
}

static void file_take(const struct taking *t, const struct event *ev)
{
	const struct file_event *e = &ev->file;

	if (ev->head.process.pid == (__u32)t->child->other)
		action_take(t, ev);
	else if (ev->head.process.pid == (__u32)getpid() &&
	         (e->operation == FILE_CREATE || e->operation == FILE_OPEN))
		own_file_take(t, ev);
}

#define SOCKET_ACTION_LINE(name, operation, family, protocol, outgoing) \
	{ operation, family, protocol, outgoing },

/* Of two with the same line the second one is that which fails. */
static bool is_refused(const struct socket_event *e, enum socket_action action)
{
	return (action == SOCKETS_REFUSED) == (e->error != 0);
}

/* A datagram of the DNS question. */
static bool is_question(const struct taking *t, const struct socket_event *e)
{
	const struct socket_actions *a = &t->actions->sockets;

	return a->asked && e->operation == SOCKET_DATAGRAM &&
	       e->ends.local_port == ntohs(a->resolver.sin_port);
}

static void socket_take(const struct taking *t, const struct event *ev)
{
	static const struct {
		enum socket_operation operation;
		unsigned int family, protocol, outgoing;
	} actions[] = { SOCKET_ACTIONS(SOCKET_ACTION_LINE) };
	const struct socket_event *e = &ev->socket;
	unsigned int i;

	if (ev->head.process.pid != (__u32)getpid() || is_question(t, e))
		return;
	for (i = 0; i < SOCKET_ACTIONS_COUNT; i++) {
		if (actions[i].operation != e->operation || actions[i].family != e->ends.family ||
		    actions[i].protocol != e->ends.protocol || !is_refused(e, i) ||
		    actions[i].outgoing != e->outgoing)
			continue;
		t->sample->sockets[i] = *ev;
		t->sample->sockets_seen |= 1U << i;
		if (i == SOCKETS_CONNECT)
			t->sample->seen |= 1U << EVENT_SOCKET;
	}
}

/* A mount of the parent that is not a change of those that were there. */
static void mount_take(const struct taking *t, const struct event *ev)
{
	const struct event_path *source = &ev->texts[FILE_STRING];

	if (ev->head.process.pid == (__u32)t->child->parent && ev->file.operation == FILE_MOUNT &&
	    source->size == strlen(CHILD_NAME) && !memcmp(source->text, CHILD_NAME, source->size))
		keep(t, &t->sample->mount, ev);
}

/* What the sensor may write to its own terminal meanwhile is another text. */
static void terminal_take(const struct taking *t, const struct event *ev)
{
	size_t size = strlen(t->actions->name);

	if (ev->head.process.pid == (__u32)getpid() && ev->text_size == size &&
	    !memcmp(ev->text, t->actions->name, size))
		keep(t, &t->sample->terminal, ev);
}

/* ---- all -------------------------------------------------------------- */

/* By a process of the workload, whatever it says. */
static void taken_of(const struct taking *t, pid_t pid, struct event *where, const struct event *ev)
{
	if (ev->head.process.pid == (__u32)pid)
		keep(t, where, ev);
}

static void event_take(const struct taking *t, const struct event *ev)
{
	struct sample *s = t->sample;

	switch ((enum event_type)ev->header.type) {
	case EVENT_EXEC:
		exec_take(t, ev);
		break;
	case EVENT_FORK:
		fork_take(t, ev);
		break;
	case EVENT_THREAD:
		taken_of(t, t->child->pid, &s->thread, ev);
		break;
	case EVENT_EXIT:
		exit_take(t, ev);
		break;
	case EVENT_CREDENTIALS:
		taken_of(t, t->child->pid, &s->credentials, ev);
		break;
	case EVENT_NAMESPACES:
		taken_of(t, t->child->pid, &s->namespaces, ev);
		break;
	case EVENT_EXEC_FAILED:
		s->seen |= (ev->head.process.pid == (__u32)t->child->pid) << EVENT_EXEC_FAILED;
		break;
	case EVENT_CHROOT:
		taken_of(t, t->child->other, &s->chroot, ev);
		break;
	case EVENT_MOUNT:
		mount_take(t, ev);
		break;
	case EVENT_FILE:
		file_take(t, ev);
		break;
	case EVENT_SOCKET:
		socket_take(t, ev);
		break;
	case EVENT_DNS:
		taken_of(t, getpid(), &s->dns, ev);
		break;
	case EVENT_MEMFD:
		taken_of(t, getpid(), &s->memfd, ev);
		break;
	case EVENT_BPF:
		s->seen |= (ev->head.process.pid == (__u32)getpid()) << EVENT_BPF;
		break;
	case EVENT_PTRACE:
		taken_of(t, getpid(), &s->ptrace, ev);
		break;
	case EVENT_PROCESS_ACCESS:
		taken_of(t, getpid(), &s->process_access, ev);
		break;
	case EVENT_SIGNAL:
		taken_of(t, getpid(), &s->signal, ev);
		break;
	case EVENT_TERMINAL:
		terminal_take(t, ev);
		break;
	case EVENT_MODULE:
	case EVENT_TYPES:
		break;
	}
}

void sample_take(struct sample *sample, const struct child *child,
                 const struct own_actions *actions, const void *data, size_t size)
{
	const struct taking t = { sample, child, actions };
	struct event ev;

	if (child->parent && !event_decode(data, size, &ev))
		event_take(&t, &ev);
}

void sample_deinit(struct sample *s)
{
	free(s->argv);
	free(s->env);
}
