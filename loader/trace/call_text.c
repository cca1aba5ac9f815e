/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "loader/trace/call_file.h"
#include "loader/trace/call_text.h"
#include "loader/trace/call_words.h"

static void text_put(struct jsonw *out, const char *text)
{
	jsonw_put(out, text, strlen(text));
}

static void text_char(struct jsonw *out, char c)
{
	jsonw_put(out, &c, 1);
}

/* ---- numbers ------------------------------------------------------------ */

static int64_t extended(uint64_t value, unsigned int bits)
{
	return bits == 32 ? (int32_t)value : bits == 16 ? (int16_t)value : (int64_t)value;
}

static const char *word_find(const struct call_word *words, uint64_t value)
{
	for (; words->name; words++)
		if (words->value == value)
			return words->name;
	return NULL;
}

static void flags_text(struct jsonw *out, const struct call_word *words, uint64_t value)
{
	const char *separator = "";

	/* The access mode is a number of its own: O_RDONLY is 0. */
	if (words == words_open_flags && !(value & O_ACCMODE)) {
		text_put(out, "O_RDONLY");
		separator = "|";
	}
	if (words == words_socket_type) {
		const char *type = word_find(words, value & 0xf);

		if (type)
			text_put(out, type), value &= ~0xfULL, separator = "|";
	}
	if (!value && !*separator && word_find(words, 0)) {
		text_put(out, word_find(words, 0));
		return;
	}
	for (; words->name; words++)
		if (words->value && (value & words->value) == words->value) {
			jsonw_printf(out, "%s%s", separator, words->name);
			value &= ~words->value;
			separator = "|";
		}
	if (value)
		jsonw_printf(out, "%s%#" PRIx64, separator, value);
	else if (!*separator)
		text_char(out, '0');
}

#define CLONE_SIGNAL 0xffULL /* CSIGNAL */

static void clone_text(struct jsonw *out, const struct call_word *words, uint64_t value)
{
	const char *signal = word_find(words_signal, value & CLONE_SIGNAL);

	if (!signal) {
		flags_text(out, words, value);
		return;
	}
	if (value & ~CLONE_SIGNAL) {
		flags_text(out, words, value & ~CLONE_SIGNAL);
		text_char(out, '|');
	}
	text_put(out, signal);
}

void call_number_text(struct jsonw *out, enum call_form form, unsigned int bits,
                      const struct call_word *words, uint64_t value)
{
	const char *word;

	if (bits < 64)
		value &= (1ULL << bits) - 1;
	switch (form) {
	case FORM_ID:
		jsonw_printf(out, "%" PRId64, call_id(value, bits));
		return;
	case FORM_UNSIGNED:
		jsonw_printf(out, "%" PRIu64, value);
		return;
	case FORM_HEX:
		jsonw_printf(out, value ? "%#" PRIx64 : "0", value);
		return;
	case FORM_POINTER:
		if (value)
			jsonw_printf(out, "%#" PRIx64, value);
		else
			text_put(out, "NULL");
		return;
	case FORM_OCTAL:
		jsonw_printf(out, "%#o", (unsigned int)value);
		return;
	case FORM_FD:
		if ((int32_t)value == AT_FDCWD)
			text_put(out, "AT_FDCWD");
		else
			jsonw_printf(out, "%d", (int32_t)value);
		return;
	case FORM_WORD:
	case FORM_SIGNAL:
		word = word_find(words, value);
		if (word)
			text_put(out, word);
		else if (form == FORM_SIGNAL)
			jsonw_printf(out, "%" PRId64, extended(value, bits));
		else
			jsonw_printf(out, "%#" PRIx64, value);
		return;
	case FORM_FLAGS:
		flags_text(out, words, value);
		return;
	case FORM_CLONE:
		clone_text(out, words, value);
		return;
	case FORM_DECIMAL:
	case FORM_TEXT:
	case FORM_BYTES:
	case FORM_SOCKADDR:
	case FORM_STRUCT:
	case FORM_NUMBERS:
	case FORM_STRINGS:
	case FORM_VECTOR:
	case FORM_MESSAGE:
	case FORM_FD_SET:
	case FORM_DIRENTS:
	case FORM_COUNTED:
		break;
	}
	jsonw_printf(out, "%" PRId64, extended(value, bits));
}

