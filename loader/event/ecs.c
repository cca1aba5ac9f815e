/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of ECS JSON that the writers of several records have. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/event/community_id.h"
#include "loader/event/ecs.h"
#include "loader/state/ecs_common.h"
#include "loader/stream/fields.h"
#include "loader/stream/strings.h"

void ecs_unread(struct format *f, const char *key)
{
	if (!f->is_null_left_out)
		jsonw_string(&f->json, key, NULL);
	notes_add(&f->notes, &f->json, NOTE_UNREAD, key);
}

void ecs_cut(struct format *f, const char *key)
{
	notes_add(&f->notes, &f->json, NOTE_CUT, key);
}

/* The beginning of a text that has room; no sequence of UTF-8 is cut in two. */
static size_t cut_at(const char *bytes, size_t max)
{
	size_t end = max;

	while (end && max - end < 3 && ((unsigned char)bytes[end] & 0xc0) == 0x80)
		end--;
	return ((unsigned char)bytes[end] & 0xc0) == 0x80 ? max : end;
}

void ecs_bytes(struct format *f, const char *key, const char *bytes, size_t size, size_t max)
{
	if (size > max) {
		size = cut_at(bytes, max);
		ecs_cut(f, key);
	}
	if (!jsonw_bytes(&f->json, key, bytes, size))
		notes_text(&f->notes, &f->json, NOTE_RAW, key, bytes, size);
}

size_t ecs_strings(struct format *f, const char *key, const char *bytes, size_t size)
{
	size_t at, next, length, count = 0;
	bool valid = true;

	jsonw_array_open(&f->json, key);
	for (at = 0; at < size; at += next, count++) {
		next = strings_next(bytes + at, size - at, &length);
		if (!jsonw_bytes(&f->json, NULL, bytes + at, length))
			valid = false;
	}
	jsonw_array_close(&f->json);
	if (!valid)
		notes_text(&f->notes, &f->json, NOTE_LIST, key, bytes, size);
	return count;
}

void ecs_u64(struct format *f, const char *key, uint64_t value, bool unread)
{
	if (unread)
		ecs_unread(f, key);
	else
		jsonw_u64(&f->json, key, value);
}

static void id_text(struct jsonw *json, const char *key, uint64_t id)
{
	jsonw_text_open(json, key);
	jsonw_digits(json, id, 10, 0);
	jsonw_text_close(json);
}

void ecs_id_text(struct format *f, const char *key, uint32_t id, bool unread)
{
	if (unread)
		ecs_unread(f, key);
	else
		id_text(&f->json, key, id);
}

void ecs_id_members(struct format *f, const char *key, enum name_type type, uint32_t id)
{
	const char *name = f->names ? names_find(f->names, type, id) : NULL;

	id_text(&f->json, key, id);
	if (name)
		ecs_bytes(f, "name", name, strlen(name), NAMES_BYTES_MAX);
}

void ecs_id_object(struct format *f, const char *key, enum name_type type, uint32_t id, bool unread)
{
	if (unread) {
		ecs_unread(f, key);
		return;
	}
	jsonw_object_open(&f->json, key);
	ecs_id_members(f, "id", type, id);
	jsonw_object_close(&f->json);
}

void ecs_user(struct format *f, const char *key, uint32_t id)
{
	ecs_id_object(f, key, NAME_USER, id, false);
}

void ecs_comm(struct format *f, const char *key, const char *name)
{
	ecs_bytes(f, key, name, strnlen(name, EVENTS_COMM_BYTES), EVENTS_COMM_BYTES);
}

void ecs_thread(struct jsonw *json, uint32_t tid)
{
	jsonw_object_open(json, "thread");
	jsonw_u64(json, "id", tid);
	jsonw_object_close(json);
}

/* Documentation/admin-guide/devices.txt */
void ecs_tty(struct format *f, const char *tty)
{
	const struct {
		const char *name;
		unsigned int major, minor;
	} kinds[] = { { "pts", 136, 0 }, { "ttyS", 4, 64 }, { "tty", 4, 0 } };
	char name[EVENTS_TTY_BYTES + 1] = "";
	unsigned long number;
	char *end;
	size_t i;

	memcpy(name, tty, EVENTS_TTY_BYTES);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *digits = name + strlen(kinds[i].name);

		if (strncmp(name, kinds[i].name, strlen(kinds[i].name)) ||
		    !isdigit((unsigned char)*digits))
			continue;
		number = strtoul(digits, &end, 10);
		if (*end || number > 0xfffff)
			continue;
		jsonw_object_open(&f->json, "tty");
		jsonw_object_open(&f->json, "char_device");
		jsonw_u64(&f->json, "major", kinds[i].major + (i ? 0 : number / 256));
		jsonw_u64(&f->json, "minor", i ? kinds[i].minor + number : number % 256);
		jsonw_object_close(&f->json);
		jsonw_object_close(&f->json);
		return;
	}
}

