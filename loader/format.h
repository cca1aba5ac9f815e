/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as ECS JSON (docs/events.md), and as a line for people. */
#ifndef LOADER_FORMAT_H
#define LOADER_FORMAT_H

#include "cache.h"
#include "clock.h"
#include "decode.h"
#include "host.h"
#include "jsonw.h"
#include "names.h"

struct format {
	const struct host *host;
	struct clock_offsets clock;
	struct cache *cache; /* NULL: no process is known but by what an event itself says */
	const struct names *names;
	const char *env;   /* "LD_PRELOAD,LD_AUDIT": the variables to show */
	struct jsonw json; /* used again for each event */
};

/* The text is in format->json until the next call: text, size, without a newline. */
void format_json(struct format *format, const struct event *ev);
void format_text(struct format *format, const struct event *ev);

#endif