/* ---- what a parameter points to ----------------------------------------- */

/* As in C; octal, so that a digit that follows is no part of it. more: are escaped, too. */
static void escaped_text(struct jsonw *out, const char *bytes, size_t size, const char *more)
{
	static const char names[] = "\a\b\t\n\v\f\r", letters[] = "abtnvfr";
	size_t i;

	for (i = 0; i < size; i++) {
		unsigned char byte = bytes[i];
		const char *name = byte ? strchr(names, byte) : NULL;

		if (byte == '"' || byte == '\\')
			jsonw_printf(out, "\\%c", byte);
		else if (name)
			jsonw_printf(out, "\\%c", letters[name - names]);
		else if (byte >= 0x20 && byte < 0x7f && !strchr(more, byte))
			text_char(out, byte);
		else if (i + 1 < size && bytes[i + 1] >= '0' && bytes[i + 1] <= '9')
			jsonw_printf(out, "\\%03o", byte);
		else
			jsonw_printf(out, "\\%o", byte);
	}
}

static void quoted_text(struct jsonw *out, const char *bytes, size_t size)
{
	text_char(out, '"');
	escaped_text(out, bytes, size, "");
	text_char(out, '"');
}

static void sockaddr_text(struct jsonw *out, const char *bytes, size_t size)
{
	char address[INET6_ADDRSTRLEN];
	const char *family;
	uint16_t number;

	if (size < sizeof(number)) {
		quoted_text(out, bytes, size);
		return;
	}
	number = call_number_at(bytes, sizeof(number));
	family = word_find(words_socket_family, number);
	if (family)
		jsonw_printf(out, "{sa_family=%s", family);
	else
		jsonw_printf(out, "{sa_family=%#x", number);
	if (number == AF_INET && size >= 8) {
		inet_ntop(AF_INET, bytes + 4, address, sizeof(address));
		jsonw_printf(out, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")",
		             ntohs(call_number_at(bytes + 2, 2)), address);
	} else if (number == AF_INET6 && size >= 24) {
		inet_ntop(AF_INET6, bytes + 8, address, sizeof(address));
		jsonw_printf(out, ", sin6_port=htons(%u), inet_pton(AF_INET6, \"%s\")",
		             ntohs(call_number_at(bytes + 2, 2)), address);
	} else if (number == AF_UNIX && size > 2) {
		const char *path = bytes + 2;
		size_t length = size - 2;

		jsonw_printf(out, ", sun_path=%s", *path ? "" : "@");
		if (*path)
			quoted_text(out, path, strnlen(path, length));
		else
			quoted_text(out, path + 1, length - 1);
	} else if (size > 2) {
		text_put(out, ", sa_data=");
		quoted_text(out, bytes + 2, size - 2);
	}
	text_char(out, '}');
}

static void hex_text(struct jsonw *out, const char *bytes, size_t size)
{
	size_t i;

	text_put(out, "0x");
	for (i = 0; i < size; i++)
		jsonw_printf(out, "%02x", (unsigned char)bytes[i]);
}

static void struct_text(struct jsonw *out, const struct call_member *member, const char *bytes,
                        size_t size)
{
	const char *separator = "{";

	for (; member->name && member->offset + member->bytes <= size; member++) {
		jsonw_printf(out, "%s%s=", separator, member->name);
		if (member->form == FORM_TEXT)
			quoted_text(out, bytes + member->offset,
			            strnlen(bytes + member->offset, member->bytes));
		else if (member->form == FORM_COUNTED)
			hex_text(out, bytes + member->offset, call_counted(member, bytes));
		else if (member->form == FORM_BYTES)
			hex_text(out, bytes + member->offset, member->bytes);
		else if (member->form == FORM_SOCKADDR)
			sockaddr_text(out, bytes + member->offset, member->bytes);
		else
			call_number_text(out, member->form, member->bytes * 8, member->words,
			                 call_number_at(bytes + member->offset, member->bytes));
		separator = ", ";
	}
	text_put(out, *separator == '{' ? "{...}" : "}");
}

