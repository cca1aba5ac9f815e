/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/agent/reload.h"
#include "loader/config/config_file.h"
#include "loader/util/log.h"

void reload_init(struct reload *r, const struct config *config)
{
	*r = (struct reload){ .first = config, .config = config };
}

void reload_deinit(struct reload *r)
{
	config_deinit(&r->own);
	setting_list_deinit(&r->settings);
}

/* What the files say now, and what the command line said. */
static int settings_read(const struct config *old, struct setting_list *ret,
                         struct offsets_error *error)
{
	int err = config_file_read(old->file, ret, error);
	size_t i;

	for (i = 0; i < old->settings->count && !err; i++)
		if (!old->settings->items[i].path)
			err = setting_list_add(ret, &old->settings->items[i], error);
	return err;
}

static void restart_say(const struct config *first, const struct setting_list *new)
{
	size_t i;

	for (i = 0; i < options_count(); i++) {
		const struct option_row *option = option_get(i);

		if (!option->is_reloaded && !setting_lists_agree(first->settings, new, option))
			log_line(LEVEL_WARNING, "%s: %s has changed; it applies after a restart",
			         first->file, option->name);
	}
}

/* Rules are for the outputs that there are: others apply after a restart. */
static void outputs_stay(const struct config *first, struct rule_source *rules)
{
	memcpy(rules->outputs, first->rules.outputs, sizeof(rules->outputs));
	rules->output_count = first->rules.output_count;
}

int reload_read(struct reload *r, struct filter *ret, struct offsets_error *error)
{
	struct reload new = { .first = r->first };
	int err;

	if (!r->config->file)
		return filter_read(&r->config->rules, ret, error);
	err = settings_read(r->config, &new.settings, error);
	if (!err)
		err = config_init(&new.own, &new.settings, error);
	if (!err) {
		outputs_stay(r->first, &new.own.rules);
		err = filter_read(&new.own.rules, ret, error);
	}
	if (err) {
		reload_deinit(&new);
		return err;
	}
	restart_say(r->first, &new.settings);
	reload_deinit(r);
	*r = new;
	r->own.settings = &r->settings;
	r->config = &r->own;
	log_level_set(r->config->log_level);
	return 0;
}
