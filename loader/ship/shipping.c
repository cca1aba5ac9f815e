/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loader/out/queue.h"
#include "loader/ship/shipping.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"

#define MS_NS     1000000ULL
#define SECOND_NS 1000000000ULL

/* Lines are kept together: so many bytes, or those of so long. */
#define BATCH_BYTES (512 * 1024)
#define BATCH_NS    (500 * MS_NS)

/* When the engine has ended, what is here is sent for so long. */
#define REST_NS (5 * SECOND_NS)

/* If a certificate is refused for so long, it ends: the next shipper reads the files again. */
#define CERTIFICATE_NS (60 * SECOND_NS)

/* After a failure of the spool, and between looks at its age. */
#define AGAIN_NS SECOND_NS

/* The queue of the engine, 8 MiB by default, has the lines of that time. */
#define DISK_FULL_NS (10 * SECOND_NS)

struct shipping {
	const struct shipping_use *use;
	int engine; /* -1: it has ended */
	uint64_t ended_ns;
	struct spool *spool;
	struct sender *sender;
	/* From the engine. */
	char *input;
	size_t input_size, input_room;
	bool is_greeted;
	uint64_t next;          /* number of the next line */
	uint64_t taken;         /* those before it are in the spool */
	struct shipment coming; /* those after them */
	uint64_t coming_ns, blocked_ns;
	uint64_t full_ns; /* since when the disk is, or something was dropped for that; 0: it is not
	                   */
	/* To the collector. */
	struct shipment sending;
	int64_t sending_id;      /* 0: none */
	bool is_sent;            /* it has still to leave the spool */
	uint64_t spool_ns;       /* the next try there */
	uint64_t certificate_ns; /* since when it is refused; 0: it is not */
	uint64_t second_ns;
	bool is_damaged; /* the spool was: the next shipper goes on with another one */
	char spool_why[SHIP_WHY_BYTES]; /* its last failure; "": none, or lines were kept since */
	bool has_news;
	struct ship_report report;
};

static uint64_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

/* ---- from the engine ----------------------------------------------------- */

static void engine_leave(struct shipping *s, uint64_t now)
{
	if (s->engine >= 0)
		close(s->engine);
	s->engine = -1;
	s->ended_ns = now;
}

/* Whether all of the next message has come; *ret_size: of what is known of it. */
static bool message_is_whole(const struct shipping *s, size_t at, size_t *ret_size)
{
	struct ship_line head;

	*ret_size = s->is_greeted ? sizeof(head) : sizeof(struct ship_hello);
	if (s->input_size - at < *ret_size || !s->is_greeted)
		return s->input_size - at >= *ret_size;
	memcpy(&head, s->input + at, sizeof(head));
	if (head.size >= QUEUE_LINE_MAX)
		return true; /* message_take() refuses it */
	*ret_size += head.size;
	return s->input_size - at >= *ret_size;
}

/* 0 or -errno; -EPROTO: it is none. */
static int message_take(struct shipping *s, const char *text, uint64_t now,
                        struct offsets_error *error)
{
	struct ship_hello hello;
	struct ship_line head;
	int err = 0;

	if (!s->is_greeted) {
		memcpy(&hello, text, sizeof(hello));
		s->next = hello.next;
		s->is_greeted = s->has_news = true;
		return spool_run(s->spool, hello.run, hello.next, &s->taken, error);
	}
	memcpy(&head, text, sizeof(head));
	if (head.tag >= LEDGER_TAGS || head.size >= QUEUE_LINE_MAX)
		return offsets_fail(error, -EPROTO, "the engine sends what is no line");
	if (s->next >= s->taken + s->coming.count) { /* else it is here already */
		if (!s->coming.count)
			s->coming_ns = now;
		err = shipment_add(&s->coming, text + sizeof(head), head.size, head.tag);
	}
	s->next += !err;
	return err ? offsets_fail(error, err, "a line cannot be kept: %s", strerror(-err)) : 0;
}

static int input_use(struct shipping *s, uint64_t now, struct offsets_error *error)
{
	size_t at = 0, size;
	int err = 0;

	while (!err && s->coming.size < BATCH_BYTES && message_is_whole(s, at, &size)) {
		err = message_take(s, s->input + at, now, error);
		at += size;
	}
	memmove(s->input, s->input + at, s->input_size - at);
	s->input_size -= at;
	return err;
}

