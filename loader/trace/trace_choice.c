/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_words.h"
#include "loader/trace/trace_choice.h"

#define ERROR_MAX 4095 /* MAX_ERRNO of include/linux/err.h */

void trace_choice_init(struct trace_choice *ret)
{
	*ret = (struct trace_choice){ .result_low = INT64_MIN, .result_high = INT64_MAX };
}

/* ---- threads ------------------------------------------------------------------- */

const char *trace_choice_comm(struct trace_choice *c, const char *text)
{
	size_t size = strlen(text);

	if (!size || size >= EVENTS_COMM_BYTES)
		return "--comm: not a name of 1 to 15 bytes: ";
	if (c->comm_count == CALL_COMMS)
		return "--comm: too many names: ";
	memcpy(c->comms[c->comm_count++], text, size);
	return NULL;
}

/* ---- results ------------------------------------------------------------------- */

static int error_find(const char *name)
{
	const char *known;
	int error;

	for (error = 1; error <= ERROR_MAX; error++) {
		known = call_error_name(error);
		if (known && !strcmp(known, name))
			return error;
	}
	return 0;
}

/* A number of 64 bits, signed or not, up to end. base: of strtoull(). */
static bool number_parse(const char *text, const char *end, int base, uint64_t *ret)
{
	bool is_negative = *text == '-';
	char *rest;

	text += is_negative;
	errno = 0;
	*ret = strtoull(text, &rest, base);
	if (errno || !isdigit((unsigned char)*text) || rest != end)
		return false;
	if (is_negative && *ret > (uint64_t)INT64_MAX + 1)
		return false;
	*ret = is_negative ? -*ret : *ret;
	return true;
}

const char *trace_choice_error(struct trace_choice *c, const char *text)
{
	uint64_t error = error_find(text);

	if (!error &&
	    (!number_parse(text, text + strlen(text), 10, &error) || !error || error > ERROR_MAX))
		return "--error: not the name or number of an error: ";
	if (c->error_count == CALL_ERRORS)
		return "--error: too many errors: ";
	c->errors[c->error_count++] = error;
	return NULL;
}

/* Nothing: end. */
static bool bound_parse(const char *text, const char *end, int64_t nothing, int64_t *ret)
{
	const char *digits = text + (*text == '-');
	uint64_t number;

	*ret = nothing;
	if (text == end)
		return true;
	if (!number_parse(text, end, !strncmp(digits, "0x", 2) ? 16 : 10, &number) ||
	    (*text != '-' && number > INT64_MAX))
		return false;
	*ret = number;
	return true;
}

static const char *range_add(struct trace_choice *c, int64_t low, int64_t high)
{
	if (low > c->result_low)
		c->result_low = low;
	if (high < c->result_high)
		c->result_high = high;
	return c->result_low > c->result_high ? "no result is in all ranges: " : NULL;
}

const char *trace_choice_result(struct trace_choice *c, const char *text)
{
	const char *dots = strstr(text, "..");
	int64_t low, high;

	if (!dots || !strcmp(text, "..") || !bound_parse(text, dots, INT64_MIN, &low) ||
	    !bound_parse(dots + 2, text + strlen(text), INT64_MAX, &high))
		return "--result: not LOW..HIGH: ";
	return range_add(c, low, high);
}

const char *trace_choice_failed(struct trace_choice *c)
{
	return range_add(c, -ERROR_MAX, -1);
}

/* ---- parameters ---------------------------------------------------------------- */

const char *trace_choice_where(struct trace_choice *c, const char *text)
{
	struct trace_where *w = &c->wheres[c->where_count];
	const char *equals = strchr(text, '=');
	uint64_t number = 0;
	size_t name, size;

	if (!equals || equals == text)
		return "--where: not PARAMETER=VALUE or PARAMETER^=PREFIX: ";
	if (c->where_count == CALL_WHERES)
		return "--where: too many conditions: ";
	*w = (struct trace_where){ .is_prefix = equals[-1] == '^' };
	name = equals - text - w->is_prefix;
	size = strlen(++equals);
	if (!name || name >= sizeof(w->name))
		return "--where: no call has such a parameter: ";
	if (size > CALL_WHERE_BYTES)
		return "--where: longer than 128 bytes: ";
	memcpy(w->name, text, name);
	w->is_number = !w->is_prefix && number_parse(equals, equals + size, 0, &number);
	w->kernels.number = number;
	memcpy(w->kernels.text, equals, size);
	memset(w->kernels.mask, 0xff, size + !w->is_prefix); /* with the NUL */
	c->where_count++;
	return NULL;
}

