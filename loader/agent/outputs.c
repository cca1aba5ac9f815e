/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/agent/outputs.h"
#include "loader/event/half_event.h"
#include "loader/out/feed.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "offsets/util/random.h"

_Static_assert(OUTPUT_OWN_TAG < LEDGER_TAGS, "each class has a tag");

/* ---- opening ------------------------------------------------------------ */

static const char *const *tag_names(void)
{
	static const char *names[LEDGER_TAGS];
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		names[type] = event_type_name(type);
	names[OUTPUT_OWN_TAG] = "sextant";
	return names;
}

static enum socket_kind socket_kind_of(enum output_kind kind)
{
	static const enum socket_kind kinds[] = { [OUTPUT_UNIX] = SOCKET_UNIX,
		                                  [OUTPUT_UNIX_DATAGRAM] = SOCKET_UNIX_DATAGRAM,
		                                  [OUTPUT_SYSLOG_UNIX] = SOCKET_SYSLOG_UNIX,
		                                  [OUTPUT_SYSLOG_UDP] = SOCKET_SYSLOG_UDP,
		                                  [OUTPUT_SYSLOG_TCP] = SOCKET_SYSLOG_TCP,
		                                  [OUTPUT_JOURNALD] = SOCKET_JOURNALD };

	return kinds[kind];
}

static enum sink_full full_of(enum output_full full)
{
	static const enum sink_full all[] = { [ON_FULL_WAIT] = SINK_FULL_WAIT,
		                              [ON_FULL_DROP_OLDEST] = SINK_FULL_DROP_OLDEST,
		                              [ON_FULL_DROP_NEWEST] = SINK_FULL_DROP_NEWEST,
		                              [ON_FULL_STOP] = SINK_FULL_STOP };

	return all[full];
}

static void ship_use_make(const struct output_config *c, const struct host *host,
                          struct ship_use *ret)
{
	const struct output_ship_config *ship = &c->ship;

	*ret = (struct ship_use){ .is_syslog = c->kind == OUTPUT_SYSLOG_TLS,
		                  .form = ship->form,
		                  .is_gzip = !ship->is_plain,
		                  .spool_bytes = ship->spool_bytes,
		                  .spool_age_ns = ship->spool_age_ns,
		                  .drops_oldest = c->on_full == ON_FULL_DROP_OLDEST,
		                  .host = host->name,
		                  .tag_names = tag_names() };
	snprintf(ret->url, sizeof(ret->url), ret->is_syslog ? "https://%s/" : "%s", c->target);
	memcpy(ret->proxy, ship->proxy, sizeof(ret->proxy));
	memcpy(ret->ca, ship->ca, sizeof(ret->ca));
	memcpy(ret->certificate, ship->certificate, sizeof(ret->certificate));
	memcpy(ret->key, ship->key, sizeof(ret->key));
	memcpy(ret->headers, ship->headers, sizeof(ret->headers));
	memcpy(ret->spool, ship->spool, sizeof(ret->spool));
}

/* By who has the rights to. */
static int ship_start(const void *arg, int *ret_fd, struct offsets_error *error)
{
	return shipper_start(arg, ret_fd, error);
}

static int shipped_prepare(struct output_use *u, const struct host *host,
                           struct offsets_error *error)
{
	ship_use_make(&u->config, host, &u->ship);
	u->shipped = (struct shipped_options){ .start = ship_start, .arg = &u->ship };
	while (!u->shipped.run)
		if (random_fill(&u->shipped.run, sizeof(u->shipped.run)))
			return offsets_fail(error, -EIO, "there are no random numbers");
	return shipper_check(&u->ship, error);
}

/* By who has no monitor; else the monitor does it. */
static int program_open(void *arg, enum sink_opening how, int *ret_fd, struct offsets_error *error)
{
	struct output_use *u = arg;

	(void)how;
	return feed_next(&u->feed, &u->config, ret_fd, error);
}

