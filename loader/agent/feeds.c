/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "loader/agent/feeds.h"
#include "loader/out/feed.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"

#define SECOND_NS 1000000000ULL
#define SOON_NS   (60 * SECOND_NS)
#define HOUR_NS   (3600 * SECOND_NS)
#define LEAST_NS  (SECOND_NS / 10) /* between two starts; then twice as long, and so on */
#define MOST_NS   (30 * SECOND_NS)
#define LEAVE_NS  (5 * SECOND_NS) /* for one that reads no more, and for the end */

/* It has ended: when it may be started again. */
static void ended(struct feed *f, const struct output_config *config, int status, uint64_t now)
{
	uint64_t pause = LEAST_NS << f->soon;

	if (now - f->started_ns > SOON_NS)
		f->soon = 0;
	else if (pause < MOST_NS)
		f->soon++;
	f->pid = 0;
	f->not_before_ns = now + (pause < MOST_NS ? pause : MOST_NS);
	log_line(LEVEL_WARNING, "%s: has ended with %s %d; events wait for it to be started again",
	         config->target, WIFSIGNALED(status) ? "signal" : "status",
	         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* True: it has ended. One that goes on without reading is not of use any more. */
static bool has_ended(struct feed *f, const struct output_config *config, uint64_t now)
{
	int status;

	if (f->pid && waitpid(f->pid, &status, WNOHANG) == f->pid)
		ended(f, config, status, now);
	if (f->pid && now >= f->not_before_ns) {
		kill(f->pid, f->not_before_ns ? SIGKILL : SIGTERM);
		f->not_before_ns = now + LEAVE_NS;
	}
	return !f->pid;
}

/* Counts a start. False: there were too many within an hour. */
static bool is_within_budget(struct feed *f, const struct output_config *config, uint64_t now)
{
	if (!f->starts || now - f->hour_ns > HOUR_NS) {
		f->hour_ns = now;
		f->starts = 0;
	}
	if (f->starts <= config->restarts) {
		f->starts++;
		return true;
	}
	f->not_before_ns = f->hour_ns + HOUR_NS;
	log_line(LEVEL_ERROR,
	         "%s: was started again %u times within an hour, and is left until that has "
	         "passed",
	         config->target, config->restarts);
	return false;
}

int feed_next(struct feed *f, const struct output_config *config, int *ret_fd,
              struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	int err;

	*ret_fd = -1;
	if (!has_ended(f, config, now) || now < f->not_before_ns ||
	    !is_within_budget(f, config, now))
		return -ENXIO;
	f->started_ns = now;
	f->not_before_ns = 0;
	err = feed_start(config->target, config->user, &f->pid, ret_fd, error);
	if (err) {
		log_line(LEVEL_WARNING, "%s", error->text);
		f->pid = 0;
		f->not_before_ns = now + MOST_NS;
	}
	return err;
}

static void end_wait(struct feed *f)
{
	uint64_t end = clock_monotonic_ns() + LEAVE_NS;
	pid_t pid = 0;

	while (f->pid && !pid && clock_monotonic_ns() < end) {
		pid = waitpid(f->pid, NULL, WNOHANG);
		if (!pid)
			poll(NULL, 0, 10);
	}
	if (pid)
		f->pid = 0;
}

void feed_leave(struct feed *f)
{
	static const int signals[] = { SIGTERM, SIGKILL };
	size_t i;

	end_wait(f);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]) && f->pid; i++) {
		kill(f->pid, signals[i]);
		end_wait(f);
	}
}
