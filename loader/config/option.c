/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/bpf/hook.h"
#include "loader/config/amount.h"
#include "loader/config/setting_list.h"
#include "loader/stream/fields.h"
#include "loader/stream/redact.h"
#include "loader/util/net_address.h"

static int wrong(const char *what, const char *value, struct offsets_error *error)
{
	return offsets_fail(error, -EINVAL, "%s%s", what, value);
}

/* ---- values that may be wrong ------------------------------------------ */

static int db_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	struct databases *d = &config->databases;

	if (d->count == DATABASES_MAX)
		return wrong("too many --db: ", s->value, error);
	d->paths[d->count++] = s->value;
	return 0;
}

static int output_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	struct rule_source *rules = &config->rules;
	struct output_config output;
	size_t i;
	int err;

	if (config->output_count == OUTPUTS_MAX)
		return wrong("too many --output: ", s->value, error);
	err = output_config_parse(s->value, 0, FORMAT_JSON, &output, error);
	if (err)
		return err;
	for (i = 0; *output.name && i < rules->output_count; i++)
		if (!strcmp(rules->outputs[i], output.name))
			return wrong("two outputs have the name ", output.name, error);
	strcpy(rules->outputs[rules->output_count++], output.name);
	config->outputs[config->output_count++] = s->value;
	return 0;
}

static int redact_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	return redaction_add(&config->redaction, s->value, error);
}

static int events_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	config->classes =
		strcmp(s->value, "all") ? event_types_parse(s->value) : (1U << EVENT_TYPES) - 1;
	return config->classes ? 0 : wrong("unknown event class in ", s->value, error);
}

static int require_apply(const struct setting *s, struct config *config,
                         struct offsets_error *error)
{
	config->required = event_types_parse(s->value);
	return config->required ? 0 : wrong("unknown event class in ", s->value, error);
}

static int attach_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	config->attach_methods = attach_methods_parse(s->value);
	return config->attach_methods ? 0 : wrong("unknown attach method in ", s->value, error);
}

static int metrics_listen_apply(const struct setting *s, struct config *config,
                                struct offsets_error *error)
{
	struct net_address address;

	config->metrics_listen = s->value;
	return net_address_parse(s->value, &address)
	               ? 0
	               : wrong("no address and port, as 127.0.0.1:9590 or [::1]:9590: ", s->value,
	                       error);
}

static int tier_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	if (s->value[0] < '1' || s->value[0] > '3' || s->value[1])
		return wrong("unknown tier: ", s->value, error);
	config->tiers = 1U << (s->value[0] - '0');
	return 0;
}

static int format_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	config->format = output_format_parse(s->value);
	return config->format != OUTPUT_FORMATS ? 0 : wrong("unknown format: ", s->value, error);
}

/* Seconds with a fraction, up to a year. */
static int duration_apply(const struct setting *s, struct config *config,
                          struct offsets_error *error)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(s->value, &end);
	if (errno || end == s->value || *end || !(seconds > 0 && seconds <= 366.0 * 86400))
		return wrong("not a duration: ", s->value, error);
	config->duration_ns = seconds * 1e9;
	return 0;
}

/* False: not a whole number, or more than most. */
static bool number_parse(const char *value, unsigned long most, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(value, &end, 10);
	return !errno && end != value && !*end && *value != '-' && *ret <= most;
}

/* Whole seconds, up to a day. */
static int seconds_apply(const struct setting *s, uint64_t *ret_ns, struct offsets_error *error)
{
	unsigned long seconds;

	if (!number_parse(s->value, 86400, &seconds))
		return wrong("not a number of seconds up to 86400: ", s->value, error);
	*ret_ns = seconds * 1000000000ULL;
	return 0;
}

#define HASH_BUDGET_MOST (1ULL << 40)

static int hash_budget_apply(const struct setting *s, struct config *config,
                             struct offsets_error *error)
{
	config->hash_budget = amount_bytes(s->value);
	if ((config->hash_budget || !strcmp(s->value, "0")) &&
	    config->hash_budget <= HASH_BUDGET_MOST)
		return 0;
	return wrong("hash-budget: expected bytes a second, as 16M, or 0: ", s->value, error);
}

static int container_names_apply(const struct setting *s, struct config *config,
                                 struct offsets_error *error)
{
	config->container_names = !strcmp(s->value, "yes");
	return config->container_names || !strcmp(s->value, "no")
	               ? 0
	               : wrong("container-names: expected yes or no: ", s->value, error);
}

/* Per cent of one CPU; a host may give the sensor more than one. */
static int cpu_budget_apply(const struct setting *s, struct config *config,
                            struct offsets_error *error)
{
	unsigned long percent;

	if (!number_parse(s->value, 10000, &percent))
		return wrong("not a per cent of a CPU up to 10000: ", s->value, error);
	config->cpu_budget = percent;
	return 0;
}

static int heartbeat_apply(const struct setting *s, struct config *config,
                           struct offsets_error *error)
{
	return seconds_apply(s, &config->heartbeat_ns, error);
}

static int canary_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	return seconds_apply(s, &config->canary_ns, error);
}

static int log_level_apply(const struct setting *s, struct config *config,
                           struct offsets_error *error)
{
	return log_level_parse(s->value, &config->log_level)
	               ? 0
	               : wrong("unknown log level: ", s->value, error);
}

/* ---- values that are used as they are ---------------------------------- */

static int rule_apply(const struct setting *s, struct config *config, struct offsets_error *error)
{
	struct rule_source *rules = &config->rules;

	(void)error;
	rules->texts[rules->count++] = (struct rule_text){ s->value, s->path, s->line };
	return 0;
}

