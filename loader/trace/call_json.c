/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "loader/state/ecs_common.h"
#include "loader/trace/call_file.h"
#include "loader/trace/call_json.h"
#include "loader/trace/call_words.h"
#include "loader/util/file_type.h"

#define TICK_NS 10000000ULL

/* What could not be read, or only in part: names of parameters. */
struct notes {
	const char *unread[CALL_PARAMETERS], *cut[CALL_PARAMETERS];
	unsigned int unread_count, cut_count;
};

static void number(struct jsonw *json, const char *key, int64_t value)
{
	jsonw_key(json, key);
	jsonw_printf(json, "%" PRId64, value);
}

/* Numbers stay numbers; what has names or is an address is a string. */
static void number_json(struct jsonw *json, const char *key, enum call_form form, unsigned int bits,
                        const struct call_word *words, uint64_t value)
{
	if (bits < 64)
		value &= (1ULL << bits) - 1;
	if (form == FORM_UNSIGNED) {
		jsonw_u64(json, key, value);
	} else if (form == FORM_ID) {
		number(json, key, call_id(value, bits));
	} else if (form == FORM_DECIMAL || form == FORM_FD || form == FORM_NUMBERS) {
		number(json, key, bits == 32 ? (int32_t)value : (int64_t)value);
	} else {
		jsonw_text_open(json, key);
		call_number_text(json, form, bits, words, value);
		jsonw_text_close(json);
	}
}

/* Bytes that are no text are in hexadecimal as well. */
static void text_json(struct jsonw *json, const char *key, const char *bytes, size_t size)
{
	char hex[CALL_NAME_BYTES + 4];

	if (jsonw_bytes(json, key, bytes, size) || !key)
		return;
	snprintf(hex, sizeof(hex), "%s_hex", key);
	jsonw_hex(json, hex, bytes, size);
}

static void sockaddr_json(struct jsonw *json, const char *key, const char *bytes, size_t size)
{
	uint16_t family = call_number_at(bytes, size < 2 ? size : 2);
	char address[INET6_ADDRSTRLEN];

	jsonw_object_open(json, key);
	number_json(json, "family", FORM_WORD, 16, words_socket_family, family);
	if (family == AF_INET && size >= 8) {
		jsonw_string(json, "ip", inet_ntop(AF_INET, bytes + 4, address, sizeof(address)));
		jsonw_u64(json, "port", ntohs(call_number_at(bytes + 2, 2)));
	} else if (family == AF_INET6 && size >= 24) {
		jsonw_string(json, "ip", inet_ntop(AF_INET6, bytes + 8, address, sizeof(address)));
		jsonw_u64(json, "port", ntohs(call_number_at(bytes + 2, 2)));
	} else if (family == AF_UNIX && size > 2 && bytes[2]) {
		text_json(json, "path", bytes + 2, strnlen(bytes + 2, size - 2));
	} else if (size > 2) {
		text_json(json, family == AF_UNIX ? "abstract" : "data", bytes + 2, size - 2);
	}
	jsonw_object_close(json);
}

static void struct_json(struct jsonw *json, const char *key, const struct call_member *member,
                        const char *bytes, size_t size)
{
	jsonw_object_open(json, key);
	for (; member->name && member->offset + member->bytes <= size; member++)
		if (member->form == FORM_TEXT)
			text_json(json, member->name, bytes + member->offset,
			          strnlen(bytes + member->offset, member->bytes));
		else if (member->form == FORM_COUNTED)
			jsonw_hex(json, member->name, bytes + member->offset,
			          call_counted(member, bytes));
		else if (member->form == FORM_BYTES)
			jsonw_hex(json, member->name, bytes + member->offset, member->bytes);
		else if (member->form == FORM_SOCKADDR)
			sockaddr_json(json, member->name, bytes + member->offset, member->bytes);
		else
			number_json(json, member->name, member->form, member->bytes * 8,
			            member->words,
			            call_number_at(bytes + member->offset, member->bytes));
	jsonw_object_close(json);
}

