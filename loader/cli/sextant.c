/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant: the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/agent.h"
#include "loader/agent/replay.h"
#include "loader/util/exit.h"
#include "loader/agent/successor.h"
#include "loader/cli/commands.h"
#include "loader/cli/usage.h"
#include "loader/config/config_file.h"
#include "loader/trace/trace.h"
#include "loader/util/log.h"
#include "loader/verify/canary.h"
#include "loader/verify/workload.h"
#include "offsets/util/escape.h"
#include "offsets/util/version.h"

static const struct command commands[] = {
	{ "run", agent_run, "report events until a signal or the end of --duration" },
	{ "check", command_check, "report which event classes would work here; attaches nothing" },
	{ "show", command_show, "print the offsets that 'run' would use here" },
	{ "status", command_status, "ask a running sensor how it is" },
	{ "top", command_top, "ask a running sensor which programs make the most events" },
	{ "restart", command_restart,
	  "replace a running sensor by a new process; no event is lost" },
	{ "replay", replay_run, "write the events of a recording (run --record): replay FILE" },
	{ "trace", NULL, "print system calls with their parameters; see 'sextant trace --help'" },
	{ "bugreport", command_bugreport, "write an archive of what a developer needs" },
	{ "config", command_config, "print the configuration, and where each setting stands" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* What one run has; it is freed at its end. */
struct session {
	struct setting_list settings;
	struct config config;
	struct offsets_error error;
};

static int misuse(const char *cause, const char *what)
{
	escape_print(stderr, "sextant: %s%s; see 'sextant --help'\n", cause, what);
	return EXIT_MISUSE;
}

static int refuse(const struct offsets_error *error)
{
	escape_print(stderr, "sextant: %s%s\n", error->text, "");
	return EXIT_MISUSE;
}

/* ---- options ---------------------------------------------------------- */

#define OPTIONS_MAX 64
#define FIRST       256 /* what getopt_long() returns for the first option of the table */
#define OTHERS      4   /* that are not in the table */

/* The table as getopt_long() wants it, after what is another way to say an option of it, or none.
 */
static const struct option *options_make(void)
{
	static struct option options[OPTIONS_MAX] = {
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "no-self-check", no_argument, NULL, 'n' }, /* its name before 0.1.0 */
	};
	size_t i;

	for (i = 0; i < options_count() && i + OTHERS + 1 < OPTIONS_MAX; i++)
		options[i + OTHERS] =
			(struct option){ .name = option_get(i)->name,
			                 .has_arg = option_get(i)->takes != TAKES_NOTHING,
			                 .val = FIRST + (int)i };
	return options;
}

/* What getopt did not take. It is silent about it: it would print it as it is. */
static const char *option_refused(char **argv)
{
	return argv[optind - 1][0] == '-' ? argv[optind - 1] : argv[optind];
}

/* A write that failed is an error, also when it fails at the very end. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	log_line(LEVEL_ERROR, "standard output: %s; the output is truncated", strerror(errno));
	return EXIT_FAILED;
}

static int option_take(int option, struct session *s)
{
	struct setting setting = { .value = optarg };

	if (option == 'v') {
		setting.option = option_find("log-level");
		setting.value = "debug";
	} else {
		setting.option =
			option == 'n' ? option_find("no-self-test") : option_get(option - FIRST);
	}
	return setting_list_add(&s->settings, &setting, &s->error) ? refuse(&s->error) : EXIT_DONE;
}

/* Those that end the program are done at once: *ret_end. Returns an enum exit_code. */
static int options_parse(int argc, char **argv, struct session *s, bool *ret_end)
{
	const struct option *options = options_make();
	int option, code = EXIT_DONE;

	opterr = 0;
	*ret_end = true;
	while (code == EXIT_DONE &&
	       (option = getopt_long(argc, argv, "vVh", options, NULL)) != -1) {
		if (option == '?')
			return misuse("wrong option: ", option_refused(argv));
		if (option == 'h') {
			usage_print(stdout, commands, COMMANDS);
			return finish(EXIT_DONE);
		}
		if (option == 'V') {
			puts("sextant " SEXTANT_VERSION);
			return finish(EXIT_DONE);
		}
		code = option_take(option, s);
	}
	*ret_end = false;
	return code;
}

/* ---- what the command does not take ------------------------------------ */

static int try_check(const char *command, const struct config *config)
{
	if (!config->try_layouts && (config->only_stream || config->pin))
		return misuse(config->pin ? "--pin" : "--stream", " needs --try");
	if (!config->try_layouts)
		return EXIT_DONE;
	if (strcmp(command, "check") != 0)
		return misuse("--try is an option of check, not of ", command);
	if (config->override)
		return misuse("--try takes all layouts, and no --kernel-override", "");
	if (config->no_self_test)
		return misuse("--try is the self-test, and takes no --no-self-test", "");
	return EXIT_DONE;
}

static int command_check_options(const char *command, const struct config *config)
{
	if (config->metrics && strcmp(command, "status") != 0)
		return misuse("--metrics is an option of status, not of ", command);
	if (config->only_check && strcmp(command, "config") != 0)
		return misuse("--check is an option of config, not of ", command);
	if (!strcmp(command, "replay") && !config->record)
		return misuse("replay takes the file of a recording", "");
	if (config->record && strcmp(command, "replay") != 0 && strcmp(command, "run") != 0)
		return misuse("--record is an option of run, not of ", command);
	return try_check(command, config);
}

/* ----------------------------------------------------------------------- */

/* Adds the configuration files, and makes the configuration of all. */
static int configure(const char *command, struct session *s)
{
	const char *file = strcmp(command, "config") ? NULL : CONFIG_FILE;
	size_t i;

	for (i = 0; i < s->settings.count; i++)
		if (s->settings.items[i].option == option_find("config"))
			file = s->settings.items[i].value;
	if (file && config_file_read(file, &s->settings, &s->error))
		return refuse(&s->error);
	if (config_init(&s->config, &s->settings, &s->error))
		return refuse(&s->error);
	log_level_set(s->config.log_level);
	return EXIT_DONE;
}

/* The file of 'replay'. */
static int operand_take(const char *operand, struct session *s)
{
	const struct setting setting = { .option = option_find("record"), .value = operand };

	return setting_list_add(&s->settings, &setting, &s->error) ? refuse(&s->error) : EXIT_DONE;
}

static int command_run(int argc, char **argv, struct session *s)
{
	const char *command = argv[optind];
	int code;
	size_t i;

	if (optind == argc)
		return misuse("no command", "");
	if (optind + 2 == argc && !strcmp(command, "replay"))
		code = operand_take(argv[optind + 1], s);
	else
		code = optind + 1 < argc ? misuse("unexpected argument: ", argv[optind + 1])
		                         : EXIT_DONE;
	if (code != EXIT_DONE)
		return code;
	code = configure(command, s);
	if (code == EXIT_DONE)
		code = command_check_options(command, &s->config);
	if (code != EXIT_DONE)
		return code;
	for (i = 0; i < COMMANDS; i++)
		if (commands[i].run && !strcmp(commands[i].name, command))
			return finish(commands[i].run(&s->config));
	if (!strcmp(command, "trace"))
		return misuse("the options of trace stand behind it", "");
	return misuse("unknown command: ", command);
}

int main(int argc, char **argv)
{
	struct session s = { 0 };
	bool is_end;
	int code;

	if (argc && !strcmp(argv[0], CHILD_NAME))
		return workload_child_main();
	if (argc && !strcmp(argv[0], CANARY_NAME))
		return canary_main();
	if (argc > 1 && !strcmp(argv[1], "trace"))
		return trace_command(argc - 1, argv + 1);
	successor_command(argc, argv);
	code = options_parse(argc, argv, &s, &is_end);
	if (code == EXIT_DONE && !is_end)
		code = command_run(argc, argv, &s);
	config_deinit(&s.config);
	setting_list_deinit(&s.settings);
	return code;
}