/* By form: finds a half-written event at the end of a file; lines for people are ended. */
static const half_fn halves[OUTPUT_FORMATS] = {
	[FORMAT_JSON] = half_json, [FORMAT_OCSF] = half_ocsf, [FORMAT_AUDIT] = half_audit
};

static struct file_options file_options_make(const struct output_config *c)
{
	return (struct file_options){ .rotate_bytes = c->rotate_bytes,
		                      .rotate_ns = c->rotate_ns,
		                      .keep = c->keep,
		                      .min_free_bytes = c->min_free_bytes,
		                      .is_program = c->kind == OUTPUT_PROGRAM };
}

static int program_prepare(struct output_use *u, const struct sink_use *use,
                           struct offsets_error *error)
{
	int err = feed_check(u->config.target, u->config.user, error);

	if (!err)
		err = sink_open(&output_ops, u->config.target, use, &u->sink, error);
	if (!err)
		sink_open_by(u->sink, program_open, u);
	return err;
}

static int one_open(struct output_use *u, const struct host *host, bool is_later,
                    struct offsets_error *error)
{
	const struct output_config *c = &u->config;
	struct sink_use use = { .half = halves[c->format],
		                .policy = c->kind == OUTPUT_STREAM ? SINK_STOP : SINK_DROP,
		                .full = full_of(c->on_full),
		                .queue_bytes = c->queue_bytes,
		                .is_later = is_later };
	int err;

	if (c->kind == OUTPUT_STREAM || c->kind == OUTPUT_PROGRAM) {
		u->file = file_options_make(c);
		use.options = &u->file;
		return c->kind == OUTPUT_PROGRAM
		               ? program_prepare(u, &use, error)
		               : sink_open(&output_ops, c->target, &use, &u->sink, error);
	}
	if (output_is_shipped(c)) {
		use.options = &u->shipped;
		err = shipped_prepare(u, host, error);
		return err ? err : sink_open(&shipped_ops, c->target, &use, &u->sink, error);
	}
	u->socket = (struct socket_options){ .kind = socket_kind_of(c->kind),
		                             .address = c->address,
		                             .host = host->name,
		                             .tag_names = tag_names() };
	use.options = &u->socket;
	return sink_open(&socket_ops, c->target, &use, &u->sink, error);
}

/* A spool is of one output. */
static int spool_check(const struct outputs *o, struct offsets_error *error)
{
	const struct output_config *own = &o->list[o->count].config;
	size_t i;

	for (i = 0; i < o->count; i++)
		if (*own->ship.spool && !strcmp(own->ship.spool, o->list[i].config.ship.spool))
			return offsets_fail(error, -EINVAL,
			                    "%s: another output has the spool %s; give one of them "
			                    "spool=DIRECTORY",
			                    own->target, own->ship.spool);
	return 0;
}

int outputs_open(struct outputs *o, const struct config *config, const struct host *host,
                 bool is_later, struct offsets_error *error)
{
	int err = 0;

	for (o->count = 0; !err && o->count < config->output_count; o->count++) {
		config_output(config, o->count, &o->list[o->count].config);
		err = spool_check(o, error);
		if (!err)
			err = one_open(&o->list[o->count], host, is_later, error);
	}
	return err;
}

void outputs_close(struct outputs *o)
{
	while (o->count) {
		sink_close(o->list[--o->count].sink);
		feed_leave(&o->list[o->count].feed);
	}
}

int outputs_target_open(const struct config *config, const struct host *host, size_t i,
                        enum sink_opening how, int *ret_fd, struct offsets_error *error)
{
	struct output_config c;
	struct ship_use ship;

