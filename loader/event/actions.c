/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/event/actions.h"
#include "loader/stream/fields.h"

struct operation {
	const char *name, *type;
};

#define OPERATION_LINE(class, id, name, type, description) [id] = { name, type },

static const struct operation file_operations[FILE_OPERATIONS] = { FILE_OPERATION_TABLE(
	OPERATION_LINE) };

static const struct operation socket_operations[SOCKET_OPERATIONS] = { SOCKET_OPERATION_TABLE(
	OPERATION_LINE) };

/* NULL: the class has but one. */
static const struct operation *operation_of(const struct event *ev)
{
	switch (event_class_get(ev->header.type)->record) {
	case RECORD_FILE:
		return &file_operations[ev->file.operation];
	case RECORD_SOCKET:
		return &socket_operations[ev->socket.operation];
	default:
		return NULL;
	}
}

const char *event_action(const struct event *ev)
{
	const struct operation *operation = operation_of(ev);

	return operation ? operation->name : event_type_name(ev->header.type);
}

bool event_is_early(const struct event *ev)
{
	static const bool is_early_file[FILE_OPERATIONS] = {
		[FILE_OPEN] = true, /* the file system's own function runs later */
		[FILE_WRITE] = true,
		[FILE_UMOUNT] = true,
	};

	switch (ev->header.type) {
	case EVENT_FILE:
	case EVENT_MOUNT:
		return is_early_file[ev->file.operation];
	case EVENT_MEMFD:
	case EVENT_MODULE: /* its init function runs later, and one that fails is removed */
	case EVENT_DNS:
		return true;
	default:
		return false;
	}
}

const char *event_types(const struct event *ev)
{
	const struct operation *operation = operation_of(ev);

	if (ev->header.type == EVENT_MODULE)
		return event_unread(ev, FIELD_ACTION_OBJECT) ? "info"
		       : ev->action.number                   ? "start"
		                                             : "end";
	return operation ? operation->type : event_class_get(ev->header.type)->type;
}
