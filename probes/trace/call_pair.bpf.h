/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What all attach methods have in common: which calls are wanted, a call that begins and the
 * one that returns, execs, and children.
 */
#ifndef PROBES_TRACE_CALL_PAIR_BPF_H
#define PROBES_TRACE_CALL_PAIR_BPF_H

#include "probes/trace/call_maps.bpf.h"

#define USER32_CS 0x23 /* arch/x86/include/asm/segment.h: __USER32_CS, the same since 2.6.24 */

INLINE int is_wanted(const struct call_settings *settings)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (!settings->running || tgid == settings->self_tgid)
		return 0;
	if (settings->only_uid && (__u32)bpf_get_current_uid_gid() != settings->uid)
		return 0;
	if (settings->only_comms && !is_comm_wanted())
		return 0;
	return !settings->only_pids || bpf_map_lookup_elem(&call_pids, &tgid);
}

/* Before more is known of the call than its number: may it be one that is reported? */
INLINE int is_number_wanted(__u64 number)
{
	__u32 n = number & ~CALL_X32_BIT;

	return plan_find(CALL_64, n) || plan_find(CALL_32, n);
}

/*
 * Was it made by int 0x80? Then it is a call of i386, also of a program of 64 bits. ip: behind the
 * instruction.
 */
INLINE int is_int_80(__u64 ip)
{
	__u16 code = 0;

	bpf_probe_read(&code, sizeof(code), (void *)(ip - sizeof(code)));
	return code == 0x80cd;
}

INLINE void number_set(struct call_pending *call, __u64 number, int is_32)
{
	call->tid = bpf_get_current_pid_tgid();
	call->number = number;
	call->abi = CALL_64;
	if (is_32) {
		call->abi = CALL_32;
	} else if (number & CALL_X32_BIT) {
		call->abi = CALL_X32;
		call->number = number & ~CALL_X32_BIT;
	}
}

/* A call whose parameters lie in memory: these, and the call that it is. */
INLINE void packed_resolve(struct call_pending *call)
{
	__u32 number = call->number, is_socket = number == CALL_SOCKETCALL, key, i;
	__u64 at = is_socket ? call->arguments[1] : call->arguments[0];
	__u32 values[CALL_PARAMETERS] = { 0 };
	const struct call_packed *packed;
	long failed = 0;

	if (call->abi != CALL_32 || (number != 82 && number != 90 && !is_socket))
		return;
	key = CALL_PACKED_KEY(number, is_socket ? (__u8)call->arguments[0] : 0);
	packed = bpf_map_lookup_elem(&call_packed, &key);
	if (!packed)
		return;
	CHECKED(packed);
#pragma unroll
	for (i = 0; i < CALL_PARAMETERS; i++)
		if (i < packed->count)
			failed |= bpf_probe_read(&values[i], sizeof(values[i]),
			                         (void *)(at + i * sizeof(values[i])));
	if (failed)
		return;
#pragma unroll
	for (i = 0; i < CALL_PARAMETERS; i++)
		call->arguments[i] = values[i];
	call->packed = number;
	call->number = packed->number;
}

INLINE void unkept_count(void)
{
	struct call_counts *c = counts_find();

	if (c)
		c->unkept++;
}

/* The row of one that never returns stays free. A mask, because a branch is one more way to verify.
 */
INLINE void pending_put(struct call_pending *pending, const struct call_pending *call,
                        const struct call_plan *plan)
{
	*pending = *call;
	pending->tid = call->tid & plan->kept;
}

/* ---- returns -------------------------------------------------------------- */

INLINE int is_error(__s64 result)
{
	return result < 0 && result >= -4095;
}

INLINE __u32 bucket_of(__u64 ns)
{
	__u32 bucket = 0;

	ns >>= 7;
	if (ns >> 16) {
		ns >>= 16;
		bucket += 16;
	}
	if (ns >> 8) {
		ns >>= 8;
		bucket += 8;
	}
	if (ns >> 4) {
		ns >>= 4;
		bucket += 4;
	}
	if (ns >> 2) {
		ns >>= 2;
		bucket += 2;
	}
	bucket += ns >> 1 ? 1 : 0;
	return bucket;
}

/* ---- execs ---------------------------------------------------------------- */

/* execve and execveat: arch/x86/entry/syscalls; the last two are x32's. */
INLINE int is_exec(const struct call_pending *call)
{
	if (call->abi == CALL_32)
		return call->number == 11 || call->number == 358;
	return call->number == 59 || call->number == 322 || call->number == 520 ||
	       call->number == 545;
}

/*
 * The number at the end of an exec that has succeeded is that of the new program's execve, of 64
 * or 32 bits (set_personality_64bit(), set_personality_ia32()).
 */
INLINE int is_exec_end(__u32 ended)
{
	return ended == 11 || ended == 59 || ended == (520 | CALL_X32_BIT);
}

/* A thread that executes a program takes the id of the first thread, and returns in its row. */
INLINE void exec_begins(const struct call_plan *plan, const struct call_pending *call)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (plan->wanted == CALL_WANTED_EXEC && call->tid != tgid &&
	    bpf_map_update_elem(&call_execs, &tgid, call, BPF_ANY))
		unkept_count();
}

