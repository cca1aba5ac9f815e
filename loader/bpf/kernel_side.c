/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include "loader/bpf/kernel_side.h"
#include "loader/bpf/ring.h"

/*
 * A ring wakes us when so much is in it, else we look in by ourselves: a wake-up
 * for each event costs the host more than all that the programs do.
 */
#define WAKE_BYTES (RING_BYTES / 8)

/* ---- rings ------------------------------------------------------------ */

int kernel_local_ring(const struct kernel_local *local, unsigned int cpu, int *ret)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = 1,
		.wakeup_watermark = WAKE_BYTES,
	};
	int map = bpf_object__find_map_fd_by_name(local->object, "events"), err;
	int fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (bpf_map_update_elem(map, &cpu, &fd, BPF_ANY)) {
		err = -errno;
		close(fd);
		return err;
	}
	*ret = fd;
	return 0;
}

/* ---- counters --------------------------------------------------------- */

/* Rows 0 to cpus-1 are of the CPUs, the one after these is of flows, the rest of fentry. */
int kernel_local_counters(const struct kernel_local *local, unsigned int first, unsigned int count,
                          struct counters *ret)
{
	int cpus = bpf_object__find_map_fd_by_name(local->object, "counters");
	int claimed = bpf_object__find_map_fd_by_name(local->object, "claimed_counters");
	unsigned int row;

	for (row = first; row < first + count; row++) {
		bool is_claimed = row > local->cpus;
		__u32 key = is_claimed ? row - local->cpus - 1 : row;

		if (row != local->cpus &&
		    bpf_map_lookup_elem(is_claimed ? claimed : cpus, &key, &ret[row - first]))
			return -errno;
	}
	return 0;
}

/* ---- flows ------------------------------------------------------------ */

/* One more datagram that comes in meanwhile begins another flow. */
static int flow_take(int map, const struct flow_key *key, const struct flows_wanted *wanted,
                     struct flows_taken *ret)
{
	struct flow *flow = &ret->list[ret->count], other;

	if (ret->count >= wanted->most)
		flow = &other;
	if (bpf_map_lookup_elem(map, key, flow))
		return errno == ENOENT ? 0 : -errno;
	/* By a sum: a machine may be up for less than that. */
	if (wanted->idle_ns && flow->last_ns + wanted->idle_ns > wanted->now_ns) {
		ret->live++;
		return 0;
	}
	if (flow == &other) {
		ret->is_more = true;
		ret->live++;
		return 0;
	}
	if (bpf_map_delete_elem(map, key))
		return errno == ENOENT ? 0 : -errno;
	ret->count++;
	return 0;
}

int kernel_local_flows(int map, const struct flows_wanted *wanted, struct flows_taken *ret)
{
	struct flow_key key, next;
	bool more = !bpf_map_get_next_key(map, NULL, &next);
	unsigned int i;
	int err = 0;

	ret->live = ret->count = 0;
	ret->is_more = false;
	/* If a key is gone, the kernel starts again with the first one: so no more than the map can
	 * hold. */
	for (i = 0; more && i < FLOWS && !err; i++) {
		key = next;
		more = !bpf_map_get_next_key(map, &key, &next);
		err = flow_take(map, &key, wanted, ret);
	}
	return err;
}

/* ---- connections ------------------------------------------------------ */

/* If one is removed meanwhile, the kernel starts again. */
int kernel_local_connections(const struct kernel_local *local, uint64_t *ret)
{
	int map = bpf_object__find_map_fd_by_name(local->object, "connections");
	uint64_t sk;

	*ret = 0;
	if (bpf_map_get_next_key(map, NULL, &sk))
		return 0;
	do
		(*ret)++;
	while (*ret < 4 * CONNECTIONS && !bpf_map_get_next_key(map, &sk, &sk));
	return 0;
}
