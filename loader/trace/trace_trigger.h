/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes 'sextant trace --ring' write its ring: --dump-on. */
#ifndef LOADER_TRACE_TRACE_TRIGGER_H
#define LOADER_TRACE_TRACE_TRIGGER_H

#include <stdbool.h>

#include "loader/trace/call_seen.h"

enum trace_trigger {
	TRACE_BY_REQUEST = 1, /* SIGUSR1 */
	TRACE_BY_SIGNAL = 2,  /* a process was ended by a signal */
	TRACE_BY_EXIT = 4,    /* a process has ended with a status that is not 0 */
};

/* "SIGUSR1", "signal" or "exit!=0"; 0: another text. */
enum trace_trigger trace_trigger_parse(const char *text);

/* For people. */
const char *trace_trigger_name(enum trace_trigger trigger);

/* Whether a record of the call may be one of these (a set of enum trace_trigger). */
bool trace_trigger_needs(unsigned int triggers, const struct call *call);

/* What a record says of the end of a process, as waitpid() has it; 0: nothing. */
enum trace_trigger trace_trigger_of_call(const struct call_seen *seen);
enum trace_trigger trace_trigger_of_status(int status);

#endif
