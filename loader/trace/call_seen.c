/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "loader/trace/call_request.h"
#include "loader/trace/call_seen.h"
#include "loader/trace/call_words.h"

#define ERRORS 4095 /* MAX_ERRNO, include/linux/err.h */

unsigned int call_item_bytes = 256;

bool call_record_check(const void *data, size_t size)
{
	const struct call_record *r = data;
	unsigned int i;

	if (size < sizeof(*r))
		return false;
	for (i = 0; i < CALL_VALUES; i++)
		if (r->values[i].size && (r->values[i].at < sizeof(*r) ||
		                          (size_t)r->values[i].at + r->values[i].size > size))
			return false;
	return r->header.type >= CALL_BEGINS && r->header.type <= CALL_BOTH;
}

uint64_t call_argument(const struct call_seen *seen, unsigned int i)
{
	return (seen->begins ? seen->begins : seen->returns)->arguments[i];
}

bool call_never_returns(const struct call *call)
{
	return call && (!strcmp(call->name, "exit") || !strcmp(call->name, "exit_group"));
}

/* Commands of fcntl that take no argument. */
static bool fcntl_is_alone(uint64_t command)
{
	return command == F_GETFD || command == F_GETFL || command == F_GETOWN ||
	       command == F_GETSIG || command == F_GETLEASE || command == F_GETPIPE_SZ ||
	       command == F_GET_SEALS;
}

static bool is_of_fcntl(const struct call_type *type)
{
	return type->kind == CALL_REQUEST && type->size != CALL_OF_IOCTL;
}

bool call_is_used(const struct call_seen *seen, unsigned int i)
{
	const struct call_field *fields = seen->call->fields;

	if (!i)
		return true;
	if (is_of_fcntl(fields[i].type))
		return !fcntl_is_alone((uint32_t)call_argument(seen, i - 1));
	return strcmp(fields[i].type->name, "mode") != 0 ||
	       strcmp(fields[i - 1].type->name, "open_flags") != 0 ||
	       call_argument(seen, i - 1) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
}

static enum call_form fcntl_form(uint32_t command, const struct call_word **ret_words)
{
	switch (command) {
	case F_SETFL:
		*ret_words = words_open_flags;
		return FORM_FLAGS;
	case F_SETFD:
		*ret_words = words_fd_cloexec;
		return FORM_FLAGS;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
	case F_SETPIPE_SZ:
		return FORM_DECIMAL;
	default:
		return FORM_HEX;
	}
}

/* level: SOL_... */
static enum call_form option_form(uint32_t level, const struct call_word **ret_words)
{
	switch (level) {
	case SOL_SOCKET:
		*ret_words = words_socket_option;
		return FORM_WORD;
	case IPPROTO_IP:
		*ret_words = words_ip_option;
		return FORM_WORD;
	case IPPROTO_IPV6:
		*ret_words = words_ipv6_option;
		return FORM_WORD;
	case IPPROTO_TCP:
		*ret_words = words_tcp_option;
		return FORM_WORD;
	default:
		return FORM_DECIMAL;
	}
}

enum call_form call_number_form(const struct call_seen *seen, unsigned int i,
                                const struct call_word **ret_words)
{
	const struct call_type *type = seen->call->fields[i].type;

	*ret_words = type->words;
	if (i && is_of_fcntl(type))
		return fcntl_form(call_argument(seen, i - 1), ret_words);
	if (i && !strcmp(type->name, "socket_option"))
		return option_form(call_argument(seen, i - 1), ret_words);
	return type->form;
}

const char *call_result_error(int64_t result)
{
	const char *name;

	if (result >= 0 || result < -ERRORS)
		return NULL;
	name = call_error_name(-result);
	return name ? name : "error";
}

/* As the map "call_requests" has it. */
static uint64_t request_of(const struct call_seen *seen, unsigned int i)
{
	const struct call_parameter *read = &seen->call->fields[i].read;

	return (uint64_t)read->size << 32 | (uint32_t)call_argument(seen, read->count);
}

