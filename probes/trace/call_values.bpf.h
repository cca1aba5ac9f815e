/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What the parameters of a call point to, read into the record (tier 1). */
#ifndef PROBES_TRACE_CALL_VALUES_BPF_H
#define PROBES_TRACE_CALL_VALUES_BPF_H

#include <linux/ptrace.h>
#include <stddef.h>

#include "probes/trace/call_pair.bpf.h"

/* Bytes to read of a parameter. */
INLINE __u64 value_size(const struct call_parameter *p, struct call_scratch *s,
                        const struct call_settings *settings)
{
	const struct call_record *r = &s->record;
	__u64 count = 1, size, most = settings->bytes_max;
	__u32 at = 0;

	if (p->count < CALL_PARAMETERS)
		count = r->arguments[p->count & 7];
	else if (p->count == CALL_COUNT_RESULT)
		count = r->result > 0 ? r->result : 0;
	if (p->when & CALL_COUNT_AT) {
		bpf_probe_read(&at, sizeof(at), (void *)count);
		count = at;
	}
	if (p->count == CALL_COUNT_ONE || p->when & CALL_WHOLE || most > CALL_VALUE_MAX)
		most = CALL_VALUE_MAX;
	size = count > CALL_VALUE_MAX ? CALL_VALUE_MAX + 1 : count * p->size;
	if (size <= most)
		return size;
	s->cut = 1;
	return most;
}

/* No more of a list has room in the record: it is cut. */
INLINE int is_full(struct call_scratch *s)
{
	if (s->end <= CALL_RECORD_MAX)
		return 0;
	s->cut = 1;
	return 1;
}

/* Appends a string. False: it could not be read, or there is no room. */
INLINE int string_read(struct call_scratch *s, __u64 address)
{
	__u64 at = s->end;
	long got;

	BARRIER(at);
	if (at > CALL_RECORD_MAX)
		return 0;
	BARRIER(at);
	got = bpf_probe_read_str(s->bytes + at, CALL_VALUE_MAX, (void *)address);
	if (got < 0)
		return 0;
	if (!got) /* so some kernels say that it is empty (strncpy_from_user_nofault() of 5.5
	             to 6.12) */
		got = 1;
	if (got == CALL_VALUE_MAX)
		s->cut = 1;
	s->end = at + got;
	return 1;
}

/* Appends bytes, CALL_VALUE_MAX at most. False: as above; then the caller sets the end again. */
INLINE int bytes_read(struct call_scratch *s, __u64 address, __u64 size)
{
	__u64 at = s->end;
	char *to;

	if (!size)
		return 1;
	BARRIER(at);
	if (at > CALL_RECORD_MAX)
		return 0;
	BARRIER(at);
	to = s->bytes + at;
	BARRIER(to);
	/* Before the call, so that the compiler has no reason to put the size on the stack: see
	 * below_8(). */
	s->end = at + size;
	BARRIER(size);
	size = ((size - 1) & (CALL_VALUE_MAX - 1)) + 1;
	return !bpf_probe_read(to, size, (void *)address);
}

INLINE void value_end(struct call_scratch *s, struct call_value *value, int is_read, __u64 begin)
{
	if (!is_read) {
		value->state = CALL_UNREAD;
		s->end = begin;
		return;
	}
	value->state = s->cut ? CALL_CUT : CALL_READ;
	value->at = begin;
	value->size = s->end - begin;
}

/* Appends the value of a parameter to the record. */
INLINE void value_read(struct call_scratch *s, const struct call_parameter *p, __u32 i,
                       const struct call_settings *settings)
{
	__u64 address = s->record.arguments[i], begin = s->end;
	struct call_value *value = &s->record.values[i];
	int is_read;

	s->cut = 0;
	if (!address) {
		value->state = CALL_NULL;
		return;
	}
	if (p->kind == CALL_STRING)
		is_read = string_read(s, address);
	else
		is_read = bytes_read(s, address, value_size(p, s, settings));
	value_end(s, value, is_read, begin);
}

INLINE int is_now(const struct call_scratch *s, const struct call_parameter *p, __u32 i)
{
	return p->when & s->when || s->again & 1U << i;
}

INLINE void values_read(struct call_scratch *s, const struct call_plan *plan,
                        const struct call_settings *settings)
{
	__u32 i;

#pragma unroll
	for (i = 0; i < CALL_PARAMETERS; i++) {
		const struct call_parameter *p = &plan->parameters[i];

		if ((p->kind == CALL_STRING || p->kind == CALL_BYTES) && is_now(s, p, i))
			value_read(s, p, i, settings);
	}
}

INLINE __u32 values_unread(const struct call_record *r)
{
	__u32 i, again = 0;

#pragma unroll
	for (i = 0; i < CALL_PARAMETERS; i++)
		again |= (r->values[i].state == CALL_UNREAD) << i;
	return again;
}

/* ---- lists -------------------------------------------------------------- */

/*
 * Of an exec that has succeeded the memory that it was given is gone. Its strings are on the new
 * program's stack, where argc is, and behind it argv. Returns the width of a pointer.
 */
INLINE __u32 argv_on_stack(__u64 regs, __u64 *ret_argv)
{
	__u64 cs = 0, sp = 0;
	__u32 width;

	bpf_probe_read(&cs, sizeof(cs), (void *)(regs + offsetof(struct pt_regs, cs)));
	bpf_probe_read(&sp, sizeof(sp), (void *)(regs + offsetof(struct pt_regs, rsp)));
	width = cs == USER32_CS ? 4 : 8;
	*ret_argv = sp + width;
	return width;
}

