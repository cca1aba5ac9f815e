/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant show: the offsets that 'run' would use here. */
#include <errno.h>
#include <stdio.h>

#include "loader/util/exit.h"
#include "loader/cli/commands.h"
#include "loader/host/choice.h"
#include "loader/util/log.h"

int command_show(const struct config *config)
{
	struct choice choice = { 0 };
	struct offsets_error error;
	struct host host;
	int err = host_identify(&host, &error);

	if (!err)
		err = choice_make(&host, &config->databases, config->override, &choice, &error);
	if (err) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return exit_of_choice(err);
	}
	if (config->json)
		err = offsets_kernel_print_json(choice.row, stdout);
	else
		offsets_kernel_print_text(choice.row, stdout);
	choice_deinit(&choice);
	return err ? EXIT_FAILED : EXIT_DONE;
}
