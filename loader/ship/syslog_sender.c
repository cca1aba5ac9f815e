/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 5425: each line a message of RFC 5424 with its length before it, over TLS. A batch is
 * delivered when the other side's kernel has acknowledged all of it; it goes out again as a whole
 * if the connection ends before.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "loader/out/frame.h"
#include "loader/ship/sender.h"

/* A peer that takes or acknowledges nothing for so long is gone. */
#define DEAD_NS 30000000000ULL

/*
 * In TLS 1.3 a client that is refused for its certificate learns it after it has sent: so long a
 * connection has to last.
 */
#define PROVEN_NS 1000000000ULL

enum link { LINK_NONE, LINK_CONNECTING, LINK_OPEN };

struct syslog_sender {
	struct sender sender;
	enum link link;
	char *frames;
	size_t size, room, sent;
	int unacknowledged;
	uint64_t opened_ns, moved_ns; /* moved: when there was progress */
};

static struct syslog_sender *syslog_of(struct sender *sender)
{
	return (struct syslog_sender *)sender;
}

static int frames_add(struct syslog_sender *s, const struct frame_line *line)
{
	size_t need = s->size + line->size + FRAME_MORE_BYTES;
	char *larger = need > s->room ? realloc(s->frames, 2 * need) : s->frames;

	if (!larger)
		return -ENOMEM;
	s->room = need > s->room ? 2 * need : s->room;
	s->frames = larger;
	s->size += frame_syslog_counted(line, s->frames + s->size);
	return 0;
}

static int syslog_begin(struct sender *sender)
{
	struct syslog_sender *s = syslog_of(sender);
	const struct shipment *b = sender->batch;
	struct timespec now;
	size_t i, at = 0;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	s->size = s->sent = 0;
	for (i = 0; !err && i < b->count; i++) {
		const char *end = memchr(b->text + at, '\n', b->size - at);
		struct frame_line line = { b->text + at, end - (b->text + at), sender->use->host,
			                   sender->use->tag_names[b->tags[i]],
			                   now.tv_sec * 1000000000ULL + now.tv_nsec };

		err = frames_add(s, &line);
		at += line.size + 1;
	}
	return err;
}

static void lost(struct syslog_sender *s, uint64_t now_ns, const char *why)
{
	transfer_disconnect(s->sender.transfer);
	s->link = LINK_NONE;
	s->sent = 0;
	sender_fails(&s->sender, now_ns, 0, why);
}

static void connect_work(struct syslog_sender *s, uint64_t now_ns)
{
	struct transfer_result result;

	if (s->link == LINK_NONE) {
		if (now_ns < s->sender.retry_ns)
			return;
		s->sent = 0;
		if (transfer_connect(s->sender.transfer))
			lost(s, now_ns, "out of memory");
		else
			s->link = LINK_CONNECTING;
	}
	if (s->link != LINK_CONNECTING || !transfer_work(s->sender.transfer, &result))
		return;
	if (!result.is_connected) {
		s->sender.is_certificate_bad = result.is_about_certificate;
		lost(s, now_ns, result.why);
		return;
	}
	s->link = LINK_OPEN;
	s->opened_ns = s->moved_ns = now_ns;
}

/* How a refused certificate shows: as an alert, or as a reset that a write finds before it. */
static void ended(struct syslog_sender *s, uint64_t now_ns)
{
	if (now_ns - s->opened_ns >= PROVEN_NS) {
		lost(s, now_ns, "the collector has closed the connection");
		return;
	}
	s->sender.is_certificate_bad = true;
	lost(s, now_ns,
	     "the collector has ended the connection, as if it refused the client's certificate");
}

/* What a collector says is nothing but the end. */
static void closed_look(struct syslog_sender *s, uint64_t now_ns)
{
	char ignored[256];
	ssize_t n;

	do
		n = transfer_receive(s->sender.transfer, ignored, sizeof(ignored));
	while (n > 0);
	if (n != -EAGAIN)
		ended(s, now_ns);
}

static void frames_send(struct syslog_sender *s, uint64_t now_ns)
{
	ssize_t n = 0;

	while (s->sent < s->size && n >= 0) {
		n = transfer_send(s->sender.transfer, s->frames + s->sent, s->size - s->sent);
		if (n > 0) {
			s->sent += n;
			s->moved_ns = now_ns;
		}
	}
	if (n < 0 && n != -EAGAIN)
		ended(s, now_ns);
}

/* True: all of it is acknowledged. */
static bool acknowledged(struct syslog_sender *s, uint64_t now_ns)
{
	int waiting = 0;

	if (ioctl(transfer_socket(s->sender.transfer), SIOCOUTQ, &waiting))
		return false;
	if (waiting < s->unacknowledged)
		s->moved_ns = now_ns;
	s->unacknowledged = waiting;
	return s->sent == s->size && !waiting && now_ns - s->opened_ns > PROVEN_NS;
}

static void delivered(struct syslog_sender *s)
{
	const struct shipment *b = s->sender.batch;
	size_t i;

	for (i = 0; i < b->count; i++)
		s->sender.outcome.delivered[b->tags[i]]++;
	sender_works(&s->sender);
}

static bool syslog_work(struct sender *sender, uint64_t now_ns)
{
	struct syslog_sender *s = syslog_of(sender);

	if (s->link != LINK_OPEN)
		connect_work(s, now_ns);
	if (s->link == LINK_OPEN)
		closed_look(s, now_ns);
	if (s->link == LINK_OPEN)
		frames_send(s, now_ns);
	if (s->link != LINK_OPEN)
		return false;
	if (acknowledged(s, now_ns)) {
		delivered(s);
		return true;
	}
	if (now_ns - s->moved_ns > DEAD_NS)
		lost(s, now_ns, "the collector takes nothing");
	return false;
}

static int syslog_descriptor(const struct sender *sender, short *ret_events)
{
	const struct syslog_sender *s = (const struct syslog_sender *)sender;

	*ret_events = POLLIN | (s->sent < s->size ? POLLOUT : 0);
	return s->link == LINK_OPEN ? transfer_socket(sender->transfer) : -1;
}

static bool syslog_is_untouched(const struct sender *sender)
{
	return ((const struct syslog_sender *)sender)->link == LINK_NONE;
}

static void syslog_free(struct sender *sender)
{
	free(syslog_of(sender)->frames);
}

const struct sender_ops syslog_sender_ops = {
	.bytes = sizeof(struct syslog_sender),
	.begin = syslog_begin,
	.work = syslog_work,
	.descriptor = syslog_descriptor,
	.is_untouched = syslog_is_untouched,
	.free = syslog_free,
};
