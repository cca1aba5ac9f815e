/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb: fills kernels.db from debug packages, and shows what is in it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/escape.h"
#include "lkccb/cmd/lkccb.h"

struct command {
	const char *name;
	int (*run)(const struct options *o, int argc, char **argv);
	int min_args, max_args; /* max -1: any number */
	const char *help;
};

/* A write that failed is an error, also when it fails at the very end. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "lkccb: standard output: %s; the output is cut\n", strerror(errno));
	return EXIT_FAILED;
}

/* ---- command line ----------------------------------------------------- */

static const struct command commands[] = {
	{ "add", lkccb_add, 0, -1,
	  "PATH...   read packages, vmlinux, .ko or BTF files into the database" },
	{ "list", lkccb_list, 0, 0, "          the rows, one a line" },
	{ "show", lkccb_show, 1, 1, "RELEASE   all facts of a kernel, by release or build-id" },
	{ "diff", lkccb_diff, 2, 2, "A B       facts in which two kernels differ (exit 3 if any)" },
	{ "import", lkccb_import, 1, -1, "FILE...   rows from text, all or nothing" },
	{ "export", lkccb_export, 0, 0, "          all rows as sorted text" },
	{ "merge", lkccb_merge, 1, -1,
	  "FILE...   rows of other databases; conflicts keep what is there" },
	{ "slim", lkccb_slim, 1, 1, "NEW       a database of the --release kernels alone" },
	{ "verify", lkccb_verify, 0, 0, "          whether the database makes sense" },
	{ "coverage", lkccb_coverage, 0, 0,
	  "          which hosts of --inventory have their kernel in the database" },
	{ "sync", lkccb_sync, 0, 0, "          add the kernels of --repo that the database lacks" },
	{ "keygen", lkccb_keygen, 1, 1, "FILE      an Ed25519 key: FILE and FILE.pub" },
	{ "sign", lkccb_sign, 0, 0, "          the database with --key, into --signature" },
	{ "verify-signature", lkccb_verify_signature, 0, 0,
	  "          the database against --key and --signature" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	size_t i;

	fputs("usage: lkccb COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-16s %s\n", commands[i].name, commands[i].help);
	fputs("\noptions:\n"
	      "  --db FILE        the database (default kernels.db); add and import make it if "
	      "missing\n"
	      "  --json           list, show, add: one JSON object a line\n"
	      "  -v, --verbose    add, sync: which parts of the sandbox are not to be had here\n"
	      "  -h, --help       this text\n"
	      "\noptions of add:\n"
	      "  -j, --jobs N     packages at a time, and CPUs in all (default: the machine's)\n"
	      "  --all-units      read every unit of debug data; else a few where BTF has the "
	      "rest\n"
	      "  --modules        also btrfs.ko of a package: reads it to its end\n"
	      "  --ranges         a URL of a .deb, in sync too: fetch only the parts that are "
	      "needed\n"
	      "                   (the row says that it was not verified by SHA-256)\n"
	      "  --again          also packages that the database knows by their SHA-256\n"
	      "  --replace        import too: a kernel that has other facts in the database gets "
	      "the new\n"
	      "                   ones; else that is a conflict, and what was there stays\n"
	      "  --list FILE      inputs, one a line; - is standard input\n"
	      "  --shard I/N      the I-th of N parts of the inputs; auto: from the environment "
	      "of\n"
	      "                   GitLab CI or Slurm, auto/N: of a Kubernetes Job\n"
	      "  --memory MB      limit for each package (default 2048)\n"
	      "  --disk MB        limit of temporary files for each package (default 4096)\n"
	      "  --timeout S      limit for each package (default 600); a download may stall for "
	      "as long,\n"
	      "                   but for 60 s at most\n"
	      "  --release R      uname -r of a file that does not say it (raw BTF)\n"
	      "  --machine M      uname -m of a file that does not say it\n"
	      "\noptions of sync (and those of add):\n"
	      "  --repo URL|DIR   of dnf or yum (repodata/), or of apt with --suite\n"
	      "  --suite S        apt: bookworm, jammy, ...; --component (main), --arch (amd64); "
	      "a flat\n"
	      "                   repository: its directory, ended by '/' (./)\n"
	      "  --keyring FILE   that the index must be signed by (gpgv); of dnf an armored key: "
	      "each\n"
	      "                   package; or --no-signature\n"
	      "  --allow-expired  an index past its Valid-Until, and keys that have expired: of "
	      "archives\n"
	      "                   that are no longer renewed\n"
	      "  --dry-run        only list what would be downloaded\n"
	      "\noptions of the others:\n"
	      "  --release R      slim: a kernel to keep; may be given several times\n"
	      "  --inventory FILE coverage: lines of release or release,machine,build-id; - is "
	      "standard input\n"
	      "  --key FILE       sign: the secret key; verify-signature: the public one\n"
	      "  --signature FILE default: the database's name and .sig\n"
	      "\nexit: 0 done, 1 failed, nothing was changed, 2 wrong usage, 3 diff, merge "
	      "or add, coverage\n"
	      "      found differences, conflicts, gaps,\n"
	      "      4 some inputs failed (a line each on stderr), the others are in the "
	      "database\n"
	      "\nexamples:\n"
	      "  lkccb add --db fleet.db linux-image-6.1.0-56-cloud-amd64-dbg_6.1.192-2_amd64.deb\n"
	      "  lkccb add --db fleet.db --all-units -j 8 /srv/mirror\n"
	      "  lkccb show 3.10.0-1160.el7.x86_64 --json\n"
	      "  lkccb add --release $(uname -r) --machine $(uname -m) /sys/kernel/btf/vmlinux\n",
	      out);
}

static int misuse(const char *cause, const char *what)
{
	escape_print(stderr, "lkccb: %s%s; see 'lkccb --help'\n", cause, what);
	return EXIT_MISUSE;
}

/* A number from 1 to max. */
static bool number_parse(const char *text, unsigned long max, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, 10);
	return !errno && end != text && !*end && *text != '-' && *ret >= 1 && *ret <= max;
}