/* Items of a fixed size. */
static void items_text(struct jsonw *out, const struct call_type *type, const char *bytes,
                       size_t size, bool is_array)
{
	const char *separator = "";

	if (is_array)
		text_char(out, '[');
	for (; type->size && size >= type->size; bytes += type->size, size -= type->size) {
		text_put(out, separator);
		if (type->form == FORM_STRUCT)
			struct_text(out, type->members, bytes, type->size);
		else
			call_number_text(
				out, type->form == FORM_NUMBERS ? FORM_DECIMAL : type->form,
				type->size * 8, type->words, call_number_at(bytes, type->size));
		separator = ", ";
	}
	if (is_array)
		text_char(out, ']');
}

static void strings_text(struct jsonw *out, const char *bytes, size_t size)
{
	const char *separator = "";

	text_char(out, '[');
	while (size) {
		size_t length = strnlen(bytes, size), step = length < size ? length + 1 : length;

		text_put(out, separator);
		quoted_text(out, bytes, length);
		bytes += step;
		size -= step;
		separator = ", ";
	}
	text_char(out, ']');
}

static void dirents_text(struct jsonw *out, const char *bytes, size_t size)
{
	const char *separator = "";
	struct call_dirent entry;

	text_char(out, '[');
	while (call_dirent_next(&bytes, &size, &entry)) {
		jsonw_printf(out, "%s{d_type=", separator);
		call_number_text(out, FORM_WORD, 8, words_dirent_type, entry.type);
		text_put(out, ", d_name=");
		quoted_text(out, entry.name, entry.size);
		text_char(out, '}');
		separator = ", ";
	}
	text_char(out, ']');
}

static void fd_set_text(struct jsonw *out, const char *set, uint64_t count)
{
	const char *separator = "";
	unsigned int fd = 0;

	text_char(out, '[');
	while ((fd = call_set_next(set, fd, count)) < CALL_FD_SET_MAX) {
		jsonw_printf(out, "%s%u", separator, fd++);
		separator = " ";
	}
	text_char(out, ']');
}

/* "[3 5] => [3]": what it was given, and what was ready. */
static void fd_sets_text(struct jsonw *out, const struct call_seen *seen, unsigned int i)
{
	const char *given, *ready;

	call_seen_sets(seen, i, &given, &ready);
	if (given)
		fd_set_text(out, given, call_argument(seen, 0));
	else
		jsonw_printf(out, "%#" PRIx64, call_argument(seen, i));
	if (!ready)
		return;
	text_put(out, " => ");
	fd_set_text(out, ready, call_argument(seen, 0));
}

static void vector_text(struct jsonw *out, const struct call_items *items)
{
	struct call_items at = *items;
	struct call_item item;
	const char *separator = "";

	text_char(out, '[');
	while (call_item_next(&at, &item)) {
		jsonw_printf(out, "%s{iov_base=", separator);
		quoted_text(out, item.bytes, item.size);
		jsonw_printf(out, "%s, iov_len=%" PRIu64 "}", item.size < item.of_use ? "..." : "",
		             item.length);
		separator = ", ";
	}
	text_char(out, ']');
}

static void rights_text(struct jsonw *out, const char *bytes, size_t size)
{
	const char *separator = "";

	text_char(out, '[');
	for (; size >= 4; bytes += 4, size -= 4) {
		jsonw_printf(out, "%s%d", separator, (int32_t)call_number_at(bytes, 4));
		separator = ", ";
	}
	text_char(out, ']');
}

static void control_text(struct jsonw *out, const struct call_control *control)
{
	enum call_control_kind kind = call_control_kind(control);
	const struct call_word *words;
	enum call_form form;

	jsonw_printf(out, "{cmsg_len=%" PRIu64 ", cmsg_level=", control->length);
	call_number_text(out, FORM_WORD, 32, words_socket_level, control->level);
	text_put(out, ", cmsg_type=");
	form = call_control_form(control, &words);
	call_number_text(out, form, 32, words, control->type);
	if (kind == CALL_CONTROL_RIGHTS) {
		text_put(out, ", cmsg_data=");
		rights_text(out, control->data, control->size);
	} else if (kind == CALL_CONTROL_CREDENTIALS) {
		jsonw_printf(out, ", cmsg_data={pid=%d, uid=%u, gid=%u}",
		             (int32_t)call_number_at(control->data, 4),
		             (uint32_t)call_number_at(control->data + 4, 4),
		             (uint32_t)call_number_at(control->data + 8, 4));
	}
	text_put(out, control->is_complete ? "}" : "...}");
}

