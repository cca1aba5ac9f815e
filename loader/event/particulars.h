/* SPDX-License-Identifier: BSD-2-Clause */
/* What one kind of record has (exec_, exit_, file_, ...), as several forms of JSON write it. */
#ifndef LOADER_EVENT_PARTICULARS_H
#define LOADER_EVENT_PARTICULARS_H

#include "loader/event/dns_question.h"
#include "loader/event/format.h"

/* The arguments as one text. */
void exec_command_line(struct format *f, const char *key, const struct event *ev);

/* Members of "process" that ECS knows, and OCSF does not. */
void exec_process_rest(struct format *f, const struct event *ev);

/* The same of what was written to a terminal. */
void terminal_process_rest(struct format *f, const struct event *ev);

/* From the start of a process to its exit, ns. */
uint64_t exit_run_time(const struct format *f, const struct exit_event *e);

/* Does one of the user ids differ? */
bool credentials_user_changed(const struct credentials *before, const struct credentials *after);

/* A class has the first ones of enum action_field. */
bool action_has_field(const struct event *ev, enum action_field field);
bool action_has_target(const struct event *ev); /* is it done to another process? */

/* The object "file" of ECS. */
void file_object(struct format *f, const struct event *ev);

/* "@name" of an abstract one, as /proc/net/unix has it; size: of ret. */
size_t socket_unix_name(const struct socket_event *e, char *ret, size_t size);
bool socket_is_local(const struct socket_event *e); /* it has no other end */
bool socket_is_end(const struct socket_event *e);   /* it has ended */

/* Type and class of a question by their names. */
void dns_kind(struct jsonw *json, const struct dns_question *q);

#endif
