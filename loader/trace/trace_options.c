/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/trace/call_class.h"
#include "loader/trace/trace_attach.h"
#include "loader/trace/trace_options.h"
#include "loader/trace/trace_ring.h"
#include "loader/trace/trace_trigger.h"
#include "loader/util/exit.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "probes/abi/call_record.h"

#define BYTES 64 /* of a buffer, by default */

static const char usage[] =
	"usage: sextant trace [OPTION]... [CALL | %%CLASS]... [-- COMMAND [ARG]...]\n"
	"Prints system calls with their parameters: of a command and its children, of processes, "
	"or of\n"
	"the whole host. Without CALL or %%CLASS: all calls. Classes: %s\n"
	"\n"
	"  --pid PID               only this process; may be given several times\n"
	"  --cgroup PATH           the processes of a cgroup and of those below it; several times\n"
	"  --unit NAME             the same of a unit of systemd\n"
	"  --container ID          the same of a container; ID: all of it, or 12 digits and more\n"
	"  --no-follow             not the processes that these start\n"
	"  --user USER             only calls of this user (name or number; its real user id)\n"
	"  --comm NAME             only calls of threads of this name; may be given several times\n"
	"  --failed                only calls that failed\n"
	"  --error ERROR           only with this error (name or number); may be given several "
	"times\n"
	"  --result LOW..HIGH      only with such a result; one of the numbers may be missing\n"
	"  --where PARAMETER=VALUE only with this value of a parameter; up to %d times\n"
	"  --where PARAMETER^=TEXT only if the string begins so\n"
	"  --longer MS             only calls that took so many milliseconds or longer\n"
	"  --rate N                no more than so many calls a second; the others are counted\n"
	"  --bytes N               so many bytes of each buffer (%d by default, %d at most)\n"
	"  --decode-fds            what each file descriptor was: its path, or a socket's "
	"addresses\n"
	"  --db FILE               the database of offsets, for --decode-fds and kprobes\n"
	"                          (default: %s)\n"
	"  --kernel-override REL   the kernel in it whose offsets are used\n"
	"  --summary[=process]     counts, errors and times of calls, at the end, or of the calls "
	"of each\n"
	"                          process\n"
	"  --histogram             with --summary: how many calls took how long\n"
	"  --format text|json      text (default), or a line of JSON for each call\n"
	"  --output FILE           append to FILE; default: standard output, or standard error if "
	"there is\n"
	"                          a COMMAND, whose standard output that is\n"
	"  --record FILE           write all to a new file; it is printed only if --output or "
	"--format is given\n"
	"  --read FILE             print such a file; needs no rights\n"
	"  --ring SIZE             keep the last SIZE bytes (K, M, G), and print them on SIGUSR1\n"
	"  --dump-on 'exit!=0'     also when a process ends with a status that is not 0\n"
	"  --dump-on signal        also when a signal ends a process\n"
	"  --duration SECONDS      end then\n"
	"  --attach tracepoint     not by raw tracepoints\n"
	"  --attach kprobe         by kprobes, as on kernels before 4.11\n"
	"  --verbose               what libbpf and the kernel's verifier say\n"
	"\n"
	"While it runs, each system call of the host takes the kernel's slow path.\n"
	"Exit status: that of COMMAND, else 0; 1 an error, 2 wrong usage, 3 no offsets for this "
	"kernel,\n"
	"4 offsets of another kernel, or a database that must not be used, 5 no rights or no\n"
	"support.\n";

void trace_usage(void)
{
	printf(usage, call_class_names, CALL_WHERES, BYTES, CALL_VALUE_MAX, SEXTANT_DB);
}

static int misuse(const char *what, const char *value)
{
	escape_print(stderr, "sextant: trace: %s%s; see 'sextant trace --help'\n", what, value);
	return EXIT_MISUSE;
}

/* reason: NULL if it is right. */
static int option_check(const char *reason, const char *value)
{
	return reason ? misuse(reason, value) : 0;
}

/* A number from least to most. */
static bool number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !errno && isdigit((unsigned char)*text) && !*end && *ret >= least && *ret <= most;
}