unsigned int call_when(const struct call_seen *seen, unsigned int i)
{
	const struct call_parameter *read = &seen->call->fields[i].read;

	return read->kind == CALL_REQUEST ? call_request_when(request_of(seen, i)) : read->when;
}

bool call_is_number(const struct call_seen *seen, unsigned int i)
{
	const struct call_parameter *read = &seen->call->fields[i].read;

	return read->kind == CALL_VALUE || (read->kind == CALL_REQUEST && !call_when(seen, i));
}

const struct call_type *call_pointed(const struct call_seen *seen, unsigned int i,
                                     const struct call_record *record)
{
	const struct call_field *field = &seen->call->fields[i];
	bool is_back;

	if (field->read.kind != CALL_REQUEST)
		return field->type;
	is_back = record->header.type != CALL_BEGINS && !call_result_error(record->result);
	return call_request_type(request_of(seen, i), is_back, record->values[i].size);
}

static const char *bytes_of(const struct call_record *r, unsigned int i, size_t *ret_size,
                            enum call_state *ret_state)
{
	*ret_state = r->values[i].state;
	*ret_size = r->values[i].size;
	if (*ret_state != CALL_READ && *ret_state != CALL_CUT && *ret_state != CALL_ALONE)
		return NULL;
	return (const char *)r + r->values[i].at;
}

const char *call_seen_bytes(const struct call_seen *seen, unsigned int i,
                            const struct call_record **ret_record, size_t *ret_size,
                            enum call_state *ret_state)
{
	const struct call_record *both[] = { seen->returns, seen->begins };
	enum call_state state = CALL_NONE, last = CALL_NONE;
	const char *bytes;
	size_t j;

	for (j = 0; j < 2; j++) {
		if (!both[j])
			continue;
		*ret_record = both[j];
		bytes = bytes_of(both[j], i, ret_size, &state);
		*ret_state = state;
		if (bytes)
			return bytes;
		if (last == CALL_NONE)
			last = state;
	}
	*ret_state = last;
	return NULL;
}

void call_seen_sets(const struct call_seen *seen, unsigned int i, const char **ret_given,
                    const char **ret_ready)
{
	enum call_state state;
	const char *set;
	size_t size;

	*ret_given = *ret_ready = NULL;
	set = seen->begins ? bytes_of(seen->begins, i, &size, &state) : NULL;
	if (set && size == CALL_FD_SET_MAX / 8)
		*ret_given = set;
	set = seen->returns ? bytes_of(seen->returns, i, &size, &state) : NULL;
	if (set && size == CALL_FD_SET_MAX / 8)
		*(call_result_error(seen->returns->result) ? ret_given : ret_ready) = set;
}

unsigned int call_set_next(const char *set, unsigned int fd, uint64_t count)
{
	if (count > CALL_FD_SET_MAX)
		count = CALL_FD_SET_MAX;
	for (; fd < count; fd++)
		if (set[fd / 8] & 1 << fd % 8)
			return fd;
	return CALL_FD_SET_MAX;
}

/* ino, off, reclen, type, name */
#define DIRENT_LENGTH 16
#define DIRENT_TYPE   18
#define DIRENT_NAME   19

bool call_dirent_next(const char **bytes, size_t *size, struct call_dirent *ret)
{
	const char *at = *bytes;
	size_t length;

	if (*size <= DIRENT_NAME)
		return false;
	length = call_number_at(at + DIRENT_LENGTH, 2);
	if (length <= DIRENT_NAME || length > *size)
		return false;
	ret->type = (unsigned char)at[DIRENT_TYPE];
	ret->name = at + DIRENT_NAME;
	ret->size = strnlen(ret->name, length - DIRENT_NAME);
	*bytes += length;
	*size -= length;
	return true;
}

uint64_t call_number_at(const char *bytes, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, bytes, size < sizeof(value) ? size : sizeof(value));
	return value;
}

/* ---- struct iovec --------------------------------------------------------- */

#define MESSAGE_BYTES 56 /* struct msghdr of programs of 64 bits */

