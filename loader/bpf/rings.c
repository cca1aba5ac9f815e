/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "offsets/util/cleanup.h"
#include "loader/bpf/ring.h"
#include "loader/bpf/rings.h"
#include "loader/host/cpus.h"

#define ONLINE "/sys/devices/system/cpu/online"

struct ring {
	struct perf_event_mmap_page *page; /* NULL: its CPU is offline. Then come the data */
	int fd;
};

struct rings {
	struct rings_use use;
	int epoll, online_fd;
	bool *online;      /* by CPU; as of the last look */
	char text[1024];   /* of ONLINE, the same */
	unsigned int next; /* who is read first, so that no CPU always comes last */
	unsigned int cpus;
	uint64_t high, fill; /* the most bytes that were in a ring: ever, since rings_fill_take() */
	/* A record that goes over the end of a ring, in one piece: its size has 16 bits. */
	char whole[UINT16_MAX];
	struct ring list[]; /* by CPU */
};

/* ---- one ring --------------------------------------------------------- */

static int ring_map(struct rings *r, struct ring *ring)
{
	struct epoll_event event = { .events = EPOLLIN };

	ring->page = mmap(NULL, ring_map_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (ring->page == MAP_FAILED) {
		ring->page = NULL;
		return -errno;
	}
	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, ring->fd, &event) ? -errno : 0;
}

/* Closing the descriptor takes it out of the epoll set. */
static void ring_close(struct ring *ring)
{
	if (ring->page)
		munmap(ring->page, ring_map_bytes());
	if (ring->fd >= 0)
		close(ring->fd);
	*ring = (struct ring){ .fd = -1 };
}

static int ring_open(struct rings *r, unsigned int cpu)
{
	struct ring *ring = &r->list[cpu];
	int err = r->use.open(r->use.open_arg, cpu, &ring->fd);

	if (!err)
		err = ring_map(r, ring);
	if (err)
		ring_close(ring);
	return err;
}

static int ring_take(struct rings *r, unsigned int cpu)
{
	uint64_t fill;
	int err = ring_read(r->list[cpu].page, r->whole, cpu, r->use.record, r->use.arg, &fill);

	if (fill > r->fill)
		r->fill = fill;
	if (fill > r->high)
		r->high = fill;
	return err;
}

/* Its CPU does not use it any more: what is in it is read first. */
static void ring_end(struct rings *r, unsigned int cpu)
{
	if (r->list[cpu].page)
		ring_take(r, cpu);
	ring_close(&r->list[cpu]);
}

void rings_renew(struct rings *r, unsigned int cpu)
{
	if (cpu >= r->cpus || !r->online[cpu])
		return;
	ring_end(r, cpu);
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
			ring_end(r, cpu);
		else if (!r->list[cpu].page)
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

int rings_open(unsigned int cpus, const struct rings_use *use, struct rings **ret,
               struct offsets_error *error)
{
	struct rings *r = calloc(1, sizeof(*r) + cpus * sizeof(r->list[0]));
	unsigned int cpu;
	int err;

	*ret = NULL;
	if (!r)
		return offsets_fail(error, -ENOMEM, "out of memory");
	r->use = *use;
	r->cpus = cpus;
	for (cpu = 0; cpu < cpus; cpu++)
		r->list[cpu].fd = -1;
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
		return offsets_fail(error, err, "the event rings cannot be opened: %s",
		                    strerror(-err));
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
		ring_close(&r->list[cpu]);
	if (r->epoll >= 0)
		close(r->epoll);
	if (r->online_fd >= 0)
		close(r->online_fd);
	free(r->online);
	free(r);
}

void rings_open_by(struct rings *r, int (*open)(void *arg, unsigned int cpu, int *ret_fd),
                   void *arg)
{
	r->use.open = open;
	r->use.open_arg = arg;
}

void rings_fds(const struct rings *r, void (*fn)(void *arg, int fd), void *arg)
{
	unsigned int cpu;

	fn(arg, r->epoll);
	fn(arg, r->online_fd);
	for (cpu = 0; cpu < r->cpus; cpu++)
		if (r->list[cpu].fd >= 0)
			fn(arg, r->list[cpu].fd);
}

uint64_t rings_high(const struct rings *r)
{
	return r->high;
}

uint64_t rings_fill_take(struct rings *r)
{
	uint64_t fill = r->fill;

	r->fill = 0;
	return fill;
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
		unsigned int cpu = (r->next + i) % r->cpus;

		if (r->use.full && r->use.full(r->use.arg)) {
			*ret_all = false;
			break;
		}
		if (r->list[cpu].page)
			err = ring_take(r, cpu);
	}
	r->next = r->cpus ? (r->next + i) % r->cpus : 0;
	return err;
}
