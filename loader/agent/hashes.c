/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "loader/agent/hashes.h"
#include "loader/util/monotonic.h"

/* An exec's event waits so long for an answer; while one is overdue, none waits. */
#define WAIT_MS 5

/*
 * All execs together wait for a tenth of the time: on a host that is busy the hasher has to wait
 * for a CPU, and the rings must not run over meanwhile.
 */
#define WAIT_PART    10
#define WAIT_MOST_NS 50000000ULL

void hashes_init(struct hashes *h, struct writer *writer, struct channel *monitor)
{
	*h = (struct hashes){ .hasher = { .monitor = monitor,
		                          .kind = HELPER_HASHER,
		                          .what = "hashes of executables",
		                          .fd = -1 },
		              .writer = writer };
}

void hashes_deinit(struct hashes *h)
{
	helper_link_close(&h->hasher);
	free(h->waiting);
}

/* ---- the hasher ---------------------------------------------------------- */

/* Where outputs have no room the answer stays. */
static void late_write(struct hashes *h, struct hash_wait *w)
{
	const struct late_hash late = { .process = w->process,
		                        .is_start_unread = w->is_start_unread,
		                        .exe = w->exe,
		                        .exe_size = w->exe_size,
		                        .hash = { .sha256 = w->sha256,
		                                  .reason = hash_state_text(w->state) } };

	if (!writer_hash(h->writer, &late, w->outputs))
		return;
	w->id = 0;
	h->waiting_count--;
}

static void late_set(struct hashes *h, struct hash_wait *w, enum hash_state state,
                     const uint8_t *sha256)
{
	w->is_answered = true;
	w->state = state;
	if (sha256)
		memcpy(w->sha256, sha256, sizeof(w->sha256));
	late_write(h, w);
}

/* Nothing comes of what it was asked for. */
static void all_late(struct hashes *h)
{
	size_t i;

	for (i = 0; h->waiting_count && i < HASHES_WAITING; i++)
		if (h->waiting[i].id && !h->waiting[i].is_answered)
			late_set(h, &h->waiting[i], HASH_LATE, NULL);
}

static bool hasher_get(struct hashes *h)
{
	if (!h->waiting)
		h->waiting = calloc(HASHES_WAITING, sizeof(*h->waiting));
	return h->waiting && helper_get(&h->hasher);
}

/* ---- answers ------------------------------------------------------------- */

/*
 * An answer to another request than the one that waits. Whoever has taken the hasher over may send
 * any: 0 is the id of all free entries, and one that is answered may be answered again.
 */
static void answer_write(struct hashes *h, const struct hash_answer *answer)
{
	struct hash_wait *w = h->waiting;

	if (!answer->id || answer->state == HASH_SOON)
		return;
	while (w < h->waiting + HASHES_WAITING && w->id != answer->id)
		w++;
	if (w < h->waiting + HASHES_WAITING && !w->is_answered)
		late_set(h, w, answer->state, answer->sha256);
}

/* More wait until the next call, so that no hasher can hold the engine by answers. */
#define ANSWERS_AT_ONCE 128

/* Those of others than the request of that id are written. True: it was answered, in *ret. */
static bool answers_read(struct hashes *h, uint64_t id, struct hash_answer *ret)
{
	int err = 0, i;

	for (i = 0; i < ANSWERS_AT_ONCE && !err; i++) {
		err = helper_hear(&h->hasher, ret, sizeof(*ret));
		if (err)
			break;
		if (ret->id == h->hasher.unanswered)
			h->hasher.unanswered = 0;
		if (id && ret->id == id)
			return true;
		answer_write(h, ret);
	}
	if (err == -EPIPE)
		all_late(h);
	return false;
}

static bool answer_wait(struct hashes *h, uint64_t id, struct hash_answer *ret)
{
	uint64_t begin = clock_monotonic_ns(), now = begin, end;
	struct pollfd fd = { h->hasher.fd, POLLIN, 0 };
	bool is_answered = false;

	h->may_wait_ns += (begin - h->filled_ns) / WAIT_PART;
	if (h->may_wait_ns > WAIT_MOST_NS)
		h->may_wait_ns = WAIT_MOST_NS;
	h->filled_ns = begin;
	end = begin +
	      (h->may_wait_ns < WAIT_MS * 1000000ULL ? h->may_wait_ns : WAIT_MS * 1000000ULL);
	while (h->hasher.fd >= 0 && !is_answered) {
		is_answered = answers_read(h, id, ret);
		now = clock_monotonic_ns();
		if (is_answered || h->hasher.unanswered || now >= end)
			break;
		poll(&fd, 1, (end - now) / 1000000 + 1);
	}
	h->may_wait_ns -= now - begin < h->may_wait_ns ? now - begin : h->may_wait_ns;
	if (is_answered)
		return true;
	if (h->hasher.fd >= 0 && !h->hasher.unanswered) {
		h->hasher.unanswered = id;
		h->hasher.asked_ns = now;
	}
	return false;
}

