/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/state/cache.h"
#include "loader/host/clock.h"
#include "loader/state/container.h"
#include "loader/host/proc.h"
#include "loader/stream/strings.h"

#define BUCKETS 4096 /* a power of two */

/* Of the path of a cgroup so many are kept: users may make long ones. */
#define CGROUP_BYTES 512

/* Processes that have ended stay for a while: children outlive them. */
#define ENDED_MAX 4096

/* With so many that should live, those whose exit was not reported are looked for. */
#define LIVING_MIN 8192

/* Processes of /proc that are listed at once. */
#define PIDS_AT_ONCE 4096

/* What an exec has made of a process: its children have the same. */
struct image {
	unsigned int users;
	char bytes[];
};

struct entry {
	struct cached known; /* points into the image */
	struct image *image; /* NULL: nothing is known of what it runs */
	bool ended;
	struct entry *next;          /* in its bucket, the newest first */
	struct entry *older, *newer; /* in the order of their end, if ended */
};

struct cache {
	struct entry *buckets[BUCKETS];
	struct entry *ended_first, *ended_last; /* the oldest, the newest */
	size_t living, ended;
	size_t sweep_at; /* living */
	size_t sweep;    /* the next bucket to look through; BUCKETS: none */
	/* The reading of /proc: the processes that are read next, if it goes on. */
	bool is_seeding;
	uint64_t seed_ticks; /* when it began, as start_ticks() */
	size_t pid_next, pid_count;
	pid_t pids[PIDS_AT_ONCE];
};

struct cache *cache_new(void)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->sweep_at = LIVING_MIN;
	c->sweep = BUCKETS;
	return c;
}

static struct entry **bucket_of(struct cache *c, uint32_t pid)
{
	return &c->buckets[pid & (BUCKETS - 1)];
}

static struct entry *entry_find(struct cache *c, uint32_t pid, uint64_t start_ticks)
{
	struct entry *e = *bucket_of(c, pid);

	while (e && (e->known.pid != pid || e->known.start_ticks != start_ticks))
		e = e->next;
	return e;
}

/* ---- what a process runs ---------------------------------------------- */

static void image_leave(struct image *image)
{
	if (image && !--image->users)
		free(image);
}

/* What is known of what a process runs: the texts are somebody else's. */
struct facts {
	struct span exe, args;
	bool are_args_cut;
	struct cgroups cgroups;
};

/* A copy at *at, which moves on; the copy has a NUL behind it. */
static struct span copy(char **at, struct span from)
{
	struct span to = { *at, from.size };

	if (!from.text)
		return from;
	memcpy(*at, from.text, from.size);
	(*at)[from.size] = '\0';
	*at += from.size + 1;
	return to;
}

static struct span strings_cut(struct span strings, bool *ret_cut)
{
	struct span ret = { strings.text, 0 };
	size_t length, next;

	while (ret.size < strings.size) {
		next = strings_next(strings.text + ret.size, strings.size - ret.size, &length);
		if (ret.size + next > CACHE_ARGS_BYTES) {
			*ret_cut = true;
			break;
		}
		ret.size += next;
	}
	return ret;
}

/* What rules, services and containers are known by stands at the beginning. */
static struct span path_cut(struct span path)
{
	return (struct span){ path.text, path.size < CGROUP_BYTES ? path.size : CGROUP_BYTES };
}

static void image_set(struct entry *e, const struct facts *facts, uint64_t now_ns)
{
	struct cached *known = &e->known;
	struct facts f = *facts;
	struct image *image;
	char *at;

	f.args = strings_cut(f.args, &f.are_args_cut);
	f.cgroups = (struct cgroups){ .v1 = path_cut(f.cgroups.v1),
		                      .v2 = path_cut(f.cgroups.v2),
		                      .systemd = path_cut(f.cgroups.systemd) };
	image = malloc(sizeof(*image) + f.exe.size + f.args.size + f.cgroups.v1.size +
	               f.cgroups.v2.size + f.cgroups.systemd.size + 5);
	image_leave(e->image);
	e->image = image;
	if (image) {
		image->users = 1;
		at = image->bytes;
		f.exe = copy(&at, f.exe);
		f.args = copy(&at, f.args);
		f.cgroups.v1 = copy(&at, f.cgroups.v1);
		f.cgroups.v2 = copy(&at, f.cgroups.v2);
		f.cgroups.systemd = copy(&at, f.cgroups.systemd);
	} else {
		f = (struct facts){ .are_args_cut = false };
	}
	known->exe = f.exe.text;
	known->exe_size = f.exe.size;
	known->args = f.args;
	known->are_args_cut = f.are_args_cut;
	known->cgroups = f.cgroups;
	known->container = container_of(&known->cgroups);
	known->service = cgroups_service(&known->cgroups);
	known->since_ns = now_ns;
}

