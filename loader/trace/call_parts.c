/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_parts.h"

/* A record that is not whole yet. */
struct building {
	union {
		struct call_record record;
		char bytes[CALL_RECORD_MAX];
	};
	size_t end;
	bool is_open;
	unsigned int number; /* of the next part */
	unsigned int value;  /* to which the last one belonged */
};

struct call_parts {
	unsigned int cpus;
	uint64_t lost;
	struct building of[];
};

struct call_parts *call_parts_new(unsigned int cpus)
{
	struct call_parts *parts = calloc(1, sizeof(*parts) + cpus * sizeof(parts->of[0]));

	if (parts)
		parts->cpus = cpus;
	return parts;
}

void call_parts_free(struct call_parts *parts)
{
	free(parts);
}

uint64_t call_parts_lost(const struct call_parts *parts)
{
	return parts->lost;
}

static void value_cut(struct building *b, unsigned int value)
{
	if (value < CALL_VALUES && b->record.values[value].state == CALL_READ)
		b->record.values[value].state = CALL_CUT;
}

static void whole_give(struct building *b, call_whole_fn whole, void *arg)
{
	b->is_open = false;
	b->record.header.len = b->end;
	whole(arg, b->bytes, b->end);
}

/* The bytes of a part that belong to the value. */
static size_t part_size(const struct call_part *part)
{
	size_t size = part->size, length;

	if (part->begin > CALL_PART_BYTES || size > CALL_PART_BYTES - (size_t)part->begin)
		return 0;
	if (!part->is_string)
		return size;
	length = strnlen(part->bytes + part->begin, size);
	return length < size ? length + 1 : size;
}

static void part_add(struct building *b, const struct call_part *part)
{
	struct call_value *value = &b->record.values[part->value];
	size_t size = part_size(part);

	if (!value->at)
		value->at = b->end;
	value->state = part->state;
	value->items = part->items;
	value->name = part->name;
	b->value = part->value;
	if (part->state == CALL_UNREAD) { /* what there is of it is of no use */
		b->end = value->at;
		value->size = 0;
		return;
	}
	if (size > sizeof(b->bytes) - b->end) {
		size = sizeof(b->bytes) - b->end;
		value_cut(b, part->value);
	}
	memcpy(b->bytes + b->end, part->bytes + part->begin, size);
	b->end += size;
	value->size += size;
}

static void part_take(struct call_parts *parts, struct building *b, const struct call_part *part,
                      call_whole_fn whole, void *arg)
{
	if (!b->is_open || part->header.sequence != b->record.header.sequence) {
		parts->lost++;
		return;
	}
	if (part->number != b->number) {
		parts->lost += (uint16_t)(part->number - b->number);
		value_cut(b, b->value);
	}
	b->number = part->number + 1;
	if (part->value >= CALL_VALUES)
		whole_give(b, whole, arg);
	else
		part_add(b, part);
}

static void record_take(struct call_parts *parts, struct building *b, const void *data, size_t size,
                        call_whole_fn whole, void *arg)
{
	if (b->is_open) { /* its last part is lost */
		parts->lost++;
		value_cut(b, b->value);
		whole_give(b, whole, arg);
	}
	memcpy(b->bytes, data, size);
	b->end = size;
	b->number = 0;
	b->value = CALL_VALUES;
	b->is_open = b->record.header.truncated;
	b->record.header.truncated = 0;
	memset(b->record.values, 0, sizeof(b->record.values));
	if (!b->is_open)
		whole_give(b, whole, arg);
}

void call_parts_take(struct call_parts *parts, unsigned int cpu, const void *data, size_t size,
                     call_whole_fn whole, void *arg)
{
	const struct call_part *part = data;

	/* perf adds bytes behind a record, so that its size is a multiple of 8. */
	if (cpu >= parts->cpus || size < sizeof(part->header))
		parts->lost++;
	else if (part->header.type == CALL_PART && size >= sizeof(*part))
		part_take(parts, &parts->of[cpu], part, whole, arg);
	else if (part->header.type != CALL_PART && size >= sizeof(struct call_record))
		record_take(parts, &parts->of[cpu], data, sizeof(struct call_record), whole, arg);
	else
		parts->lost++;
}