void ecs_time(struct jsonw *json, const char *key, uint64_t wall_ns)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(wall_ns, text);
	jsonw_text_open(json, key);
	jsonw_put(json, text, CLOCK_TEXT_BYTES - 1);
	jsonw_text_close(json);
}

void ecs_entity_id(struct format *f, const char *key, uint32_t pid, uint64_t ticks)
{
	ecs_common_entity_id(&f->json, key, f->host->boot_id, pid, ticks);
}

void ecs_identity(struct format *f, uint32_t pid, uint64_t start_boottime_ns, bool unread)
{
	jsonw_u64(&f->json, "pid", pid);
	if (unread) {
		ecs_unread(f, "entity_id");
		ecs_unread(f, "start");
		return;
	}
	ecs_entity_id(f, "entity_id", pid, start_ticks(start_boottime_ns));
	ecs_time(&f->json, "start", start_boottime_ns + f->clock.boottime_ns);
}

void ecs_number(struct jsonw *json, const char *key, const char *format, ...)
{
	char text[64];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	jsonw_string(json, key, text);
}

void ecs_mode(struct jsonw *json, const char *key, uint32_t mode)
{
	jsonw_text_open(json, key);
	jsonw_digits(json, mode, 8, 4);
	jsonw_text_close(json);
}

/* As the kernel encodes it: include/linux/kdev_t.h. */
void ecs_device(struct jsonw *json, const char *key, uint32_t device)
{
	jsonw_text_open(json, key);
	jsonw_digits(json, device >> 20, 10, 0);
	jsonw_put(json, ":", 1);
	jsonw_digits(json, device & 0xfffff, 10, 0);
	jsonw_text_close(json);
}

void ecs_hash(struct jsonw *json, const struct event_hash *hash)
{
	if (!hash || hash->reason)
		return;
	jsonw_object_open(json, "hash");
	jsonw_hex(json, "sha256", hash->sha256, 32);
	jsonw_object_close(json);
}

void ecs_hash_missing(struct jsonw *json, const struct event_hash *hash)
{
	if (hash && hash->reason)
		jsonw_string(json, "hash_missing", hash->reason);
}

void ecs_inode(struct format *f, const char *key, uint64_t inode, bool unread)
{
	if (unread)
		ecs_unread(f, key);
	else
		id_text(&f->json, key, inode);
}

void ecs_file_numbers(struct format *f, uint64_t inode, uint32_t device, bool unread)
{
	ecs_inode(f, "inode", inode, unread);
	if (unread)
		ecs_unread(f, "device");
	else
		ecs_device(&f->json, "device", device);
}

void ecs_script(struct format *f, const struct event_file *script, bool are_numbers_unread,
                const struct event_hash *hash)
{
	jsonw_object_open(&f->json, "script");
	ecs_file_numbers(f, script->inode, script->device, are_numbers_unread);
	ecs_hash(&f->json, hash);
	ecs_hash_missing(&f->json, hash);
	jsonw_object_close(&f->json);
}

void ecs_community_id(struct format *f, const char *key, const struct socket_ends *ends)
{
	char id[COMMUNITY_ID_BYTES];

	if (community_id(ends, id))
		jsonw_string(&f->json, key, id);
}

void ecs_errno_name(struct jsonw *json, const char *key, int number)
{
	const char *name = strerrorname_np(number);

	if (name)
		jsonw_string(json, key, name);
	else
		id_text(json, key, number);
}

/* ECS: an errno by its name. */
void ecs_error(struct jsonw *json, int number)
{
	jsonw_object_open(json, "error");
	ecs_errno_name(json, "code", number);
	jsonw_object_close(json);
}

void ecs_text_member(struct format *f, const char *key, const struct event *ev,
                     enum event_text text)
{
	if (event_truncated(ev, FIELD_TEXTS + text))
		ecs_cut(f, key);
	if (event_unread(ev, FIELD_TEXTS + text))
		ecs_unread(f, key);
	else
		ecs_bytes(f, key, ev->texts[text].text, ev->texts[text].size, EVENT_TEXT_BYTES);
}

void ecs_root(struct format *f, const struct event *ev)
{
	if (event_unread(ev, FIELD_TEXTS + TEXT_ROOT) ||
	    event_truncated(ev, FIELD_TEXTS + TEXT_ROOT) || ev->texts[TEXT_ROOT].size != 1)
		ecs_text_member(f, "root", ev, TEXT_ROOT);
}

const struct cached *ecs_program(const struct format *f, const struct cached *known)
{
	return known && known->since_ns <= f->event_ns ? known : NULL;
}

void ecs_executable(struct format *f, const struct cached *known)
{
	known = ecs_program(f, known);
	if (known && known->exe)
		ecs_bytes(f, "executable", known->exe, known->exe_size, EVENT_TEXT_BYTES);
}

void ecs_args(struct format *f, struct span args, bool are_cut)
{
	size_t count = ecs_strings(f, "args", args.text, args.size);

	if (are_cut)
		ecs_cut(f, "args");
	else
		jsonw_u64(&f->json, "args_count", count);
}

