/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "loader/stream/decode.h"

/* "ls\0bin\0" -> "/bin/ls". A cut path has lost its beginning: no slash. */
static int path_decode(const char *names, size_t size, bool cut, struct event_path *ret)
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

static int text_decode(const char *data, size_t size, enum event_text text, struct event *ev)
{
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
	    (e->argv_size > e->argv_total && !event_unread(ev, FIELD_ARGV)))
		return -EBADMSG;
	data += sizeof(*e);
	ev->argv = data;
	data += e->argv_size;
	ev->env = data;
	data += e->env_size;
	return texts_decode(data, size - sum, e->text_size, ev);
}

static int file_decode(const char *data, size_t size, struct event *ev)
{
	const struct file_event *e = &ev->file;

	if (!e->operation || e->operation >= FILE_OPERATIONS)
		return -EBADMSG;
	return texts_decode(data + sizeof(*e), size - sizeof(*e), e->text_size, ev);
}

size_t event_size(unsigned int type)
{
	static const size_t fixed[EVENT_TYPES] = {
		[EVENT_EXEC] = sizeof(struct exec_event),
		[EVENT_FORK] = sizeof(struct fork_event),
		[EVENT_THREAD] = sizeof(struct fork_event),
		[EVENT_EXIT] = sizeof(struct exit_event),
		[EVENT_CREDENTIALS] = sizeof(struct credentials_event),
		[EVENT_NAMESPACES] = sizeof(struct namespaces_event),
		[EVENT_PTRACE] = sizeof(struct action_event),
		[EVENT_PROCESS_ACCESS] = sizeof(struct action_event),
		[EVENT_SIGNAL] = sizeof(struct action_event),
		[EVENT_MEMFD] = sizeof(struct action_event),
		[EVENT_BPF] = sizeof(struct action_event),
		[EVENT_MODULE] = sizeof(struct action_event),
		[EVENT_EXEC_FAILED] = sizeof(struct action_event),
		[EVENT_FILE] = sizeof(struct file_event),
		[EVENT_MOUNT] = sizeof(struct file_event),
		[EVENT_SOCKET] = sizeof(struct socket_event),
		[EVENT_DNS] = sizeof(struct dns_event),
	};

	return type < EVENT_TYPES ? fixed[type] : 0;
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
	if (header.type == EVENT_EXEC)
		return exec_decode(data, header.len, ret);
	if (header.type == EVENT_FILE || header.type == EVENT_MOUNT)
		return file_decode(data, header.len, ret);
	if (header.type == EVENT_SOCKET &&
	    (!ret->socket.operation || ret->socket.operation >= SOCKET_OPERATIONS))
		return -EBADMSG;
	if (header.type == EVENT_DNS && ret->dns.size > DNS_BYTES_MAX)
		return -EBADMSG;
	return header.len == fixed ? 0 : -EBADMSG;
}
