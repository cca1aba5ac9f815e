/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of ECS JSON that the writers of several records have; those of OCSF use
 * what both schemas write alike. A field that was
 * not read is written by ecs_unread(), or by a function with the parameter
 * unread: null, and listed in sextant.read_errors by its path. Text that is not
 * UTF-8 is also in sextant.raw, in hex.
 */
#ifndef LOADER_EVENT_ECS_H
#define LOADER_EVENT_ECS_H

#include "loader/event/format.h"

/*
 * Null, and in sextant.read_errors; the name alone in sextant.truncated. Where OCSF knows
 * the member, which takes no null, only in unmapped.read_errors.
 */
void ecs_unread(struct format *f, const char *key);
void ecs_cut(struct format *f, const char *key);

/*
 * Text of hostile origin, cut to max. It has to stay until ecs_sextant_close(), which
 * may want its exact bytes.
 */
void ecs_bytes(struct format *f, const char *key, const char *bytes, size_t size, size_t max);

/* The same of a text that ends with NUL; of an empty one no member. */
void ecs_word(struct format *f, const char *key, const char *value, size_t max);

/* Strings, each ended by NUL, which the last may lack; their number. */
size_t ecs_strings(struct format *f, const char *key, const char *bytes, size_t size);

void ecs_u64(struct format *f, const char *key, uint64_t value, bool unread);

/* Ids are strings in ECS and OCSF; names where they are known. key: of the id. */
void ecs_id_text(struct format *f, const char *key, uint32_t id, bool unread);
void ecs_id_members(struct format *f, const char *key, enum name_type type, uint32_t id);
void ecs_id_object(struct format *f, const char *key, enum name_type type, uint32_t id,
                   bool unread);
void ecs_user(struct format *f, const char *key, uint32_t id);

void ecs_comm(struct format *f, const char *key, const char *name);
void ecs_thread(struct jsonw *json, uint32_t tid);
void ecs_capabilities(struct jsonw *json, const struct credentials *c);

/* Boot, pid and start: known from /proc as well, so a seeded cache finds it. */
void ecs_entity_id(struct format *f, const char *key, uint32_t pid, uint64_t ticks);

/* pid, entity_id, start. */
void ecs_identity(struct format *f, uint32_t pid, uint64_t start_boottime_ns, bool unread);

/* What the cache knows; NULL, or no member: nothing. */
const struct cached *ecs_known(struct format *f, uint32_t pid, uint64_t start_boottime_ns,
                               bool unread);

/*
 * The same process, if what is known of its program is true of the event at hand; NULL: it
 * runs this program since a later time, or nothing is known. Who writes the executable,
 * the arguments or the session of a process asks this first.
 */
const struct cached *ecs_program(const struct format *f, const struct cached *known);
void ecs_executable(struct format *f, const struct cached *known);

/* The container and the service of systemd that a process is in. */
void ecs_place(struct format *f, struct container_id id, struct span service);
void ecs_place_known(struct format *f, const struct cached *known);

/* NULL: not known. */
const struct container_facts *ecs_container_facts(const struct format *f, struct container_id id);

/* "container", and "orchestrator" if it is one of a pod. */
void ecs_container(struct format *f, struct container_id id);

/* Of it what OCSF has no place for. */
void ecs_container_rest(struct format *f, struct container_id id);

/* Arguments, and how many there are; the same as one text. Nothing where there are none. */
void ecs_args(struct format *f, struct span args, bool are_cut);

/* text: room for it, until ecs_sextant_close(). */
void ecs_command_line(struct format *f, const char *key, struct span args, bool are_cut, char *text,
                      size_t room);

/* Those of another process, NULL: of none, as they were when the event happened. */
bool ecs_knows_args(const struct format *f, const struct cached *known);

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

/* From "process" to the end of "user". */
void ecs_actor(struct format *f, const struct event *ev, const struct actor *a);

/* The same in two steps: "process" is left open between them. known: what the first one returned.
 */
const struct cached *ecs_actor_open(struct format *f, const struct event *ev,
                                    const struct actor *a);
void ecs_actor_close(struct format *f, const struct actor *a, const struct cached *known);

/* A terminal by its numbers, as far as its name tells; name: EVENTS_TTY_BYTES at most. */
void ecs_tty(struct format *f, const char *name);

/* Inode, device and the like: ECS has them as text. */
void ecs_number(struct jsonw *json, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ecs_mode(struct jsonw *json, const char *key, uint32_t mode); /* four octal digits */
void ecs_device(struct jsonw *json, const char *key, uint32_t device);
void ecs_inode(struct format *f, const char *key, uint64_t inode, bool unread);
void ecs_file_numbers(struct format *f, uint64_t inode, uint32_t device, bool unread);
/* "hash", or why there is none. */
void ecs_hash(struct jsonw *json, const struct event_hash *hash);
void ecs_hash_missing(struct jsonw *json, const struct event_hash *hash);
/* "script", with that of it. */
void ecs_script(struct format *f, const struct event_file *script, bool are_numbers_unread,
                const struct event_hash *hash);
void ecs_error(struct jsonw *json, int number); /* errno */
void ecs_errno_name(struct jsonw *json, const char *key, int number);
/* The object "namespace" with the one of the network. */
void ecs_net_namespace(struct format *f, const struct socket_ends *ends, bool unread);
void ecs_community_id(struct format *f, const char *key, const struct socket_ends *ends);

/* A text that was read, else null. */
void ecs_text_member(struct format *f, const char *key, const struct event *ev,
                     enum event_text text);
void ecs_root(struct format *f, const struct event *ev); /* but "/" */

/* The identity of a process by what the cache has of it. */
void ecs_known_identity(struct format *f, const struct cached *known);

void ecs_leader(struct format *f, const char *key, uint32_t pid, bool unread);

/* Whom a process belongs to: group leader, parent. */
void ecs_lineage(struct format *f, const struct event *ev, const struct parent_ids *p);

/* Parts of it. */
void ecs_time(struct jsonw *json, const char *key, uint64_t wall_ns);

/* Members that are the same in each event, as long as the host has the same name. */
void ecs_constant(struct format *f, struct constant *c, void (*write)(struct format *f));

/* What of the distribution ECS has names for, and OCSF has not. */
void ecs_os_words(struct format *f);

/* The run of the sensor. */
void ecs_run(struct format *f);

/* What identifies an event for ever. ev NULL: the sensor itself is its subject. */
void ecs_event_id(struct format *f, const char *key, const struct event *ev);

/* From @timestamp to agent. What a class has in "event" goes between open and close. */
void ecs_head(struct format *f, const struct event *ev);
void ecs_head_open(struct format *f, const struct event *ev);
void ecs_head_close(struct format *f);

/* The same of an event that the sensor itself is the subject of; the words are those of ECS. */
struct own_event {
	const char *kind, *type, *action, *dataset;
};

void ecs_own_head(struct format *f, uint64_t time_ns, const struct own_event *own);

void ecs_outcome(struct format *f, bool failed, bool unread);

/* Opens "sextant" and writes what every event has in it. */
void ecs_sextant_open(struct format *f, const struct event *ev);

/* What has to be said of the fields so far, and the end of "sextant", which is the last one. */
void ecs_sextant_close(struct format *f);

#endif
