/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant: the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/cli/config.h"
#include "offsets/util/escape.h"
#include "loader/cli/exit.h"
#include "loader/stream/fields.h"
#include "loader/bpf/hook.h"
#include "loader/verify/selfcheck.h"

#ifndef SEXTANT_DB
#define SEXTANT_DB "/usr/share/sextant/kernels.db"
#endif

#define CLASSES_DEFAULT (1U << EVENT_EXEC | 1U << EVENT_FORK | 1U << EVENT_EXIT)

/* Those by which code gets into a program, or a shell runs more than it was told. */
#define ENV_DEFAULT                                                                             \
	"LD_PRELOAD,LD_AUDIT,LD_LIBRARY_PATH,BASH_ENV,ENV,PYTHONSTARTUP,PERL5OPT,NODE_OPTIONS," \
	"JAVA_TOOL_OPTIONS"

static const struct command {
	const char *name;
	int (*run)(const struct config *config);
	const char *help;
} commands[] = {
	{ "run", command_run, "report events until a signal or --duration" },
	{ "check", command_check, "what would work on this host, and why not; attaches nothing" },
	{ "show", command_show, "the facts that 'run' would use on this host" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	size_t i;

	fputs("usage: sextant COMMAND [OPTION...]\n\ncommands:\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-6s %s\n", commands[i].name, commands[i].help);
	fputs("\noptions:\n"
	      "  --db FILE                  the offsets (default " SEXTANT_DB ")\n"
	      "  --kernel-override RELEASE  use the row of that release or build-id, not this "
	      "kernel's own\n"
	      "  --events LIST              of "
	      "exec,fork,thread,exit,credentials,namespaces,ptrace,\n"
	      "                             process_access,signal,memfd,bpf,module,exec_failed,\n"
	      "                             file,mount,socket (default exec,fork,exit),\n"
	      "                             or all\n"
	      "  --attach LIST              only by these ways of tracepoint,raw_tracepoint,\n"
	      "                             kprobe,kprobe_events,fentry\n"
	      "  --env LIST                 environment variables to show (default " ENV_DEFAULT
	      ");\n"
	      "                             '' for none\n"
	      "  --filter FILE              rules of whose events to report; read again on SIGHUP\n"
	      "  --tier N                   only by the programs of tier 1, 2 or 3: for debugging\n"
	      "  --format json|text         ECS JSON (default), or a line for people\n"
	      "  --output FILE              appended to; opened again on SIGHUP and SIGUSR1; - is\n"
	      "                             standard output (default)\n"
	      "  --duration SECONDS         end after that time\n"
	      "  --no-self-check            do not compare the offsets with /proc first: for "
	      "debugging\n"
	      "  --json                     check, show: as JSON\n"
	      "  --instructions             check: also how many each program made the verifier "
	      "walk\n"
	      "  -v, --verbose              also what libbpf says\n"
	      "  -h, --help                 this text\n"
	      "\nexit: 0 done, 1 failed, 2 wrong usage, 3 no offsets for this kernel, 4 the "
	      "offsets are not\n"
	      "      this kernel's (self-check), 5 the kernel takes no program or rights are "
	      "missing,\n"
	      "      6 check: some event classes would not work\n"
	      "\nexamples:\n"
	      "  sextant run --format text --duration 10\n"
	      "  sextant check --json\n"
	      "  sextant show --kernel-override 3.10.0-1160.el7.x86_64 --db kernels.db\n",
	      out);
}

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

static int option_apply(int option, const char *value, struct config *config)
{
	switch (option) {
	case 'd':
		config->db = value;
		return EXIT_DONE;
	case 'k':
		config->override = value;
		return EXIT_DONE;
	case 'e':
		config->classes =
			strcmp(value, "all") ? event_types_parse(value) : (1U << EVENT_TYPES) - 1;
		return config->classes ? EXIT_DONE : misuse("no such event class in ", value);
	case 'a':
		config->ways = attach_methods_parse(value);
		return config->ways ? EXIT_DONE : misuse("no such attach method in ", value);
	case 'E':
		config->env = value;
		return EXIT_DONE;
	case 'F':
		config->filter = value;
		return EXIT_DONE;
	case 'T':
		config->tiers = value[0] >= '1' && value[0] <= '3' && !value[1]
		                        ? 1U << (value[0] - '0')
		                        : 0;
		return config->tiers ? EXIT_DONE : misuse("no such tier: ", value);
	case 'f':
		config->text = !strcmp(value, "text");
		return config->text || !strcmp(value, "json") ? EXIT_DONE
		                                              : misuse("no such format: ", value);
	case 'o':
		config->output = value;
		return EXIT_DONE;
	case 't':
		return duration_parse(value, &config->duration_ns)
		               ? EXIT_DONE
		               : misuse("not a duration: ", value);
	case 'n':
		config->no_self_check = true;
		return EXIT_DONE;
	case 'i':
		config->instructions = true;
		return EXIT_DONE;
	case 'j':
		config->json = true;
		return EXIT_DONE;
	case 'v':
		config->verbose = true;
		return EXIT_DONE;
	}
	return misuse("wrong option", "");
}

static const struct option options[] = {
	{ "db", required_argument, NULL, 'd' },
	{ "kernel-override", required_argument, NULL, 'k' },
	{ "events", required_argument, NULL, 'e' },
	{ "attach", required_argument, NULL, 'a' },
	{ "env", required_argument, NULL, 'E' },
	{ "filter", required_argument, NULL, 'F' },
	{ "tier", required_argument, NULL, 'T' },
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "duration", required_argument, NULL, 't' },
	{ "no-self-check", no_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "instructions", no_argument, NULL, 'i' },
	{ "verbose", no_argument, NULL, 'v' },
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
	fprintf(stderr, "sextant: standard output: %s; the output is cut\n", strerror(errno));
	return EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct config config = {
		.db = SEXTANT_DB,
		.classes = CLASSES_DEFAULT,
		.ways = (1U << ATTACH_METHODS) - 1,
		.env = ENV_DEFAULT,
		.output = "-",
	};
	int option, code;
	size_t i;

	if (argc && !strcmp(argv[0], SELFCHECK_NAME))
		return selfcheck_child();
	opterr = 0;
	while ((option = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
		if (option == '?')
			return misuse("wrong option: ", option_refused(argv));
		if (option == 'h') {
			usage(stdout);
			return finish(EXIT_DONE);
		}
		code = option_apply(option, optarg, &config);
		if (code != EXIT_DONE)
			return code;
	}
	if (optind == argc)
		return misuse("no command", "");
	if (optind + 1 < argc)
		return misuse("one command only, not also ", argv[optind + 1]);
	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, argv[optind]))
			return finish(commands[i].run(&config));
	return misuse("no such command: ", argv[optind]);
}
