/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as ECS JSON (docs/events.md), and as a line for people. */
#ifndef LOADER_FORMAT_H
#define LOADER_FORMAT_H

#include "cache.h"
#include "clock.h"
#include "decode.h"
#include "host.h"
#include "jsonw.h"
#include "losses.h"
#include "names.h"

struct format {
	const struct host *host;
	struct clock_offsets clock;
	struct cache *cache; /* NULL: no process is known but by what an event itself says */
	const struct names *names;
	uint64_t event_ns; /* of the event at hand, CLOCK_MONOTONIC */
	const char *env;   /* "LD_PRELOAD,LD_AUDIT": the variables to show */
	struct jsonw json; /* used again for each event */
};

/* The text is in format->json until the next call: text, size, without a newline. */
void format_json(struct format *format, const struct event *ev);
void format_text(struct format *format, const struct event *ev);

/* The same of events that were lost; time_ns: CLOCK_MONOTONIC. */
void format_loss_json(struct format *format, uint64_t time_ns, const struct loss *loss);
void format_loss_text(struct format *format, uint64_t time_ns, const struct loss *loss);

#endif