static int user_parse(const char *text, struct trace_options *ret)
{
	const struct passwd *user;
	uint64_t number;

	ret->only_uid = true;
	if (number_parse(text, 0, UINT32_MAX - 1, &number)) {
		ret->uid = number;
		return 0;
	}
	user = getpwnam(text);
	if (!user)
		return misuse("--user: there is no user ", text);
	ret->uid = user->pw_uid;
	return 0;
}

static int pid_add(const char *text, struct trace_options *ret)
{
	uint64_t number;

	if (!number_parse(text, 1, INT_MAX, &number))
		return misuse("--pid: not a process id: ", text);
	if (ret->pid_count == TRACE_PIDS)
		return misuse("--pid: too many processes", "");
	ret->pids[ret->pid_count++] = number;
	return 0;
}

static int group_add(enum trace_group_kind kind, const char *name, struct trace_options *ret)
{
	size_t size = strlen(name);

	if (!size)
		return misuse("a cgroup, unit or container without a name", "");
	if (kind == GROUP_CONTAINER && (size < 12 || strspn(name, "0123456789abcdef-") != size))
		return misuse("--container: not 12 or more digits of an id: ", name);
	if (ret->group_count == TRACE_GROUPS)
		return misuse("too many cgroups: ", name);
	ret->groups[ret->group_count++] = (struct trace_group){ kind, name };
	return 0;
}

enum {
	PID = 256,
	CGROUP,
	UNIT,
	CONTAINER,
	NO_FOLLOW,
	USER,
	COMM,
	FAILED,
	ERROR,
	RESULT,
	WHERE,
	RATE,
	LONGER,
	BYTES_OF,
	DECODE_FDS,
	DB,
	OVERRIDE,
	SUMMARY,
	HISTOGRAM,
	FORMAT,
	OUTPUT,
	RECORD,
	READ,
	RING,
	DUMP_ON,
	DURATION,
	ATTACH,
	VERBOSE,
	HELP
};

static int summary_take(const char *value, struct trace_options *ret)
{
	ret->summary = value ? CALL_SUMMARY_PROCESSES : CALL_SUMMARY_CALLS;
	return !value || !strcmp(value, "process") ? 0 : misuse("unknown --summary: ", value);
}

/* "64M": bytes, or K, M, G. */
static int ring_take(const char *value, struct trace_options *ret)
{
	static const char units[] = "KMG";
	const char *unit = *value ? strchr(units, value[strlen(value) - 1]) : NULL;
	CLEANUP(cleanup_free) char *number = strndup(value, strlen(value) - (unit != NULL));
	unsigned int shift = unit ? 10 * (unit - units + 1) : 0;

	if (!number || !number_parse(number, 1, TRACE_RING_MOST >> shift, &ret->ring_bytes))
		return misuse("--ring: not a size up to 64G: ", value);
	ret->ring_bytes <<= shift;
	if (ret->ring_bytes < TRACE_RING_LEAST)
		return misuse("--ring: less than 64K: ", value);
	return 0;
}

static int dump_on_take(const char *value, struct trace_options *ret)
{
	enum trace_trigger trigger = trace_trigger_parse(value);

	ret->dump_on |= trigger;
	return trigger ? 0 : misuse("unknown --dump-on: ", value);
}