/* The child runs what its caller runs. */
static void image_share(struct entry *child, const struct entry *caller, uint64_t now_ns)
{
	struct cached known = caller->known;

	known.pid = child->known.pid;
	known.start_ticks = child->known.start_ticks;
	known.since_ns = now_ns;
	child->known = known;
	child->image = caller->image;
	if (child->image)
		child->image->users++;
}

/* ---- coming and going ------------------------------------------------- */

static void ended_unlink(struct cache *c, struct entry *e)
{
	*(e->older ? &e->older->newer : &c->ended_first) = e->newer;
	*(e->newer ? &e->newer->older : &c->ended_last) = e->older;
	c->ended--;
}

static void entry_drop(struct cache *c, struct entry *e)
{
	struct entry **at = bucket_of(c, e->known.pid);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	if (e->ended)
		ended_unlink(c, e);
	else
		c->living--;
	image_leave(e->image);
	free(e);
}

static void entry_end(struct cache *c, struct entry *e)
{
	if (e->ended)
		return;
	e->ended = true;
	c->living--;
	e->older = c->ended_last;
	*(c->ended_last ? &c->ended_last->newer : &c->ended_first) = e;
	c->ended_last = e;
	if (++c->ended > ENDED_MAX)
		entry_drop(c, c->ended_first);
}

/* Those whose exit was not reported: filtered, not wanted. */
static void sweep_bucket(struct cache *c)
{
	struct entry *e = c->buckets[c->sweep++], *next;
	uint64_t start;

	for (; e; e = next) {
		next = e->next;
		if (!e->ended &&
		    (proc_start(e->known.pid, &start) || start != e->known.start_ticks))
			entry_drop(c, e);
	}
	if (c->sweep == BUCKETS)
		c->sweep_at = c->living > LIVING_MIN / 2 ? 2 * c->living : LIVING_MIN;
}

static struct entry *entry_get(struct cache *c, uint32_t pid, uint64_t start_ticks)
{
	struct entry *e = entry_find(c, pid, start_ticks);

	if (e)
		return e;
	if (c->living >= c->sweep_at && c->sweep == BUCKETS)
		c->sweep = 0;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->known.pid = pid;
	e->known.start_ticks = start_ticks;
	e->known.session = -1;
	e->next = *bucket_of(c, pid);
	*bucket_of(c, pid) = e;
	c->living++;
	return e;
}

void cache_forget(struct cache *c)
{
	size_t i;

	c->is_seeding = false;
	c->sweep = BUCKETS;

	for (i = 0; i < BUCKETS; i++)
		while (c->buckets[i])
			entry_drop(c, c->buckets[i]);
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	cache_forget(c);
	free(c);
}

/* ---- learning --------------------------------------------------------- */

static uint64_t boottime_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return start_ticks(now.tv_sec * 1000000000ULL + now.tv_nsec);
}

/*
 * Not the arguments: they lie in the process's own memory, of which it can make the reading wait
 * for ever (a page of a FUSE file).
 */
static void seed_process(struct cache *c, pid_t pid)
{
	char exe[4096], cgroups[8192];
	struct facts facts = { .are_args_cut = false };
	struct proc_birth birth;
	struct entry *e;

	if (proc_birth(pid, &birth))
		return;
	/* Events say of it what it runs; /proc may already say what it will run next. */
	if (birth.start_ticks > c->seed_ticks)
		return;
	e = entry_get(c, pid, birth.start_ticks);
	if (!e || e->known.exe)
		return; /* events have said it */
	e->known.parent = birth.ppid;
	e->known.session = proc_audit_session(pid);
	if (!proc_exe(pid, exe, sizeof(exe)))
		facts.exe = (struct span){ exe, strlen(exe) };
	if (!proc_cgroups(pid, cgroups, sizeof(cgroups)))
		facts.cgroups = cgroups_of_lines(cgroups);
	image_set(e, &facts, clock_monotonic_ns());
}

void cache_seed(struct cache *c)
{
	c->is_seeding = true;
	c->seed_ticks = boottime_ticks();
	c->pid_next = c->pid_count = 0;
}

/* The next process of /proc. */
static void seed_next(struct cache *c)
{
	if (c->pid_next == c->pid_count) {
		pid_t after = c->pid_count ? c->pids[c->pid_count - 1] : 0;
		ssize_t count = proc_list(after, c->pids, PIDS_AT_ONCE);

		c->is_seeding = count > 0;
		c->pid_count = count > 0 ? count : 0;
		c->pid_next = 0;
	} else {
		seed_process(c, c->pids[c->pid_next++]);
	}
}

