/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loader/out/ship_wire.h"
#include "loader/out/shipped.h"
#include "loader/util/monotonic.h"

/* After a shipper has ended, or could not be started, the next one is so much later, each time
 * twice as much. */
#define RETRY_FIRST_NS 1000000000ULL
#define RETRY_MOST_NS  60000000000ULL

/* How often its reports are read while lines wait. */
#define REPORT_MS 20

struct shipped {
	struct sink sink;
	const struct shipped_options *options; /* the caller's */
	int fd;                                /* -1: there is no shipper */
	uint64_t retry_ns, backoff_ns;
	/* Lines before taken have left the queue; those before sent are known to some shipper. */
	uint64_t taken, sent;
	uint64_t next;      /* to be sent to this one */
	size_t next_before; /* bytes of the queue before that line */
	size_t part;        /* bytes of it, with its head, that are sent */
	struct ship_report report;
	size_t report_part; /* bytes of the next report that have come */
	struct ship_report coming;
};

static struct shipped *shipped_of(struct sink *sink)
{
	return (struct shipped *)sink;
}

/* ---- the shipper --------------------------------------------------------- */

static void leave(struct shipped *s, uint64_t retry_ns)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->retry_ns = clock_monotonic_ns() + retry_ns;
}

static void shipper_lost(struct shipped *s, const char *why)
{
	s->backoff_ns = !s->backoff_ns                      ? RETRY_FIRST_NS
	                : s->backoff_ns < RETRY_MOST_NS / 2 ? 2 * s->backoff_ns
	                                                    : RETRY_MOST_NS;
	leave(s, s->backoff_ns);
	sink_fails(&s->sink, why);
}

/* True: there is one. */
static bool shipper_get(struct shipped *s)
{
	const struct ship_hello hello = { s->options->run, s->taken };
	struct offsets_error error;
	int err;

	if (s->fd >= 0)
		return true;
	if (clock_monotonic_ns() < s->retry_ns)
		return false;
	err = s->sink.opener ? s->sink.opener(s->sink.opener_arg, SINK_OPEN, &s->fd, &error)
	                     : s->options->start(s->options->arg, &s->fd, &error);
	if (err) {
		s->fd = -1;
		shipper_lost(s, error.text);
		return false;
	}
	s->next = s->taken;
	s->next_before = s->part = s->report_part = 0;
	if (send(s->fd, &hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello))
		shipper_lost(s, strerror(errno));
	return s->fd >= 0;
}

/* ---- its reports --------------------------------------------------------- */

/* What it has kept leaves the queue. A number that it cannot know is not believed. */
static void report_use(struct shipped *s)
{
	const struct ship_report *r = &s->report;
	uint64_t count = r->taken - s->taken;
	size_t size = 0, i;

	if (r->taken < s->taken || r->taken > s->next) {
		shipper_lost(s, "the shipper process reports what it cannot have");
		return;
	}
	for (i = 0; i < count; i++)
		size += queue_line(&s->sink.queue, i, size).size;
	s->taken = r->taken;
	s->next_before -= size;
	if (count)
		sink_written(&s->sink, size);
	s->backoff_ns = 0;
	if (r->is_failing)
		sink_fails(&s->sink, r->why);
	else
		sink_works(&s->sink);
}

static void reports_read(struct shipped *s)
{
	ssize_t n;

	while (s->fd >= 0) {
		n = recv(s->fd, (char *)&s->coming + s->report_part,
		         sizeof(s->coming) - s->report_part, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			shipper_lost(s, "the shipper process has ended");
			return;
		}
		s->report_part += n;
		if (s->report_part < sizeof(s->coming))
			continue;
		s->report = s->coming;
		s->report.why[sizeof(s->report.why) - 1] = '\0';
		s->report_part = 0;
		report_use(s);
	}
}

/* ---- lines --------------------------------------------------------------- */

/* False: it takes no more now. */
static bool line_send(struct shipped *s)
{
	struct queue_text text = queue_line(&s->sink.queue, s->next - s->taken, s->next_before);
	struct ship_line head = { text.size - 1, text.tag };
	struct iovec parts[] = { { &head, sizeof(head) }, { (char *)text.text, head.size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	size_t skip = s->part, whole = sizeof(head) + head.size, i;
	ssize_t n;

	for (i = 0; i < 2; i++) {
		size_t cut = skip < parts[i].iov_len ? skip : parts[i].iov_len;

		parts[i].iov_base = (char *)parts[i].iov_base + cut;
		parts[i].iov_len -= cut;
		skip -= cut;
	}
	n = sendmsg(s->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0) {
		shipper_lost(s, strerror(errno));
		return false;
	}
	if (s->next >= s->sent)
		s->sent = s->next + 1;
	s->part += n;
	if (s->part < whole)
		return true;
	s->part = 0;
	s->next++;
	s->next_before += text.size;
	return true;
}

static int shipped_write(struct sink *sink, struct offsets_error *error)
{
	struct shipped *s = shipped_of(sink);

	(void)error;
	if (shipper_get(s)) {
		reports_read(s);
		while (s->fd >= 0 && s->next - s->taken < sink->queue.count && line_send(s))
			;
	}
	/* What a shipper may have kept is not dropped here. */
	sink->holds_first = s->sent > s->taken;
	return 0;
}

/* ---- the sink ------------------------------------------------------------ */

static int shipped_open(struct sink *sink, struct offsets_error *error)
{
	struct shipped *s = shipped_of(sink);

	(void)error;
	s->options = sink->use.options;
	s->fd = -1;
	return 0;
}

/* One that keeps lines of an earlier run sends them although this run may have none yet. */
static void shipped_second(struct sink *sink)
{
	struct shipped *s = shipped_of(sink);

	if (shipper_get(s))
		reports_read(s);
}

/* The next one reads certificates and keys again. */
static void shipped_reopen(struct sink *sink)
{
	leave(shipped_of(sink), 0);
}

static int shipped_wait(const struct sink *sink, int *ret_ms)
{
	const struct shipped *s = (const struct shipped *)sink;
	uint64_t now = clock_monotonic_ns();

	if (s->fd >= 0 && s->next - s->taken < sink->queue.count)
		return s->fd;
	*ret_ms = s->fd < 0 && s->retry_ns > now ? (s->retry_ns - now) / 1000000 + 1 : REPORT_MS;
	return -1;
}

static int shipped_descriptor(const struct sink *sink)
{
	return ((const struct shipped *)sink)->fd;
}

/* From where the shipper takes over. */
static void shipped_counts(const struct sink *sink, unsigned int tag, struct ledger_counts *ret)
{
	const struct ship_counts *c = &((const struct shipped *)sink)->report.counts[tag];
	unsigned int reason;

	ret->made += c->kept;
	ret->delivered = c->delivered;
	ret->queued += c->queued;
	for (reason = 0; reason < DROP_REASONS; reason++)
		ret->dropped[reason] += c->dropped[reason];
}

static void shipped_close(struct sink *sink)
{
	leave(shipped_of(sink), 0);
}

const struct sink_ops shipped_ops = {
	.bytes = sizeof(struct shipped),
	.open = shipped_open,
	.write = shipped_write,
	.wait = shipped_wait,
	.reopen = shipped_reopen,
	.second = shipped_second,
	.descriptor = shipped_descriptor,
	.counts = shipped_counts,
	.close = shipped_close,
};