/* Each of its members begins at a multiple of the bytes of a pointer. */
void call_message_read(const char *bytes, unsigned int size, struct call_message *ret)
{
	size_t width = size == MESSAGE_BYTES ? 8 : 4;

	*ret = (struct call_message){ .iovec_bytes = 2 * width,
		                      .name_size = call_number_at(bytes + width, 4),
		                      .count = call_number_at(bytes + 3 * width, width),
		                      .control = call_number_at(bytes + 4 * width, width),
		                      .control_size = call_number_at(bytes + 5 * width, width),
		                      .flags = call_number_at(bytes + 6 * width, 4) };
}

const char *call_control_bytes(const struct call_record *record, size_t *ret_size, bool *ret_is_cut)
{
	enum call_state state;
	const char *bytes = bytes_of(record, CALL_VALUE_CONTROL, ret_size, &state);

	*ret_is_cut = state == CALL_CUT;
	return *ret_size || *ret_is_cut ? bytes : NULL;
}

/* struct cmsghdr: length, level, type; behind each one bytes up to a multiple of its length's. */
bool call_control_next(const char **bytes, size_t *size, bool is_32, struct call_control *ret)
{
	size_t width = is_32 ? 4 : 8, head = width + 8, step;

	if (*size < head)
		return false;
	*ret = (struct call_control){ .length = call_number_at(*bytes, width),
		                      .level = call_number_at(*bytes + width, 4),
		                      .type = call_number_at(*bytes + width + 4, 4),
		                      .data = *bytes + head };
	if (ret->length < head)
		return false;
	ret->is_complete = ret->length <= *size;
	step = ret->is_complete ? ret->length : *size;
	ret->size = step - head;
	step = (step + width - 1) & ~(width - 1);
	if (step > *size)
		step = *size;
	*bytes += step;
	*size -= step;
	return true;
}

enum call_control_kind call_control_kind(const struct call_control *control)
{
	if (control->level != SOL_SOCKET)
		return CALL_CONTROL_OTHER;
	if (control->type == SCM_RIGHTS)
		return CALL_CONTROL_RIGHTS;
	if (control->type == SCM_CREDENTIALS && control->size >= CALL_CREDENTIALS_BYTES)
		return CALL_CONTROL_CREDENTIALS;
	return CALL_CONTROL_OTHER;
}

enum call_form call_control_form(const struct call_control *control,
                                 const struct call_word **ret_words)
{
	*ret_words = words_control_type;
	if (control->level == SOL_SOCKET)
		return FORM_WORD;
	return option_form(control->level, ret_words);
}

uint64_t call_bytes_of_use(const struct call_field *field, const struct call_record *record)
{
	if (!(field->read.when & CALL_EXIT))
		return UINT64_MAX;
	return record->result > 0 ? record->result : 0;
}

void call_items_init(struct call_items *ret, const char *bytes, size_t size,
                     unsigned int iovec_bytes, unsigned int count, uint64_t left)
{
	if (count > size / iovec_bytes)
		count = size / iovec_bytes;
	*ret = (struct call_items){ .vector = bytes,
		                    .data = bytes + (size_t)count * iovec_bytes,
		                    .end = bytes + size,
		                    .iovec_bytes = iovec_bytes,
		                    .count = count,
		                    .left = left };
}

bool call_item_next(struct call_items *items, struct call_item *ret)
{
	uint64_t size;

	if (!items->count)
		return false;
	items->count--;
	ret->length =
		call_number_at(items->vector + items->iovec_bytes / 2, items->iovec_bytes / 2);
	ret->of_use = ret->length < items->left ? ret->length : items->left;
	items->left -= ret->of_use;
	size = ret->of_use < call_item_bytes ? ret->of_use : call_item_bytes;
	if (size > (uint64_t)(items->end - items->data))
		size = items->end - items->data;
	ret->bytes = items->data;
	ret->size = size;
	items->data += size;
	items->vector += items->iovec_bytes;
	return true;
}
