/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lines become in the body of an HTTP request, and what the answer says of them. The forms
 * are those that the collectors' documentation describes:
 *
 *	ndjson   the lines as they are
 *
 *	elastic  the bulk API of Elasticsearch and OpenSearch, operation "create". A line that
 *	         comes twice is refused by its event.id, and counts as delivered.
 *
 *	splunk   Splunk's HTTP Event Collector, endpoint "event"
 *
 *	loki     the push API of Grafana Loki
 *
 *	otlp     logs of OpenTelemetry's protocol 1.x, as JSON
 */
#ifndef LOADER_SHIP_BODY_H
#define LOADER_SHIP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offsets/util/jsonw.h"

enum body_form { BODY_NDJSON, BODY_ELASTIC, BODY_SPLUNK, BODY_LOKI, BODY_OTLP, BODY_FORMS };

/* "ndjson", ... BODY_FORMS: there is none of that name. */
enum body_form body_form_parse(const char *name);

/* A line without its newline: JSON as the sensor writes it. */
struct body_line {
	const char *text;
	size_t size;
	const char *class; /* "exec" */
};

/* Of the request: "application/json". */
const char *body_content_type(enum body_form form);

/* Appends the body of these lines. host: name of this host. */
void body_write(enum body_form form, const struct body_line *lines, size_t count, const char *host,
                struct jsonw *ret);

/* What became of a line. */
enum body_fate { FATE_DELIVERED, FATE_REFUSED, FATE_AGAIN };

/*
 * What an answer of status 200 to 299 says of count lines: ret[count]. One that cannot be read
 * says FATE_AGAIN of all: false.
 */
bool body_answer(enum body_form form, const char *text, size_t size, size_t count,
                 enum body_fate *ret);

#endif
