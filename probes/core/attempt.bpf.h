/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What an exec replaces: a program at the start of the exec keeps it in the map
 * "attempts" (probes/exec_attempt.bpf.c), and the event takes it from there.
 */
#ifndef PROBES_CORE_ATTEMPT_BPF_H
#define PROBES_CORE_ATTEMPT_BPF_H

#include "probes/core/mapdefs.bpf.h"
#include "probes/core/read.bpf.h"
#include "probes/core/stack.bpf.h"

/* The attempt of a task that is in exec now, or NULL. */
INLINE const struct attempt *attempt_find(__u64 task)
{
	return bpf_map_lookup_elem(&attempts, &task);
}

/* Of a script: which file it is. To be sent before its exec. */
INLINE int script_send(void *ctx, __u64 task)
{
	const struct attempt *a = attempt_find(task);
	struct script_part e;

	if (!a)
		return 0;
	CHECKED(a);
	if (!(a->script & SCRIPT_LEVELS))
		return 0;
	CLEAR_OR_RETURN(e);
	head_fill(&e.header, &e.process, PART_SCRIPT);
	e.header.unread = a->unread;
	e.header.len = sizeof(e);
	e.inode = a->inode;
	e.opened_ns = a->opened_ns;
	e.device = a->device;
	e.script = a->script;
	bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(), &e, sizeof(e));
	return 0;
}

/* When its exec has been reported. script: attempt.script */
INLINE void attempt_end(__u64 task, __u32 script)
{
	bpf_map_delete_elem(&attempts, &task);
	if (script & SCRIPT_LEVELS)
		bpf_map_delete_elem(&interpreters, &task);
}

/* What programs keep in the map: enum attempts_have. */
INLINE __u32 attempts_have(void)
{
	__u32 key = 0;
	struct settings *s = bpf_map_lookup_elem(&settings, &key);

	return s ? s->attempts : 0;
}

/* Strings in kernel memory; 0: none. */
struct call {
	__u64 filename, interp;
};

/*
 * How exec was called. call->filename and e->caller_tid may be known already.
 * Without a script, interp is the same string as filename.
 */
INLINE void call_fill(const struct layout *layout, struct exec_event *e, __u64 task,
                      struct call *call)
{
	const struct attempt *a = attempt_find(task);
	__u32 have = attempts_have();
	__u64 filename, bprm;

	if (!a) {
		unread_if(&e->header, have & ATTEMPTS_COMM, FIELD_EXEC_PREVIOUS);
		if (!(have & ATTEMPTS_BPRM))
			return;
		unread_if(&e->header, 1, FIELD_EXEC_INTERP);
		unread_if(&e->header, !call->filename, FIELD_EXEC_FILENAME);
		return;
	}
	CHECKED(a);
	__builtin_memcpy(e->previous_comm, a->comm, sizeof(e->previous_comm));
	bprm = a->bprm;
	if (bprm) {
		e->caller_tid = a->tid;
		e->script = a->script;
	}
	if (!bprm)
		return;
	filename = POINTER(layout, bprm, BINPRM_FILENAME);
	call->filename = filename;
	call->interp = POINTER(layout, bprm, BINPRM_INTERP);
	unread_if(&e->header, !filename, FIELD_EXEC_FILENAME);
	unread_if(&e->header, !call->interp, FIELD_EXEC_INTERP);
	if (call->interp == filename)
		call->interp = 0;
}

#endif
