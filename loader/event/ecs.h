/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as ECS JSON: what the writers of the classes share (ecs.c), and the
 * writers themselves. A field that was not read is written by ecs_unread(), or
 * by a function that has to do with unread: null, and named in
 * sextant.read_errors by where it stands. Text that is no UTF-8 is also in
 * sextant.raw, in hex.
 */
#ifndef LOADER_ECS_H
#define LOADER_ECS_H

#include "loader/state/container.h"
#include "loader/event/format.h"

/* ---- writers: all but the outermost braces ----------------------------- */

void ecs_exec(struct format *f, const struct event *ev);
void ecs_fork(struct format *f, const struct event *ev); /* and thread */
void ecs_exit(struct format *f, const struct event *ev);
void ecs_credentials(struct format *f, const struct event *ev);
void ecs_namespaces(struct format *f, const struct event *ev);
void ecs_action(struct format *f, const struct event *ev);
void ecs_file(struct format *f, const struct event *ev); /* and mount */
void ecs_socket(struct format *f, const struct event *ev);
void ecs_dns(struct format *f, const struct event *ev);

/* ECS: event.action and event.type. */
const char *ptrace_request_name(uint32_t request); /* sextant.request */
const char *file_operation_name(enum file_operation operation);
const char *file_operation_type(enum file_operation operation);
const char *socket_operation_name(enum socket_operation operation);
const char *socket_operation_type(enum socket_operation operation);
bool socket_operation_connection(enum socket_operation operation); /* "connection" is a type too */

/* Addresses for people and programs; what IPv6 maps is IPv4. */
bool socket_address_v4(const struct socket_ends *ends, const __u8 *address);
void socket_address_text(const struct socket_ends *ends, const __u8 *address, char *ret,
                         size_t size);
/* Opens the object of one end. */
void ecs_end_open(struct jsonw *json, const char *key, const struct socket_ends *ends,
                  const __u8 *address, uint16_t port);
size_t socket_unix_name(const struct socket_event *e, char *ret, size_t size);

/* The first question of a message; NULL: there is none that can be read. */
struct dns_question {
	char name[512]; /* RFC 1035, 5.1: without the last dot, a dot in a label as \\. */
	size_t name_size;
	uint16_t type, class;
};
const struct dns_question *dns_question_read(const struct dns_event *e, struct dns_question *ret);

/* ---- what they share --------------------------------------------------- */

/* Null, and in sextant.read_errors; the name alone in sextant.truncated. */
void ecs_unread(struct format *f, const char *key);
void ecs_cut(struct format *f, const char *key);

/*
 * Text of anybody's, cut to max. It has to stay until ecs_sextant_close(), which
 * may want its exact bytes.
 */
void ecs_bytes(struct format *f, const char *key, const char *bytes, size_t size, size_t max);

/* Strings, each ended by NUL, which the last may lack; their number. */
size_t ecs_strings(struct format *f, const char *key, const char *bytes, size_t size);

void ecs_u64(struct format *f, const char *key, uint64_t value, bool unread);

/* Ids are strings in ECS; names where they are known. */
void ecs_id_text(struct format *f, const char *key, uint32_t id, bool unread);
void ecs_id_members(struct format *f, enum name_kind kind, uint32_t id);
void ecs_id_object(struct format *f, const char *key, enum name_kind kind, uint32_t id,
                   bool unread);
void ecs_user(struct format *f, const char *key, uint32_t id);

void ecs_comm(struct format *f, const char *key, const char *name);
void ecs_thread(struct jsonw *json, uint32_t tid);
void ecs_capabilities(struct jsonw *json, const struct credentials *c);

/* pid, entity_id, start. */
void ecs_identity(struct format *f, uint32_t pid, uint64_t start_boottime_ns, bool unread);

/* What the cache knows; NULL, or no member: nothing. */
const struct cached *ecs_known(struct format *f, uint32_t pid, uint64_t start_boottime_ns,
                               bool unread);
void ecs_executable(struct format *f, const struct cached *known);
void ecs_container(struct jsonw *json, const char *id); /* CONTAINER_ID_BYTES; NULL: none */

/* Another process: parent, target. */
void ecs_other(struct format *f, const char *key, const struct parent_ids *p, bool unread);

/* What acts, as it is in all but exec, fork and exit. */
struct actor {
	const struct process_ids *ids;
	const struct parent_ids *parent;
	const char *name;
	uint32_t uid;
	bool uid_unread;
};

#define ACTOR(e, user)                                              \
	{                                                           \
		&(e)->process, &(e)->parent, (e)->comm, user, false \
	}

/* Up to the end of "user". */
void ecs_actor(struct format *f, const struct event *ev, const struct actor *a);

/* Inode, device and the like: ECS has them as text. */
void ecs_number(struct jsonw *json, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ecs_device(struct jsonw *json, const char *key, uint32_t device);
void ecs_file_numbers(struct format *f, uint64_t inode, uint32_t device, bool unread);
void ecs_error(struct jsonw *json, int number); /* errno */

/* A text that was read, else null. */
void ecs_text_member(struct format *f, const char *key, const struct event *ev,
                     enum event_text text);
void ecs_root(struct format *f, const struct event *ev); /* but "/" */

void ecs_leader(struct format *f, const char *key, uint32_t pid, bool unread);

/* Whom a process belongs to: group leader, parent. */
void ecs_lineage(struct format *f, const struct event *ev, const struct parent_ids *p);

/* Parts of it. */
void ecs_time(struct jsonw *json, const char *key, uint64_t wall_ns);
void ecs_version(struct jsonw *json);
void ecs_host(struct format *f);

/* From @timestamp to host. */
void ecs_head(struct format *f, const struct event *ev);

/* Opens "sextant" and writes what every event has in it. */
void ecs_sextant_open(struct format *f, const struct event *ev);

/* What has to be said of the fields so far, and the end of "sextant", which is the last one. */
void ecs_sextant_close(struct format *f);

#endif
