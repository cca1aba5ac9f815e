/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaches programs, by each of the attach methods. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/attach.h"

static struct bpf_link *attach_events(const struct hook_host *host, const struct hook *hook,
                                      struct bpf_program *program, struct attachment *ret)
{
	char event[KPROBE_EVENTS_NAME_BYTES];
	struct bpf_link *link;
	int err = kprobe_events_add(host, hook, bpf_program__name(program), event);

	if (err) {
		errno = -err;
		return NULL;
	}
	/* For perf it is a tracepoint like any other. */
	link = bpf_program__attach_tracepoint(program, KPROBE_EVENTS_GROUP, event);
	if (!link) {
		err = errno;
		kprobe_events_remove(host->tracefs, event);
		errno = err;
		return NULL;
	}
	snprintf(ret->event, sizeof(ret->event), "%s", event);
	return link;
}

/* NULL: errno says why. */
static struct bpf_link *link_make(const struct hook_host *host, const struct hook *hook,
                                  enum attach_method method, struct bpf_program *program,
                                  struct attachment *ret)
{
	switch (method) {
	case ATTACH_TRACEPOINT:
		return bpf_program__attach_tracepoint(program, hook->category, hook->name);
	case ATTACH_RAW_TRACEPOINT:
		return bpf_program__attach_raw_tracepoint(program, hook->name);
	case ATTACH_KPROBE:
		return bpf_program__attach_kprobe(program, hook->kind == HOOK_KRETPROBE,
		                                  hook->name);
	case ATTACH_FENTRY:
		return bpf_program__attach_trace(program);
	case ATTACH_KPROBE_EVENTS:
	case ATTACH_METHODS:
		break;
	}
	return attach_events(host, hook, program, ret);
}

int attachment_open(const struct hook_host *host, const struct hook *hook,
                    enum attach_method method, struct bpf_program *program, struct attachment *ret,
                    struct offsets_error *error)
{
	ret->program = bpf_program__fd(program);
	ret->link = link_make(host, hook, method, program, ret);
	if (ret->link)
		return 0;
	return offsets_fail(error, -errno, "cannot be attached by %s: %s",
	                    attach_method_name(method), strerror(errno));
}

void attachment_close(const struct hook_host *host, struct attachment *attachment)
{
	bpf_link__destroy(attachment->link);
	if (*attachment->event)
		kprobe_events_remove(host->tracefs, attachment->event);
	memset(attachment, 0, sizeof(*attachment));
}

/*
 * A program by fentry does not run inside of itself; others do not run inside of any program of
 * their kinds, as in an interrupt. Counted from 5.12 (9ed9e9ba2337), those of the others in
 * trace_call_bpf() from 6.7 on.
 */
static uint64_t recursion_misses(int program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return program < 0 || bpf_obj_get_info_by_fd(program, &info, &size) ? 0
	                                                                    : info.recursion_misses;
}

/*
 * The beginning of struct bpf_link_info of a kprobe by perf_event_open(), include/uapi/linux/bpf.h.
 * From 6.7 on (3acf8ace6823) it says how often the function was called while another kprobe ran,
 * or while all instances of the kretprobe were in use.
 */
struct kprobe_link_info {
	__u32 type, id, program, padding;
	__u32 event, padding_of_event;
	__u64 function;
	__u32 function_size, offset;
	__u64 address;
	__u64 missed;
};

#define LINK_PERF_EVENT      7 /* BPF_LINK_TYPE_PERF_EVENT */
#define PERF_EVENT_KPROBE    3 /* enum bpf_perf_event_type */
#define PERF_EVENT_KRETPROBE 4

static uint64_t kprobe_misses(int link)
{
	struct kprobe_link_info info = { 0 };
	__u32 size = sizeof(info);

	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &size) || size < sizeof(info) ||
	    info.type != LINK_PERF_EVENT ||
	    (info.event != PERF_EVENT_KPROBE && info.event != PERF_EVENT_KRETPROBE))
		return 0;
	return info.missed;
}

uint64_t attachment_missed(const char *tracefs, const struct attachment *attachment)
{
	uint64_t missed = attachment->link ? recursion_misses(attachment->program) : 0;

	if (*attachment->event)
		return missed + kprobe_events_missed(tracefs, attachment->event);
	return attachment->link ? missed + kprobe_misses(bpf_link__fd(attachment->link)) : missed;
}
