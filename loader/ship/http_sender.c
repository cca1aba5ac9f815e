/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A batch goes out in one request. If the collector refuses it for its size or for what is in it,
 * half of it is tried, down to the one line that is to blame.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "loader/ship/sender.h"

/* After so many lines in a row each of which was refused alone, the collector is to blame. */
#define REFUSED_MAX 8

struct http_line {
	size_t begin, size;
	bool is_done;
};

struct http_sender {
	struct sender sender;
	struct http_line *lines; /* of the batch */
	size_t lines_room;
	struct body_line *chosen; /* those of the request, and which they are */
	size_t *numbers;
	enum body_fate *fates;
	size_t chosen_count, chosen_room;
	size_t most; /* lines of a request */
	unsigned int refused;
	bool is_under_way;
	struct jsonw body;
	unsigned char *packed;
	size_t packed_room;
};

static struct http_sender *http_of(struct sender *sender)
{
	return (struct http_sender *)sender;
}

/* ---- a batch ------------------------------------------------------------- */

static int http_begin(struct sender *sender)
{
	struct http_sender *h = http_of(sender);
	const struct shipment *b = sender->batch;
	size_t i, at = 0;

	if (b->count > h->lines_room) {
		free(h->lines);
		h->lines = calloc(b->count, sizeof(*h->lines));
		h->lines_room = h->lines ? b->count : 0;
		if (!h->lines)
			return -ENOMEM;
	}
	for (i = 0; i < b->count; i++) {
		const char *end = memchr(b->text + at, '\n', b->size - at);

		h->lines[i] = (struct http_line){ at, end - (b->text + at), false };
		at += h->lines[i].size + 1;
	}
	h->most = b->count;
	return 0;
}

static bool all_done(const struct http_sender *h)
{
	size_t i;

	for (i = 0; i < h->sender.batch->count; i++)
		if (!h->lines[i].is_done)
			return false;
	return true;
}

static void line_done(struct http_sender *h, size_t number, bool is_delivered,
                      enum drop_reason reason)
{
	unsigned int tag = h->sender.batch->tags[number];

	h->lines[number].is_done = true;
	if (is_delivered)
		h->sender.outcome.delivered[tag]++;
	else
		h->sender.outcome.dropped[tag][reason]++;
}

/* ---- a request ----------------------------------------------------------- */

static bool chosen_room(struct http_sender *h, size_t count)
{
	if (count <= h->chosen_room)
		return true;
	free(h->chosen);
	free(h->numbers);
	free(h->fates);
	h->chosen = calloc(count, sizeof(*h->chosen));
	h->numbers = calloc(count, sizeof(*h->numbers));
	h->fates = calloc(count, sizeof(*h->fates));
	h->chosen_room = h->chosen && h->numbers && h->fates ? count : 0;
	return h->chosen_room;
}

static bool choose(struct http_sender *h)
{
	const struct shipment *b = h->sender.batch;
	size_t i;

	h->chosen_count = 0;
	if (!chosen_room(h, b->count))
		return false;
	for (i = 0; i < b->count && h->chosen_count < h->most; i++) {
		if (h->lines[i].is_done)
			continue;
		h->numbers[h->chosen_count] = i;
		h->chosen[h->chosen_count++] =
			(struct body_line){ b->text + h->lines[i].begin, h->lines[i].size,
			                    h->sender.use->tag_names[b->tags[i]] };
	}
	return true;
}

#define GZIP_WINDOW (15 + 16) /* deflateInit2(): with the head of gzip */

