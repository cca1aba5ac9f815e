/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "loader/stream/decode.h"

int path_decode(const char *names, size_t size, bool cut, struct event_path *ret)
{
	size_t end = size;

	ret->size = 0;
	if (!size && !cut) {
		ret->text[ret->size++] = '/';
		return 0;
	}
	if (size && names[size - 1])
		return -EBADMSG;
	while (end) {
		size_t start = end - 1;

		while (start && names[start - 1])
			start--;
		if (ret->size + (end - start) > sizeof(ret->text))
			return -EBADMSG;
		/* The root of what is not mounted calls itself "/", as old cgroups' root does. */
		if (end - start != 2 || names[start] != '/') {
			if (!cut || ret->size)
				ret->text[ret->size++] = '/';
			memcpy(ret->text + ret->size, names + start, end - start - 1);
			ret->size += end - start - 1;
		}
		end = start;
	}
	if (!ret->size)
		ret->text[ret->size++] = '/';
	return 0;
}

/* A string with its NUL, which one that is cut may lack; none at all: "". */
static int string_decode(const char *text, size_t size, struct event_path *ret)
{
	ret->size = strnlen(text, size);
	if (size > sizeof(ret->text) || ret->size + 1 < size)
		return -EBADMSG;
	memcpy(ret->text, text, ret->size);
	return 0;
}

/*
 * A file that was opened by its handle while the kernel did not know its directory:
 * the dentry has no parent, and is called "/" (__d_obtain_alias(), fs/dcache.c). A
 * root directory has no name here; but that of an old cgroup file system is "/".
 */
static bool is_without_path(const char *names, size_t size, enum event_text text)
{
	return size == 2 && !memcmp(names, "/", 2) && text != TEXT_CGROUP && text != TEXT_CGROUP_V1;
}

static int text_decode(const char *data, size_t size, enum event_text text, struct event *ev)
{
	if (is_without_path(data, size, text))
		ev->header.unread |= 1U << (FIELD_TEXTS + text);
	if (text == TEXT_FILENAME || text == TEXT_INTERP)
		return string_decode(data, size, &ev->texts[text]);
	return path_decode(data, size, event_truncated(ev, FIELD_TEXTS + text), &ev->texts[text]);
}

/* All of them: size bytes, sizes[] each. */
static int texts_decode(const char *data, __u64 size, const __u16 *sizes, struct event *ev)
{
	unsigned int text;
	__u64 sum = 0;
	int err = 0;

	for (text = 0; text < EXEC_TEXTS; text++)
		sum += sizes[text];
	if (sum != size)
		return -EBADMSG;
	for (text = 0; !err && text < EXEC_TEXTS; text++) {
		err = text_decode(data, sizes[text], text, ev);
		data += sizes[text];
	}
	return err;
}

static int exec_decode(const char *data, size_t size, struct event *ev)
{
	const struct exec_event *e = &ev->exec;
	__u64 sum = sizeof(*e) + (__u64)e->argv_size + e->env_size;

	if (sum > size || sum > sizeof(*e) + ARGV_BYTES_MAX || e->env_size > ENV_BYTES_MAX ||
	    (e->argv_size > e->argv_total && !event_unread(ev, FIELD_EXEC_ARGV)))
		return -EBADMSG;
	data += sizeof(*e);
	ev->argv = data;
	data += e->argv_size;
	ev->env = data;
	data += e->env_size;
	return texts_decode(data, size - sum, e->text_size, ev);
}

static int terminal_decode(const char *data, size_t size, struct event *ev)
{
	const struct terminal_event *e = &ev->terminal;

	ev->text = data + sizeof(*e);
	ev->text_size = e->size;
	return e->size <= TERMINAL_BYTES_MAX && size == sizeof(*e) + e->size ? 0 : -EBADMSG;
}

int module_decode(const void *data, size_t size, struct event_module *ret)
{
	struct event_header *header = &ret->part.header;
	const char *path = (const char *)data + sizeof(ret->part);
	struct event_header head;
	unsigned int text;
	size_t sum = sizeof(ret->part);

	if (size < sizeof(ret->part))
		return -ENOMSG;
	memcpy(&head, data, sizeof(head));
	if (head.type != PART_MODULE)
		return -ENOMSG;
	memcpy(&ret->part, data, sizeof(ret->part));
	for (text = 0; text < TEXT_SLOTS; text++)
		sum += ret->part.text_size[text];
	if (header->len > size || header->len != sum ||
	    sum != sizeof(ret->part) + ret->part.text_size[FILE_PATH])
		return -EBADMSG;
	size = ret->part.text_size[FILE_PATH];
	if (is_without_path(path, size, FILE_PATH))
		header->unread |= 1U << FIELD_FILE_PATH;
	return path_decode(path, size, header->truncated & (1U << FIELD_FILE_PATH), &ret->path);
}