#define KEEP(name, member, what)                                                \
	static int name##_apply(const struct setting *s, struct config *config, \
	                        struct offsets_error *error)                    \
	{                                                                       \
		(void)s, (void)error;                                           \
		config->member = what;                                          \
		return 0;                                                       \
	}
KEEP(db_key, databases.key, s->value)
KEEP(state, databases.state, s->value)
KEEP(override, override, s->value)
KEEP(env, env, s->value)
KEEP(filter, rules.path, s->value)
KEEP(pin, pin, s->value)
KEEP(record, record, s->value)
KEEP(control, control, s->value)
KEEP(control_group, control_group, s->value)
KEEP(metrics_file, metrics_file, s->value)
KEEP(metrics, metrics, true)
KEEP(file, file, s->value)
KEEP(no_self_test, no_self_test, true)
KEEP(json, json, true)
KEEP(instructions, instructions, true)
KEEP(try, try_layouts, true)
KEEP(stream, only_stream, true)
KEEP(only_check, only_check, true)

/* ---- the table --------------------------------------------------------- */

#define FILES  true
#define RELOAD true

static const struct option_row rows[] = {
	{ "db", TAKES_VALUES, FILES, false, db_apply, SEXTANT_DB },
	{ "db-key", TAKES_VALUE, FILES, false, db_key_apply, NULL },
	{ "state", TAKES_VALUE, FILES, false, state_apply, NULL },
	{ "kernel-override", TAKES_VALUE, FILES, false, override_apply, NULL },
	{ "events", TAKES_VALUE, FILES, false, events_apply, "exec,fork,exit" },
	{ "require", TAKES_VALUE, FILES, false, require_apply, NULL },
	{ "attach", TAKES_VALUE, FILES, false, attach_apply, NULL },
	{ "env", TAKES_LIST, FILES, false, env_apply, ENV_DEFAULT },
	{ "filter", TAKES_VALUE, FILES, RELOAD, filter_apply, NULL },
	{ "rule", TAKES_VALUES, FILES, RELOAD, rule_apply, NULL },
	{ "format", TAKES_VALUE, FILES, false, format_apply, "json" },
	{ "output", TAKES_WORDS, FILES, false, output_apply, "-" },
	{ "redact", TAKES_VALUES, FILES, false, redact_apply, NULL },
	{ "control", TAKES_VALUE, FILES, false, control_apply, NULL },
	{ "control-group", TAKES_VALUE, FILES, false, control_group_apply, NULL },
	{ "metrics-file", TAKES_VALUE, FILES, false, metrics_file_apply, NULL },
	{ "metrics-listen", TAKES_VALUE, FILES, false, metrics_listen_apply, NULL },
	{ "heartbeat", TAKES_VALUE, FILES, false, heartbeat_apply, "60" },
	{ "canary", TAKES_VALUE, FILES, false, canary_apply, "60" },
	{ "cpu-budget", TAKES_VALUE, FILES, false, cpu_budget_apply, "50" },
	{ "hash-budget", TAKES_VALUE, FILES, false, hash_budget_apply, "16M" },
	{ "container-names", TAKES_VALUE, FILES, false, container_names_apply, "yes" },
	{ "log-level", TAKES_VALUE, FILES, RELOAD, log_level_apply, "info" },
	{ "no-self-test", TAKES_NOTHING, FILES, false, no_self_test_apply, "no" },
	{ "config", TAKES_VALUE, false, false, file_apply, NULL },
	{ "tier", TAKES_VALUE, false, false, tier_apply, NULL },
	{ "duration", TAKES_VALUE, false, false, duration_apply, NULL },
	{ "json", TAKES_NOTHING, false, false, json_apply, NULL },
	{ "metrics", TAKES_NOTHING, false, false, metrics_apply, NULL },
	{ "instructions", TAKES_NOTHING, false, false, instructions_apply, NULL },
	{ "try", TAKES_NOTHING, false, false, try_apply, NULL },
	{ "stream", TAKES_NOTHING, false, false, stream_apply, NULL },
	{ "pin", TAKES_VALUE, false, false, pin_apply, NULL },
	{ "record", TAKES_VALUE, false, false, record_apply, NULL },
	{ "check", TAKES_NOTHING, false, false, only_check_apply, NULL },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

size_t options_count(void)
{
	return ROWS;
}

const struct option_row *option_get(size_t i)
{
	return &rows[i];
}

const struct option_row *option_find(const char *name)
{
	const struct option_row *row;

	for (row = rows; row < rows + ROWS; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

/* ---- the nearest name -------------------------------------------------- */

#define NAME_MAX_BYTES 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many bytes have to be added, removed or replaced: Levenshtein's distance. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1], i, j, diagonal, above;

	for (j = 0; j <= strlen(b); j++)
		row[j] = j;
	for (i = 1; i <= strlen(a); i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= strlen(b); j++) {
			above = row[j];
			row[j] = least(diagonal + (a[i - 1] != b[j - 1]),
			               least(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[strlen(b)];
}

const struct option_row *option_nearest(const char *name)
{
	const struct option_row *row, *best = NULL;
	size_t far, best_far = 4;

	if (strlen(name) > NAME_MAX_BYTES)
		return NULL;
	for (row = rows; row < rows + ROWS; row++) {
		far = row->in_files ? distance(name, row->name) : best_far;
		if (far < best_far && far < strlen(row->name)) {
			best = row;
			best_far = far;
		}
	}
	return best;
}
