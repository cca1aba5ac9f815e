/* SPDX-License-Identifier: BSD-2-Clause */
/* The question in a message of DNS. The message is the caller's: nothing in it is believed. */
#ifndef LOADER_EVENT_DNS_QUESTION_H
#define LOADER_EVENT_DNS_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/stream/decode.h"

struct dns_question {
	char name[512]; /* RFC 1035, 5.1: without the last dot, a dot in a label as \\. */
	size_t name_size;
	uint16_t type, class;
};

/* The id of the message; false: it is shorter than its header. */
bool dns_id_read(const struct dns_event *e, uint16_t *ret);

/* The first question; NULL: there is none that can be read. */
const struct dns_question *dns_question_read(const struct dns_event *e, struct dns_question *ret);

#endif
