/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "loader/verify/compare.h"
#include "loader/verify/selftest.h"

/* So long events may take. */
#define DEADLINE_NS 2000000000ULL

struct selftest {
	struct child child;
	struct own_actions actions;
	struct sample sample;
	struct differences differences;
};

struct selftest *selftest_new(void)
{
	struct selftest *t = calloc(1, sizeof(*t));

	if (t)
		own_actions_init(&t->actions);
	return t;
}

void selftest_free(struct selftest *t)
{
	if (!t)
		return;
	free(t->sample.argv);
	jsonw_deinit(&t->differences.lines);
	free(t);
}

const char *selftest_file(const struct selftest *t)
{
	return t->actions.name;
}

/* ---- records ---------------------------------------------------------- */

static void exec_keep(struct selftest *t, const struct event *ev)
{
	free(t->sample.argv);
	t->sample.argv = malloc(ev->exec.argv_size + 1);
	if (!t->sample.argv)
		return;
	memcpy(t->sample.argv, ev->argv, ev->exec.argv_size);
	t->sample.exec = *ev;
	t->sample.seen |= 1U << EVENT_EXEC;
}

/* Before 4.19 a struct file does not say that its file was made by this open. */
static bool is_creation(const struct selftest *t, const struct file_event *e)
{
	return e->operation == FILE_CREATE ||
	       (e->operation == FILE_OPEN && e->inode == t->actions.file.st_ino);
}

/* Our own events: the file's creation, the memfd, the connection. */
static void own_record(struct selftest *t, const struct event *ev)
{
	if (ev->header.type == EVENT_FILE && ev->file.process.pid == (__u32)getpid() &&
	    is_creation(t, &ev->file)) {
		t->sample.file = *ev;
		t->sample.seen |= 1U << EVENT_FILE;
	} else if (ev->header.type == EVENT_MEMFD && ev->action.process.pid == (__u32)getpid()) {
		t->sample.memfd = *ev;
		t->sample.seen |= 1U << EVENT_MEMFD;
	} else if (ev->header.type == EVENT_SOCKET && ev->socket.process.pid == (__u32)getpid() &&
	           ev->socket.operation == SOCKET_CONNECT && ev->socket.ends.family == AF_INET) {
		t->sample.socket = *ev;
		t->sample.seen |= 1U << EVENT_SOCKET;
	}
}

/* We have one child. With wrong facts its pid may be anything. */
static bool is_our_fork(const struct selftest *t, const struct fork_event *e)
{
	return e->child.pid == (__u32)t->child.pid ||
	       (e->process.pid == (__u32)getpid() && !(t->sample.seen & (1U << EVENT_FORK)));
}

/* Of these it is asked only whether an event comes at all. */
static void presence_record(struct selftest *t, const struct event *ev)
{
	__u32 child = t->child.pid;
	bool is_ours = false;

	if (ev->header.type == EVENT_NAMESPACES)
		is_ours = ev->namespaces.process.pid == child;
	else if (ev->header.type == EVENT_CHROOT)
		is_ours = ev->file.process.pid == child;
	else if (ev->header.type == EVENT_EXEC_FAILED)
		is_ours = ev->action.process.pid == child;
	else if (ev->header.type == EVENT_BPF)
		is_ours = ev->action.process.pid == (__u32)getpid();
	t->sample.seen |= (unsigned int)is_ours << ev->header.type;
}

void selftest_record(struct selftest *t, const void *data, size_t size)
{
	struct event ev;

	if (!t->child.pid || event_decode(data, size, &ev))
		return;
	if (ev.header.type == EVENT_EXEC && ev.exec.process.pid == (__u32)t->child.pid) {
		exec_keep(t, &ev);
	} else if (ev.header.type == EVENT_FORK && is_our_fork(t, &ev.fork)) {
		t->sample.fork = ev;
		t->sample.seen |= 1U << EVENT_FORK;
	} else if (ev.header.type == EVENT_EXIT && ev.exit.process.pid == (__u32)t->child.pid) {
		t->sample.exit = ev;
		t->sample.seen |= 1U << EVENT_EXIT;
	} else if (ev.header.type == EVENT_CREDENTIALS &&
	           ev.credentials.process.pid == (__u32)t->child.pid) {
		t->sample.credentials = ev;
		t->sample.seen |= 1U << EVENT_CREDENTIALS;
	} else {
		own_record(t, &ev);
		presence_record(t, &ev);
	}
}

/* ---- running ---------------------------------------------------------- */

static int events_wait(const struct selftest *t, struct probes *probes, unsigned int wanted)
{
	uint64_t deadline = clock_monotonic_ns() + DEADLINE_NS;
	int err = 0;

	while (!err && (t->sample.seen & wanted) != wanted && clock_monotonic_ns() < deadline &&
	       !signals_end())
		err = probes_poll(probes, 20);
	return err;
}

int selftest_run(struct selftest *t, struct probes *probes, unsigned int classes,
                 const struct layout *layout, struct selftest_result *ret,
                 struct offsets_error *error)
{
	const struct comparison comparison = { &t->sample, &t->child, &t->actions, layout,
		                               &t->differences };
	/* Of the child; the other classes are covered by our own actions, or not at all. */
	unsigned int tested = classes & (1U << EVENT_EXEC | 1U << EVENT_FORK | 1U << EVENT_EXIT |
	                                 1U << EVENT_CREDENTIALS);
	unsigned int thread = classes & (1U << EVENT_THREAD);
	int err = child_observe(&t->child, error);

	if (err)
		return err;
	tested |= classes & t->child.did;
	tested |= own_actions_do(&t->actions, classes);
	err = events_wait(t, probes, tested);
	if (err)
		return offsets_fail(error, err, "the self-test was interrupted: %s",
		                    strerror(-err));
	ret->missing = compare_run(&comparison, tested);
	ret->failed = t->differences.failed;
	ret->wrong = t->differences.wrong;
	ret->passed = tested & ~ret->failed;
	/* A thread event is a fork event with a flag, by the same program and offsets. */
	ret->missing |= ret->missing & (1U << EVENT_FORK) ? thread : 0;
	ret->failed |= ret->failed & (1U << EVENT_FORK) ? thread : 0;
	ret->passed |= ret->passed & (1U << EVENT_FORK) ? thread : 0;
	return 0;
}

void selftest_explain(const struct selftest *t)
{
	differences_report(&t->differences);
}

void selftest_facts(const struct selftest *t, unsigned int classes, char *ret, size_t ret_size)
{
	differences_facts(&t->differences, classes, ret, ret_size);
}
