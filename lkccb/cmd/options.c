/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lkccb/cmd/options.h"
#include "offsets/signature/signature.h"

static const struct option longs[] = {
	{ "db", required_argument, NULL, 'd' },
	{ "release", required_argument, NULL, 'r' },
	{ "key", required_argument, NULL, 'K' },
	{ "signature", required_argument, NULL, 'S' },
	{ "serial", required_argument, NULL, 'n' },
	{ "provenance", required_argument, NULL, 'p' },
	{ "spdx", required_argument, NULL, 'X' },
	{ "output", required_argument, NULL, 'O' },
	{ "repo", required_argument, NULL, 'P' },
	{ "suite", required_argument, NULL, 'u' },
	{ "component", required_argument, NULL, 'c' },
	{ "arch", required_argument, NULL, 'x' },
	{ "keyring", required_argument, NULL, 'g' },
	{ "no-signature", no_argument, NULL, 'N' },
	{ "dry-run", no_argument, NULL, 'D' },
	{ "inventory", required_argument, NULL, 'i' },
	{ "build-id", required_argument, NULL, 'b' },
	{ "debuginfod", required_argument, NULL, 'f' },
	{ "kernels", required_argument, NULL, 'k' },
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
	{ "version", required_argument, NULL, 'V' },
	{ "banners", required_argument, NULL, 'B' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* A number from 1 to max. */
static bool number_parse(const char *text, unsigned long max, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, 10);
	return !errno && end != text && !*end && *text != '-' && *ret >= 1 && *ret <= max;
}

/* The option that getopt refused. Its own message would print it unescaped. */
static const char *option_refused(char **argv)
{
	return argv[optind - 1][0] == '-' ? argv[optind - 1] : argv[optind];
}

/* False: a bad number, or too many. */
static bool option_take(struct options *o, int c, const char *value)
{
	unsigned long n;

	switch (c) {
	case 'd':
		o->db = value;
		break;
	case 'P':
		o->repo = value;
		break;
	case 'u':
		o->suite = value;
		break;
	case 'c':
		o->component = value;
		break;
	case 'x':
		o->arch = value;
		break;
	case 'g':
		o->keyring = value;
		break;
	case 'N':
		o->no_signature = true;
		break;
	case 'D':
		o->dry_run = true;
		break;
	case 'K':
		o->key = value;
		break;
	case 'S':
		o->signature = value;
		break;
	case 'n':
		if (!number_parse(value, SIGNATURE_SERIAL_MAX, &n))
			return false;
		o->serial = n;
		break;
	case 'p':
		o->provenance = value;
		break;
	case 'O':
		o->output = value;
		break;
	case 'X':
		o->spdx = value;
		break;
	case 'i':
		o->inventory = value;
		break;
	case 'k':
		o->kernels = value;
		break;
	case 'r':
		o->input.release = value;
		if (o->release_count == OPTIONS_RELEASES_MAX)
			return false;
		o->releases[o->release_count++] = value;
		break;
	case 'b':
		if (o->build_id_count == OPTIONS_BUILD_IDS_MAX)
			return false;
		o->build_ids[o->build_id_count++] = value;
		break;
	case 'f':
		o->input.debuginfod = value;
		break;
	case 'm':
		o->input.machine = value;
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
		if (!number_parse(value, 1024, &n))
			return false;
		o->jobs = n;
		break;
	case 'R':
		if (!number_parse(value, 1 << 20, &n))
			return false;
		o->memory = (uint64_t)n << 20;
		break;
	case 'T':
		if (!number_parse(value, 1 << 20, &n))
			return false;
		o->disk = (uint64_t)n << 20;
		break;
	case 't':
		if (!number_parse(value, 1000000, &n))
			return false;
		o->timeout_s = n;
		break;
	case 'l':
		o->list = value;
		break;
	case 's':
		o->shard = value;
		break;
	case 'o':
		o->json = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'h':
		o->help = true;
		break;
	case 'V':
		o->input.version = value;
		break;
	case 'B':
		o->banners = value;
		break;
	}
	return true;
}

const char *options_parse(int argc, char **argv, struct options *ret)
{
	int c;

	*ret = (struct options){
		.db = "kernels.db",
		.jobs = sysconf(_SC_NPROCESSORS_ONLN),
		.memory = (uint64_t)2048 << 20,
		.disk = INPUT_DISK,
		.timeout_s = 600,
	};
	if (argc == 2 &&
	    !strcmp(argv[1], "--version")) { /* with a command it is that of a kernel */
		ret->version = true;
		return NULL;
	}
	opterr = 0;
	while ((c = getopt_long(argc, argv, "hj:v", longs, NULL)) != -1) {
		if (c == '?')
			return option_refused(argv);
		if (!option_take(ret, c, optarg))
			return "";
	}
	return NULL;
}