static int option_take(int option, const char *value, struct trace_options *ret)
{
	uint64_t number;

	switch (option) {
	case PID:
		return pid_add(value, ret);
	case CGROUP:
		return group_add(GROUP_PATH, value, ret);
	case UNIT:
		return group_add(GROUP_UNIT, value, ret);
	case CONTAINER:
		return group_add(GROUP_CONTAINER, value, ret);
	case NO_FOLLOW:
		ret->follow = false;
		return 0;
	case USER:
		return user_parse(value, ret);
	case COMM:
		return option_check(trace_choice_comm(&ret->choice, value), value);
	case FAILED:
		return option_check(trace_choice_failed(&ret->choice), "--failed");
	case ERROR:
		return option_check(trace_choice_error(&ret->choice, value), value);
	case RESULT:
		return option_check(trace_choice_result(&ret->choice, value), value);
	case WHERE:
		return option_check(trace_choice_where(&ret->choice, value), value);
	case RATE:
		if (!number_parse(value, 1, 1000000000, &number))
			return misuse("--rate: not a number of calls: ", value);
		ret->choice.rate = number;
		return 0;
	case LONGER:
		if (!number_parse(value, 1, 1000000000, &number))
			return misuse("--longer: not a number of milliseconds: ", value);
		ret->longer_ns = number * 1000000;
		return 0;
	case BYTES_OF:
		if (!number_parse(value, 1, CALL_VALUE_MAX, &number))
			return misuse("--bytes: not a number from 1 to 4096: ", value);
		ret->bytes = number;
		return 0;
	case DECODE_FDS:
		ret->files = true;
		return 0;
	case DB:
		if (ret->databases.count == DATABASES_MAX)
			return misuse("--db: too many databases", "");
		ret->databases.paths[ret->databases.count++] = value;
		return 0;
	case OVERRIDE:
		ret->override = value;
		return 0;
	case SUMMARY:
		return summary_take(value, ret);
	case HISTOGRAM:
		ret->histogram = true;
		return 0;
	case RECORD:
		ret->record = value;
		return 0;
	case READ:
		ret->read = value;
		return 0;
	case RING:
		return ring_take(value, ret);
	case DUMP_ON:
		return dump_on_take(value, ret);
	case FORMAT:
		ret->has_format = true;
		ret->json = !strcmp(value, "json");
		return ret->json || !strcmp(value, "text") ? 0
		                                           : misuse("unknown --format: ", value);
	case OUTPUT:
		ret->output = value;
		return 0;
	case DURATION:
		if (!number_parse(value, 1, 1000000000, &number))
			return misuse("--duration: not a number of seconds: ", value);
		ret->duration_ns = number * 1000000000;
		return 0;
	case ATTACH:
		ret->attach = value;
		return trace_method_exists(value) ? 0 : misuse("unknown --attach: ", value);
	case VERBOSE:
		ret->verbose = true;
		return 0;
	case HELP:
		ret->help = true;
		return 0;
	}
	return EXIT_MISUSE;
}

/* The names before "--", which exist, and what follows it. */
static int operands_take(int argc, char **argv, bool is_command, struct trace_options *ret)
{
	int i;

	ret->calls = argv;
	if (is_command)
		argc = 0;
	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *name = argv[i];

		if (*name == '%' ? !call_class_exists(name + 1) : !call_by_name(name))
			return misuse(*name == '%' ? "unknown class: " : "unknown call: ", name);
		ret->call_count++;
	}
	if (is_command)
		ret->command = argv;
	else if (i < argc)
		ret->command = argv + i + 1;
	if (ret->command && !*ret->command)
		return misuse("no command after --", "");
	return 0;
}

bool trace_options_want(const struct trace_options *o, const struct call *call)
{
	int i;

	for (i = 0; i < o->call_count; i++)
		if (o->calls[i][0] == '%' ? call_class_has(o->calls[i] + 1, call)
		                          : !strcmp(o->calls[i], call->name))
			return true;
	return !o->call_count;
}

/* Whether one of the calls has the parameters of all conditions, or of w alone. */
static bool wheres_exist(const struct trace_options *o, const struct trace_where *w)
{
	struct call_where_at at[CALL_WHERES];
	const struct call *call;
	size_t i;

	for (i = 0; i < call_count(); i++) {
		call = call_get(i);
		if (trace_options_want(o, call) &&
		    (w ? trace_where_place(w, call, CALL_64, at)
		       : trace_choice_places(&o->choice, call, CALL_64, at)))
			return true;
	}
	return false;
}

static int wheres_check(const struct trace_options *o)
{
	const struct trace_where *w;
	unsigned int i;

	for (i = 0; i < o->choice.where_count; i++) {
		w = &o->choice.wheres[i];
		if (wheres_exist(o, w))
			continue;
		return misuse(w->is_number ? "--where: no chosen call has the parameter "
		                           : "--where: no chosen call has the string ",
		              w->name);
	}
	return wheres_exist(o, NULL) ? 0 : misuse("--where: no chosen call has all of them", "");
}