/* What getopt did not take. It is silent about it: it would print it as it is. */
static const char *option_refused(char **argv)
{
	return argv[optind - 1][0] == '-' ? argv[optind - 1] : argv[optind];
}

/* False: a wrong number, or *ret_refused, an unknown option. */
static bool options_parse(int argc, char **argv, struct options *o, bool *help,
                          const char **ret_refused)
{
	unsigned long n;

	static const struct option longs[] = {
		{ "db", required_argument, NULL, 'd' },
		{ "release", required_argument, NULL, 'r' },
		{ "key", required_argument, NULL, 'K' },
		{ "signature", required_argument, NULL, 'S' },
		{ "repo", required_argument, NULL, 'P' },
		{ "suite", required_argument, NULL, 'u' },
		{ "component", required_argument, NULL, 'c' },
		{ "arch", required_argument, NULL, 'x' },
		{ "keyring", required_argument, NULL, 'g' },
		{ "no-signature", no_argument, NULL, 'N' },
		{ "dry-run", no_argument, NULL, 'D' },
		{ "inventory", required_argument, NULL, 'i' },
		{ "machine", required_argument, NULL, 'm' },
		{ "all-units", no_argument, NULL, 'a' },
		{ "modules", no_argument, NULL, 'M' },
		{ "ranges", no_argument, NULL, 'G' },
		{ "again", no_argument, NULL, 'A' },
		{ "replace", no_argument, NULL, 'e' },
		{ "allow-expired", no_argument, NULL, 'E' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "memory", required_argument, NULL, 'R' },
		{ "disk", required_argument, NULL, 'T' },
		{ "timeout", required_argument, NULL, 't' },
		{ "list", required_argument, NULL, 'l' },
		{ "shard", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'o' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "hj:v", longs, NULL)) != -1)
		switch (c) {
		case 'd':
			o->db = optarg;
			break;
		case 'P':
			o->repo = optarg;
			break;
		case 'u':
			o->suite = optarg;
			break;
		case 'c':
			o->component = optarg;
			break;
		case 'x':
			o->arch = optarg;
			break;
		case 'g':
			o->keyring = optarg;
			break;
		case 'N':
			o->no_signature = true;
			break;
		case 'D':
			o->dry_run = true;
			break;
		case 'K':
			o->key = optarg;
			break;
		case 'S':
			o->signature = optarg;
			break;
		case 'i':
			o->inventory = optarg;
			break;
		case 'r':
			o->input.release = optarg;
			if (o->release_count == sizeof(o->releases) / sizeof(o->releases[0]))
				return false;
			o->releases[o->release_count++] = optarg;
			break;
		case 'm':
			o->input.machine = optarg;
			break;
		case 'a':
			o->input.all_units = true;
			break;
		case 'M':
			o->input.modules = true;
			break;
		case 'G':
			o->input.ranges = true;
			break;
		case 'A':
			o->again = true;
			break;
		case 'e':
			o->replace = true;
			break;
		case 'E':
			o->allow_expired = true;
			break;
		case 'j':
			if (!number_parse(optarg, 1024, &n))
				return false;
			o->jobs = n;
			break;
		case 'R':
			if (!number_parse(optarg, 1 << 20, &n))
				return false;
			o->memory = (uint64_t)n << 20;
			break;
		case 'T':
			if (!number_parse(optarg, 1 << 20, &n))
				return false;
			o->disk = (uint64_t)n << 20;
			break;
		case 't':
			if (!number_parse(optarg, 1000000, &n))
				return false;
			o->timeout_s = n;
			break;
		case 'l':
			o->list = optarg;
			break;
		case 's':
			o->shard = optarg;
			break;
		case 'o':
			o->json = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			*help = true;
			break;
		default:
			*ret_refused = option_refused(argv);
			return false;
		}
	return true;
}

int main(int argc, char **argv)
{
	struct options options = {
		.db = "kernels.db",
		.jobs = sysconf(_SC_NPROCESSORS_ONLN),
		.memory = (uint64_t)2048 << 20,
		.disk = INPUT_DISK,
		.timeout_s = 600,
	};
	const char *refused = "";
	bool help = false;
	size_t i;

	if (!options_parse(argc, argv, &options, &help, &refused))
		return misuse(*refused ? "wrong option: " : "wrong option", refused);
	if (help) {
		usage(stdout);
		return finish(EXIT_DONE);
	}
	argc -= optind;
	argv += optind;
	if (!argc)
		return misuse("no command", "");
	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, argv[0]))
			break;
	if (i == COMMANDS)
		return misuse("no such command: ", argv[0]);
	if (argc - 1 < commands[i].min_args ||
	    (commands[i].max_args >= 0 && argc - 1 > commands[i].max_args))
		return misuse("wrong number of arguments for ", argv[0]);
	return finish(commands[i].run(&options, argc - 1, argv + 1));
}
