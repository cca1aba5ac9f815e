/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of events as the Open Cybersecurity Schema Framework (OCSF) has them.
 * OCSF takes no null: between ocsf_head() and ocsf_unmapped_open() ecs_unread()
 * leaves a member out. A text that OCSF requires is empty in its place. Members
 * of "unmapped" have the names that they have in ECS JSON.
 */
#ifndef LOADER_OCSF_OCSF_H
#define LOADER_OCSF_OCSF_H

#include "loader/event/ecs.h"

/* Of the schema, whose version is in docs/events.md too. */
#define OCSF_VERSION "1.8.0"

/* class_uid; a thousand is its category. */
enum ocsf_class {
	OCSF_FILE = 1001,
	OCSF_KERNEL_EXTENSION = 1002,
	OCSF_KERNEL = 1003,
	OCSF_PROCESS = 1007,
	OCSF_NETWORK = 4001,
	OCSF_DNS = 4003,
	OCSF_APPLICATION_LIFECYCLE = 6002,
	OCSF_APPLICATION_ERROR = 6008,
};

/* The activities of several classes; others are beside the classes that have them. */
#define OCSF_UNKNOWN 0
#define OCSF_OTHER   99

/* status_id */
enum ocsf_status { OCSF_STATUS_UNKNOWN, OCSF_SUCCESS, OCSF_FAILURE };

struct ocsf_activity {
	enum ocsf_class class;
	unsigned int id;
	const char *name; /* the caption of id; of OCSF_OTHER our word */
	enum ocsf_status status;
	int error; /* errno; 0: none */
};

/* From class_uid to device. The status of an early event (event_is_early()) is Unknown. */
void ocsf_head(struct format *f, const struct event *ev, const struct ocsf_activity *activity);

/* The same of an event that the sensor itself is the subject of: action and dataset of ECS. */
void ocsf_own_head(struct format *f, uint64_t time_ns, const struct ocsf_activity *activity,
                   const char *action, const char *dataset);

/* Name, vendor and version of the sensor. */
void ocsf_product(struct jsonw *json, const char *key);

void ocsf_time(struct jsonw *json, const char *key, uint64_t wall_ns);

/* An enumeration: its number as KEY_id, and its caption as KEY. */
void ocsf_enum(struct jsonw *json, const char *id_key, unsigned int id, const char *key,
               const char *caption);

/* ---- objects ------------------------------------------------------------- */

/* A user or group. */
void ocsf_identity(struct format *f, const char *key, enum name_type type, uint32_t id,
                   bool unread);

/* euid and group: of the profile linux_users. */
void ocsf_effective(struct format *f, const struct credentials *c, bool unread);

/* name and path of a file; the members of its type. */
void ocsf_path(struct format *f, const char *path, size_t size);
void ocsf_path_text(struct format *f, const struct event *ev, enum event_text text);
void ocsf_file_type(struct jsonw *json, uint32_t mode);

/* Of an executable. */
void ocsf_hashes(struct jsonw *json, const struct event_hash *hash);

struct ocsf_process {
	uint32_t pid, tid; /* tid 0: none to name */
	uint64_t start_boottime_ns;
	bool is_start_unread;
	const char *name;           /* comm; NULL: not known */
	const struct cached *known; /* its executable; NULL: not known */
};

/* From its pid to its file. Leaves it open. */
void ocsf_process_open(struct format *f, const char *key, const struct ocsf_process *process);

/* The same of one that is known by its number alone; known: who has it now. */
void ocsf_number_open(struct format *f, const char *key, uint32_t pid, const struct cached *known);

void ocsf_container(struct format *f, struct container_id id);
void ocsf_parent(struct format *f, const struct event *ev, const struct parent_ids *parent);

/* What acts, as it is in all but exec, fork and exit. */
void ocsf_actor(struct format *f, const struct event *ev, const struct actor *actor);

/* The same process as "process", without its parent. Leaves it open. */
void ocsf_self(struct format *f, const struct event *ev, const struct actor *actor);

/* ---- unmapped ------------------------------------------------------------ */

/* What is known of the container besides, and the service. */
void ocsf_place(struct format *f, struct container_id id, struct span service);

/* With what every event has in it; ecs_sextant_close() closes it. */
void ocsf_unmapped_open(struct format *f, uint64_t time_ns);

/* Its "process", which it leaves open: what OCSF has no names for. */
void ocsf_rest_open(struct format *f, const struct event *ev, const struct process_ids *ids,
                    const struct parent_ids *parent);

/* Both, with the CPU and the service, of a class that has an actor. */
void ocsf_actor_rest(struct format *f, const struct event *ev, const struct actor *actor);

/* The same in two steps: its "process" is left open between them. */
void ocsf_actor_rest_open(struct format *f, const struct event *ev, const struct actor *actor);
void ocsf_actor_rest_close(struct format *f, const struct event *ev, const struct actor *actor);

#endif
