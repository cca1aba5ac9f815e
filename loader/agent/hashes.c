/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "loader/agent/hashes.h"
#include "loader/hash/hash_budget.h"
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
		                          .what = "hashes of executables, scripts and modules",
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
		                        .script = w->kind == HASH_OF_SCRIPT ? &w->opened : NULL,
		                        .module = w->kind == HASH_OF_MODULE ? &w->opened : NULL,
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

/* ---- requests --------------------------------------------------------------- */

/* A text of the event that is known, and whole; it may be empty. */
static bool has_text(const struct event *ev, enum event_text text)
{
	return !event_unread(ev, FIELD_TEXTS + text) && !event_truncated(ev, FIELD_TEXTS + text);
}

/* Puts it behind the others, if there is room for it and a NUL. */
static bool text_append(struct hash_request *r, size_t *size, const char *text, size_t text_size)
{
	if (*size + text_size >= sizeof(r->path))
		return false;
	memcpy(r->path + *size, text, text_size);
	*size += text_size;
	r->path[*size] = '\0';
	return true;
}

/* A directory, with a slash behind it if the name needs one. */
static bool directory_append(struct hash_request *r, size_t *size, const struct event *ev,
                             enum event_text text, const char *slash)
{
	const struct event_path *p = &ev->texts[text];

	if (!has_text(ev, text))
		return false;
	return (p->size == 1 || text_append(r, size, p->text, p->size)) &&
	       text_append(r, size, slash, strlen(slash));
}

/*
 * The name of a script begins at the root of the process, or at its working directory. Where the
 * whole is not known, or too long, the name is alone.
 */
static void script_path_make(const struct event *ev, struct hash_request *r)
{
	const struct event_path *name = &ev->texts[TEXT_FILENAME];
	bool is_absolute = name->size && name->text[0] == '/';
	size_t size = 0;

	if (!has_text(ev, TEXT_FILENAME))
		return;
	if (directory_append(r, &size, ev, is_absolute ? TEXT_ROOT : TEXT_CWD,
	                     is_absolute ? "" : "/")) {
		r->name_at = size;
		if (text_append(r, &size, name->text, name->size))
			return;
	}
	memset(r->path, 0, sizeof(r->path));
	r->name_at = size = 1;
	text_append(r, &size, name->text, name->size);
}

/* That of the executable, or of a module. */
static void path_make(const struct event *ev, struct hash_request *r)
{
	const struct event_path *path = &ev->texts[TEXT_EXE];

	if (has_text(ev, TEXT_EXE) && path->size < sizeof(r->path))
		memcpy(r->path, path->text, path->size);
}

_Static_assert((int)TEXT_EXE == (int)FILE_PATH, "one place for both");

static void opened_make(const struct event_file *opened, struct hash_request *r)
{
	r->inode = opened->inode;
	r->device = opened->device;
	r->time_ns = opened->opened_ns;
}

static void executable_make(const struct event *ev, struct hash_request *r)
{
	r->inode = ev->exec.inode;
	r->device = ev->exec.device;
	r->time_ns = ev->header.time_ns;
}

static void request_make(struct hashes *h, const struct event *ev, enum hash_kind kind,
                         struct hash_request *ret)
{
	*ret = (struct hash_request){
		.id = ++h->last_id, .pid = ev->head.process.pid, .uid = event_uid(ev), .kind = kind
	};
	if (kind == HASH_OF_EXECUTABLE)
		executable_make(ev, ret);
	else
		opened_make(kind == HASH_OF_SCRIPT ? &ev->script : &ev->opened, ret);
	if (kind == HASH_OF_SCRIPT)
		script_path_make(ev, ret);
	else
		path_make(ev, ret);
	ret->time_ns += h->writer->format.clock.monotonic_ns;
}

/*
 * A user may have as many as are free, so that there is room for others: one alone half of them,
 * the next one half of the rest.
 */