	*ret_fd = -1;
	if (i >= config->output_count)
		return offsets_fail(error, -EINVAL, "output: there is none of that number");
	config_output(config, i, &c);
	if (c.kind == OUTPUT_STREAM && !strcmp(c.target, "-"))
		return offsets_fail(error, -EINVAL, "standard output: cannot be opened again");
	if (output_is_shipped(&c)) {
		ship_use_make(&c, host, &ship);
		return shipper_start(&ship, ret_fd, error);
	}
	if (c.kind != OUTPUT_STREAM)
		return socket_unix_open(socket_kind_of(c.kind), c.target, ret_fd, error);
	if (how == SINK_OPEN_NEXT)
		return output_next_open(c.target, halves[c.format], c.keep, ret_fd, error);
	return output_path_open(c.target, halves[c.format], ret_fd, error);
}

/* ---- lines -------------------------------------------------------------- */

static bool wants(const struct output_use *u, unsigned int tag)
{
	return tag == OUTPUT_OWN_TAG || u->config.classes & 1U << tag;
}

static bool is_chosen(const struct outputs *o, size_t i, const struct outputs_choice *choice)
{
	return choice->outputs & 1U << i && o->list[i].config.format == choice->format &&
	       wants(&o->list[i], choice->tag);
}

bool outputs_want(const struct outputs *o, const struct outputs_choice *choice)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (is_chosen(o, i, choice))
			return true;
	return false;
}

uint32_t outputs_of_those(const struct outputs *o, unsigned int tag, uint32_t those)
{
	uint32_t found = 0;
	size_t i;

	for (i = 0; i < o->count; i++)
		if (those & 1U << i && wants(&o->list[i], tag))
			found |= 1U << i;
	return found;
}

int outputs_line(struct outputs *o, const struct outputs_choice *choice, const char *text,
                 size_t size)
{
	int err = 0, failed;
	size_t i;

	for (i = 0; i < o->count; i++) {
		if (!is_chosen(o, i, choice))
			continue;
		failed = sink_line(o->list[i].sink, text, size, choice->tag);
		if (failed && !err)
			err = failed;
	}
	return err;
}

const struct output_use *outputs_of_class(const struct outputs *o, enum event_type type)
{
	const struct output_use *first = NULL;
	size_t i;

	for (i = 0; i < o->count; i++) {
		if (!wants(&o->list[i], type))
			continue;
		if (!*o->list[i].config.name)
			return &o->list[i];
		if (!first)
			first = &o->list[i];
	}
	return first;
}

bool outputs_have_room(const struct outputs *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (!sink_has_room(o->list[i].sink))
			return false;
	return true;
}

bool outputs_have_spare(const struct outputs *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (!sink_has_spare(o->list[i].sink))
			return false;
	return true;
}

/* ---- at the end --------------------------------------------------------- */

static bool drops(const struct output_use *u)
{
	return u->config.on_full == ON_FULL_DROP_OLDEST || u->config.on_full == ON_FULL_DROP_NEWEST;
}

bool outputs_wait(const struct outputs *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (o->list[i].sink->queue.size &&
		    (!drops(&o->list[i]) || !o->list[i].sink->failing ||
		     output_is_shipped(&o->list[i].config))) /* it keeps what it gets */
			return true;
	return false;
}

void outputs_abandon(struct outputs *o)
{
	size_t i, count;

	for (i = 0; i < o->count; i++) {
		count = drops(&o->list[i]) ? sink_abandon(o->list[i].sink) : 0;
		if (count)
			log_line(LEVEL_WARNING, "%s: %zu events were not delivered before the end",
			         o->list[i].sink->name, count);
	}
}

uint64_t outputs_unwritten(const struct outputs *o, const char **name)
{
	uint64_t count, all = 0;
	unsigned int type;
	size_t i;

	*name = NULL;
	for (i = 0; i < o->count; i++) {
		for (type = 0, count = 0; !drops(&o->list[i]) && type < EVENT_TYPES; type++)
			count += sink_queued(o->list[i].sink, type);
		if (count)
			*name = o->list[i].sink->name;
		all += count;
	}
	return all;
}

