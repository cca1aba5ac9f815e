/* SPDX-License-Identifier: BSD-2-Clause */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "loader/trace/call_file.h"

/* The parameter with the directory in which a path begins: the one in front of it. */
static bool has_directory(const struct call *call, unsigned int i)
{
	return i && !strcmp(call->fields[i - 1].type->name, "dirfd");
}

static bool is_path(const struct call_field *field)
{
	return !strcmp(field->type->name, "path");
}

unsigned int call_files_wanted(const struct call *call)
{
	unsigned int i, files = 0;

	for (i = 0; i < call->count; i++) {
		if (call->fields[i].type->form == FORM_FD)
			files |= 1U << i;
		if (is_path(&call->fields[i]) && !has_directory(call, i))
			files |= 1U << CALL_VALUE_CWD;
	}
	if (call->result == CALL_RESULT_FD)
		files |= 1U << CALL_VALUE_RESULT;
	return files;
}

const char *call_file_protocol(const struct call_file *file)
{
	if (file->family == AF_UNIX)
		return "UNIX";
	if (file->family == AF_NETLINK)
		return "NETLINK";
	if (file->family == AF_PACKET)
		return "PACKET";
	if (file->family != AF_INET && file->family != AF_INET6)
		return NULL;
	switch (file->protocol) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return "ICMP";
	case IPPROTO_UDPLITE:
		return "UDPLITE";
	default:
		return "RAW";
	}
}

static void path_put(struct event_path *ret, const char *before, const char *name,
                     const char *behind)
{
	ret->size = snprintf(ret->text, sizeof(ret->text), "%s%s%s", before, name, behind);
}

static void path_number(struct event_path *ret, const char *before, uint64_t inode)
{
	char number[24];

	snprintf(number, sizeof(number), "%llu", (unsigned long long)inode);
	path_put(ret, before, number, "]");
}

/*
 * A file that is below no mount has a name that is none of a path. False: it has a path of more
 * than one name, so it was moved out of what is mounted, and the path does not lead to it.
 */
static bool alone_name(struct call_seen_file *file, const char *names, size_t size)
{
	char name[NAME_BYTES] = "";

	if (strnlen(names, size) + 1 < size || (size && *names == '/'))
		return false;
	memcpy(name, names, size < sizeof(name) - 1 ? size : sizeof(name) - 1);
	if ((file->head.mode & S_IFMT) == S_IFIFO)
		path_number(&file->path, "pipe:[", file->head.inode);
	else if ((file->head.mode & S_IFMT) == S_IFSOCK) /* one that is being closed */
		path_number(&file->path, "socket:[", file->head.inode);
	else if (*name == '[')
		path_put(&file->path, "anon_inode:", name, "");
	else if (!(file->head.mode & S_IFMT))
		path_put(&file->path, "anon_inode:[", name, "]");
	else
		path_put(&file->path, "/", name, "");
	return true;
}

/* Values of which the call itself makes another file: once it has returned, they are of no use. */
static const struct {
	const char *call;
	unsigned int value;
} changes[] = {
	{ "chdir", CALL_VALUE_CWD },
	{ "close", 0 },
	{ "dup2", 1 },
	{ "dup3", 1 },
};

/* r: the record that has the value. */
static bool is_changed(const struct call_seen *seen, unsigned int i, const struct call_record *r)
{
	size_t j;

	if (r->header.type != CALL_BOTH || call_result_error(r->result))
		return false;
	for (j = 0; j < sizeof(changes) / sizeof(changes[0]); j++)
		if (i == changes[j].value && !strcmp(seen->call->name, changes[j].call))
			return true;
	return false;
}

bool call_file_find(const struct call_seen *seen, unsigned int i, struct call_seen_file *ret)
{
	const struct call_record *r;
	enum call_state state;
	const char *bytes;
	size_t size;

	bytes = call_seen_bytes(seen, i, &r, &size, &state);
	if (!bytes || size < sizeof(ret->head) || is_changed(seen, i, r))
		return false;
	memcpy(&ret->head, bytes, sizeof(ret->head));
	bytes += sizeof(ret->head);
	size -= sizeof(ret->head);
	ret->is_cut = state == CALL_CUT;
	if (ret->head.is_socket)
		path_number(&ret->path, "socket:[", ret->head.inode);
	else if (state == CALL_ALONE)
		return alone_name(ret, bytes, size);
	else
		return !path_decode(bytes, size, ret->is_cut, &ret->path);
	return true;
}

bool call_path_join(const struct call_seen *seen, unsigned int i, struct event_path *ret)
{
	unsigned int from = has_directory(seen->call, i) ? i - 1 : CALL_VALUE_CWD;
	const struct call_record *r;
	struct call_seen_file directory;
	enum call_state state;
	const char *path;
	size_t size;

	if (!is_path(&seen->call->fields[i]))
		return false;
	path = call_seen_bytes(seen, i, &r, &size, &state);
	if (!path || state != CALL_READ || size < 2 || *path == '/' ||
	    !call_file_find(seen, from, &directory) || directory.is_cut)
		return false;
	*ret = directory.path;
	size--; /* its NUL */
	if (ret->size + 1 + size > sizeof(ret->text))
		return false;
	if (ret->text[ret->size - 1] != '/')
		ret->text[ret->size++] = '/';
	memcpy(ret->text + ret->size, path, size);
	ret->size += size;
	return true;
}
