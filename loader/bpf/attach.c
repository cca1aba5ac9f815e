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
	ret->program = method == ATTACH_FENTRY ? bpf_program__fd(program) : -1;
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

/* From 5.12 on (9ed9e9ba2337): a program by fentry does not run inside of itself. */
static uint64_t recursion_misses(int program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return program < 0 || bpf_obj_get_info_by_fd(program, &info, &size) ? 0
	                                                                    : info.recursion_misses;
}

uint64_t attachment_missed(const char *tracefs, const struct attachment *attachment)
{
	if (*attachment->event)
		return kprobe_events_missed(tracefs, attachment->event);
	return attachment->link ? recursion_misses(attachment->program) : 0;
}
