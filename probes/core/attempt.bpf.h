/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What an exec replaces: a program at the start of the exec keeps it in the map
 * "attempts" (probes/exec_attempt.bpf.c), and the event takes it from there.
 */
#ifndef PROBES_CORE_ATTEMPT_BPF_H
#define PROBES_CORE_ATTEMPT_BPF_H

#include "probes/core/read.bpf.h"

INLINE __u32 attempt_slot(__u64 task)
{
	return (task >> 6 ^ task >> 16) & (ATTEMPTS - 1);
}

/* The attempt of a task that is in exec now, or NULL. */
INLINE const struct attempt *attempt_find(__u64 task)
{
	__u32 slot = attempt_slot(task);
	const struct attempt *a = bpf_map_lookup_elem(&attempts, &slot);

	return a && a->task == task ? a : 0;
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
	__u64 filename;

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
	if (!a->bprm)
		return;
	e->caller_tid = a->tid;
	e->script = a->script;
	filename = POINTER(layout, a->bprm, BINPRM_FILENAME);
	call->filename = filename;
	call->interp = POINTER(layout, a->bprm, BINPRM_INTERP);
	unread_if(&e->header, !filename, FIELD_EXEC_FILENAME);
	unread_if(&e->header, !call->interp, FIELD_EXEC_INTERP);
	if (call->interp == filename)
		call->interp = 0;
}

#endif