/* What ecs_strings() has, with a blank between two of them. */
void ecs_command_line(struct format *f, const char *key, struct span args, bool are_cut, char *text,
                      size_t room)
{
	size_t size = 0, at, next, length;

	for (at = 0; at < args.size && size < room; at += next) {
		next = strings_next(args.text + at, args.size - at, &length);
		if (at)
			text[size++] = ' ';
		if (length > room - size) {
			length = room - size;
			are_cut = true;
		}
		memcpy(text + size, args.text + at, length);
		size += length;
	}
	if (are_cut || at < args.size)
		ecs_cut(f, key);
	if (size)
		ecs_bytes(f, key, text, size, room);
}

bool ecs_knows_args(const struct format *f, const struct cached *known)
{
	known = ecs_program(f, known);
	return known && known->args.size;
}

/* Of the parent. */
static void parent_args(struct format *f, const struct cached *known)
{
	if (!ecs_knows_args(f, known))
		return;
	ecs_args(f, known->args, known->are_args_cut);
	ecs_command_line(f, "command_line", known->args, known->are_args_cut,
	                 f->parent_command_line, sizeof(f->parent_command_line));
}

const struct cached *ecs_known(struct format *f, uint32_t pid, uint64_t start_boottime_ns,
                               bool unread)
{
	return f->cache && !unread ? cache_find(f->cache, pid, start_boottime_ns) : NULL;
}

static void other_members(struct format *f, const struct parent_ids *p, const struct cached *known)
{
	ecs_identity(f, p->pid, p->start_boottime_ns, false);
	ecs_comm(f, "name", p->comm);
	ecs_executable(f, known);
}

void ecs_other(struct format *f, const char *key, const struct parent_ids *p, bool unread)
{
	if (unread) {
		ecs_unread(f, key);
		return;
	}
	jsonw_object_open(&f->json, key);
	other_members(f, p, ecs_known(f, p->pid, p->start_boottime_ns, false));
	jsonw_object_close(&f->json);
}

static void parent_write(struct format *f, const struct parent_ids *p, bool unread)
{
	const struct cached *known = ecs_known(f, p->pid, p->start_boottime_ns, unread);

	if (unread) {
		ecs_unread(f, "parent");
		return;
	}
	jsonw_object_open(&f->json, "parent");
	other_members(f, p, known);
	parent_args(f, known);
	jsonw_object_close(&f->json);
}

void ecs_known_identity(struct format *f, const struct cached *known)
{
	jsonw_u64(&f->json, "pid", known->pid);
	ecs_entity_id(f, "entity_id", known->pid, known->start_ticks);
}

/* A process by its number: a leader of a group (ECS), which may have ended long ago. */
void ecs_leader(struct format *f, const char *key, uint32_t pid, bool unread)
{
	const struct cached *process = f->cache ? cache_find_living(f->cache, pid) : NULL;

	if (unread) {
		ecs_unread(f, key);
		return;
	}
	jsonw_object_open(&f->json, key);
	jsonw_u64(&f->json, "pid", pid);
	if (process)
		ecs_entity_id(f, "entity_id", pid, process->start_ticks);
	ecs_executable(f, process);
	jsonw_object_close(&f->json);
}

/* Whom a process belongs to. */
void ecs_lineage(struct format *f, const struct event *ev, const struct parent_ids *p)
{
	ecs_leader(f, "group_leader", p->pgid, event_unread(ev, FIELD_GROUPS));
	parent_write(f, p, event_unread(ev, FIELD_PARENT));
}

void ecs_outcome(struct format *f, bool failed, bool unread)
{
	if (unread) { /* the word of ECS for null */
		jsonw_string(&f->json, "outcome", "unknown");
		notes_add(&f->notes, &f->json, NOTE_UNREAD, "outcome");
	} else {
		jsonw_string(&f->json, "outcome", failed ? "failure" : "success");
	}
}

void ecs_sextant_open(struct format *f, const struct event *ev)
{
	jsonw_object_open(&f->json, "sextant");
	jsonw_u64(&f->json, "cpu", ev->header.cpu);
}

void ecs_sextant_close(struct format *f)
{
	notes_write(&f->notes, &f->json);
	jsonw_object_close(&f->json);
}

void ecs_capabilities(struct jsonw *json, const struct credentials *c)
{
	const struct {
		const char *key;
		uint64_t set;
	} all[] = {
		{ "permitted", c->cap_permitted },     { "effective", c->cap_effective },
		{ "inheritable", c->cap_inheritable }, { "bounding", c->cap_bset },
		{ "ambient", c->cap_ambient },
	};
	size_t i;

	jsonw_object_open(json, "capabilities");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		jsonw_text_open(json, all[i].key);
		jsonw_digits(json, all[i].set, 16, 16);
		jsonw_text_close(json);
	}
	jsonw_object_close(json);
}

void ecs_net_namespace(struct format *f, const struct socket_ends *ends, bool unread)
{
	jsonw_object_open(&f->json, "namespace");
	ecs_u64(f, "net", ends->netns, unread || !ends->netns);
	jsonw_object_close(&f->json);
}
