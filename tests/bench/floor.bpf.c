/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The floor of an exec: a program on the same hook that only sends as many bytes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BYTES 768 /* what an exec of the loop takes: 464 fixed, argv, environment, seven texts */

struct message {
	char bytes[BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct message);
} scratch SEC(".maps");

SEC("tracepoint/sched/sched_process_exec")
int floor_exec(void *ctx)
{
	__u32 key = 0;
	struct message *m = bpf_map_lookup_elem(&scratch, &key);

	if (m)
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, m, sizeof(*m));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
