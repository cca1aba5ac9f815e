/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/event/dns_question.h"

/* RFC 1035, 4.1 */
#define HEADER_SIZE      12
#define ID_OFFSET        0
#define QUESTIONS_OFFSET 4
#define LABEL_MAX        63

static uint16_t word_at(const struct dns_event *e, size_t at)
{
	return e->message[at] << 8 | e->message[at + 1];
}

/* Bytes of the message that are there. */
static size_t message_size(const struct dns_event *e)
{
	return e->size < sizeof(e->message) ? e->size : sizeof(e->message);
}

static void label_add(struct dns_question *q, const __u8 *label, size_t size)
{
	size_t i;

	if (q->name_size)
		q->name[q->name_size++] = '.';
	for (i = 0; i < size; i++) {
		if (label[i] == '.' || label[i] == '\\')
			q->name[q->name_size++] = '\\';
		q->name[q->name_size++] = label[i];
	}
}

/* A name of no more than 255 bytes doubles at most. In a question none is compressed. */
static bool question_read(const struct dns_event *e, struct dns_question *ret)
{
	size_t at = HEADER_SIZE, end = message_size(e);

	ret->name_size = 0;
	if (end < HEADER_SIZE || !word_at(e, QUESTIONS_OFFSET))
		return false;
	while (at < end && e->message[at]) {
		size_t size = e->message[at++];

		if (size > LABEL_MAX || size > end - at || at + size > HEADER_SIZE + 255)
			return false;
		label_add(ret, e->message + at, size);
		at += size;
	}
	if (at + 5 > end)
		return false;
	ret->type = word_at(e, at + 1);
	ret->class = word_at(e, at + 3);
	return true;
}

bool dns_id_read(const struct dns_event *e, uint16_t *ret)
{
	if (message_size(e) < HEADER_SIZE)
		return false;
	*ret = word_at(e, ID_OFFSET);
	return true;
}

const struct dns_question *dns_question_read(const struct dns_event *e, struct dns_question *ret)
{
	if (question_read(e, ret))
		return ret;
	ret->name_size = 0;
	return NULL;
}
