/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "loader/trace/trace_trigger.h"

static const struct {
	const char *text, *name;
	enum trace_trigger trigger;
} triggers[] = {
	{ "SIGUSR1", "SIGUSR1", TRACE_BY_REQUEST },
	{ "signal", "a process was ended by a signal", TRACE_BY_SIGNAL },
	{ "exit!=0", "a process has ended with a status that is not 0", TRACE_BY_EXIT },
};

#define TRIGGERS (sizeof(triggers) / sizeof(triggers[0]))

enum trace_trigger trace_trigger_parse(const char *text)
{
	size_t i;

	for (i = 0; i < TRIGGERS; i++)
		if (!strcmp(triggers[i].text, text))
			return triggers[i].trigger;
	return 0;
}

const char *trace_trigger_name(enum trace_trigger trigger)
{
	size_t i;

	for (i = 0; i < TRIGGERS; i++)
		if (triggers[i].trigger == trigger)
			return triggers[i].name;
	return "";
}

/* The parameter by which a call gives the status of a child; CALL_PARAMETERS: it has none. */
static unsigned int status_parameter(const struct call *call)
{
	unsigned int i;

	for (i = 0; i < call->count; i++)
		if (!strcmp(call->fields[i].type->name, "wait_status"))
			return i;
	return CALL_PARAMETERS;
}

bool trace_trigger_needs(unsigned int set, const struct call *call)
{
	if (set & TRACE_BY_EXIT && call_never_returns(call))
		return true;
	return set & TRACE_BY_SIGNAL && status_parameter(call) < CALL_PARAMETERS;
}

enum trace_trigger trace_trigger_of_status(int status)
{
	if (WIFSIGNALED(status))
		return TRACE_BY_SIGNAL;
	return WIFEXITED(status) && WEXITSTATUS(status) ? TRACE_BY_EXIT : 0;
}

static enum trace_trigger trigger_of_wait(const struct call_seen *seen)
{
	unsigned int i = status_parameter(seen->call);
	const struct call_record *record;
	enum call_state state;
	const char *bytes;
	size_t size;

	if (i == CALL_PARAMETERS || seen->returns->result <= 0)
		return 0;
	bytes = call_seen_bytes(seen, i, &record, &size, &state);
	if (!bytes || size < sizeof(int) || !WIFSIGNALED((int)call_number_at(bytes, sizeof(int))))
		return 0;
	return TRACE_BY_SIGNAL;
}

enum trace_trigger trace_trigger_of_call(const struct call_seen *seen)
{
	if (!seen->call)
		return 0;
	if (call_never_returns(seen->call))
		return seen->begins && seen->begins->arguments[0] & 0xff ? TRACE_BY_EXIT : 0;
	return seen->returns ? trigger_of_wait(seen) : 0;
}
