/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant config: what is in force, in the form of a configuration file, with where it stands. */
#include <stdio.h>

#include "loader/util/exit.h"
#include "loader/cli/commands.h"
#include "loader/config/setting_list.h"
#include "loader/util/log.h"
#include "offsets/util/escape.h"

static void setting_print(const struct setting *setting)
{
	const char *value = setting->value ? setting->value : "yes";

	if (setting->path)
		escape_print(stdout, "# %s:%u\n", setting->path, setting->line);
	else
		puts("# command line");
	escape_print(stdout, "%s = %s\n", setting->option->name, value);
}

/* What sets the option; or its default. */
static void option_print(const struct setting_list *settings, const struct option_row *option)
{
	const struct setting *setting;
	bool is_set = false;

	for (setting = settings->items; setting < settings->items + settings->count; setting++) {
		if (setting->option != option || !setting_in_force(settings, setting))
			continue;
		is_set = true;
		setting_print(setting);
	}
	if (!is_set && option->fallback)
		printf("# default\n%s = %s\n", option->name, option->fallback);
}

int command_config(const struct config *config)
{
	struct offsets_error error;
	size_t i;

	if (config_rules_check(config, &error)) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return EXIT_MISUSE;
	}
	for (i = 0; i < options_count() && !config->only_check; i++)
		if (option_get(i)->in_files)
			option_print(config->settings, option_get(i));
	return EXIT_DONE;
}
