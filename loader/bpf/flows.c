/* SPDX-License-Identifier: BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "loader/bpf/flows.h"
#include "probes/abi/maps.h"

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

/* One more that came in meanwhile begins another flow. */
static int flow_end(struct flows *f, const struct flow_key *key, uint64_t now_ns, uint64_t idle_ns)
{
	struct socket_event e;
	struct flow flow;

	if (bpf_map_lookup_elem(f->map, key, &flow))
		return errno == ENOENT ? 0 : -errno;
	/* By a sum: a machine may be up for less than that. */
	if (idle_ns && flow.last_ns + idle_ns > now_ns) {
		f->live++;
		return 0;
	}
	if (!f->room(f->arg)) {
		f->waiting = true;
		f->live++;
		return 0;
	}
	if (bpf_map_delete_elem(f->map, key))
		return errno == ENOENT ? 0 : -errno;
	e = flow_event(&flow);
	e.header.cpu = f->cpu;
	e.header.sequence = f->sequence++;
	f->record(f->arg, &e, sizeof(e));
	return 0;
}

int flows_end(struct flows *f, uint64_t now_ns, uint64_t idle_ns)
{
	struct flow_key key, next;
	bool more = !bpf_map_get_next_key(f->map, NULL, &next);
	unsigned int i;
	int err;

	f->live = 0;
	f->waiting = false;
	/* If a key is gone, the kernel starts again with the first one: so no more than the map can
	 * hold. */
	for (i = 0; more && i < FLOWS; i++) {
		key = next;
		more = !bpf_map_get_next_key(f->map, &key, &next);
		err = flow_end(f, &key, now_ns, idle_ns);
		if (err)
			return err;
	}
	return 0;
}
