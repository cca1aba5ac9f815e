/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine's side: what it asks of the monitor (loader/agent/request.h). */
#ifndef LOADER_AGENT_ASK_H
#define LOADER_AGENT_ASK_H

#include <stdbool.h>

#include "loader/agent/request.h"
#include "loader/host/proc.h"
#include "loader/monitor/channel.h"
#include "loader/out/sink.h"
#include "loader/rules/event_rules.h"

/* For probes_ask(); arg: the struct channel. */
extern const struct kernel_side ask_kernel;

/* For proc_read_by(); arg: the struct channel. */
extern const struct proc_source ask_proc;

/* Who is asked for the output of which number. */
struct asked_output {
	struct channel *channel;
	uint32_t index;
};

/* For sink_open_by(); arg: the struct asked_output. */
int ask_output(void *arg, enum sink_opening how, int *ret_fd, struct offsets_error *error);

/* A helper, in place of the one before: *ret_fd: a socket to it. 0 or -errno. */
int ask_helper(struct channel *channel, enum helper_kind kind, int *ret_fd,
               struct offsets_error *error);

/* Writes the text into the file of --metrics-file, in one step. 0 or -errno. */
int ask_metrics(struct channel *channel, const char *text, size_t size,
                struct offsets_error *error);

/* classes: that are to be tested; *ret: the process id of the canary, 0: it cannot be sent. */
int ask_canary_start(struct channel *channel, unsigned int classes, uint32_t *ret,
                     struct offsets_error *error);
int ask_canary_end(struct channel *channel, bool *ret_ended, unsigned int *ret_done,
                   struct offsets_error *error);

/* cause: why the programs of the class are not attached; *ret: they are. 0 or -errno. */
int ask_reattach(struct channel *channel, enum event_type type, bool *ret,
                 struct offsets_error *cause, struct offsets_error *error);

/* Each: 0 or -errno. */
int ask_second(struct channel *channel, struct answer_second *ret, struct offsets_error *error);
int ask_shares(struct channel *channel, const struct request_shares *shares,
               struct offsets_error *error);

/* is_asked: the files of rules are to be read again. */
int ask_rules(struct channel *channel, bool is_asked, struct answer_rules *ret,
              struct offsets_error *error);

/* Starts a newer sensor: its process id, and a socket to it. 0 or -errno. */
int ask_restart(struct channel *channel, uint32_t *ret_pid, int *ret_fd,
                struct offsets_error *error);
int ask_restart_end(struct channel *channel, bool has_taken_over, struct offsets_error *error);

/* Of the newer one: the control socket is its own. 0 or -errno. */
int ask_take_over(struct channel *channel, struct offsets_error *error);

/* Those that are in force now. 0 or -errno. */
int ask_event_rules(struct channel *channel, struct event_rules *ret, struct offsets_error *error);

#endif
