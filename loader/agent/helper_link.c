/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loader/agent/ask.h"
#include "loader/agent/helper_link.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"

static const char has_ended[] = "its process has ended";

/* Gives it up, and says why, once. */
static void helper_lost(struct helper_link *l, const char *why)
{
	if (!l->is_reported)
		log_line(LEVEL_WARNING, "%s: %s; another try follows every two seconds", l->what,
		         why);
	l->is_reported = true;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->unanswered = 0;
	l->retry_ns = clock_monotonic_ns() + HELPER_RETRY_NS;
}

bool helper_get(struct helper_link *l)
{
	struct offsets_error error;

	if (l->fd >= 0)
		return true;
	if (clock_monotonic_ns() < l->retry_ns)
		return false;
	if (ask_helper(l->monitor, l->kind, &l->fd, &error)) {
		l->fd = -1;
		helper_lost(l, error.text);
	}
	return l->fd >= 0;
}

int helper_ask(struct helper_link *l, const void *question, size_t size)
{
	if (send(l->fd, question, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EAGAIN)
		return -EAGAIN;
	helper_lost(l, has_ended);
	return -EPIPE;
}

int helper_hear(struct helper_link *l, void *ret, size_t size)
{
	ssize_t n;

	if (l->fd < 0)
		return -EPIPE;
	n = recv(l->fd, ret, size, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	if (n != (ssize_t)size) {
		helper_lost(l, has_ended);
		return -EPIPE;
	}
	l->is_reported = false;
	return 0;
}

bool helper_is_stuck(struct helper_link *l, uint64_t now_ns)
{
	if (l->fd < 0 || !l->unanswered || now_ns - l->asked_ns <= HELPER_STUCK_NS)
		return false;
	helper_lost(l, "a file system does not answer");
	return true;
}

void helper_link_close(struct helper_link *l)
{
	if (l->monitor && l->fd >= 0)
		close(l->fd);
}