/* Nothing where there are none. */
static void controls_text(struct jsonw *out, const struct call_record *r,
                          const struct call_message *message)
{
	const char *separator = "", *bytes;
	struct call_control control;
	size_t size;
	bool is_cut;

	if (!message->control_size)
		return;
	text_put(out, ", msg_control=");
	bytes = call_control_bytes(r, &size, &is_cut);
	if (!bytes) {
		call_number_text(out, FORM_POINTER, 64, NULL, message->control);
		return;
	}
	text_char(out, '[');
	while (call_control_next(&bytes, &size, r->abi == CALL_32, &control)) {
		text_put(out, separator);
		control_text(out, &control);
		separator = ", ";
	}
	text_put(out, is_cut ? "...]" : "]");
}

static void message_text(struct jsonw *out, const struct call_type *type,
                         const struct call_record *r, const char *bytes, size_t size,
                         const struct call_value *value, uint64_t left)
{
	const char *name = bytes + type->size, *end = bytes + size;
	struct call_message message;
	struct call_items items;

	if (size < type->size + (size_t)value->name) {
		text_put(out, "{...}");
		return;
	}
	call_message_read(bytes, type->size, &message);
	text_put(out, "{msg_name=");
	if (value->name)
		sockaddr_text(out, name, value->name);
	else
		text_put(out, "NULL");
	jsonw_printf(out, ", msg_namelen=%" PRIu64 ", msg_iov=", message.name_size);
	name += value->name;
	call_items_init(&items, name, end - name, message.iovec_bytes, value->items, left);
	vector_text(out, &items);
	jsonw_printf(out, ", msg_iovlen=%" PRIu64, message.count);
	controls_text(out, r, &message);
	jsonw_printf(out, ", msg_controllen=%" PRIu64 ", msg_flags=", message.control_size);
	flags_text(out, words_msg_flags, message.flags);
	text_char(out, '}');
}

static void bytes_text(struct jsonw *out, const struct call_seen *seen, const struct call_record *r,
                       unsigned int i, const char *bytes, size_t size, bool cut)
{
	const struct call_field *field = &seen->call->fields[i];
	const struct call_type *type = call_pointed(seen, i, r);
	uint64_t left = call_bytes_of_use(field, r);
	struct call_items items;

	switch (type->form) {
	case FORM_STRINGS:
		strings_text(out, bytes, size);
		break;
	case FORM_VECTOR:
		call_items_init(&items, bytes, size, type->size, r->values[i].items, left);
		vector_text(out, &items);
		return;
	case FORM_MESSAGE:
		message_text(out, type, r, bytes, size, &r->values[i], left);
		return;
	case FORM_TEXT:
		quoted_text(out, bytes, size && !bytes[size - 1] ? size - 1 : size);
		break;
	case FORM_BYTES:
		quoted_text(out, bytes, size);
		break;
	case FORM_SOCKADDR:
		sockaddr_text(out, bytes, size);
		break;
	case FORM_DIRENTS:
		dirents_text(out, bytes, size);
		break;
	default:
		items_text(out, type, bytes, size, call_is_array(field, size));
	}
	if (cut)
		text_put(out, "...");
}

/* ---- files ---------------------------------------------------------------- */

static void end_text(struct jsonw *out, uint16_t family, const uint8_t *address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, address, text, sizeof(text));
	jsonw_printf(out, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
}

/* "TCP:[127.0.0.1:80->127.0.0.1:50000]", as strace has it. */
static void socket_text(struct jsonw *out, const struct call_file *file)
{
	text_put(out, call_file_protocol(file));
	text_put(out, ":[");
	if (file->family == AF_INET || file->family == AF_INET6) {
		end_text(out, file->family, file->local, file->local_port);
		if (file->remote_port) {
			text_put(out, "->");
			end_text(out, file->family, file->remote, file->remote_port);
		}
	} else {
		jsonw_printf(out, "%" PRIu64, (uint64_t)file->inode);
	}
	text_char(out, ']');
}

