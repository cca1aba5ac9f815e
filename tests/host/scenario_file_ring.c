/* SPDX-License-Identifier: BSD-2-Clause */
/* Files by io_uring: a thread of the kernel may do it, and the event names the process all the
 * same. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"
#include "tests/host/scenario_ring.h"

static void *ring_map(int fd, size_t size, off_t at)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);

	require(map != MAP_FAILED, "io_uring");
	return map;
}

int ring_open(struct ring *r)
{
	struct io_uring_params p = { 0 };
	char *requests, *results;

	r->fd = syscall(__NR_io_uring_setup, 1, &p);
	if (r->fd < 0)
		return 0;
	requests = ring_map(r->fd, p.sq_off.array + p.sq_entries * 4, IORING_OFF_SQ_RING);
	results = ring_map(r->fd, p.cq_off.cqes + p.cq_entries * sizeof(*r->results),
	                   IORING_OFF_CQ_RING);
	r->entries = ring_map(r->fd, p.sq_entries * sizeof(*r->entries), IORING_OFF_SQES);
	r->tail = (unsigned int *)(requests + p.sq_off.tail);
	r->mask = *(unsigned int *)(requests + p.sq_off.ring_mask);
	r->array = (unsigned int *)(requests + p.sq_off.array);
	r->done_head = (unsigned int *)(results + p.cq_off.head);
	r->done_mask = *(unsigned int *)(results + p.cq_off.ring_mask);
	r->results = (struct io_uring_cqe *)(results + p.cq_off.cqes);
	return 1;
}

int ring_do(struct ring *r, const struct io_uring_sqe *request)
{
	unsigned int slot = *r->tail & r->mask;
	int result;

	r->entries[slot] = *request;
	r->array[slot] = slot;
	__atomic_store_n(r->tail, *r->tail + 1, __ATOMIC_RELEASE);
	require(syscall(__NR_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1,
	        "io_uring_enter");
	result = r->results[*r->done_head & r->done_mask].res;
	__atomic_store_n(r->done_head, *r->done_head + 1, __ATOMIC_RELEASE);
	return result;
}

/* openat since 5.6, mkdirat since 5.15, unlinkat since 5.11. */
void file_by_io_uring(void)
{
	struct io_uring_sqe make = { .opcode = IORING_OP_OPENAT,
		                     .fd = AT_FDCWD,
		                     .addr = (uintptr_t) "by-io-uring",
		                     .len = 0600,
		                     .open_flags = O_WRONLY | O_CREAT };
	struct io_uring_sqe directory_make = { .opcode = IORING_OP_MKDIRAT,
		                               .fd = AT_FDCWD,
		                               .addr = (uintptr_t) "by-io-uring-too",
		                               .len = 0700 };
	struct io_uring_sqe remove_it = { .opcode = IORING_OP_UNLINKAT,
		                          .fd = AT_FDCWD,
		                          .addr = (uintptr_t) "by-io-uring" };
	struct stat st;
	struct ring r;

	if (!ring_open(&r))
		return;
	if (ring_do(&r, &make) >= 0) {
		file_record("create", "by-io-uring");
		st = file_stat("by-io-uring");
		if (!ring_do(&r, &remove_it)) {
			file_begin("unlink", "by-io-uring", &st);
			record_end();
		}
	}
	if (!ring_do(&r, &directory_make))
		file_record("mkdir", "by-io-uring-too");
	close(r.fd);
}
