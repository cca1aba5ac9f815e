/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine's end of a helper: questions, answers, and another helper for one that is lost. */
#ifndef LOADER_AGENT_HELPER_LINK_H
#define LOADER_AGENT_HELPER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/agent/request.h"
#include "loader/monitor/channel.h"

/* A helper that has not answered for so long waits for a file system that may never answer. */
#define HELPER_STUCK_NS 10000000000ULL
#define HELPER_RETRY_NS 2000000000ULL

struct helper_link {
	struct channel *monitor; /* the caller's; NULL: no helper is wanted */
	enum helper_kind kind;
	const char *what;    /* it is for: "hashes of executables" */
	int fd;              /* -1: none */
	uint64_t retry_ns;   /* when another one may be started */
	bool is_reported;    /* that there is none, since the last answer */
	uint64_t unanswered; /* id of a question whose answer is overdue; 0: none */
	uint64_t asked_ns;   /* when that was asked */
};

/* Starts one where there is none. False: now there can be none. */
bool helper_get(struct helper_link *link);

/* 0; -EAGAIN: it has too many questions; or -EPIPE: it was lost. */
int helper_ask(struct helper_link *link, const void *question, size_t size);

/* An answer of exactly that size. 0; -EAGAIN: there is none yet; or -EPIPE: it was lost. */
int helper_hear(struct helper_link *link, void *ret, size_t size);

/* Ten times a second. True: it does not answer, and was lost. */
bool helper_is_stuck(struct helper_link *link, uint64_t now_ns);

void helper_link_close(struct helper_link *link); /* takes a zeroed one */

#endif
