/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/bpf/flows.h"

static struct socket_event flow_event(const struct flow *flow)
{
	const struct connection *of = &flow->of;
	struct socket_event e = {
		.header = { .len = sizeof(e),
		            .type = EVENT_SOCKET,
		            .time_ns = flow->last_ns,
		            .unread = of->unread },
		.process = of->process,
		.parent = of->parent,
		.start_ns = of->start_ns,
		.received = flow->received,
		.sent = flow->sent,
		.ends = flow->ends,
		.operation = SOCKET_FLOW,
		.outgoing = of->outgoing,
		.uid = of->uid,
	};

	memcpy(e.comm, of->comm, sizeof(e.comm));
	return e;
}

static void flow_deliver(struct flows *f, const struct flow *flow)
{
	struct socket_event e = flow_event(flow);

	e.header.cpu = f->cpu;
	e.header.sequence = f->sequence++;
	f->record(f->arg, &e, sizeof(e));
}

int flows_end(struct flows *f, uint64_t now_ns, uint64_t idle_ns)
{
	struct flows_wanted wanted = { .now_ns = now_ns, .idle_ns = idle_ns };
	unsigned int i;
	int err;

	do {
		wanted.most = f->room(f->arg) ? FLOWS_AT_ONCE : 0;
		err = f->kernel->flows(f->kernel_arg, &wanted, &f->taken);
		if (err)
			return err;
		for (i = 0; i < f->taken.count; i++)
			flow_deliver(f, &f->taken.list[i]);
	} while (f->taken.is_more && wanted.most);
	f->live = f->taken.live;
	f->waiting = f->taken.is_more;
	return 0;
}