bool cache_work(struct cache *c, uint64_t for_ns)
{
	uint64_t end = clock_monotonic_ns() + for_ns;

	while (c->is_seeding || c->sweep < BUCKETS) {
		if (c->is_seeding)
			seed_next(c);
		else
			sweep_bucket(c);
		if (clock_monotonic_ns() > end)
			return true;
	}
	return false;
}

/* A child runs what its caller ran. */
static void learn_fork(struct cache *c, const struct fork_event *f)
{
	const struct entry *caller =
		entry_find(c, f->process.pid, start_ticks(f->process.start_boottime_ns));
	struct entry *child;

	if (f->header.unread & (1U << FIELD_START | 1U << FIELD_FORK_CALLER))
		return;
	/* Clocks of CPUs may differ a little: its exec may have come first, and counts. */
	if (entry_find(c, f->child.pid, start_ticks(f->child.start_boottime_ns)))
		return;
	child = entry_get(c, f->child.pid, start_ticks(f->child.start_boottime_ns));
	if (!child)
		return;
	if (caller)
		image_share(child, caller, f->header.time_ns);
	child->known.since_ns = f->header.time_ns;
	child->known.parent = f->header.unread & 1U << FIELD_PARENT ? 0 : f->parent.pid;
}

static void learn_exec(struct cache *c, const struct event *ev)
{
	const struct exec_event *x = &ev->exec;
	struct facts facts = { .cgroups = cgroups_of_exec(ev) };
	bool whole = !event_unread(ev, FIELD_EXEC_EXE) && !event_truncated(ev, FIELD_EXEC_EXE);
	struct entry *e;

	if (event_unread(ev, FIELD_START))
		return;
	e = entry_get(c, ev->exec.process.pid, start_ticks(ev->exec.process.start_boottime_ns));
	if (!e || e->known.since_ns > ev->header.time_ns)
		return;
	e->known.exe_inode = event_unread(ev, FIELD_EXEC_EXE_NUMBERS) ? 0 : x->inode;
	e->known.exe_device = x->device;
	e->known.session = event_unread(ev, FIELD_EXEC_LOGINUID) ? -1U : x->sessionid;
	e->known.parent = event_unread(ev, FIELD_PARENT) ? 0 : x->parent.pid;
	if (whole)
		facts.exe = (struct span){ ev->texts[TEXT_EXE].text, ev->texts[TEXT_EXE].size };
	if (!event_unread(ev, FIELD_EXEC_ARGV))
		facts.args = (struct span){ ev->argv, x->argv_size };
	facts.are_args_cut = event_truncated(ev, FIELD_EXEC_ARGV);
	image_set(e, &facts, ev->header.time_ns);
}

static void learn_exit(struct cache *c, const struct exit_event *x)
{
	struct entry *e = entry_find(c, x->process.pid, start_ticks(x->process.start_boottime_ns));

	if (e && !(x->header.unread & (1U << FIELD_START)))
		entry_end(c, e);
}

void cache_mark(struct cache *c, const struct exec_event *exec, uint64_t marks)
{
	struct entry *e =
		entry_find(c, exec->process.pid, start_ticks(exec->process.start_boottime_ns));

	if (e)
		e->known.marks |= marks;
}

void cache_event(struct cache *c, const struct event *ev)
{
	switch (ev->header.type) {
	case EVENT_FORK:
		learn_fork(c, &ev->fork);
		break;
	case EVENT_EXEC:
		learn_exec(c, ev);
		break;
	case EVENT_EXIT:
		learn_exit(c, &ev->exit);
		break;
	}
}

/* ---- asking ----------------------------------------------------------- */

const struct cached *cache_find(struct cache *c, uint32_t pid, uint64_t start_boottime_ns)
{
	const struct entry *e = entry_find(c, pid, start_ticks(start_boottime_ns));

	return e ? &e->known : NULL;
}

const struct cached *cache_find_living(struct cache *c, uint32_t pid)
{
	const struct entry *e = *bucket_of(c, pid);

	while (e && (e->known.pid != pid || e->ended))
		e = e->next;
	return e ? &e->known : NULL;
}

/*
 * A process id is used again only after its process has ended, and children have another parent
 * then: so it is the newest one that is no younger than the child.
 */
const struct cached *cache_find_parent(struct cache *c, const struct cached *process)
{
	const struct entry *e;

	if (!process->parent)
		return NULL;
	for (e = *bucket_of(c, process->parent); e; e = e->next)
		if (e->known.pid == process->parent && e->known.start_ticks <= process->start_ticks)
			return &e->known;
	return NULL;
}

const struct cached *cache_find_before(struct cache *c, const struct exec_event *exec)
{
	const struct entry *e =
		entry_find(c, exec->process.pid, start_ticks(exec->process.start_boottime_ns));

	return e && e->known.since_ns <= exec->header.time_ns ? &e->known : NULL;
}

size_t cache_size(const struct cache *c)
{
	return c->living + c->ended;
}