/* Not more than a batch: the engine keeps the rest, and knows what to do when it is too much. */
static int engine_read(struct shipping *s, uint64_t now, struct offsets_error *error)
{
	ssize_t n = 1;
	int err = input_use(s, now, error);

	while (!err && s->engine >= 0 && s->coming.size < BATCH_BYTES && n > 0) {
		n = recv(s->engine, s->input + s->input_size, s->input_room - s->input_size,
		         MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n == 0 || (n < 0 && errno != EAGAIN))
			engine_leave(s, now);
		else if (n > 0)
			s->input_size += n;
		if (!err)
			err = input_use(s, now, error);
	}
	return err;
}

/* ---- into the spool ------------------------------------------------------ */

static bool batch_is_due(const struct shipping *s, uint64_t now)
{
	return s->coming.count && now >= s->blocked_ns &&
	       (s->coming.size >= BATCH_BYTES || now - s->coming_ns >= BATCH_NS || s->engine < 0);
}

/* A damaged spool is replaced, and this process ends; another failure is tried again. */
static void spool_fails(struct shipping *s, int err, struct offsets_error *error)
{
	char why[SHIP_WHY_BYTES];

	if (s->is_damaged)
		return;
	s->has_news = true;
	s->is_damaged = err == -EBADMSG;
	if (s->is_damaged && !spool_renew(s->spool, error))
		return;
	snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, error->text);
	if (strcmp(s->spool_why, why))
		log_line(LEVEL_WARNING, "%s: %s", s->use->name, error->text);
	memcpy(s->spool_why, why, sizeof(why));
}

/* Less for many lines, as the engine's queue would be full by then. */
static uint64_t disk_full_ns(const struct shipping *s)
{
	return s->coming.size < BATCH_BYTES ? DISK_FULL_NS : DISK_FULL_NS / 2;
}

/*
 * Somebody may have filled the disk for a moment, or fills it again at once: while lines wait in
 * memory for some seconds nothing older is dropped, and after that some of it at a time.
 */
static int batch_put(struct shipping *s, uint64_t now, struct offsets_error *error)
{
	uint64_t taken = s->taken + s->coming.count;
	int err = spool_put(s->spool, &s->coming, taken, now_seconds(), error);

	if (err != -ENOSPC) {
		s->full_ns = 0;
		return err;
	}
	if (!s->full_ns)
		s->full_ns = now;
	if (s->engine >= 0 && now - s->full_ns < disk_full_ns(s))
		return err;
	s->full_ns = now;
	spool_give_way(s->spool, s->coming.size);
	return spool_put(s->spool, &s->coming, taken, now_seconds(), error);
}

/* What cannot be kept now stays here, and no more is read. */
static void batch_keep(struct shipping *s, uint64_t now)
{
	struct offsets_error error;
	int err;

	if (!batch_is_due(s, now))
		return;
	err = batch_put(s, now, &error);
	if (err) {
		s->blocked_ns = now + AGAIN_NS / 5;
		spool_fails(s, err, &error);
		return;
	}
	s->taken += s->coming.count;
	shipment_clear(&s->coming);
	s->blocked_ns = 0;
	*s->spool_why = '\0';
	s->has_news = true;
}

/* ---- to the collector ---------------------------------------------------- */

/* It is taken from the spool again when there is another try. */
static void sending_leave(struct shipping *s)
{
	s->sending_id = 0;
	spool_sending(s->spool, 0);
}

static void next_begin(struct shipping *s, uint64_t now)
{
	struct offsets_error error;
	int err;

	if (s->sending_id || now < s->spool_ns || now < s->sender->retry_ns)
		return;
	err = spool_first(s->spool, &s->sending, &s->sending_id, &error);
	if (err) {
		s->sending_id = 0;
		s->spool_ns = now + AGAIN_NS;
		spool_fails(s, err, &error);
		return;
	}
	if (!s->sending_id) {
		s->spool_ns = now + BATCH_NS / 5;
		return;
	}
	s->is_sent = false;
	spool_sending(s->spool, s->sending_id);
	sender_begin(s->sender, &s->sending);
	if (!s->sender->batch)
		sending_leave(s);
}

/* A batch that cannot be removed now is not sent again, while this process lives. */
static void sent_remove(struct shipping *s, uint64_t now)
{
	struct offsets_error error;
	int err;

	if (!s->is_sent || now < s->spool_ns)
		return;
	err = spool_done(s->spool, s->sending_id, &s->sender->outcome, &error);
	if (err) {
		spool_sending(s->spool, s->sending_id);
		s->spool_ns = now + AGAIN_NS;
		spool_fails(s, err, &error);
		return;
	}
	s->sending_id = 0;
	s->is_sent = false;
	s->has_news = true;
}

