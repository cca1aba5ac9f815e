/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests by io_uring, one after the other: scenario_file_ring.c. */
#ifndef TESTS_HOST_SCENARIO_RING_H
#define TESTS_HOST_SCENARIO_RING_H

#include <linux/io_uring.h>

struct ring {
	int fd;
	unsigned int *tail, mask, *array, *done_head, done_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *results;
};

/* False: this kernel has no io_uring, or does not allow it. */
int ring_open(struct ring *r);

/* The result of one request: -errno on failure. */
int ring_do(struct ring *r, const struct io_uring_sqe *request);

#endif