/* What a descriptor is, behind it: "3</etc/passwd>". */
static void file_text(struct jsonw *out, const struct call_seen *seen, unsigned int i)
{
	struct call_seen_file file;

	if (!call_file_find(seen, i, &file))
		return;
	text_char(out, '<');
	if (file.head.is_socket && call_file_protocol(&file.head))
		socket_text(out, &file.head);
	else
		escaped_text(out, file.path.text, file.path.size, "<>");
	text_put(out, file.is_cut ? "...>" : ">");
}

/* ---- parameters --------------------------------------------------------- */

/* False: it is known only when the call returns. */
static bool parameter_text(struct jsonw *out, const struct call_seen *seen, unsigned int i)
{
	const struct call_field *field = &seen->call->fields[i];
	uint64_t value = call_argument(seen, i);
	const struct call_record *r;
	const struct call_word *words;
	enum call_state state;
	enum call_form form;
	const char *bytes;
	size_t size;

	if (call_is_number(seen, i)) {
		form = call_number_form(seen, i, &words);
		call_number_text(out, form, field->type->bits, words, value);
		if (field->type->form == FORM_FD)
			file_text(out, seen, i);
		return true;
	}
	if (!value) {
		text_put(out, "NULL");
		return true;
	}
	if (field->type->form == FORM_FD_SET) {
		fd_sets_text(out, seen, i);
		return true;
	}
	bytes = call_seen_bytes(seen, i, &r, &size, &state);
	if (bytes) {
		bytes_text(out, seen, r, i, bytes, size, state == CALL_CUT);
		return true;
	}
	if (!seen->returns)
		return false;
	jsonw_printf(out, "%#" PRIx64, value); /* as strace does where it cannot read */
	return true;
}

/* The first parameter that was not known when the call began. */
static unsigned int first_left(const struct call_seen *seen)
{
	const struct call_record *r = seen->begins;
	unsigned int i;

	if (!r)
		return 0;
	for (i = 0; i < seen->call->count; i++)
		if (!call_is_number(seen, i) && r->arguments[i] &&
		    (call_when(seen, i) & CALL_EXIT || r->values[i].state == CALL_UNREAD ||
		     r->values[i].state == CALL_NONE))
			return i;
	return i;
}

/* A call whose parameters are not known. */
static void numbers_text(struct jsonw *out, const struct call_seen *seen)
{
	const struct call_record *r = seen->begins ? seen->begins : seen->returns;
	unsigned int i;

	if (seen->call)
		jsonw_printf(out, "%s(", seen->call->name);
	else
		jsonw_printf(out, "syscall_%#x(", r->number);
	for (i = 0; i < CALL_PARAMETERS; i++)
		jsonw_printf(out, "%s%#" PRIx64, i ? ", " : "", (uint64_t)r->arguments[i]);
}

void call_text_begin(struct jsonw *out, const struct call_seen *seen)
{
	struct call_seen begins = { seen->call, seen->begins, NULL };
	unsigned int i, end;

	if (!seen->call || !seen->call->known) {
		numbers_text(out, seen);
		return;
	}
	jsonw_printf(out, "%s(", seen->call->name);
	end = first_left(seen);
	for (i = 0; i < end && call_is_used(seen, i); i++) {
		text_put(out, i ? ", " : "");
		parameter_text(out, &begins, i);
	}
}

static void result_text(struct jsonw *out, const struct call_seen *seen)
{
	int64_t result = seen->returns->result;
	const char *error = call_result_error(result);

	if (error)
		jsonw_printf(out, ") = -1 %s", error);
	else if (seen->call && seen->call->result == CALL_RESULT_POINTER)
		jsonw_printf(out, ") = %#" PRIx64, (uint64_t)result);
	else
		jsonw_printf(out, ") = %" PRId64, result);
	if (seen->call && seen->call->result == CALL_RESULT_FD)
		file_text(out, seen, CALL_VALUE_RESULT);
}

void call_text_end(struct jsonw *out, const struct call_seen *seen)
{
	unsigned int i;

	if (seen->call && seen->call->known)
		for (i = first_left(seen); i < seen->call->count && call_is_used(seen, i); i++) {
			text_put(out, i ? ", " : "");
			parameter_text(out, seen, i);
		}
	result_text(out, seen);
}
