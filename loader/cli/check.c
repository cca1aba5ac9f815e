/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant check: what would work on this host, and why something would not. */
#include <stdlib.h>

#include "loader/util/exit.h"
#include "loader/cli/commands.h"
#include "loader/cli/check_report.h"
#include "loader/cli/try_report.h"
#include "loader/util/log.h"

int command_check(const struct config *config)
{
	struct report *report;
	bool is_gathered;
	int code;

	if (config->try_layouts)
		return command_try(config);
	report = calloc(1, sizeof(*report));
	if (!report) {
		log_line(LEVEL_ERROR, "out of memory");
		return EXIT_FAILED;
	}
	code = report_gather(config, report);
	is_gathered = code != EXIT_FAILED && code != EXIT_REFUSED;
	if (is_gathered && !config->json)
		report_text(report);
	else if (is_gathered && report_json(report))
		code = EXIT_FAILED;
	report_deinit(report);
	free(report);
	return code;
}
