/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include "offsets/util/cleanup.h"
#include "loader/bpf/rings.h"
#include "loader/bpf/verdict.h"
#include "loader/host/cpus.h"

/*
 * A ring wakes us when so much is in it, else we look in by ourselves: a wake-up
 * for each event costs the host more than all that the programs do.
 */
#define WAKE_BYTES (RING_BYTES / 8)

#define ONLINE "/sys/devices/system/cpu/online"

struct ring {
	struct rings *of;
	struct perf_buffer *buffer; /* NULL: its CPU is offline */
};

struct rings {
	struct rings_use use;
	int map, epoll, online_fd;
	bool *online;      /* by CPU; as of the last look */
	char text[1024];   /* of ONLINE, the same */
	unsigned int next; /* who is read first, so that no CPU always comes last */
	unsigned int cpus;
	struct ring list[]; /* by CPU */
};

/* ---- records ---------------------------------------------------------- */

/* include/uapi/linux/perf_event.h: PERF_RECORD_SAMPLE with PERF_SAMPLE_RAW */
struct ring_sample {
	struct perf_event_header header;
	__u32 size;
	char data[];
};

static enum bpf_perf_event_ret ring_event(void *arg, int cpu, struct perf_event_header *header)
{
	const struct ring_sample *sample = (const void *)header;
	struct ring *ring = arg;

	if (header->type == PERF_RECORD_SAMPLE && header->size >= sizeof(*sample) &&
	    sample->size <= header->size - sizeof(*sample))
		ring->of->use.record(ring->of->use.arg, cpu, sample->data, sample->size);
	return LIBBPF_PERF_EVENT_CONT;
}

/* ---- one ring --------------------------------------------------------- */

static int ring_open(struct rings *r, unsigned int cpu)
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
	int number = cpu;
	LIBBPF_OPTS(perf_buffer_raw_opts, opts, .cpu_cnt = 1, .cpus = &number, .map_keys = &number);
	struct epoll_event event = { .events = EPOLLIN };
	struct ring *ring = &r->list[cpu];
	int err;

	ring->of = r;
	ring->buffer = perf_buffer__new_raw(r->map, RING_BYTES / sysconf(_SC_PAGESIZE), &attr,
	                                    ring_event, ring, &opts);
	if (!ring->buffer)
		return -errno;
	if (!epoll_ctl(r->epoll, EPOLL_CTL_ADD, perf_buffer__epoll_fd(ring->buffer), &event))
		return 0;
	err = -errno;
	perf_buffer__free(ring->buffer);
	ring->buffer = NULL;
	return err;
}

/* Closing the descriptor takes it out of the epoll set. */
static void ring_close(struct rings *r, unsigned int cpu)
{
	if (!r->list[cpu].buffer)
		return;
	perf_buffer__consume(r->list[cpu].buffer);
	perf_buffer__free(r->list[cpu].buffer);
	r->list[cpu].buffer = NULL;
}

void rings_renew(struct rings *r, unsigned int cpu)
{
	if (cpu >= r->cpus || !r->online[cpu])
		return;
	ring_close(r, cpu);
	ring_open(r, cpu);
}

/* ---- CPUs that come and go -------------------------------------------- */

/* False: nothing has changed. */
static bool online_read(struct rings *r)
{
	char text[sizeof(r->text)] = "";
	ssize_t n = pread(r->online_fd, text, sizeof(text) - 1, 0);

	if (n <= 0 || !strcmp(text, r->text))
		return false;
	memcpy(r->text, text, sizeof(text));
	return cpus_parse(text, r->online, r->cpus);
}

/* *ret: of the first that could not be opened. */
static void rings_match(struct rings *r, int *ret)
{
	unsigned int cpu;

	*ret = 0;
	for (cpu = 0; cpu < r->cpus; cpu++) {
		int err = 0;

		if (!r->online[cpu])
			ring_close(r, cpu);
		else if (!r->list[cpu].buffer)
			err = ring_open(r, cpu);
		if (!*ret)
			*ret = err;
	}
}

void rings_follow(struct rings *r)
{
	int err;

	if (!online_read(r))
		return;
	rings_match(r, &err);
	if (err) /* again at the next look: what it has no ring for counts as lost */
		r->text[0] = '\0';
}

/* ---- all -------------------------------------------------------------- */

int rings_open(int map, unsigned int cpus, const struct rings_use *use, struct rings **ret,
               struct offsets_error *error)
{
	struct rings *r = calloc(1, sizeof(*r) + cpus * sizeof(r->list[0]));
	int err;

	*ret = NULL;
	if (!r)
		return offsets_fail(error, -ENOMEM, "out of memory");
	r->use = *use;
	r->map = map;
	r->cpus = cpus;
	r->online = calloc(cpus, sizeof(*r->online));
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->online_fd = open(ONLINE, O_RDONLY | O_CLOEXEC);
	if (!r->online || r->epoll < 0 || r->online_fd < 0 || !online_read(r)) {
		rings_close(r);
		return offsets_fail(error, -EIO, "%s: cannot be read; mount sysfs on /sys", ONLINE);
	}
	rings_match(r, &err);
	if (err) {
		rings_close(r);
		return offsets_fail(error, err, "the event rings cannot be opened: %s (%s)",
		                    strerror(-err), verdict_cause());
	}
	*ret = r;
	return 0;
}

void rings_close(struct rings *r)
{
	unsigned int cpu;

	if (!r)
		return;
	for (cpu = 0; cpu < r->cpus; cpu++)
		perf_buffer__free(r->list[cpu].buffer);
	if (r->epoll >= 0)
		close(r->epoll);
	if (r->online_fd >= 0)
		close(r->online_fd);
	free(r->online);
	free(r);
}

int rings_fd(const struct rings *r)
{
	return r->epoll;
}

int rings_read(struct rings *r, bool *ret_all)
{
	unsigned int i;
	int err = 0;

	*ret_all = true;
	for (i = 0; i < r->cpus && !err; i++) {
		struct perf_buffer *buffer = r->list[(r->next + i) % r->cpus].buffer;

		if (r->use.full && r->use.full(r->use.arg)) {
			*ret_all = false;
			break;
		}
		if (buffer)
			err = perf_buffer__consume(buffer);
	}
	r->next = r->cpus ? (r->next + i) % r->cpus : 0;
	return err < 0 ? err : 0;
}
