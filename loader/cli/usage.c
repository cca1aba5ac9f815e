/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/bpf/hook.h"
#include "loader/cli/usage.h"
#include "loader/config/config.h"
#include "loader/host/dbsource.h"
#include "loader/stream/fields.h"

#define INDENT 29 /* columns before the description of an option */
#define WIDTH  96 /* of a line */

/* Prints names with commas between them, broken into lines. */
static void list_print(FILE *out, const char *list)
{
	size_t column = INDENT, size;

	fprintf(out, "%*s", INDENT, "");
	for (; *list; list += size) {
		size = strcspn(list, ",");
		size += list[size] == ',';
		if (column + size > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		}
		fprintf(out, "%.*s", (int)size, list);
		column += size;
	}
	fputc('\n', out);
}

static void name_add(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? "," : "", name);
}

static void classes_print(FILE *out, unsigned int classes)
{
	char list[512] = "";
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type))
			name_add(list, sizeof(list), event_type_name(type));
	list_print(out, list);
}

static void attach_methods_print(FILE *out)
{
	char list[512] = "";
	unsigned int method;

	for (method = 0; method < ATTACH_METHODS; method++)
		name_add(list, sizeof(list), attach_method_name(method));
	list_print(out, list);
}

static void options_with_lists_print(FILE *out)
{
	fputs("\noptions:\n"
	      "  --config FILE              also read settings from FILE and from conf.d/*.conf "
	      "beside "
	      "it;\n"
	      "                             config: default " CONFIG_FILE "\n"
	      "  --db FILE                  database of offsets (default " SEXTANT_DB ");\n"
	      "                             may be given several times\n"
	      "  --db-key FILE              use the database only if it has a signature by this "
	      "public "
	      "key,\n"
	      "                             and if its number is not lower than before\n"
	      "  --state DIR                where the highest number is kept "
	      "(default " DBSOURCE_STATE ")\n"
	      "  --kernel-override RELEASE  use the offsets of that release or build-id, not this "
	      "kernel's\n"
	      "  --events LIST              event classes to report, separated by commas, or "
	      "all:\n",
	      out);
	classes_print(out, ~0U);
	fprintf(out, "%*sdefault:\n", INDENT, "");
	classes_print(out, event_types_default());
	fputs("  --require LIST             run: exit with status 7 unless these of --events work\n"
	      "  --attach LIST              restrict attach methods to these:\n",
	      out);
	attach_methods_print(out);
}

static void options_print(FILE *out)
{
	fputs("  --env LIST                 environment variables to show with an exec, '' for "
	      "none;\n"
	      "                             default: those that can inject code,\n",
	      out);
	list_print(out, ENV_DEFAULT);
	fputs("  --redact PATTERN           replace text that matches in arguments, environments "
	      "and\n"
	      "                             the text of terminals by ***; may be given several "
	      "times\n",
	      out);
	fputs("  --filter FILE              filter rules; read again on SIGHUP\n"
	      "  --rule RULE                a filter rule; may be given several times\n"
	      "  --tier N                   use the programs of tier 1, 2 or 3: for debugging\n"
	      "  --format json|text|ocsf|audit\n"
	      "                             JSON of ECS (default), one line of text an event, JSON "
	      "of\n"
	      "                             OCSF 1.8.0, or records of audit\n"
	      "  --output OUTPUT            where events go, up to eight times: a file (opened "
	      "again on "
	      "SIGHUP\n"
	      "                             and SIGUSR1), - for standard output (default), "
	      "unix:PATH,\n"
	      "                             unix-datagram:PATH, pipe:PROGRAM, journald:, syslog:,\n"
	      "                             syslog:udp:ADDRESS:PORT, syslog:tcp:ADDRESS:PORT,\n"
	      "                             syslog:tls:HOST:PORT, https://HOST/PATH or "
	      "http://HOST/PATH; with\n"
	      "                             options, as\n"
	      "                             '/var/log/events rotate-size=100M keep=10'\n"
	      "  --control SOCKET           run: answer 'sextant status' there; status: default\n"
	      "                             " CONTROL_SOCKET "\n"
	      "  --control-group GROUP      run: that group may ask, as well as root\n"
	      "  --hash-budget SIZE         read at most SIZE bytes of executables, scripts and "
	      "modules\n"
	      "                             a second to hash them (default 16M); 0: no hashes\n"
	      "  --container-names yes|no   names, images and pods of containers, from the files "
	      "of\n"
	      "                             runtimes (default yes)\n"
	      "  --heartbeat SECONDS        how often the sensor reports of itself (default 60); "
	      "0: "
	      "never\n"
	      "  --canary SECONDS           how often the sensor tests its probes (default 60); 0: "
	      "never\n"
	      "  --cpu-budget PERCENT       of one CPU that the sensor may take (default 50): "
	      "beyond "
	      "it\n"
	      "                             users have shares of the events; 0: no limit\n"
	      "  --metrics-file FILE        write metrics for Prometheus to FILE each 15 seconds\n"
	      "  --metrics-listen ADDRESS   answer GET /metrics by HTTP there, as 127.0.0.1:9590\n"
	      "  --record FILE              run: also write the kernel's records there, for "
	      "'replay'\n"
	      "  --duration SECONDS         end after that time\n"
	      "  --no-self-test             do not compare the events with /proc at the start: "
	      "for\n"
	      "                             debugging\n"
	      "  --json                     check, show, status: print JSON\n"
	      "  --metrics                  status: print metrics for Prometheus\n"
	      "  --instructions             check: print the verifier's instruction count of each "
	      "program\n"
	      "  --check                    config: print nothing but errors\n"
	      "  --try                      check: run the self-test with the offsets of every "
	      "kernel "
	      "of\n"
	      "                             the databases\n"
	      "  --stream                   with --try: only with those of this kernel's release "
	      "stream\n"
	      "  --pin FILE                 with --try: add the offsets that are proven to this "
	      "database\n"
	      "  --log-level LEVEL          messages to print: error, warning, info (default), "
	      "debug\n"
	      "  -v, --verbose              the same as --log-level debug: also what libbpf says\n"
	      "  -V, --version              print the version\n"
	      "  -h, --help                 print this text\n",
	      out);
}

void usage_print(FILE *out, const struct command *commands, size_t count)
{
	size_t i;

	fputs("usage: sextant COMMAND [OPTION...]\n\ncommands:\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].help);
	options_with_lists_print(out);
	options_print(out);
	fputs("\nexit status:\n"
	      "  0  done\n"
	      "  1  failed; the next start may succeed\n"
	      "  2  wrong usage\n"
	      "  3  no offsets for this kernel\n"
	      "  4  exec, fork or all classes failed the self-test: wrong offsets for this "
	      "kernel;\n"
	      "     or the database is unsigned, wrongly signed or older, against --db-key\n"
	      "     check --try: no offsets are proven\n"
	      "  5  the kernel accepts none of the programs, or rights are missing\n"
	      "  6  check: some event classes would not work; status: there is a problem\n"
	      "  7  run: an event class of --require does not work\n"
	      "\nexamples:\n"
	      "  sextant run --format text --duration 10\n"
	      "  sextant run --events exec,file,socket --require exec,file --output "
	      "/var/log/events\n"
	      "  sextant run --config " CONFIG_FILE "\n"
	      "  sextant check --json\n"
	      "  sextant check --try --stream --db kernels.db --pin /var/lib/sextant/local.db\n"
	      "  sextant show --kernel-override 3.10.0-1160.el7.x86_64 --db kernels.db\n",
	      out);
}