/* ---- execs --------------------------------------------------------------- */

static void request_make(struct hashes *h, const struct event *ev, struct hash_request *ret)
{
	const struct event_path *exe = &ev->texts[TEXT_EXE];
	const struct clock_offsets *clock = &h->writer->format.clock;

	*ret = (struct hash_request){ .id = ++h->last_id,
		                      .inode = ev->exec.inode,
		                      .time_ns = ev->header.time_ns + clock->monotonic_ns,
		                      .device = ev->exec.device,
		                      .pid = ev->exec.process.pid };
	if (!event_unread(ev, FIELD_TEXTS + TEXT_EXE) &&
	    !event_truncated(ev, FIELD_TEXTS + TEXT_EXE) && exe->size < sizeof(ret->path))
		memcpy(ret->path, exe->text, exe->size);
}

/* False: there is no room. */
static bool wait_add(struct hashes *h, const struct event *ev, const struct hash_request *r,
                     uint32_t outputs)
{
	struct hash_wait *w = h->waiting;

	if (h->waiting_count == HASHES_WAITING)
		return false;
	while (w->id)
		w++;
	*w = (struct hash_wait){ .id = r->id,
		                 .outputs = writer_takers(h->writer, ev, outputs),
		                 .process = ev->exec.process,
		                 .is_start_unread = event_unread(ev, FIELD_START),
		                 .exe_size = strlen(r->path) };
	memcpy(w->exe, r->path, w->exe_size);
	h->waiting_count++;
	return true;
}

static void hash_set(struct hashes *h, struct event *ev, enum hash_state state)
{
	h->hash = (struct event_hash){ .sha256 = h->sha256, .reason = hash_state_text(state) };
	ev->hash = &h->hash;
}

void hashes_exec(struct hashes *h, struct event *ev, uint32_t outputs)
{
	struct hash_request request;
	struct hash_answer answer;
	enum hash_state state = HASH_SOON;

	if (!h->hasher.monitor)
		return;
	if (event_unread(ev, FIELD_EXEC_EXE_NUMBERS) || event_unread(ev, FIELD_EXEC_EXE_STAT)) {
		hash_set(h, ev, HASH_UNKNOWN);
		return;
	}
	if (!hasher_get(h)) {
		hash_set(h, ev, HASH_LATE);
		return;
	}
	request_make(h, ev, &request);
	if (helper_ask(&h->hasher, &request, sizeof(request))) {
		if (h->hasher.fd < 0)
			all_late(h);
		hash_set(h, ev, HASH_LATE);
		return;
	}
	if (answer_wait(h, request.id, &answer)) {
		state = answer.state;
		memcpy(h->sha256, answer.sha256, sizeof(h->sha256));
	} else if (h->hasher.fd < 0) {
		state = HASH_LATE;
	}
	if (state == HASH_SOON && !wait_add(h, ev, &request, outputs))
		state = HASH_TOO_MANY;
	hash_set(h, ev, state);
}

static void answered_write(struct hashes *h)
{
	size_t i;

	for (i = 0; h->waiting_count && i < HASHES_WAITING; i++)
		if (h->waiting[i].id && h->waiting[i].is_answered)
			late_write(h, &h->waiting[i]);
}

void hashes_look(struct hashes *h, uint64_t now_ns)
{
	struct hash_answer answer;

	if (!h->hasher.monitor)
		return;
	answered_write(h);
	if (h->hasher.fd < 0)
		return;
	answers_read(h, 0, &answer);
	if (helper_is_stuck(&h->hasher, now_ns))
		all_late(h);
}

void hashes_end(struct hashes *h)
{
	struct hash_answer answer;

	if (!h->hasher.monitor)
		return;
	answered_write(h);
	answers_read(h, 0, &answer);
	all_late(h);
	writer_refuse(h->writer, h->waiting_count);
}
