/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_UNIT_SINK_FINISH_H
#define TESTS_UNIT_SINK_FINISH_H

#include <poll.h>

#include "loader/out/sink.h"
#include "loader/util/monotonic.h"

/* Flushes until all is written, or for so long, as a loop with one sink does. 0 or as sink_flush().
 */
static inline int sink_finish(struct sink *sink, uint64_t timeout_ns, struct offsets_error *error)
{
	uint64_t end = clock_monotonic_ns() + timeout_ns;
	int err = sink_flush(sink, error);

	while (!err && sink->queue.size && clock_monotonic_ns() < end) {
		int ms, fd = sink_wait(sink, &ms);
		struct pollfd poll_fd = { fd, POLLOUT, 0 };

		poll(&poll_fd, fd >= 0, fd >= 0 ? SINK_AGAIN_MS : ms);
		err = sink_flush(sink, error);
	}
	return err;
}

#endif