/* The exec of this process whose thread is not the first one, or NULL. */
INLINE struct call_pending *exec_find(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return bpf_map_lookup_elem(&call_execs, &tgid);
}

/* A parameter that could not be read when the exec began. */
INLINE void exec_again(__u32 parameter)
{
	struct call_pending *exec = exec_find();

	if (!exec)
		return;
	CHECKED(exec);
	if (exec->tid == (__u32)bpf_get_current_pid_tgid())
		exec->again |= 1U << parameter;
}

/* The call of a thread that has taken the id of the first one, whose own call has no end. */
INLINE void exec_returns(struct call_pending *call, __u64 number, __s64 result)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32, tid = bpf_get_current_pid_tgid();
	struct call_pending *exec;

	if (result || tid != tgid || !is_exec_end(number) || (call->tid == tid && is_exec(call)))
		return;
	exec = bpf_map_lookup_elem(&call_execs, &tgid);
	if (!exec)
		return;
	*call = *exec;
	call->tid = tid;
	bpf_map_delete_elem(&call_execs, &tgid);
}

/* One that has failed returns in the thread's own row. */
INLINE void exec_forget(const struct call_pending *call)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (is_exec(call) && (__u32)bpf_get_current_pid_tgid() != tgid)
		bpf_map_delete_elem(&call_execs, &tgid);
}

/* Is it the call that began? The number at the end is -1 after rt_sigreturn. */
INLINE int is_same_call(const struct call_pending *call, __u64 number)
{
	struct call_counts *c;
	__u32 ended = number;

	if (ended == -1U || call->number == (ended & ~CALL_X32_BIT))
		return 1;
	if (call->packed && call->packed == ended)
		return 1;
	if (is_exec(call) && is_exec_end(ended))
		return 1;
	c = counts_find();
	if (c)
		c->unpaired++;
	return 0;
}

/* ---- children ------------------------------------------------------------- */

#define CLONE_THREAD 0x00010000 /* include/uapi/linux/sched.h */

/* The current process has made a thread, which may be a process of its own. */
INLINE void child_follow(const struct call_settings *settings, __u32 child, __u64 clone_flags)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32, one = 1;
	struct call_counts *c;

	if (!settings->follow || clone_flags & CLONE_THREAD)
		return;
	if (!bpf_map_lookup_elem(&call_pids, &tgid)) {
		bpf_map_delete_elem(&call_pids, &child); /* of a process that had this id before */
		return;
	}
	if (!bpf_map_update_elem(&call_pids, &child, &one, BPF_ANY))
		return;
	c = counts_find();
	if (c)
		c->unfollowed++;
}

/* ---- requests --------------------------------------------------------------- */

/* include/uapi/asm-generic/ioctl.h: _IOC_WRITE and _IOC_READ, in the number; bytes of the size. */
#define REQUEST_WRITES 0x40000000
#define REQUEST_READS  0x80000000
#define REQUEST_BYTES  0x3fff

/* Bytes that are read when the call begins, and when it returns. */
struct request {
	__u32 in, out;
	__u32 is_cut;
};

/* whose: enum call_requests. most: bytes of one that is not in the map. */
INLINE void request_find(struct request *ret, __u32 whose, __u32 number, __u32 most)
{
	__u64 key = (__u64)whose << 32 | number;
	const struct call_request *known = bpf_map_lookup_elem(&call_requests, &key);
	__u32 size = whose == CALL_OF_IOCTL ? number >> 16 & REQUEST_BYTES : 0;

	ret->is_cut = 0;
	if (known) {
		CHECKED(known);
		ret->in = known->in;
		ret->out = known->out;
		return;
	}
	if (size > most) {
		size = most;
		ret->is_cut = 1;
	}
	ret->in = number & REQUEST_WRITES ? size : 0;
	ret->out = number & REQUEST_READS ? size : 0;
}

/* ---- messages --------------------------------------------------------------- */

/* include/uapi: struct user_msghdr of programs of 64 bits. */
struct message {
	__u64 name;
	__u32 name_size, zero;
	__u64 vector, count, control, control_size, flags;
};

/* include/net/compat.h: of those of 32 bits. */
struct message_32 {
	__u32 name, name_size, vector, count, control, control_size, flags;
};

INLINE long message_32_get(struct message *ret, __u64 address)
{
	struct message_32 m = { 0 };
	long failed = bpf_probe_read(&m, sizeof(m), (void *)address);

	ret->name = m.name;
	ret->name_size = m.name_size;
	ret->vector = m.vector;
	ret->count = m.count;
	ret->control = m.control;
	ret->control_size = m.control_size;
	return failed;
}

/* width: of a pointer in it. */
INLINE long message_get(struct message *ret, __u64 address, __u32 width)
{
	if (width == 4)
		return message_32_get(ret, address);
	return bpf_probe_read(ret, sizeof(*ret), (void *)address);
}

#endif