/* The bytes; 0: no memory. */
static size_t body_pack(struct http_sender *h)
{
	z_stream z = { .next_in = (Bytef *)h->body.text, .avail_in = h->body.size };
	size_t room, size = 0;
	unsigned char *larger;

	if (deflateInit2(&z, 1, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	room = deflateBound(&z, h->body.size);
	larger = room > h->packed_room ? realloc(h->packed, room) : h->packed;
	if (larger) {
		h->packed = larger;
		h->packed_room = room > h->packed_room ? room : h->packed_room;
		z.next_out = h->packed;
		z.avail_out = h->packed_room;
		size = deflate(&z, Z_FINISH) == Z_STREAM_END ? z.total_out : 0;
	}
	deflateEnd(&z);
	return size;
}

static void request_begin(struct http_sender *h, uint64_t now_ns)
{
	const struct sender_use *use = h->sender.use;
	const void *body;
	size_t size;

	jsonw_reset(&h->body);
	if (choose(h))
		body_write(use->form, h->chosen, h->chosen_count, use->host, &h->body);
	size = use->is_gzip ? body_pack(h) : h->body.size;
	body = use->is_gzip ? (const void *)h->packed : h->body.text;
	if (!h->chosen_count || h->body.failed || !size ||
	    transfer_post(h->sender.transfer, body_content_type(use->form), body, size,
	                  use->is_gzip))
		sender_fails(&h->sender, now_ns, 0, "out of memory");
	else
		h->is_under_way = true;
}

/* ---- an answer ----------------------------------------------------------- */

/* What is wrong is the request, and not the collector or the way to it. */
static bool is_refusal(long status)
{
	static const long refusals[] = { 400, 406, 411, 413, 414, 415, 422, 431 };
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (status == refusals[i])
			return true;
	return false;
}

static void why_status(const struct transfer_result *r, char *ret, size_t size)
{
	int shown = r->answer_size < 80 ? (int)r->answer_size : 80;

	snprintf(ret, size, "HTTP status %ld%s%.*s", r->status, shown ? ": " : "", shown,
	         shown ? r->answer : "");
}

static void refused(struct http_sender *h, uint64_t now_ns, const struct transfer_result *r)
{
	char why[SHIP_WHY_BYTES];

	if (h->chosen_count > 1) {
		h->most = h->chosen_count / 2;
		return;
	}
	why_status(r, why, sizeof(why));
	line_done(h, h->numbers[0], false, r->status == 413 ? DROP_TOO_LONG : DROP_FAILED);
	if (++h->refused >= REFUSED_MAX)
		sender_fails(&h->sender, now_ns, 0, why);
}

static void accepted(struct http_sender *h, uint64_t now_ns, const struct transfer_result *r)
{
	size_t i, again = 0;
	bool is_read = body_answer(h->sender.use->form, r->answer, r->answer_size, h->chosen_count,
	                           h->fates);

	for (i = 0; i < h->chosen_count; i++)
		if (h->fates[i] == FATE_AGAIN)
			again++;
		else
			line_done(h, h->numbers[i], h->fates[i] == FATE_DELIVERED, DROP_FAILED);
	h->refused = 0;
	if (again < h->chosen_count)
		sender_works(&h->sender);
	if (again)
		sender_fails(&h->sender, now_ns, r->retry_after_s,
		             is_read ? "the collector is too busy for some of the events"
		                     : "the answer of the collector cannot be read");
	h->most = h->most < h->sender.batch->count / 2 ? 2 * h->most : h->sender.batch->count;
}

static void answer_use(struct http_sender *h, uint64_t now_ns, const struct transfer_result *r)
{
	char why[SHIP_WHY_BYTES];

	h->is_under_way = false;
	if (!r->is_connected) {
		h->sender.is_certificate_bad = r->is_about_certificate;
		sender_fails(&h->sender, now_ns, 0, r->why);
	} else if (r->status >= 200 && r->status < 300) {
		accepted(h, now_ns, r);
	} else if (is_refusal(r->status)) {
		refused(h, now_ns, r);
	} else {
		why_status(r, why, sizeof(why));
		sender_fails(&h->sender, now_ns, r->retry_after_s, why);
	}
}

static bool http_work(struct sender *sender, uint64_t now_ns)
{
	struct http_sender *h = http_of(sender);
	struct transfer_result result;

	if (h->is_under_way && transfer_work(sender->transfer, &result))
		answer_use(h, now_ns, &result);
	if (h->is_under_way)
		return false;
	if (all_done(h))
		return true;
	if (now_ns >= sender->retry_ns)
		request_begin(h, now_ns);
	return false;
}

static bool http_is_untouched(const struct sender *sender)
{
	const struct http_sender *h = (const struct http_sender *)sender;
	size_t i;

	for (i = 0; i < sender->batch->count; i++)
		if (h->lines[i].is_done)
			return false;
	return !h->is_under_way;
}

static int http_descriptor(const struct sender *sender, short *ret_events)
{
	(void)sender;
	*ret_events = 0;
	return -1;
}

static void http_free(struct sender *sender)
{
	struct http_sender *h = http_of(sender);

	free(h->lines);
	free(h->chosen);
	free(h->numbers);
	free(h->fates);
	free(h->packed);
	jsonw_deinit(&h->body);
}

const struct sender_ops http_sender_ops = {
	.bytes = sizeof(struct http_sender),
	.begin = http_begin,
	.work = http_work,
	.descriptor = http_descriptor,
	.is_untouched = http_is_untouched,
	.free = http_free,
};