/* argv: the strings that the array points to. width: of a pointer in it. */
INLINE int strings_read(struct call_scratch *s)
{
	__u32 i;

#pragma unroll
	for (i = 0; i < CALL_STRINGS_MAX; i++) {
		__u64 pointer[2] = { 0 }; /* as large as the verifier takes the width to be */
		__u32 width = s->width;

		BARRIER(width); /* see below_8() */
		/* Never 0, which 4.14 does not allow. */
		if (bpf_probe_read(pointer, ((width - 1) & 7) + 1,
		                   (void *)(s->list.address + i * width)))
			return 0;
		if (!pointer[0] || is_full(s))
			return 1;
		if (!string_read(s, pointer[0]))
			return 0;
		s->items = i + 1;
	}
	s->cut = 1;
	return 1;
}

/*
 * An item of an array of struct iovec, in which a pointer has four or eight bytes. Without a
 * branch: each would be walked with each.
 */
INLINE long iovec_read(const struct call_scratch *s, __u32 i, __u64 iov[2])
{
	__u32 width = s->width;
	__u64 low = ~0ULL >> ((64 - 8 * width) & 63), bytes = 2 * width, first;
	long failed;

	iov[0] = iov[1] = 0;
	BARRIER(bytes); /* see below_8() */
	failed = bpf_probe_read(iov, ((bytes - 1) & 15) + 1,
	                        (void *)(s->list.address + i * 2 * width));
	first = iov[0];
	iov[0] = first & low;
	iov[1] |= (first & ~low) >> 32;
	return failed;
}

/* What an array of struct iovec points to. */
INLINE int vector_read(struct call_scratch *s)
{
	struct call_list *v = &s->list;
	__u64 size;
	__u64 iov[2];
	__u32 i;

	if (v->count > CALL_VECTOR_MAX) {
		v->count = CALL_VECTOR_MAX;
		s->cut = 1;
	}
	s->items = v->count;
	if (!bytes_read(s, v->address, v->count * 2 * s->width))
		return 0;
#pragma unroll
	for (i = 0; i < CALL_VECTOR_MAX; i++) {
		if (i >= v->count || is_full(s))
			return 1;
		if (iovec_read(s, i, iov))
			return 0;
		size = iov[1] < v->left ? iov[1] : v->left;
		v->left -= size;
		if (size > v->most)
			size = v->most;
		if (!bytes_read(s, iov[0], size))
			return 0;
	}
	return 1;
}

/* The header and the address; s->list: what it points to. size: of the header. */
INLINE int message_read(struct call_scratch *s, __u32 size)
{
	struct call_list *v = &s->list;
	struct message m = { 0 };

	if (!bytes_read(s, v->address, size) || message_get(&m, v->address, s->width))
		return 0;
	v->address = m.vector;
	v->count = m.count;
	v->control = m.control;
	v->control_size = m.control ? m.control_size : 0;
	if (m.name_size > CALL_NAME_MAX)
		m.name_size = CALL_NAME_MAX;
	if (!m.name || !m.name_size)
		return 1;
	s->name = m.name_size;
	return bytes_read(s, m.name, m.name_size);
}

/* The control messages of the message at hand, as a value of their own. */
INLINE void control_read(struct call_scratch *s)
{
	struct call_value *value = &s->record.values[CALL_VALUE_CONTROL];
	__u64 size = s->list.control_size;
	int is_read;

	if (!size)
		return;
	if (is_full(s)) {
		value->state = CALL_CUT;
		return;
	}
	s->begin = s->end;
	s->cut = size > CALL_CONTROL_MAX;
	if (size > CALL_CONTROL_MAX)
		size = CALL_CONTROL_MAX;
	is_read = bytes_read(s, s->list.control, size);
	value_end(s, value, is_read, s->begin);
}

/* Of a request: bytes to read now, into s->list.left. False: there are none. */
INLINE int request_due(struct call_scratch *s, const struct call_parameter *p, __u32 i,
                       const struct call_settings *settings)
{
	const struct call_record *r = &s->record;
	struct request request;
	__u32 size = 0;

	request_find(&request, p->size, r->arguments[below_8(p->count)], settings->bytes_max);
	if (s->when & CALL_ENTRY || s->again & 1U << i)
		size = request.in;
	if (s->when & CALL_EXIT && request.out)
		size = request.out;
	s->cut = request.is_cut;
	s->list.left = size;
	return size != 0;
}

INLINE int list_read(struct call_scratch *s, const struct call_parameter *p, __u64 address,
                     const struct call_settings *settings)
{
	__u64 left = -1ULL;

	if (p->kind == CALL_REQUEST)
		return bytes_read(s, address, s->list.left);
	s->list.address = address;
	s->width = s->record.abi == CALL_64 ? 8 : 4;
	if (p->kind == CALL_STRINGS) {
		if (s->record.header.type != CALL_BEGINS && !s->record.result)
			s->width = argv_on_stack(s->regs, &s->list.address);
		return strings_read(s);
	}
	s->list.count = s->record.arguments[below_8(p->count)];
	s->list.most = settings->bytes_max > CALL_VALUE_MAX ? CALL_VALUE_MAX : settings->bytes_max;
	if (p->when & CALL_EXIT)
		left = s->record.result > 0 ? s->record.result : 0;
	s->list.left = left;
	if (p->kind == CALL_MESSAGE && !message_read(s, p->size))
		return 0;
	return vector_read(s);
}

/* The number of the list that is to be read now, or CALL_NO_LIST. */
INLINE __u32 list_now(const struct call_scratch *s, const struct call_plan *plan)
{
	__u32 i = below_8(plan->list);

	if (!is_now(s, &plan->parameters[i], i))
		return CALL_NO_LIST;
	return s->record.arguments[i] ? i : CALL_NO_LIST;
}

#endif