/* Options that --read takes. */
static bool is_of_read(int option)
{
	static const int of_read[] = { PID,    USER,   COMM,  FAILED,  ERROR,
		                       RESULT, LONGER, WHERE, SUMMARY, HISTOGRAM,
		                       FORMAT, OUTPUT, READ,  VERBOSE, HELP };
	size_t i;

	for (i = 0; i < sizeof(of_read) / sizeof(of_read[0]); i++)
		if (of_read[i] == option)
			return true;
	return false;
}

/* Whether the end of a process can be seen by its calls: whether those come when they begin. */
static bool are_ends_seen(const struct trace_options *o)
{
	struct call_settings settings = { 0 };

	trace_choice_settings(&o->choice, &settings);
	return !settings.at_return && !o->longer_ns && !o->choice.where_count && !o->choice.rate;
}

static int together_check(const struct trace_options *o)
{
	if (o->read && o->command)
		return misuse("--read takes no command", "");
	if (o->histogram && !o->summary)
		return misuse("--histogram needs --summary", "");
	if (o->summary && o->record)
		return misuse("--summary counts in the kernel, and --record has nothing to write; "
		              "use --summary with --read",
		              "");
	if (o->summary && o->choice.rate)
		return misuse("--summary counts all calls: it takes no --rate", "");
	if (o->summary && o->ring_bytes)
		return misuse("--ring and --summary exclude each other", "");
	if (o->dump_on && !o->ring_bytes)
		return misuse("--dump-on needs --ring", "");
	if (o->dump_on & ~TRACE_BY_REQUEST && !o->command && !are_ends_seen(o))
		return misuse("--dump-on: the chosen calls do not show the end of a process", "");
	return 0;
}

int trace_options_parse(int argc, char **argv, struct trace_options *ret)
{
	static const struct option options[] = {
		{ "pid", required_argument, NULL, PID },
		{ "cgroup", required_argument, NULL, CGROUP },
		{ "unit", required_argument, NULL, UNIT },
		{ "container", required_argument, NULL, CONTAINER },
		{ "no-follow", no_argument, NULL, NO_FOLLOW },
		{ "user", required_argument, NULL, USER },
		{ "comm", required_argument, NULL, COMM },
		{ "failed", no_argument, NULL, FAILED },
		{ "error", required_argument, NULL, ERROR },
		{ "result", required_argument, NULL, RESULT },
		{ "where", required_argument, NULL, WHERE },
		{ "rate", required_argument, NULL, RATE },
		{ "longer", required_argument, NULL, LONGER },
		{ "bytes", required_argument, NULL, BYTES_OF },
		{ "decode-fds", no_argument, NULL, DECODE_FDS },
		{ "db", required_argument, NULL, DB },
		{ "kernel-override", required_argument, NULL, OVERRIDE },
		{ "summary", optional_argument, NULL, SUMMARY },
		{ "histogram", no_argument, NULL, HISTOGRAM },
		{ "format", required_argument, NULL, FORMAT },
		{ "output", required_argument, NULL, OUTPUT },
		{ "record", required_argument, NULL, RECORD },
		{ "read", required_argument, NULL, READ },
		{ "ring", required_argument, NULL, RING },
		{ "dump-on", required_argument, NULL, DUMP_ON },
		{ "duration", required_argument, NULL, DURATION },
		{ "attach", required_argument, NULL, ATTACH },
		{ "verbose", no_argument, NULL, VERBOSE },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	int option, err, index, live = -1;

	*ret = (struct trace_options){ .follow = true, .bytes = BYTES };
	trace_choice_init(&ret->choice);
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "+h", options, &index)) != -1) {
		if (option == '?')
			return misuse("wrong option: ", argv[optind - 1]);
		err = option_take(option == 'h' ? HELP : option, optarg, ret);
		if (err || ret->help)
			return err;
		if (!is_of_read(option))
			live = index;
	}
	if (!ret->databases.count)
		ret->databases.paths[ret->databases.count++] = SEXTANT_DB;
	if (ret->read && live >= 0)
		return misuse("no option of --read: --", options[live].name);
	err = operands_take(argc - optind, argv + optind, !strcmp(argv[optind - 1], "--"), ret);
	if (!err)
		err = wheres_check(ret);
	return err ? err : together_check(ret);
}
