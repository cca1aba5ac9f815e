/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "loader/trace/trace_lookup.h"

struct trace_lookup {
	struct trace_processes *table;
	void (*fn)(void *arg, const struct trace_process *p);
	void *arg;
	char exe[TRACE_PROCESS_EXE];
};

struct trace_lookup *trace_lookup_new(void (*fn)(void *arg, const struct trace_process *p),
                                      void *arg)
{
	struct trace_lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->fn = fn;
	l->arg = arg;
	l->table = trace_processes_new();
	if (l->table)
		return l;
	free(l);
	return NULL;
}

void trace_lookup_free(struct trace_lookup *l)
{
	if (!l)
		return;
	trace_processes_free(l->table);
	free(l);
}

struct trace_processes *trace_lookup_table(struct trace_lookup *l)
{
	return l->table;
}

static void take(struct trace_lookup *l, const struct trace_process *p)
{
	trace_processes_put(l->table, p);
	l->fn(l->arg, p);
}

void trace_lookup_process(struct trace_lookup *l, uint32_t pid)
{
	struct trace_process p;

	if (trace_process_read(pid, l->exe, &p))
		return;
	p.sure_ns = p.read_ns;
	take(l, &p);
}

void trace_lookup_before(struct trace_lookup *l, const struct call_record *record)
{
	enum trace_process_need need = trace_processes_need(l->table, record);
	struct trace_process p;
	int err;

	if (need != PROCESS_KNOWN) {
		err = trace_process_read(record->process.pid, l->exe, &p);
		if (err && need == PROCESS_CHANGED)
			trace_processes_gone(l->table, &p);
		else
			take(l, &p);
	}
	trace_processes_before(l->table, record);
}

void trace_lookup_after(struct trace_lookup *l, const struct call_record *record)
{
	struct trace_process p;

	if (!trace_processes_after(l->table, record))
		return;
	if (trace_process_read(record->process.pid, l->exe, &p)) {
		trace_processes_gone(l->table, &p);
		return;
	}
	if (!strncmp(p.comm, record->comm, sizeof(p.comm)))
		p.sure_ns = record->header.time_ns;
	take(l, &p);
}