static const char *failure(const struct shipping *s)
{
	return *s->spool_why ? s->spool_why : s->sender->why;
}

static void send_work(struct shipping *s, uint64_t now)
{
	bool was_failing = s->sender->is_failing;

	next_begin(s, now);
	if (sender_work(s->sender, now)) {
		s->is_sent = true;
		s->spool_ns = 0;
	}
	sent_remove(s, now);
	/* It may be too old, or in the way of others, before there is another try. */
	if (s->sending_id && !s->is_sent && sender_leave(s->sender))
		sending_leave(s);
	if (was_failing != s->sender->is_failing || s->sender->is_failing)
		s->has_news |= strcmp(s->report.why, failure(s)) != 0;
	if (!s->sender->is_certificate_bad)
		s->certificate_ns = 0;
	else if (!s->certificate_ns)
		s->certificate_ns = now;
}

/* ---- reports ------------------------------------------------------------- */

/* One that the engine has not read yet is not followed by another one. */
static void report(struct shipping *s)
{
	int waiting = 0;

	if (!s->has_news || s->engine < 0 || !s->is_greeted ||
	    ioctl(s->engine, SIOCOUTQ, &waiting) || waiting)
		return;
	s->report.is_failing = *s->spool_why || s->sender->is_failing;
	memcpy(s->report.why, failure(s), sizeof(s->report.why));
	s->report.taken = s->taken;
	memcpy(s->report.counts, spool_counts(s->spool), sizeof(s->report.counts));
	s->has_news = send(s->engine, &s->report, sizeof(s->report), MSG_DONTWAIT | MSG_NOSIGNAL) !=
	              sizeof(s->report);
}

/* ---- the loop ------------------------------------------------------------ */

/* The directory is given to the next shipper, which waits until this one has left. */
static bool spool_is_wanted(void)
{
	return access(".", W_OK | X_OK) != 0;
}

/* Lines of an engine that has ended. */
static bool input_is_left(const struct shipping *s)
{
	size_t size;

	return s->coming.count || message_is_whole(s, 0, &size);
}

static bool is_over(const struct shipping *s, uint64_t now)
{
	if (s->is_damaged)
		return true;
	if (s->certificate_ns && now - s->certificate_ns > CERTIFICATE_NS)
		return true;
	if (s->engine >= 0)
		return false;
	if (now - s->ended_ns > REST_NS)
		return true;
	return !input_is_left(s) && (s->sender->is_failing || spool_is_wanted() ||
	                             (!s->sending_id && now - s->ended_ns > BATCH_NS));
}

/* While a collector is away little is to be done. */
static int wait_ms(const struct shipping *s)
{
	if (s->has_news || s->engine < 0 || (s->sending_id && !s->sender->is_failing))
		return 20;
	return s->coming.count ? 100 : 250;
}

static void second(struct shipping *s, uint64_t now)
{
	struct offsets_error error;
	int err;

	if (now - s->second_ns < SECOND_NS)
		return;
	s->second_ns = now;
	err = spool_expire(s->spool, now_seconds(), &error);
	if (err)
		spool_fails(s, err, &error);
	s->has_news = true;
}

static int loop(struct shipping *s, struct offsets_error *error)
{
	uint64_t now = clock_monotonic_ns();
	int err = 0;

	while (!err && !is_over(s, now)) {
		bool reads = s->engine >= 0 && s->coming.size < BATCH_BYTES;
		struct pollfd fd = { s->engine, POLLIN, 0 };

		sender_wait(s->sender, &fd, reads, wait_ms(s));
		now = clock_monotonic_ns();
		err = engine_read(s, now, error);
		batch_keep(s, now);
		send_work(s, now);
		second(s, now);
		report(s);
	}
	return err;
}

int shipping_run(const struct shipping_use *use, int engine, struct offsets_error *error)
{
	struct shipping *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return offsets_fail(error, -ENOMEM, "out of memory");
	s->use = use;
	s->engine = engine;
	/* The longest line, with what may come behind it. */
	s->input_room = QUEUE_LINE_MAX + 64 * 1024;
	s->input = malloc(s->input_room);
	err = s->input ? spool_open(&use->spool, &s->spool, error)
	               : offsets_fail(error, -ENOMEM, "out of memory");
	if (!err)
		err = sender_new(use->ops, &use->sender, &s->sender, error);
	if (!err)
		err = loop(s, error);
	sender_free(s->sender);
	spool_close(s->spool);
	shipment_deinit(&s->coming);
	shipment_deinit(&s->sending);
	free(s->input);
	free(s);
	return err;
}