static void items_json(struct jsonw *json, const struct call_field *field,
                       const struct call_type *type, const char *bytes, size_t size)
{
	bool is_array = call_is_array(field, size);
	const char *key = field->name;

	if (is_array)
		jsonw_array_open(json, key);
	for (; type->size && size >= type->size; bytes += type->size, size -= type->size)
		if (type->form == FORM_STRUCT)
			struct_json(json, is_array ? NULL : key, type->members, bytes, type->size);
		else
			number_json(json, is_array ? NULL : key, type->form, type->size * 8,
			            type->words, call_number_at(bytes, type->size));
	if (is_array)
		jsonw_array_close(json);
}

static void strings_json(struct jsonw *json, const char *key, const char *bytes, size_t size)
{
	jsonw_array_open(json, key);
	while (size) {
		size_t length = strnlen(bytes, size), step = length < size ? length + 1 : length;

		jsonw_bytes(json, NULL, bytes, length);
		bytes += step;
		size -= step;
	}
	jsonw_array_close(json);
}

static void dirents_json(struct jsonw *json, const char *key, const char *bytes, size_t size)
{
	struct call_dirent entry;

	jsonw_array_open(json, key);
	while (call_dirent_next(&bytes, &size, &entry)) {
		jsonw_object_open(json, NULL);
		number_json(json, "d_type", FORM_WORD, 8, words_dirent_type, entry.type);
		text_json(json, "d_name", entry.name, entry.size);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

/* NULL: null. */
static void fd_set_json(struct jsonw *json, const char *key, const char *set, uint64_t count)
{
	unsigned int fd = 0;

	if (!set) {
		jsonw_string(json, key, NULL);
		return;
	}
	jsonw_array_open(json, key);
	while ((fd = call_set_next(set, fd, count)) < CALL_FD_SET_MAX)
		jsonw_u64(json, NULL, fd++);
	jsonw_array_close(json);
}

/* NAME: what select was given; NAME_ready. */
static void fd_sets_json(struct jsonw *json, const struct call_seen *seen, unsigned int i,
                         struct notes *notes)
{
	const char *name = seen->call->fields[i].name, *given, *ready;
	char key[CALL_NAME_BYTES + 8];

	call_seen_sets(seen, i, &given, &ready);
	fd_set_json(json, name, given, call_argument(seen, 0));
	if (!given && !ready)
		notes->unread[notes->unread_count++] = name;
	if (!ready)
		return;
	snprintf(key, sizeof(key), "%s_ready", name);
	fd_set_json(json, key, ready, call_argument(seen, 0));
}

static void vector_json(struct jsonw *json, const char *key, const struct call_items *items)
{
	struct call_items at = *items;
	struct call_item item;

	jsonw_array_open(json, key);
	while (call_item_next(&at, &item)) {
		jsonw_object_open(json, NULL);
		text_json(json, "data", item.bytes, item.size);
		jsonw_u64(json, "length", item.length);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

static void control_json(struct jsonw *json, const struct call_control *control)
{
	enum call_control_kind kind = call_control_kind(control);
	const struct call_word *words;
	enum call_form form;
	size_t at;

	jsonw_object_open(json, NULL);
	jsonw_u64(json, "cmsg_len", control->length);
	number_json(json, "cmsg_level", FORM_WORD, 32, words_socket_level, control->level);
	form = call_control_form(control, &words);
	number_json(json, "cmsg_type", form, 32, words, control->type);
	if (kind == CALL_CONTROL_RIGHTS) {
		jsonw_array_open(json, "cmsg_data");
		for (at = 0; at + 4 <= control->size; at += 4)
			number_json(json, NULL, FORM_FD, 32, NULL,
			            call_number_at(control->data + at, 4));
		jsonw_array_close(json);
	} else if (kind == CALL_CONTROL_CREDENTIALS) {
		jsonw_object_open(json, "cmsg_data");
		number_json(json, "pid", FORM_DECIMAL, 32, NULL, call_number_at(control->data, 4));
		number_json(json, "uid", FORM_UNSIGNED, 32, NULL,
		            call_number_at(control->data + 4, 4));
		number_json(json, "gid", FORM_UNSIGNED, 32, NULL,
		            call_number_at(control->data + 8, 4));
		jsonw_object_close(json);
	}
	jsonw_object_close(json);
}

/* Nothing where there are none. */
static void controls_json(struct jsonw *json, const struct call_record *r,
                          const struct call_message *message)
{
	struct call_control control;
	const char *bytes;
	size_t size;
	bool is_cut;

	if (!message->control_size)
		return;
	bytes = call_control_bytes(r, &size, &is_cut);
	if (!bytes) {
		jsonw_string(json, "msg_control", NULL);
		return;
	}
	jsonw_array_open(json, "msg_control");
	while (call_control_next(&bytes, &size, r->abi == CALL_32, &control))
		control_json(json, &control);
	jsonw_array_close(json);
}

static void message_json(struct jsonw *json, const struct call_field *field,
                         const struct call_record *r, const char *bytes, size_t size,
                         const struct call_value *value, uint64_t left)
{
	const char *name = bytes + field->type->size, *end = bytes + size;
	struct call_message message;
	struct call_items items;

	jsonw_object_open(json, field->name);
	if (size >= field->type->size + (size_t)value->name) {
		call_message_read(bytes, field->type->size, &message);
		if (value->name)
			sockaddr_json(json, "msg_name", name, value->name);
		name += value->name;
		call_items_init(&items, name, end - name, message.iovec_bytes, value->items, left);
		vector_json(json, "msg_iov", &items);
		controls_json(json, r, &message);
		jsonw_u64(json, "msg_controllen", message.control_size);
		number_json(json, "msg_flags", FORM_FLAGS, 32, words_msg_flags, message.flags);
	}
	jsonw_object_close(json);
}

static void bytes_json(struct jsonw *json, const struct call_seen *seen,
                       const struct call_record *r, unsigned int i, const char *bytes, size_t size)
{
	const struct call_field *field = &seen->call->fields[i];
	const struct call_type *type = call_pointed(seen, i, r);
	const char *key = field->name;
	uint64_t left = call_bytes_of_use(field, r);
	struct call_items items;

	switch (type->form) {
	case FORM_TEXT:
		text_json(json, key, bytes, size && !bytes[size - 1] ? size - 1 : size);
		break;
	case FORM_BYTES:
		text_json(json, key, bytes, size);
		break;
	case FORM_SOCKADDR:
		sockaddr_json(json, key, bytes, size);
		break;
	case FORM_DIRENTS:
		dirents_json(json, key, bytes, size);
		break;
	case FORM_STRINGS:
		strings_json(json, key, bytes, size);
		break;
	case FORM_VECTOR:
		call_items_init(&items, bytes, size, type->size, r->values[i].items, left);
		vector_json(json, key, &items);
		break;
	case FORM_MESSAGE:
		message_json(json, field, r, bytes, size, &r->values[i], left);
		break;
	default:
		items_json(json, field, type, bytes, size);
	}
}

/* Whether the control messages of a message are in this state. */
static bool is_control_in(const struct call_field *field, const struct call_record *r,
                          enum call_state state)
{
	return field->type->form == FORM_MESSAGE && r->values[CALL_VALUE_CONTROL].state == state;
}

static void parameter_json(struct jsonw *json, const struct call_seen *seen, unsigned int i,
                           struct notes *notes)
{
	const struct call_field *field = &seen->call->fields[i];
	uint64_t value = call_argument(seen, i);
	const struct call_word *words;
	const struct call_record *r;
	enum call_state state;
	enum call_form form;
	const char *bytes;
	size_t size;

	if (call_is_number(seen, i)) {
		form = call_number_form(seen, i, &words);
		number_json(json, field->name, form, field->type->bits, words, value);
		return;
	}
	if (field->type->form == FORM_FD_SET && value) {
		fd_sets_json(json, seen, i, notes);
		return;
	}
	bytes = call_seen_bytes(seen, i, &r, &size, &state);
	if (bytes) {
		bytes_json(json, seen, r, i, bytes, size);
		if (state == CALL_CUT || is_control_in(field, r, CALL_CUT))
			notes->cut[notes->cut_count++] = field->name;
		if (is_control_in(field, r, CALL_UNREAD))
			notes->unread[notes->unread_count++] = field->name;
		return;
	}
	if (value && field->read.kind == CALL_REQUEST) /* it may be no address */
		number_json(json, field->name, FORM_HEX, field->type->bits, NULL, value);
	else
		jsonw_string(json, field->name, NULL);
	if (value && state != CALL_NONE)
		notes->unread[notes->unread_count++] = field->name;
}

static void end_json(struct jsonw *json, const char *key, uint16_t family, const uint8_t *address,
                     uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	jsonw_object_open(json, key);
	jsonw_string(json, "ip", inet_ntop(family, address, text, sizeof(text)));
	jsonw_u64(json, "port", port);
	jsonw_object_close(json);
}

static void file_json(struct jsonw *json, const char *key, const struct call_seen_file *file)
{
	const struct call_file *head = &file->head;

	jsonw_object_open(json, key);
	jsonw_bytes(json, "path", file->path.text, file->path.size);
	if (file->is_cut)
		jsonw_bool(json, "truncated", true);
	if (file_type_name(head->mode))
		jsonw_string(json, "type", file_type_name(head->mode));
	if (head->is_socket && call_file_protocol(head))
		jsonw_string(json, "protocol", call_file_protocol(head));
	if (head->is_socket && (head->family == AF_INET || head->family == AF_INET6)) {
		end_json(json, "local", head->family, head->local, head->local_port);
		if (head->remote_port)
			end_json(json, "remote", head->family, head->remote, head->remote_port);
	}
	jsonw_object_close(json);
}

/* What the descriptors are: by the parameter's name, "result" and "working_directory". */
static void files_json(struct jsonw *json, const struct call_seen *seen)
{
	struct call_seen_file file;
	bool is_open = false;
	const char *key;
	unsigned int i;

	for (i = 0; i < CALL_VALUES; i++) {
		if (i < CALL_PARAMETERS &&
		    (i >= seen->call->count || seen->call->fields[i].type->form != FORM_FD))
			continue;
		if (!call_file_find(seen, i, &file))
			continue;
		if (!is_open)
			jsonw_object_open(json, "files");
		is_open = true;
		key = i == CALL_VALUE_RESULT ? "result" : "working_directory";
		file_json(json, i < CALL_PARAMETERS ? seen->call->fields[i].name : key, &file);
	}
	if (is_open)
		jsonw_object_close(json);
}

/* Parameters that name a path from a directory on: the whole path. */
static void paths_json(struct jsonw *json, const struct call_seen *seen)
{
	struct event_path path;
	bool is_open = false;
	unsigned int i;

	for (i = 0; i < seen->call->count; i++) {
		if (!call_path_join(seen, i, &path))
			continue;
		if (!is_open)
			jsonw_object_open(json, "paths");
		is_open = true;
		jsonw_bytes(json, seen->call->fields[i].name, path.text, path.size);
	}
	if (is_open)
		jsonw_object_close(json);
}

static void notes_json(struct jsonw *json, const char *key, const char *const *names,
                       unsigned int count)
{
	unsigned int i;

	if (!count)
		return;
	jsonw_array_open(json, key);
	for (i = 0; i < count; i++)
		jsonw_string(json, NULL, names[i]);
	jsonw_array_close(json);
}

static void parameters_json(struct jsonw *json, const struct call_seen *seen)
{
	struct notes notes = { 0 };
	unsigned int i;

	if (!seen->call || !seen->call->known) {
		jsonw_array_open(json, "arguments");
		for (i = 0; i < CALL_PARAMETERS; i++)
			number_json(json, NULL, FORM_HEX, 64, NULL, call_argument(seen, i));
		jsonw_array_close(json);
		return;
	}
	jsonw_object_open(json, "parameters");
	for (i = 0; i < seen->call->count && call_is_used(seen, i); i++)
		parameter_json(json, seen, i, &notes);
	jsonw_object_close(json);
	files_json(json, seen);
	paths_json(json, seen);
	notes_json(json, "read_errors", notes.unread, notes.unread_count);
	notes_json(json, "truncated", notes.cut, notes.cut_count);
}

static void result_json(struct jsonw *json, const struct call_seen *seen)
{
	const char *error;

	if (!seen->returns)
		return;
	error = call_result_error(seen->returns->result);
	if (seen->call && seen->call->result == CALL_RESULT_POINTER && !error)
		number_json(json, "result", FORM_POINTER, 64, NULL, seen->returns->result);
	else
		number(json, "result", seen->returns->result);
	if (error)
		jsonw_string(json, "error", error);
}

static void time_json(struct jsonw *json, const char *key, uint64_t wall_ns)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(wall_ns, text);
	jsonw_string(json, key, text);
}

static void boot_json(struct jsonw *json, const char *boot_id)
{
	if (!*boot_id)
		return;
	jsonw_object_open(json, "host");
	jsonw_object_open(json, "boot");
	jsonw_string(json, "id", boot_id);
	jsonw_object_close(json);
	jsonw_object_close(json);
}

/* What /proc has said. */
static void identity_json(struct jsonw *json, const struct trace_process *p,
                          const struct clock_offsets *clock, const char *boot_id)
{
	ecs_common_entity_id(json, "entity_id", boot_id, p->pid, p->start_ticks);
	time_json(json, "start", p->start_ticks * TICK_NS + clock->boottime_ns);
	if (p->exe)
		text_json(json, "executable", p->exe, p->exe_size);
	jsonw_object_open(json, "parent");
	jsonw_u64(json, "pid", p->parent);
	jsonw_object_close(json);
}

static void process_json(struct jsonw *json, const struct call_record *r,
                         const struct clock_offsets *clock, const struct trace_processes *processes)
{
	struct trace_process p;

	jsonw_object_open(json, "process");
	jsonw_u64(json, "pid", r->process.pid);
	jsonw_object_open(json, "thread");
	jsonw_u64(json, "id", r->process.tid);
	jsonw_object_close(json);
	jsonw_bytes(json, "name", r->comm, strnlen(r->comm, sizeof(r->comm)));
	if (processes && trace_processes_find(processes, r, &p))
		identity_json(json, &p, clock, trace_processes_boot(processes));
	jsonw_object_close(json);
}

void call_json(struct jsonw *json, const struct call_seen *seen, const struct clock_offsets *clock,
               const struct trace_processes *processes)
{
	static const char *const abis[CALL_ABIS] = { "x86_64", "i386", "x32" };
	const struct call_record *any = seen->begins ? seen->begins : seen->returns;
	const char *name = seen->call ? seen->call->name : NULL;

	jsonw_object_open(json, NULL);
	time_json(json, "@timestamp", any->began_ns + clock->monotonic_ns);
	ecs_common_version(json);
	jsonw_object_open(json, "event");
	jsonw_string(json, "action", name ? name : "unknown");
	if (seen->returns) {
		jsonw_u64(json, "duration", seen->returns->header.time_ns - any->began_ns);
		jsonw_string(json, "outcome",
		             call_result_error(seen->returns->result) ? "failure" : "success");
	}
	jsonw_object_close(json);
	if (processes)
		boot_json(json, trace_processes_boot(processes));
	process_json(json, any, clock, processes);
	jsonw_object_open(json, "user");
	jsonw_key(json, "id");
	jsonw_printf(json, "\"%u\"", any->uid);
	jsonw_object_close(json);
	jsonw_object_open(json, "sextant");
	jsonw_object_open(json, "syscall");
	jsonw_string(json, "name", name);
	jsonw_u64(json, "number", any->number);
	jsonw_string(json, "abi", any->abi < CALL_ABIS ? abis[any->abi] : NULL);
	parameters_json(json, seen);
	result_json(json, seen);
	jsonw_object_close(json);
	jsonw_object_close(json);
	jsonw_object_close(json);
}
