/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/bpf/hook.h"
#include "loader/config/setting_list.h"
#include "loader/host/dbsource.h"
#include "loader/stream/fields.h"
#include "loader/stream/redact.h"
#include "offsets/util/cleanup.h"

#define SEE_HELP "; see 'sextant --help'"

/* Not each output takes each form, and --format is that of those that do not say theirs. */
static int forms_check(const struct config *config, struct offsets_error *error)
{
	struct output_config ignored;
	struct offsets_error cause;
	unsigned int i;

	for (i = 0; i < config->output_count; i++)
		if (output_config_parse(config->outputs[i], 0, config->format, &ignored, &cause))
			return offsets_fail(
				error, -EINVAL,
				"%s; --format is the form of each output that names none" SEE_HELP,
				cause.text);
	return 0;
}

/* What only all settings together can say. */
static int together_check(struct config *config, struct offsets_error *error)
{
	unsigned int type, unknown = config->required & ~config->classes;
	struct databases *d = &config->databases;

	if (d->state && !d->key)
		return offsets_fail(error, -EINVAL, "--state needs --db-key" SEE_HELP);
	if (d->key && d->count > 1)
		return offsets_fail(error, -EINVAL,
		                    "--db-key allows one --db only; merge them, and sign the "
		                    "result: %s" SEE_HELP,
		                    d->paths[1]);
	if (config->control_group && !config->control)
		return offsets_fail(error, -EINVAL, "--control-group needs --control" SEE_HELP);
	for (type = 0; type < EVENT_TYPES; type++)
		if (unknown & (1U << type))
			return offsets_fail(
				error, -EINVAL,
				"--require names a class that --events does not: %s" SEE_HELP,
				event_type_name(type));
	if (!config->output_count)
		config->outputs[config->output_count++] = "-";
	if (!d->state)
		d->state = DBSOURCE_STATE;
	if (!d->count)
		d->paths[d->count++] = SEXTANT_DB;
	return forms_check(config, error);
}

/* Adds where the setting stands. */
static int wrong(const struct setting *setting, const struct offsets_error *cause, int err,
                 struct offsets_error *error)
{
	if (!setting->path)
		return offsets_fail(error, err, "%s" SEE_HELP, cause->text);
	return offsets_fail(error, err, "%s:%u: %s", setting->path, setting->line, cause->text);
}

static bool is_on(const struct setting *setting)
{
	return setting->option->takes != TAKES_NOTHING || !setting->value ||
	       !strcmp(setting->value, "yes");
}

int config_init(struct config *ret, const struct setting_list *settings,
                struct offsets_error *error)
{
	const struct setting *setting;
	struct offsets_error cause;
	int err;

	*ret = (struct config){
		.classes = event_types_default(),
		.attach_methods = (1U << ATTACH_METHODS) - 1,
		.env = ENV_DEFAULT,
		.heartbeat_ns = HEARTBEAT_NS,
		.canary_ns = CANARY_NS,
		.cpu_budget = CPU_BUDGET,
		.hash_budget = HASH_BUDGET,
		.container_names = true,
		.log_level = LEVEL_INFO,
		.settings = settings,
		.rules.texts = calloc(settings->count + 1, sizeof(*ret->rules.texts)),
	};
	if (!ret->rules.texts)
		return offsets_fail(error, -ENOMEM, "out of memory");
	for (setting = settings->items; setting < settings->items + settings->count; setting++) {
		if (!setting_in_force(settings, setting) || !is_on(setting))
			continue;
		err = setting->option->apply(setting, ret, &cause);
		if (err)
			return wrong(setting, &cause, err, error);
	}
	ret->verbose = ret->log_level == LEVEL_DEBUG;
	return together_check(ret, error);
}

void config_output(const struct config *config, size_t i, struct output_config *ret)
{
	struct offsets_error ignored;

	output_config_parse(config->outputs[i], (1U << EVENT_TYPES) - 1, config->format, ret,
	                    &ignored);
}

int config_rules_check(const struct config *config, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct filter *filter = malloc(sizeof(*filter));

	if (!filter)
		return offsets_fail(error, -ENOMEM, "out of memory");
	return filter_read(&config->rules, filter, error);
}

void config_deinit(struct config *config)
{
	free(config->rules.texts);
	config->rules.texts = NULL;
	redaction_free(config->redaction);
	config->redaction = NULL;
}
