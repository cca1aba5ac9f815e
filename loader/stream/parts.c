/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/util/monotonic.h"
#include "probes/abi/events.h"
#include "loader/stream/parts.h"

#define STRINGS_BYTES (ARGV_PARTS_MAX * PART_BYTES)

/* Names of a path, or a string: the longest, and the name with which it gets too long. */
struct names {
	size_t size;
	bool begun; /* the last name goes on in the next slot */
	bool cut;   /* there was more than a path may have */
	char bytes[PATH_BYTES_MAX + NAME_BYTES];
};

/* The event that is on its way on a CPU. */
struct assembly {
	bool open;
	uint64_t since_ns;
	uint32_t number; /* of the next part */
	union {
		struct event_head head;
		struct exec_event exec;
		struct file_event mount;
	};
	size_t strings_size;
	char strings[STRINGS_BYTES]; /* argv, then the environment */
	struct names texts[EXEC_TEXTS];
	unsigned int text; /* of the last part */
};

struct parts {
	unsigned int cpus;
	uint64_t incomplete;
	struct assembly *assemblies[]; /* by CPU, made when first needed */
};

struct parts *parts_new(unsigned int cpus)
{
	struct parts *p = calloc(1, sizeof(*p) + cpus * sizeof(p->assemblies[0]));

	if (p)
		p->cpus = cpus;
	return p;
}

void parts_free(struct parts *p)
{
	unsigned int cpu;

	if (!p)
		return;
	for (cpu = 0; cpu < p->cpus; cpu++)
		free(p->assemblies[cpu]);
	free(p);
}

uint64_t parts_incomplete(const struct parts *p)
{
	return p->incomplete;
}

/* The slots of texts, and those that a mount does not use. */
#define TEXTS_FIELDS ((2U << FIELD_EXEC_CWD) - (1U << FIELD_TEXTS))
#define MOUNT_UNUSED                                                          \
	(TEXTS_FIELDS & ~(1U << FIELD_MOUNT_STRING | 1U << FIELD_MOUNT_TYPE | \
	                  1U << FIELD_MOUNT_ROOT | 1U << FIELD_MOUNT_PATH))

static bool is_exec(const struct assembly *a)
{
	return a->head.header.type == PART_EXEC;
}

/* ---- the whole -------------------------------------------------------- */

static size_t put(char *at, const void *data, size_t size)
{
	memcpy(at, data, size);
	return size;
}

static void unread(struct assembly *a, unsigned int field)
{
	a->head.header.unread |= 1U << field;
	a->head.header.truncated &= ~(1U << field);
}

/* A field that was not read has no bytes. */
static void strings_sizes_set(struct assembly *a)
{
	struct exec_event *e = &a->exec;

	e->argv_size = e->argv_total < a->strings_size ? e->argv_total : a->strings_size;
	e->env_size = a->strings_size - e->argv_size;
	if (e->header.unread & (1U << FIELD_EXEC_ARGV))
		e->argv_size = e->env_size = 0;
	else if (e->argv_size < e->argv_total)
		e->header.truncated |= 1U << FIELD_EXEC_ARGV;
	if (e->env_size < e->env_total && !(e->header.unread & (1U << FIELD_EXEC_ENV)))
		e->header.truncated |= 1U << FIELD_EXEC_ENV;
}

static void text_sizes_set(struct assembly *a, __u16 *ret)
{
	unsigned int i;

	for (i = 0; i < EXEC_TEXTS; i++) {
		if (a->head.header.unread & (1U << (FIELD_TEXTS + i)))
			a->texts[i].size = 0;
		ret[i] = a->texts[i].size;
	}
}

static void deliver(struct assembly *a, record_fn record, void *arg)
{
	char whole[sizeof(a->exec) + sizeof(a->strings) + EXEC_TEXTS * sizeof(a->texts[0].bytes)];
	size_t fixed = is_exec(a) ? sizeof(a->exec) : sizeof(a->mount), size = fixed;
	unsigned int i;

	a->open = false;
	if (is_exec(a)) {
		strings_sizes_set(a);
		text_sizes_set(a, a->exec.text_size);
		size += put(whole + size, a->strings, a->exec.argv_size + a->exec.env_size);
		a->head.header.type = EVENT_EXEC;
	} else {
		a->head.header.unread &= ~MOUNT_UNUSED;
		text_sizes_set(a, a->mount.text_size);
		a->head.header.type = EVENT_MOUNT;
	}
	for (i = 0; i < EXEC_TEXTS; i++)
		size += put(whole + size, a->texts[i].bytes, a->texts[i].size);
	a->head.header.len = size;
	put(whole, fixed == sizeof(a->exec) ? (void *)&a->exec : (void *)&a->mount, fixed);
	record(arg, whole, size);
}

/* As parts_begin() in probes/exec_parts.bpf.c. */
static size_t strings_wanted(const struct assembly *a)
{
	const struct exec_event *e = &a->exec;
	uint64_t size;

	if (!is_exec(a))
		return 0;
	size = e->argv_total;
	size += e->env_total < ENV_PART_BYTES ? e->env_total : ENV_PART_BYTES;
	return size < STRINGS_BYTES ? size : STRINGS_BYTES;
}

/* Not all of them came: none is believed. */
static void strings_check(struct assembly *a)
{
	if (a->strings_size >= strings_wanted(a))
		return;
	unread(a, FIELD_EXEC_ARGV);
	if (a->exec.env_total)
		unread(a, FIELD_EXEC_ENV);
}

