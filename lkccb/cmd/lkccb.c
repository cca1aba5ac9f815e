/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb: fills kernels.db from debug packages, and shows what is in it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/report.h"
#include "offsets/util/version.h"

struct command {
	const char *name;
	int (*run)(const struct options *o, int argc, char **argv);
	int min_args, max_args; /* max_args -1: any number */
	const char *help;
};

/* A failed write is an error, also the last one. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "lkccb: standard output: %s; the output is truncated\n", strerror(errno));
	return EXIT_FAILED;
}

/* ---- command line ----------------------------------------------------- */

static const struct command commands[] = {
	{ "add", lkccb_add, 0, -1,
	  "PATH...   read packages, vmlinux, .ko, BTF or symbol files (ISF) into the database" },
	{ "list", lkccb_list, 0, 0, "          the kernels, one per line" },
	{ "show", lkccb_show, 1, 1, "RELEASE   all offsets of a kernel, by release or build-id" },
	{ "diff", lkccb_diff, 2, 2,
	  "A B       offsets in which two kernels differ (exit 3 if any)" },
	{ "import", lkccb_import, 1, -1, "FILE...   kernels from text, all or nothing" },
	{ "export", lkccb_export, 0, 0, "          all kernels as sorted text" },
	{ "merge", lkccb_merge, 1, -1,
	  "FILE...   kernels from other databases; a conflict keeps the old entry" },
	{ "slim", lkccb_slim, 1, 1, "NEW       a database of the --release kernels alone" },
	{ "delta", lkccb_delta, 2, 2, "OLD NEW   what changes one database into another, as text" },
	{ "apply", lkccb_apply, 1, 1,
	  "DELTA     change the database by a delta, if it is the old one" },
	{ "verify", lkccb_verify, 0, 1,
	  "[DB]      check a database for consistency, and against --provenance" },
	{ "coverage", lkccb_coverage, 0, 0,
	  "          which kernels of --inventory or --kernels are in the database" },
	{ "site", lkccb_site, 1, 1,
	  "DIR       a static site of the database, with the gaps of an inventory" },
	{ "sync", lkccb_sync, 0, 0,
	  "          add the kernels of --repo that are not in the database" },
	{ "keygen", lkccb_keygen, 1, 1, "FILE      create an Ed25519 key: FILE and FILE.pub" },
	{ "sign", lkccb_sign, 0, 0, "          sign the database with --key, into --signature" },
	{ "verify-signature", lkccb_verify_signature, 0, 0,
	  "          verify the database with --key and --signature" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* clang-format off */
static const char options_help[] =
	"\n"
	"options:\n"
	"  --db FILE        the database (default kernels.db); add, sync, import and merge create\n"
	"                   it if it does not exist\n"
	"  --json           list, show, add, coverage: one JSON object per line\n"
	"  -v, --verbose    add, sync: name the parts of the sandbox that are not available here\n"
	"  -h, --help       print this text\n"
	"      --version    print the version\n"
	"\n"
	"options of add:\n"
	"  -j, --jobs N     packages at a time, and CPUs in all (default: all CPUs)\n"
	"  --all-units      read every unit of debug data, not only as many as confirm BTF\n"
	"  --modules        also read btrfs.ko and overlay.ko of a package, up to the last of them\n"
	"  --ranges         also sync: of a URL of a .deb, fetch only the needed parts\n"
	"                   (the entry says that it was not verified by SHA-256)\n"
	"  --again          also read packages that are in the database, by their SHA-256\n"
	"  --replace        also import, sync: replace kernels that are in the database with\n"
	"                   other offsets; without it, that is a conflict and the old entry stays\n"
	"  --list FILE      inputs, one per line; - is standard input\n"
	"  --shard I/N      the I-th of N parts of the inputs; auto: from the environment of\n"
	"                   GitLab CI or Slurm, auto/N: of a Kubernetes Job\n"
	"  --memory MB      limit for each package (default 2048)\n"
	"  --disk MB        limit of temporary files for each package (default 4096)\n"
	"  --timeout S      limit for each package (default 600), and for a stalled download\n"
	"                   (at most 60)\n"
	"  --build-id ID    a kernel by its build-id, from a debuginfod server; may be given\n"
	"                   several times, and as build-id:ID in a --list\n"
	"  --debuginfod URL the server, or several, separated by spaces, which are asked in this\n"
	"                   order (default: the variable DEBUGINFOD_URLS)\n"
	"  --release R      uname -r for a file that does not contain it (raw BTF)\n"
	"  --machine M      uname -m for a file that does not contain it\n"
	"  --version TEXT   uname -v likewise (without a command: print the version of lkccb)\n"
	"  --banners FILE   text with the version banners of kernels, which gives uname -v to each\n"
	"                   file that does not contain it\n"
	"\n"
	"options of sync (and those of add):\n"
	"  --repo URL|DIR   a dnf or yum repository (with repodata/), or with --suite an apt one\n"
	"  --suite S        apt: bookworm, jammy, ...; for a flat repository its directory, which\n"
	"                   ends with '/' (./)\n"
	"  --component C    apt: default main\n"
	"  --arch A         default amd64 (apt) or x86_64 (dnf)\n"
	"  --keyring FILE   the public keys, as a gpg keyring or armored: one must have signed\n"
	"                   the index, or, with an armored key and dnf, each package; add: each .rpm\n"
	"  --no-signature   do not verify signatures; --keyring or this option is required\n"
	"  --allow-expired  accept an index past its Valid-Until, and expired keys: for archives\n"
	"                   that are no longer maintained\n"
	"  --dry-run        only list what would be downloaded\n"
	"\n"
	"options of add and sync:\n"
	"  --provenance FILE  write an in-toto statement of the inputs, with their digests;\n"
	"                   verify: the statement to compare the database with\n"
	"  --spdx FILE      write the inputs as an SPDX 2.3 document (JSON)\n"
	"\n"
	"options of other commands:\n"
	"  --release R      slim: a kernel to keep; may be given several times\n"
	"  --inventory FILE coverage, site: lines of release or\n"
	"                   release,machine,build-id,version; - is standard input\n"
	"  --kernels FILE   coverage, site: a list.json of falco's kernel-crawler; --machine,\n"
	"                   --memory and --timeout apply to it\n"
	"  --output FILE    delta: the file to write (default: standard output)\n"
	"  --key FILE       sign: the secret key; verify, verify-signature: the public key\n"
	"  --signature FILE default: the name of the database and .sig\n"
	"  --serial N       sign: the number of the signature, which has to grow (default: the\n"
	"                   seconds of SOURCE_DATE_EPOCH or of now, or one more than that of the\n"
	"                   signature that is replaced); verify-signature: the lowest to accept\n"
	"\n"
	"exit: 0 done, 1 failed and nothing was changed, 2 wrong usage, 3 differences (diff),\n"
	"      conflicts (add, sync, import, merge) or gaps (coverage), 4 some inputs failed, with\n"
	"      a line each on standard error, and the others are in the database\n"
	"\n"
	"examples:\n"
	"  lkccb add --db fleet.db linux-image-6.1.0-56-cloud-amd64-dbg_6.1.192-2_amd64.deb\n"
	"  lkccb add --db fleet.db --all-units -j 8 /srv/mirror\n"
	"  lkccb show 3.10.0-1160.el7.x86_64 --json\n"
	"  lkccb add --build-id 3b43fad5034874490492495d552c0af6a5fab235 \\\n"
	"            --debuginfod https://debuginfod.debian.net\n"
	"  lkccb add --release $(uname -r) --machine $(uname -m) /sys/kernel/btf/vmlinux\n";
/* clang-format on */

static void usage(FILE *out)
{
	size_t i;

	fputs("usage: lkccb COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-16s %s\n", commands[i].name, commands[i].help);
	fputs(options_help, out);
}

static const struct command *command_named(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int command_run(const struct options *o, int argc, char **argv)
{
	const struct command *command;

	if (!argc)
		return report_misuse("no command");
	command = command_named(argv[0]);
	if (!command)
		return report_misuse("no such command: %s", argv[0]);
	if (argc - 1 < command->min_args ||
	    (command->max_args >= 0 && argc - 1 > command->max_args))
		return report_misuse("wrong number of arguments for %s", argv[0]);
	return command->run(o, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	struct options options;
	const char *wrong = options_parse(argc, argv, &options);

	if (wrong)
		return report_misuse(*wrong ? "wrong option: %s" : "wrong option%s", wrong);
	if (options.help) {
		usage(stdout);
		return finish(EXIT_DONE);
	}
	if (options.version) {
		puts("lkccb " SEXTANT_VERSION);
		return finish(EXIT_DONE);
	}
	return finish(command_run(&options, argc - optind, argv + optind));
}