static bool has_room(const struct hashes *h, size_t user)
{
	size_t i, own = 0;

	for (i = 0; h->waiting_count && i < HASHES_WAITING; i++)
		own += h->waiting[i].id && h->waiting[i].user == user;
	return own < HASHES_WAITING - h->waiting_count;
}

/* False: there is no room. */
static bool wait_add(struct hashes *h, const struct event *ev, const struct hash_request *r,
                     uint32_t outputs)
{
	const struct event_path *exe = &ev->texts[TEXT_EXE];
	size_t user = hash_budget_user(r->uid);
	struct hash_wait *w = h->waiting;

	if (!has_room(h, user))
		return false;
	while (w->id)
		w++;
	*w = (struct hash_wait){ .id = r->id,
		                 .outputs = writer_takers(h->writer, ev, outputs),
		                 .process = ev->head.process,
		                 .is_start_unread = event_unread(ev, FIELD_START),
		                 .kind = r->kind,
		                 .user = user,
		                 .opened = r->kind == HASH_OF_SCRIPT ? ev->script : ev->opened };
	if (has_text(ev, TEXT_EXE) && exe->size < sizeof(w->exe)) {
		w->exe_size = exe->size;
		memcpy(w->exe, exe->text, exe->size);
	}
	h->waiting_count++;
	return true;
}

/* Asks, and waits a moment. sha256: of HASH_DONE. */
static enum hash_state file_hash(struct hashes *h, const struct event *ev, enum hash_kind kind,
                                 uint32_t outputs, uint8_t sha256[HASH_BYTES])
{
	struct hash_request request;
	struct hash_answer answer;
	enum hash_state state = HASH_SOON;

	if (!hasher_get(h))
		return HASH_LATE;
	request_make(h, ev, kind, &request);
	if (helper_ask(&h->hasher, &request, sizeof(request))) {
		if (h->hasher.fd < 0)
			all_late(h);
		return HASH_LATE;
	}
	if (answer_wait(h, request.id, &answer)) {
		state = answer.state;
		memcpy(sha256, answer.sha256, HASH_BYTES);
	} else if (h->hasher.fd < 0) {
		state = HASH_LATE;
	}
	if (state == HASH_SOON && !wait_add(h, ev, &request, outputs))
		state = HASH_TOO_MANY;
	return state;
}

/* are_known: the numbers that say which file it is. */
static const struct event_hash *hash_get(struct hashes *h, const struct event *ev,
                                         enum hash_kind kind, bool are_known, uint32_t outputs)
{
	uint8_t *sha256 = h->found[kind].sha256;
	enum hash_state state = are_known ? file_hash(h, ev, kind, outputs, sha256) : HASH_UNKNOWN;

	h->found[kind].hash =
		(struct event_hash){ .sha256 = sha256, .reason = hash_state_text(state) };
	return &h->found[kind].hash;
}

void hashes_exec(struct hashes *h, struct event *ev, uint32_t outputs)
{
	if (!h->hasher.monitor)
		return;
	ev->hash = hash_get(h, ev, HASH_OF_EXECUTABLE,
	                    !event_unread(ev, FIELD_EXEC_EXE_NUMBERS) &&
	                            !event_unread(ev, FIELD_EXEC_EXE_STAT),
	                    outputs);
	if (ev->has_script)
		ev->script_hash = hash_get(h, ev, HASH_OF_SCRIPT,
		                           !event_unread(ev, FIELD_EXEC_SCRIPT_NUMBERS), outputs);
}

void hashes_module(struct hashes *h, struct event *ev, uint32_t outputs)
{
	if (!h->hasher.monitor || !module_has_file(ev))
		return;
	ev->hash = hash_get(h, ev, HASH_OF_MODULE,
	                    !event_unread(ev, FIELD_MODULE_NUMBERS) &&
	                            !event_unread(ev, FIELD_MODULE_STAT),
	                    outputs);
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