bool trace_where_place(const struct trace_where *w, const struct call *call, enum call_abi abi,
                       struct call_where_at *ret)
{
	const struct call_field *field;
	unsigned int i;

	for (i = 0; i < call->count; i++) {
		field = &call->fields[i];
		if (strcmp(field->name, w->name) != 0)
			continue;
		ret->parameter = i;
		if (field->read.kind == CALL_STRING)
			ret->kind = CALL_WHERE_STRING;
		else if (abi == CALL_32 || field->type->bits == 32)
			ret->kind = CALL_WHERE_32;
		else
			ret->kind = CALL_WHERE_64;
		return ret->kind == CALL_WHERE_STRING || w->is_number;
	}
	return false;
}

bool trace_choice_places(const struct trace_choice *c, const struct call *call, enum call_abi abi,
                         struct call_where_at ret[CALL_WHERES])
{
	unsigned int i;

	for (i = 0; i < c->where_count; i++)
		if (!trace_where_place(&c->wheres[i], call, abi, &ret[i]))
			return false;
	return true;
}

static bool string_holds(const struct trace_where *w, const struct call_seen *seen, unsigned int i)
{
	char text[sizeof(w->kernels.text)] = "";
	const __u64 *mask = w->kernels.mask, *wanted = w->kernels.text;
	__u64 words[CALL_WHERE_WORDS];
	const struct call_record *r;
	enum call_state state;
	const char *bytes;
	size_t size, j;

	bytes = call_seen_bytes(seen, i, &r, &size, &state);
	if (!bytes)
		return false;
	memcpy(text, bytes, size < sizeof(text) ? size : sizeof(text));
	memcpy(words, text, sizeof(words));
	for (j = 0; j < CALL_WHERE_WORDS; j++)
		if ((words[j] & mask[j]) != wanted[j])
			return false;
	return true;
}

static bool where_holds(const struct trace_where *w, const struct call_seen *seen)
{
	const struct call_record *any = seen->begins ? seen->begins : seen->returns;
	struct call_where_at at;
	uint64_t value;

	if (!seen->call || !trace_where_place(w, seen->call, any->abi, &at))
		return false;
	value = call_argument(seen, at.parameter);
	if (at.kind == CALL_WHERE_STRING)
		return string_holds(w, seen, at.parameter);
	if (at.kind == CALL_WHERE_32)
		return (uint32_t)value == (uint32_t)w->kernels.number;
	return value == w->kernels.number;
}

static bool wheres_hold(const struct trace_choice *c, const struct call_seen *seen)
{
	unsigned int i;

	for (i = 0; i < c->where_count; i++)
		if (!where_holds(&c->wheres[i], seen))
			return false;
	return true;
}

bool trace_choice_holds(const struct trace_choice *c, struct call_seen *seen)
{
	const struct call_seen begins = { seen->call, seen->begins, NULL };

	if (seen->begins && wheres_hold(c, &begins))
		return true;
	if (!seen->returns || !wheres_hold(c, seen))
		return false;
	seen->begins = NULL;
	return true;
}

/* -------------------------------------------------------------------------------- */

void trace_choice_settings(const struct trace_choice *c, struct call_settings *ret)
{
	unsigned int i;

	ret->only_comms = c->comm_count != 0;
	ret->wheres = c->where_count;
	ret->rate = c->rate;
	ret->result_low = c->result_low;
	ret->result_high = c->result_high;
	if (c->error_count || c->result_low != INT64_MIN || c->result_high != INT64_MAX)
		ret->at_return = 1;
	for (i = 0; c->error_count && i < CALL_ERRORS; i++)
		ret->errors[i] = -c->errors[i < c->error_count ? i : 0];
}