uint64_t outputs_taken_ns(const struct outputs *o)
{
	uint64_t last = 0;
	size_t i;

	for (i = 0; i < o->count; i++)
		if (o->list[i].sink->taken_ns > last)
			last = o->list[i].sink->taken_ns;
	return last;
}

/* ---- writing ------------------------------------------------------------ */

size_t outputs_poll(const struct outputs *o, struct pollfd *fds, int *ms)
{
	size_t i, count = 0;
	int fd, wanted;

	for (i = 0; i < o->count; i++) {
		fd = sink_wait(o->list[i].sink, &wanted);
		if (fd >= 0)
			fds[count++] = (struct pollfd){ fd, POLLOUT, 0 };
		else if (wanted >= 0 && (*ms < 0 || wanted < *ms))
			*ms = wanted;
	}
	return count;
}

int outputs_flush(struct outputs *o, struct offsets_error *error)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < o->count; i++)
		err = sink_flush(o->list[i].sink, error);
	return err;
}

void outputs_reopen(struct outputs *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		sink_reopen(o->list[i].sink);
}

void outputs_second(struct outputs *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		sink_second(o->list[i].sink);
}

static uint64_t dropped_now(const struct sink *sink, unsigned int type)
{
	struct ledger_counts counts = sink_counts(sink, type);
	uint64_t sum = 0;
	unsigned int reason;

	for (reason = 0; reason < DROP_REASONS; reason++)
		sum += counts.dropped[reason];
	return sum;
}

void outputs_dropped(struct outputs *o,
                     void (*fn)(void *arg, const struct loss *loss, const char *output), void *arg)
{
	unsigned int type;
	size_t i;

	for (i = 0; i < o->count; i++) {
		struct output_use *u = &o->list[i];

		for (type = 0; type < EVENT_TYPES; type++) {
			uint64_t now = dropped_now(u->sink, type);
			struct loss loss = { .type = type,
				             .count = now - u->dropped_said[type],
				             .output = u->sink->name };

			u->dropped_said[type] = now;
			if (loss.count)
				fn(arg, &loss, u->sink->name);
		}
	}
}

/* ---- what they are ------------------------------------------------------ */

size_t outputs_descriptors(const struct outputs *o, int *fds)
{
	size_t i, count = 0;
	int fd;

	for (i = 0; i < o->count; i++) {
		fd = sink_descriptor(o->list[i].sink);
		if (fd >= 0)
			fds[count++] = fd;
	}
	return count;
}

bool outputs_have(const struct outputs *o, enum output_kind kind)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (o->list[i].config.kind == kind)
			return true;
	return false;
}

static void tag_report(const struct sink *sink, unsigned int tag, struct output_counts *ret)
{
	struct ledger_counts c = sink_counts(sink, tag);

	*ret = (struct output_counts){ .made = c.made,
		                       .delivered = c.delivered,
		                       .queued = c.queued,
		                       .dropped_full = c.dropped[DROP_FULL],
		                       .dropped_too_long = c.dropped[DROP_TOO_LONG],
		                       .dropped_failed = c.dropped[DROP_FAILED],
		                       .dropped_expired = c.dropped[DROP_EXPIRED] };
}

_Static_assert(OUTPUT_REPORTS_MAX >= OUTPUTS_MAX, "each output is reported");

void outputs_report(const struct outputs *o, struct agent_report *ret)
{
	unsigned int tag;
	size_t i;

	ret->output_count = o->count;
	for (i = 0; i < o->count; i++) {
		const struct sink *sink = o->list[i].sink;
		struct output_report *r = &ret->outputs[i];

		r->name = sink->name;
		r->is_up = !sink->failing;
		ret->queue_bytes += sink->queue.size;
		for (tag = 0; tag <= OUTPUT_OWN_TAG; tag++)
			tag_report(sink, tag, &r->counts[tag]);
	}
}
