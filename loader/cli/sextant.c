/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant: the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/agent.h"
#include "loader/agent/exit.h"
#include "loader/bpf/hook.h"
#include "loader/cli/commands.h"
#include "loader/cli/usage.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/verify/workload.h"
#include "offsets/util/escape.h"
#include "offsets/util/version.h"

static const struct command commands[] = {
	{ "run", agent_run, "report events until a signal or the end of --duration" },
	{ "check", command_check, "report which event classes would work here; attaches nothing" },
	{ "show", command_show, "print the offsets that 'run' would use here" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int misuse(const char *cause, const char *what)
{
	escape_print(stderr, "sextant: %s%s; see 'sextant --help'\n", cause, what);
	return EXIT_MISUSE;
}

/* Seconds with a fraction, up to a year. */
static bool duration_parse(const char *text, uint64_t *ret_ns)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(text, &end);
	if (errno || end == text || *end || !(seconds > 0 && seconds <= 366.0 * 86400))
		return false;
	*ret_ns = seconds * 1e9;
	return true;
}

static int log_level_apply(enum log_level level, struct config *config)
{
	config->verbose = level == LEVEL_DEBUG;
	log_level_set(level);
	return EXIT_DONE;
}

/* Options whose value may be wrong. */
static int value_apply(int option, const char *value, struct config *config)
{
	enum log_level level;

	switch (option) {
	case 'e':
		config->classes =
			strcmp(value, "all") ? event_types_parse(value) : (1U << EVENT_TYPES) - 1;
		return config->classes ? EXIT_DONE : misuse("unknown event class in ", value);
	case 'r':
		config->required = event_types_parse(value);
		return config->required ? EXIT_DONE : misuse("unknown event class in ", value);
	case 'a':
		config->attach_methods = attach_methods_parse(value);
		return config->attach_methods ? EXIT_DONE
		                              : misuse("unknown attach method in ", value);
	case 'T':
		config->tiers = value[0] >= '1' && value[0] <= '3' && !value[1]
		                        ? 1U << (value[0] - '0')
		                        : 0;
		return config->tiers ? EXIT_DONE : misuse("unknown tier: ", value);
	case 'f':
		config->text = !strcmp(value, "text");
		return config->text || !strcmp(value, "json") ? EXIT_DONE
		                                              : misuse("unknown format: ", value);
	case 't':
		return duration_parse(value, &config->duration_ns)
		               ? EXIT_DONE
		               : misuse("not a duration: ", value);
	case 'l':
		return log_level_parse(value, &level) ? log_level_apply(level, config)
		                                      : misuse("unknown log level: ", value);
	}
	return misuse("wrong option", "");
}

static int database_add(const char *path, struct config *config)
{
	struct databases *d = &config->databases;

	if (d->count == DATABASES_MAX)
		return misuse("too many --db: ", path);
	d->paths[d->count++] = path;
	return EXIT_DONE;
}

static int option_apply(int option, const char *value, struct config *config)
{
	switch (option) {
	case 'd':
		return database_add(value, config);
	case 'K':
		config->databases.key = value;
		return EXIT_DONE;
	case 'S':
		config->databases.state = value;
		return EXIT_DONE;
	case 'k':
		config->override = value;
		return EXIT_DONE;
	case 'E':
		config->env = value;
		return EXIT_DONE;
	case 'F':
		config->filter = value;
		return EXIT_DONE;
	case 'o':
		config->output = value;
		return EXIT_DONE;
	case 'y':
		config->try_layouts = true;
		return EXIT_DONE;
	case 's':
		config->only_stream = true;
		return EXIT_DONE;
	case 'p':
		config->pin = value;
		return EXIT_DONE;
	case 'n':
		config->no_self_test = true;
		return EXIT_DONE;
	case 'i':
		config->instructions = true;
		return EXIT_DONE;
	case 'j':
		config->json = true;
		return EXIT_DONE;
	case 'v':
		return log_level_apply(LEVEL_DEBUG, config);
	}
	return value_apply(option, value, config);
}

static const struct option options[] = {
	{ "db", required_argument, NULL, 'd' },
	{ "db-key", required_argument, NULL, 'K' },
	{ "state", required_argument, NULL, 'S' },
	{ "kernel-override", required_argument, NULL, 'k' },
	{ "events", required_argument, NULL, 'e' },
	{ "require", required_argument, NULL, 'r' },
	{ "attach", required_argument, NULL, 'a' },
	{ "env", required_argument, NULL, 'E' },
	{ "filter", required_argument, NULL, 'F' },
	{ "tier", required_argument, NULL, 'T' },
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "duration", required_argument, NULL, 't' },
	{ "no-self-test", no_argument, NULL, 'n' },
	{ "no-self-check", no_argument, NULL, 'n' }, /* its name before 0.1.0 */
	{ "json", no_argument, NULL, 'j' },
	{ "instructions", no_argument, NULL, 'i' },
	{ "try", no_argument, NULL, 'y' },
	{ "stream", no_argument, NULL, 's' },
	{ "pin", required_argument, NULL, 'p' },
	{ "log-level", required_argument, NULL, 'l' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

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

/* What only all options together can say. */
static int config_check(struct config *config)
{
	unsigned int type, unknown = config->required & ~config->classes;

	if (config->databases.state && !config->databases.key)
		return misuse("--state needs --db-key", "");
	if (config->databases.key && config->databases.count > 1)
		return misuse("--db-key allows one --db only; merge them, and sign the result: ",
		              config->databases.paths[1]);
	if (!config->databases.state)
		config->databases.state = DBSOURCE_STATE;
	for (type = 0; type < EVENT_TYPES; type++)
		if (unknown & (1U << type))
			return misuse("--require names a class that --events does not: ",
			              event_type_name(type));
	return EXIT_DONE;
}

/* What --try is for, and what it excludes. */
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

/* Those that end the program are done at once: *ret_end. Returns an enum exit_code. */
static int options_parse(int argc, char **argv, struct config *config, bool *ret_end)
{
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
		code = option_apply(option, optarg, config);
	}
	*ret_end = false;
	return code == EXIT_DONE ? config_check(config) : code;
}

int main(int argc, char **argv)
{
	struct config config = {
		.classes = event_types_default(),
		.attach_methods = (1U << ATTACH_METHODS) - 1,
		.env = ENV_DEFAULT,
		.output = "-",
	};
	bool is_end;
	size_t i;
	int code;

	if (argc && !strcmp(argv[0], CHILD_NAME))
		return workload_child_main();
	code = options_parse(argc, argv, &config, &is_end);
	if (code != EXIT_DONE || is_end)
		return code;
	if (!config.databases.count)
		database_add(SEXTANT_DB, &config);
	if (optind == argc)
		return misuse("no command", "");
	if (optind + 1 < argc)
		return misuse("unexpected argument: ", argv[optind + 1]);
	code = try_check(argv[optind], &config);
	if (code != EXIT_DONE)
		return code;
	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, argv[optind]))
			return finish(commands[i].run(&config));
	return misuse("unknown command: ", argv[optind]);
}
