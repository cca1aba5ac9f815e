/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/host/proc.h"
#include "loader/trace/call_seen.h"
#include "loader/trace/trace_process.h"
#include "loader/util/monotonic.h"

#define NEAR     16 /* rows in which a process may be */
#define TICK_NS  10000000ULL
#define QUIET_NS 1000000000ULL /* in less time a process id does not come round again */

struct row {
	struct trace_process known; /* exe is the row's own; pid 0: free */
	uint64_t last_ns;           /* of its last record */
	uint64_t
		tried_ns; /* it was read, or could not be: of older records that says nothing new */
	bool is_over;     /* it has ended, or was gone then */
};

struct trace_processes {
	struct row rows[TRACE_PROCESSES];
	char boot_id[TRACE_BOOT_BYTES];
};

/* ---- /proc ---------------------------------------------------------------------- */

static uint64_t boottime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* The name of its first thread; empty: not known. */
static void comm_read(uint32_t pid, char ret[EVENTS_COMM_BYTES])
{
	ssize_t size = proc_text(pid, "comm", false, ret, EVENTS_COMM_BYTES);

	ret[size > 0 ? size - 1 : 0] = '\0'; /* the newline */
}

/* While both are read, the process may execute another program: then its name says nothing. */
static void program_read(uint32_t pid, char exe[TRACE_PROCESS_EXE], struct trace_process *ret)
{
	char again[EVENTS_COMM_BYTES];

	comm_read(pid, ret->comm);
	if (!proc_exe(pid, exe, TRACE_PROCESS_EXE)) {
		ret->exe = exe;
		ret->exe_size = strlen(exe);
	}
	comm_read(pid, again);
	if (strcmp(again, ret->comm))
		memset(ret->comm, 0, sizeof(ret->comm));
}

int trace_process_read(uint32_t pid, char exe[TRACE_PROCESS_EXE], struct trace_process *ret)
{
	struct proc_birth birth = { 0 };
	int err = proc_birth(pid, &birth);
	uint64_t age_ns;

	*ret = (struct trace_process){ .pid = pid };
	if (birth.start_ticks)
		program_read(pid, exe, ret);
	ret->read_ns = clock_monotonic_ns();
	if (!birth.start_ticks)
		return err ? err : -EBADMSG;
	ret->parent = birth.ppid;
	ret->start_ticks = birth.start_ticks;
	age_ns = boottime_ns() - birth.start_ticks * TICK_NS;
	ret->began_ns = age_ns < ret->read_ns ? ret->read_ns - age_ns : 0;
	return 0;
}

/* ---- as bytes --------------------------------------------------------------------- */

size_t trace_process_pack(const struct trace_process *p, char ret[TRACE_PROCESS_BYTES])
{
	size_t size = sizeof(struct trace_process_item) + p->exe_size;
	struct trace_process_item item = { .header = { .len = size, .type = TRACE_PROCESS },
		                           .start_ticks = p->start_ticks,
		                           .began_ns = p->began_ns,
		                           .read_ns = p->read_ns,
		                           .sure_ns = p->sure_ns,
		                           .pid = p->pid,
		                           .parent = p->parent };

	memcpy(item.comm, p->comm, sizeof(item.comm));
	memcpy(ret, &item, sizeof(item));
	if (p->exe_size)
		memcpy(ret + sizeof(item), p->exe, p->exe_size);
	return size;
}

bool trace_process_unpack(const void *data, size_t size, struct trace_process *ret)
{
	struct trace_process_item item;
	const char *exe = (const char *)data + sizeof(item);

	if (size < sizeof(item) || size > TRACE_PROCESS_BYTES)
		return false;
	memcpy(&item, data, sizeof(item));
	size -= sizeof(item);
	if (item.header.type != TRACE_PROCESS || !item.pid || item.comm[sizeof(item.comm) - 1] ||
	    (size && (!item.start_ticks || memchr(exe, '\0', size))))
		return false;
	*ret = (struct trace_process){ .pid = item.pid,
		                       .parent = item.parent,
		                       .start_ticks = item.start_ticks,
		                       .began_ns = item.began_ns,
		                       .read_ns = item.read_ns,
		                       .sure_ns = item.sure_ns,
		                       .exe = size ? exe : NULL,
		                       .exe_size = size };
	memcpy(ret->comm, item.comm, sizeof(ret->comm));
	return true;
}

/* ---- the table ---------------------------------------------------------------------- */

struct trace_processes *trace_processes_new(void)
{
	return calloc(1, sizeof(struct trace_processes));
}

static void row_empty(struct row *row)
{
	free((char *)row->known.exe);
	*row = (struct row){ .last_ns = 0 };
}

void trace_processes_free(struct trace_processes *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < TRACE_PROCESSES; i++)
		row_empty(&t->rows[i]);
	free(t);
}

void trace_processes_set_boot(struct trace_processes *t, const char *boot_id)
{
	size_t size = strnlen(boot_id, TRACE_BOOT_BYTES - 1);

	memcpy(t->boot_id, boot_id, size);
	t->boot_id[size] = '\0';
}

const char *trace_processes_boot(const struct trace_processes *t)
{
	return t->boot_id;
}

