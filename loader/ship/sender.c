/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/ship/sender.h"

#define SECOND_NS      1000000000ULL
#define RETRY_FIRST_NS (SECOND_NS / 2)
#define RETRY_MOST_NS  (60 * SECOND_NS)
#define RETRY_MOST_S   600 /* that a collector may ask for */

int sender_new(const struct sender_ops *ops, const struct sender_use *use, struct sender **ret,
               struct offsets_error *error)
{
	struct sender *s = calloc(1, ops->bytes);
	int err;

	*ret = NULL;
	if (!s)
		return offsets_fail(error, -ENOMEM, "out of memory");
	s->ops = ops;
	s->use = use;
	err = transfer_new(use->transfer, &s->transfer, error);
	if (err)
		sender_free(s);
	else
		*ret = s;
	return err;
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	s->ops->free(s);
	transfer_free(s->transfer);
	free(s);
}

void sender_begin(struct sender *s, const struct shipment *batch)
{
	s->batch = batch;
	memset(&s->outcome, 0, sizeof(s->outcome));
	if (s->ops->begin(s)) {
		s->batch = NULL;
		sender_fails(s, 0, 0, "out of memory");
	}
}

bool sender_work(struct sender *s, uint64_t now_ns)
{
	if (!s->batch || !s->ops->work(s, now_ns))
		return false;
	s->batch = NULL;
	return true;
}

bool sender_leave(struct sender *s)
{
	if (!s->batch || !s->is_failing || !s->ops->is_untouched(s))
		return false;
	s->batch = NULL;
	return true;
}

void sender_wait(struct sender *s, struct pollfd *fds, size_t count, int ms)
{
	struct pollfd all[TRANSFER_FDS_MAX];
	short events;
	int own = s->batch ? s->ops->descriptor(s, &events) : -1;
	size_t i;

	for (i = 0; i < count; i++)
		all[i] = fds[i];
	if (own >= 0)
		all[count] = (struct pollfd){ own, events, 0 };
	transfer_wait(s->transfer, all, count + (own >= 0), ms);
	for (i = 0; i < count; i++)
		fds[i].revents = all[i].revents;
}

void sender_fails(struct sender *s, uint64_t now_ns, uint64_t least_s, const char *why)
{
	uint64_t least_ns = (least_s < RETRY_MOST_S ? least_s : RETRY_MOST_S) * SECOND_NS;
	uint64_t wait_ns;

	s->backoff_ns = !s->backoff_ns                      ? RETRY_FIRST_NS
	                : s->backoff_ns < RETRY_MOST_NS / 2 ? 2 * s->backoff_ns
	                                                    : RETRY_MOST_NS;
	/* Up to a quarter more, so that many hosts do not come back at once. */
	wait_ns = s->backoff_ns + now_ns % (s->backoff_ns / 4);
	s->retry_ns = now_ns + (wait_ns > least_ns ? wait_ns : least_ns);
	s->is_failing = true;
	snprintf(s->why, sizeof(s->why), "%.*s", (int)sizeof(s->why) - 1, why);
}

void sender_works(struct sender *s)
{
	s->backoff_ns = s->retry_ns = 0;
	s->is_failing = s->is_certificate_bad = false;
	*s->why = '\0';
}
