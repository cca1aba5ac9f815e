/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/cli/option_help.h"
#include "loader/config/config.h"
#include "loader/host/dbsource.h"

#define RUN       COMMAND_RUN
#define CHECK     COMMAND_CHECK
#define SHOW      COMMAND_SHOW
#define STATUS    COMMAND_STATUS
#define REPLAY    COMMAND_REPLAY
#define BUGREPORT COMMAND_BUGREPORT
#define CONFIG    COMMAND_CONFIG
#define SETTINGS  (RUN | CONFIG) /* 'config' prints what 'run' would do */
#define ASKING    (STATUS | COMMAND_TOP | COMMAND_RESTART | BUGREPORT)
#define EACH      (SETTINGS | ASKING | CHECK | SHOW | REPLAY)

/* In the order of --help. */
static const struct option_help helps[] = {
	{ "config", EACH, "FILE",
	  "also read settings from FILE and from conf.d/*.conf beside it; config: "
	  "default " CONFIG_FILE },
	{ "db", SETTINGS | CHECK | SHOW | BUGREPORT, "FILE",
	  "database of offsets (default " SEXTANT_DB "); may be given several times" },
	{ "db-key", SETTINGS | CHECK | SHOW, "FILE",
	  "use the database only if it has a signature by this public key, and if its number is "
	  "not lower than before" },
	{ "state", SETTINGS | CHECK | SHOW, "DIR",
	  "where the highest number is kept (default " DBSOURCE_STATE ")" },
	{ "kernel-override", SETTINGS | CHECK | SHOW, "RELEASE",
	  "use the offsets of that release or build-id, not this kernel's" },
	{ "events", SETTINGS | CHECK, "LIST",
	  "event classes to report, separated by commas, or all:" },
	{ "require", SETTINGS, "LIST", "run: exit with status 7 unless these of --events work" },
	{ "attach", SETTINGS | CHECK, "LIST", "restrict attach methods to these:" },
	{ "env", SETTINGS | REPLAY, "LIST",
	  "environment variables to show with an exec, '' for none; default: those that can inject "
	  "code," },
	{ "redact", SETTINGS | REPLAY, "PATTERN",
	  "replace text that matches in arguments, environments and the text of terminals by ***; "
	  "may be given several times" },
	{ "filter", SETTINGS, "FILE", "filter rules; read again on SIGHUP" },
	{ "rule", SETTINGS, "RULE", "a filter rule; may be given several times" },
	{ "tier", RUN | CHECK, "N", "use the programs of tier 1, 2 or 3: for debugging" },
	{ "format", SETTINGS | REPLAY, "json|text|ocsf|audit",
	  "JSON of ECS (default), one line of text an event, JSON of OCSF 1.8.0, or records of "
	  "audit" },
	{ "output", SETTINGS | REPLAY | BUGREPORT, "OUTPUT",
	  "where events go, up to eight times: a file (opened again on SIGHUP and SIGUSR1), - for "
	  "standard output (default), unix:PATH, unix-datagram:PATH, pipe:PROGRAM, journald:, "
	  "syslog:, syslog:udp:ADDRESS:PORT, syslog:tcp:ADDRESS:PORT, syslog:tls:HOST:PORT, "
	  "https://HOST/PATH or http://HOST/PATH; with options, as '/var/log/events "
	  "rotate-size=100M keep=10'; bugreport: the archive" },
	{ "control", SETTINGS | ASKING, "SOCKET",
	  "run: answer 'sextant status' there; status, top, restart, bugreport: "
	  "default " CONTROL_SOCKET },
	{ "control-group", SETTINGS, "GROUP", "run: that group may ask, as well as root" },
	{ "hash-budget", SETTINGS, "SIZE",
	  "read at most SIZE bytes of executables, scripts and modules a second to hash them "
	  "(default 16M); 0: no hashes" },
	{ "container-names", SETTINGS, "yes|no",
	  "names, images and pods of containers, from the files of runtimes (default yes)" },
	{ "heartbeat", SETTINGS, "SECONDS",
	  "how often the sensor reports of itself (default 60); 0: never" },
	{ "canary", SETTINGS, "SECONDS",
	  "how often the sensor tests its probes (default 60); 0: never" },
	{ "cpu-budget", SETTINGS, "PERCENT",
	  "of one CPU that the sensor may take (default 50): beyond it users have shares of the "
	  "events; 0: no limit" },
	{ "metrics-file", SETTINGS, "FILE",
	  "write metrics for Prometheus to FILE each 15 seconds" },
	{ "metrics-listen", SETTINGS, "ADDRESS",
	  "answer GET /metrics by HTTP there, as 127.0.0.1:9590" },
	{ "record", RUN | REPLAY, "FILE",
	  "run: also write the kernel's records there; replay: the recording, as FILE" },
	{ "duration", RUN, "SECONDS", "end after that time" },
	{ "no-self-test", SETTINGS, NULL,
	  "do not compare the events with /proc at the start: for debugging" },
	{ "json", CHECK | SHOW | STATUS, NULL, "check, show, status: print JSON" },
	{ "metrics", STATUS, NULL, "status: print metrics for Prometheus" },
	{ "instructions", CHECK, NULL,
	  "check: print the verifier's instruction count of each program" },
	{ "check", CONFIG, NULL, "config: print nothing but errors" },
	{ "try", CHECK, NULL,
	  "check: run the self-test with the offsets of every kernel of the databases" },
	{ "stream", CHECK, NULL, "with --try: only with those of this kernel's release stream" },
	{ "pin", CHECK, "FILE", "with --try: add the offsets that are proven to this database" },
	{ "log-level", EACH, "LEVEL", "messages to print: error, warning, info (default), debug" },
};

#define HELPS (sizeof(helps) / sizeof(helps[0]))

size_t option_helps_count(void)
{
	return HELPS;
}

const struct option_help *option_help_get(size_t i)
{
	return &helps[i];
}

const struct option_help *option_help_find(const char *name)
{
	const struct option_help *help;

	for (help = helps; help < helps + HELPS; help++)
		if (!strcmp(help->name, name))
			return help;
	return NULL;
}