static const struct row *row_look(const struct trace_processes *t, uint32_t pid)
{
	const struct row *row;
	unsigned int i;

	for (i = 0; pid && i < NEAR; i++) {
		row = &t->rows[(pid + i) % TRACE_PROCESSES];
		if (row->known.pid == pid)
			return row;
	}
	return NULL;
}

static struct row *row_find(struct trace_processes *t, uint32_t pid)
{
	return (struct row *)row_look(t, pid);
}

/* An empty one for it. */
static struct row *row_new(struct trace_processes *t, uint32_t pid)
{
	struct row *best = NULL, *row;
	unsigned int i;

	for (i = 0; i < NEAR; i++) {
		row = &t->rows[(pid + i) % TRACE_PROCESSES];
		if (!best || (best->known.pid && (!row->known.pid || row->last_ns < best->last_ns)))
			best = row;
	}
	row_empty(best);
	return best;
}

static bool is_same_program(const struct trace_process *a, const struct trace_process *b)
{
	return a->start_ticks == b->start_ticks && a->exe_size == b->exe_size &&
	       (!a->exe_size || !memcmp(a->exe, b->exe, a->exe_size));
}

static void exe_copy(struct trace_process *p)
{
	char *copy = p->exe_size ? malloc(p->exe_size) : NULL;

	if (copy)
		memcpy(copy, p->exe, p->exe_size);
	else
		p->exe_size = 0;
	p->exe = copy;
}

void trace_processes_put(struct trace_processes *t, const struct trace_process *p)
{
	struct row *row = row_find(t, p->pid);
	struct trace_process new = *p;

	if (!row)
		row = row_new(t, p->pid);
	else if (!new.sure_ns && is_same_program(&row->known, p))
		new.sure_ns = row->known.sure_ns;
	exe_copy(&new);
	free((char *)row->known.exe);
	*row = (struct row){ .known = new,
		             .last_ns = p->read_ns,
		             .tried_ns = p->read_ns,
		             .is_over = !p->start_ticks };
}

/* ---- records -------------------------------------------------------------------------- */

static bool is_comm(const struct row *row, const struct call_record *r)
{
	return !strncmp(row->known.comm, r->comm, sizeof(r->comm));
}

static bool is_exec(const struct call_record *r)
{
	return r->header.type != CALL_BEGINS && !r->result &&
	       call_is_exec(call_by_number(r->abi, r->number));
}

/* Whoever executes a program is its first thread. */
static bool is_first_thread(const struct call_record *r)
{
	return r->process.tid == r->process.pid;
}

void trace_processes_before(struct trace_processes *t, const struct call_record *r)
{
	struct row *row = row_find(t, r->process.pid);
	struct trace_process *known = row ? &row->known : NULL;
	bool is_it;

	if (!row)
		return;
	if (r->header.time_ns > row->last_ns)
		row->last_ns = r->header.time_ns;
	if (is_exec(r))
		return;
	is_it = is_first_thread(r) ? is_comm(row, r) : r->header.time_ns >= known->read_ns;
	if (is_it && !known->sure_ns)
		known->sure_ns = r->header.time_ns;
	if (!is_it && is_first_thread(r))
		known->sure_ns = 0;
}

bool trace_processes_after(struct trace_processes *t, const struct call_record *r)
{
	struct row *row = row_find(t, r->process.pid);

	if (!row)
		return false;
	if (r->header.type == CALL_BEGINS && call_never_returns(call_by_number(r->abi, r->number)))
		row->is_over = true;
	if (!is_exec(r))
		return false;
	/* What was read already may be the new program. */
	row->known.sure_ns = 0;
	if (r->header.time_ns > row->known.read_ns)
		return row->known.start_ticks;
	if (is_comm(row, r))
		row->known.sure_ns = r->header.time_ns;
	return false;
}

bool trace_processes_find(const struct trace_processes *t, const struct call_record *r,
                          struct trace_process *ret)
{
	const struct row *row = row_look(t, r->process.pid);

	if (!row || !row->known.start_ticks || row->known.began_ns > r->header.time_ns)
		return false;
	*ret = row->known;
	if (!ret->sure_ns || ret->sure_ns > r->header.time_ns) {
		ret->exe = NULL;
		ret->exe_size = 0;
	}
	return true;
}

void trace_processes_each(const struct trace_processes *t,
                          void (*fn)(void *arg, const struct trace_process *p), void *arg)
{
	size_t i;

	for (i = 0; i < TRACE_PROCESSES; i++)
		if (t->rows[i].known.pid)
			fn(arg, &t->rows[i].known);
}

/* ---- when to read ------------------------------------------------------------------------ */

enum trace_process_need trace_processes_need(const struct trace_processes *t,
                                             const struct call_record *r)
{
	const struct row *row = row_look(t, r->process.pid);

	if (!row)
		return r->process.pid ? PROCESS_NEW : PROCESS_KNOWN;
	if (r->header.time_ns < row->tried_ns)
		return PROCESS_KNOWN;
	if (row->is_over || r->header.time_ns > row->last_ns + QUIET_NS)
		return PROCESS_NEW;
	if (is_first_thread(r) && !is_comm(row, r) && !is_exec(r))
		return PROCESS_CHANGED;
	return PROCESS_KNOWN;
}

void trace_processes_gone(struct trace_processes *t, const struct trace_process *p)
{
	struct row *row = row_find(t, p->pid);

	if (!row)
		return;
	row->tried_ns = p->read_ns;
	row->is_over = true;
}
