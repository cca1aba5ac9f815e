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
#include "loader/config/setting_list.h"
#include "loader/trace/trace.h"
#include "loader/util/log.h"
#include "loader/verify/canary.h"
#include "loader/verify/workload.h"
#include "offsets/util/escape.h"
#include "offsets/util/version.h"

static const struct command commands[] = {
	{ "run", COMMAND_RUN, agent_run, "report events until a signal or the end of --duration" },
	{ "check", COMMAND_CHECK, command_check,
	  "report which event classes would work here; reports no event" },
	{ "show", COMMAND_SHOW, command_show, "print the offsets that 'run' would use here" },
	{ "status", COMMAND_STATUS, command_status, "ask a running sensor how it is" },
	{ "top", COMMAND_TOP, command_top,
	  "ask a running sensor which programs make the most events" },
	{ "restart", COMMAND_RESTART, command_restart,
	  "replace a running sensor by a new process; no event is lost" },
	{ "replay", COMMAND_REPLAY, replay_run,
	  "write the events of a recording (run --record): replay FILE" },
	{ "trace", COMMAND_TRACE, NULL,
	  "print system calls with their parameters; see 'sextant trace --help'" },
	{ "bugreport", COMMAND_BUGREPORT, command_bugreport,
	  "write an archive of what a developer needs" },
	{ "config", COMMAND_CONFIG, command_config,
	  "print the configuration, and where each setting stands" },
};

#define COMMANDS    (sizeof(commands) / sizeof(commands[0]))
#define TRACE_FIRST "the options of trace stand behind it"

static const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

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

/* --help, behind a command or not. */
static int help_print(int argc, char **argv)
{
	const struct command *command;

	if (optind == argc) {
		usage_print(stdout, commands, COMMANDS);
		return finish(EXIT_DONE);
	}
	command = command_find(argv[optind]);
	if (!command)
		return misuse("unknown command: ", argv[optind]);
	if (!command->run)
		return trace_command(2, (char *[]){ "trace", "--help", NULL });
	usage_command_print(stdout, command);
	return finish(EXIT_DONE);
}

/* Those that end the program are done here: *ret_end. Returns an enum exit_code. */
static int options_parse(int argc, char **argv, struct session *s, bool *ret_end)
{
	const struct option *options = options_make();
	int option, code = EXIT_DONE;
	bool asks_help = false;

	opterr = 0;
	*ret_end = true;
	while (code == EXIT_DONE &&
	       (option = getopt_long(argc, argv, "vVh", options, NULL)) != -1) {
		if (option == '?')
			return misuse("wrong option: ", option_refused(argv));
		asks_help |= option == 'h';
		if (option == 'h')
			continue;
		if (option == 'V') {
			puts("sextant " SEXTANT_VERSION);
			return finish(EXIT_DONE);
		}
		code = option_take(option, s);
	}
	if (code == EXIT_DONE && asks_help)
		return help_print(argc, argv);
	*ret_end = false;
	return code;
}

/* ---- what the command does not take ------------------------------------ */

static int try_check(const struct config *config)
{
	if (!config->try_layouts && (config->only_stream || config->pin))
		return misuse(config->pin ? "--pin" : "--stream", " needs --try");
	if (!config->try_layouts)
		return EXIT_DONE;
	if (config->override)
		return misuse("--try takes all layouts, and no --kernel-override", "");
	if (config->no_self_test)
		return misuse("--try is the self-test, and takes no --no-self-test", "");
	return EXIT_DONE;
}

/*
 * The keys of configuration files are taken by each command: what asks about a run can be given
 * the options of the run.
 */
static int option_check(const struct command *command, const struct option_row *option)
{
	unsigned int takers = option_help_find(option->name)->commands;
	char names[128] = "";
	size_t i, used = 0;

	if (option->in_files || takers & command->bit)
		return EXIT_DONE;
	for (i = 0; i < COMMANDS; i++)
		if (takers & commands[i].bit)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
			                         used ? ", " : "", commands[i].name);
	escape_print(stderr, "sextant: --%s is an option of %s, not of %s; see 'sextant --help'\n",
	             option->name, names, command->name);
	return EXIT_MISUSE;
}

static int command_check_options(const struct command *command, const struct session *s)
{
	const struct setting_list *settings = &s->settings;
	int code = EXIT_DONE;
	size_t i;

	for (i = 0; i < settings->count && code == EXIT_DONE; i++)
		code = option_check(command, settings->items[i].option);
	if (code == EXIT_DONE && command->bit == COMMAND_REPLAY && !s->config.record)
		return misuse("replay takes the file of a recording", "");
	return code == EXIT_DONE ? try_check(&s->config) : code;
}

/* ----------------------------------------------------------------------- */

/* Adds the configuration files, and makes the configuration of all. */
static int configure(const struct command *command, struct session *s)
{
	const char *file = command->bit == COMMAND_CONFIG ? CONFIG_FILE : NULL;
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

/* The command that is asked for, with its operand. Returns an enum exit_code. */
static int command_take(int argc, char **argv, struct session *s, const struct command **ret)
{
	if (optind == argc)
		return misuse("no command", "");
	*ret = command_find(argv[optind]);
	if (!*ret)
		return misuse("unknown command: ", argv[optind]);
	if (!(*ret)->run)
		return misuse(TRACE_FIRST, "");
	if (optind + 2 == argc && (*ret)->bit == COMMAND_REPLAY)
		return operand_take(argv[optind + 1], s);
	return optind + 1 < argc ? misuse("unexpected argument: ", argv[optind + 1]) : EXIT_DONE;
}

static int command_run(int argc, char **argv, struct session *s)
{
	const struct command *command;
	int code = command_take(argc, argv, s, &command);

	if (code == EXIT_DONE)
		code = configure(command, s);
	if (code == EXIT_DONE)
		code = command_check_options(command, s);
	return code == EXIT_DONE ? finish(command->run(&s->config)) : code;
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