/* The next part will not come. */
static void give_up(struct parts *p, struct assembly *a, record_fn record, void *arg)
{
	unsigned int text;
	uint32_t fields = texts_after(a->text) | 1U << (FIELD_TEXTS + a->text);

	p->incomplete++;
	strings_check(a);
	for (text = 0; text < EXEC_TEXTS; text++)
		if (fields & (1U << (FIELD_TEXTS + text)))
			unread(a, FIELD_TEXTS + text);
	deliver(a, record, arg);
}

/* ---- parts ------------------------------------------------------------ */

static void argv_take(struct assembly *a, const struct argv_part *part)
{
	size_t skip = part->offset < 0 ? -(long)part->offset : 0, at, size;

	if (skip >= PART_BYTES)
		return;
	at = part->offset + skip;
	if (at > a->strings_size || at >= strings_wanted(a))
		return; /* a gap: strings_check() will notice */
	size = PART_BYTES - skip;
	if (size > strings_wanted(a) - at)
		size = strings_wanted(a) - at;
	memcpy(a->strings + at, part->bytes + skip, size);
	a->strings_size = at + size;
}

static void slot_take(struct names *n, const char *slot)
{
	size_t size = strnlen(slot, PART_SLOT_BYTES);

	if (!size && !n->begun)
		return; /* the walk went on to another mount */
	n->cut = n->cut || (!n->begun && n->size > PATH_BYTES_MAX) ||
	         n->size + size + 1 > sizeof(n->bytes);
	if (n->cut)
		return;
	n->size += put(n->bytes + n->size, slot, size);
	n->begun = size == PART_SLOT_BYTES;
	if (!n->begun)
		n->bytes[n->size++] = '\0';
}

static void exec_end(struct assembly *a, const struct text_part *part)
{
	if (!a->exec.env_total) /* not wanted */
		a->exec.header.unread &= ~(1U << FIELD_EXEC_ENV);
	if (part->inode) {
		a->exec.inode = part->inode;
		a->exec.device = part->device;
	}
	strings_check(a);
}

static void text_take(struct assembly *a, const struct text_part *part, record_fn record, void *arg)
{
	unsigned int i;

	if (part->text < EXEC_TEXTS)
		a->text = part->text;
	for (i = 0; i < PART_SLOTS; i++)
		slot_take(&a->texts[a->text], part->slots[i]);
	if (!part->last)
		return;
	a->head.header.unread |= part->header.unread;
	a->head.header.truncated |= part->header.truncated;
	if (is_exec(a))
		exec_end(a, part);
	for (i = 0; i < EXEC_TEXTS; i++) {
		if (a->texts[i].begun) /* cut within a name */
			a->texts[i].bytes[a->texts[i].size++] = '\0';
		if (a->texts[i].cut)
			a->head.header.truncated |= 1U << (FIELD_TEXTS + i);
	}
	deliver(a, record, arg);
}

union part {
	struct event_header header;
	struct exec_event exec;
	struct file_event mount;
	struct argv_part argv;
	struct text_part text;
};

static void begin(struct assembly *a, const union part *part)
{
	unsigned int i;

	a->open = true;
	a->since_ns = clock_monotonic_ns();
	if (part->header.type == PART_EXEC)
		a->exec = part->exec;
	else
		a->mount = part->mount;
	a->number = 1;
	a->strings_size = 0;
	a->text = TEXT_INTERP; /* the first */
	for (i = 0; i < EXEC_TEXTS; i++) {
		a->texts[i].size = 0;
		a->texts[i].begun = a->texts[i].cut = false;
	}
}

static struct assembly *assembly_of(struct parts *p, unsigned int cpu)
{
	if (cpu >= p->cpus)
		return NULL;
	if (!p->assemblies[cpu])
		p->assemblies[cpu] = calloc(1, sizeof(struct assembly));
	return p->assemblies[cpu];
}

/* Is it the one that the event waits for? */
static bool next(const struct assembly *a, unsigned int type, const union part *part)
{
	if (type != PART_ARGV && type != PART_TEXT)
		return false;
	return part->header.sequence == a->head.header.sequence &&
	       (type == PART_ARGV ? part->argv.number : part->text.number) == a->number;
}

/* Its type, if the record is a part that is put together here; 0: it is not. */
static unsigned int part_of(const struct event_header *header, size_t size)
{
	if (header->type == PART_INTERPRETER || header->type == PART_SCRIPT ||
	    header->type == PART_MODULE || !event_part_size(header->type) || header->len > size ||
	    header->len != event_part_size(header->type))
		return 0;
	return header->type;
}

void parts_take(struct parts *p, unsigned int cpu, const void *data, size_t size, record_fn record,
                void *arg)
{
	union part part;
	struct assembly *a = assembly_of(p, cpu);
	unsigned int type = 0;

	if (a && size >= sizeof(part.header)) {
		memcpy(&part.header, data, sizeof(part.header));
		type = part_of(&part.header, size);
	}
	if (type)
		memcpy(&part, data, part.header.len);
	if (a && a->open && !next(a, type, &part))
		give_up(p, a, record, arg);
	if (!type) {
		record(arg, data, size);
		return;
	}
	if (type == PART_EXEC || type == PART_MOUNT) {
		begin(a, &part);
		return;
	}
	if (!a->open)
		return; /* its beginning was lost, and counted */
	a->number++;
	if (type == PART_ARGV)
		argv_take(a, &part.argv);
	else
		text_take(a, &part.text, record, arg);
}

void parts_expire(struct parts *p, uint64_t then_ns, record_fn record, void *arg)
{
	unsigned int cpu;

	for (cpu = 0; cpu < p->cpus; cpu++) {
		struct assembly *a = p->assemblies[cpu];

		if (a && a->open && a->since_ns < then_ns)
			give_up(p, a, record, arg);
	}
}