#define OPERATION_CLASS(class, id, name, type, description) [id] = EVENT_##class,

/* Is it an operation of the class? */
static bool file_operation_fits(unsigned int operation, unsigned int type)
{
	static const enum event_type classes[] = { FILE_OPERATION_TABLE(OPERATION_CLASS) };

	return operation && operation < FILE_OPERATIONS && classes[operation] == type;
}

static int file_decode(const char *data, size_t size, struct event *ev)
{
	const struct file_event *e = &ev->file;

	if (!file_operation_fits(e->operation, e->header.type))
		return -EBADMSG;
	return texts_decode(data + sizeof(*e), size - sizeof(*e), e->text_size, ev);
}

#define RECORD_SIZE(id, name, type, stack)                                      [RECORD_##id] = sizeof(struct type),
#define CLASS_RECORD(id, name, record, fields, category, type, on, description) RECORD_##record,
#define PART_SIZE(id, type)                                                     [PART_##id - PARTS_BEGIN] = sizeof(struct type),

#define RECORD_COMM(id, name, type, stack) [RECORD_##id] = offsetof(struct type, comm),
static const size_t record_sizes[] = { RECORDS(RECORD_SIZE) };
static const size_t record_comms[] = { RECORDS(RECORD_COMM) };
static const enum record_type class_records[] = { CLASSES(CLASS_RECORD) };
static const size_t part_sizes[] = { PARTS(PART_SIZE) };

size_t event_size(unsigned int type)
{
	return type < EVENT_TYPES ? record_sizes[class_records[type]] : 0;
}

size_t event_part_size(unsigned int type)
{
	return type > PARTS_BEGIN && type < PARTS_END ? part_sizes[type - PARTS_BEGIN] : 0;
}

const char *event_comm(const struct event *ev)
{
	return (const char *)ev + record_comms[class_records[ev->header.type]];
}

uint32_t event_uid(const struct event *ev)
{
	switch (class_records[ev->header.type]) {
	case RECORD_EXEC:
		return ev->exec.cred.uid;
	case RECORD_CREDENTIALS:
		return ev->credentials.before.uid;
	case RECORD_NAMESPACES:
		return ev->namespaces.uid;
	case RECORD_FORK:
		return ev->fork.uid;
	case RECORD_EXIT:
		return ev->exit.uid;
	case RECORD_ACTION:
		return ev->action.uid;
	case RECORD_FILE:
		return ev->file.uid;
	case RECORD_SOCKET:
		return ev->socket.uid;
	case RECORD_DNS:
		return ev->dns.uid;
	case RECORD_TERMINAL:
		return ev->terminal.uid;
	default:
		return -1;
	}
}

/* What is behind the fixed part, and what of that part could lead astray. */
static int rest_decode(const char *data, size_t size, struct event *ev)
{
	switch (class_records[ev->header.type]) {
	case RECORD_EXEC:
		return exec_decode(data, size, ev);
	case RECORD_FILE:
		return file_decode(data, size, ev);
	case RECORD_TERMINAL:
		return terminal_decode(data, size, ev);
	case RECORD_SOCKET:
		if (!ev->socket.operation || ev->socket.operation >= SOCKET_OPERATIONS)
			return -EBADMSG;
		break;
	case RECORD_DNS:
		if (ev->dns.size > DNS_BYTES_MAX)
			return -EBADMSG;
		break;
	default:
		break;
	}
	return size == event_size(ev->header.type) ? 0 : -EBADMSG;
}

int event_decode(const void *data, size_t size, struct event *ret)
{
	struct event_header header;
	size_t fixed;

	if (size < sizeof(header))
		return -EBADMSG;
	memcpy(&header, data, sizeof(header));
	fixed = event_size(header.type);
	if (!fixed || header.len > size || header.len < fixed)
		return -EBADMSG;
	memcpy(&ret->header, data, fixed);
	ret->interpreters_size = 0;
	ret->has_script = false;
	ret->hash = ret->script_hash = NULL;
	return rest_decode(data, header.len, ret);
}
