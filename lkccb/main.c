/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb: fills kernels.db from debug packages, and shows what is in it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "add.h"
#include "cleanup.h"
#include "offsets.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_MISUSE = 2,
	EXIT_DIFFERENT = 3, /* diff */
};

struct options {
	const char *db;
	struct add_options add;
	bool json;
};

struct command {
	const char *name;
	int (*run)(const struct options *o, int argc, char **argv);
	int min_args, max_args; /* max -1: any number */
	const char *help;
};

static int report(const struct offsets_error *error)
{
	fprintf(stderr, "lkccb: %s\n", error->text);
	return EXIT_FAILED;
}

/* A write that failed is an error, also when it fails at the very end. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "lkccb: standard output: %s; the output is cut\n", strerror(errno));
	return EXIT_FAILED;
}

/* ---- add -------------------------------------------------------------- */

static int add_row(struct offsets *db, struct kernel_row *row, const char *path,
                   struct offsets_error *error)
{
	static const char *const words[] = {
		[OFFSETS_ADDED] = "added",
		[OFFSETS_UPDATED] = "updated",
		[OFFSETS_UNCHANGED] = "unchanged",
	};
	enum offsets_change change;
	int err = offsets_add(db, row, &change, error);

	if (!err)
		printf("%s %s%s%s %s, %zu facts from %s, build-id %s: %s\n", words[change],
		       row->keys[ROW_RELEASE], row->keys[ROW_MODULE] ? " module " : "",
		       row->keys[ROW_MODULE] ? row->keys[ROW_MODULE] : "", row->keys[ROW_MACHINE],
		       row->count, row->keys[ROW_SOURCE],
		       row->keys[ROW_BUILD_ID] ? row->keys[ROW_BUILD_ID] : "unknown", path);
	return err;
}

static int add_one(struct offsets *db, const struct options *o, const char *path)
{
	struct offsets_error error;
	struct rows rows;
	size_t i;
	int err = add_read(path, &o->add, &rows, &error);

	if (err)
		return report(&error);
	for (i = 0; !err && i < rows.count; i++)
		err = add_row(db, rows.list[i], path, &error);
	if (!err)
		err = offsets_commit(db, &error);
	rows_free(&rows);
	if (!err)
		return EXIT_DONE;
	offsets_rollback(db);
	return report(&error);
}

static int run_add(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct offsets *db;
	int i, code = EXIT_DONE;

	if (offsets_open(o->db, OFFSETS_WRITE, &db, &error))
		return report(&error);
	for (i = 0; i < argc; i++)
		if (add_one(db, o, argv[i]) != EXIT_DONE)
			code = EXIT_FAILED;
	offsets_close(db);
	return code;
}

/* ---- list, show, diff ------------------------------------------------- */

static const char *or_dash(const char *s)
{
	return s ? s : "-";
}

/* A failed write shows in finish(); only the lack of memory ends the walk. */
static int print_json(const struct kernel_row *row)
{
	return offsets_row_print_json(row, stdout) == -ENOMEM ? -ENOMEM : 0;
}

static int list_row(const struct kernel_row *row, void *arg)
{
	const struct options *o = arg;

	if (o->json)
		return print_json(row);
	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row->keys[ROW_RELEASE], row->keys[ROW_MACHINE],
	       or_dash(row->keys[ROW_MODULE]), or_dash(row->keys[ROW_DISTRIBUTION]),
	       or_dash(row->keys[ROW_SOURCE]), or_dash(row->keys[ROW_BUILD_ID]),
	       or_dash(row->keys[ROW_VERSION]));
	return 0;
}

static int with_db(const struct options *o, struct offsets **ret)
{
	struct offsets_error error;

	return offsets_open(o->db, OFFSETS_READ, ret, &error) ? report(&error) : EXIT_DONE;
}

static int run_list(const struct options *o, int argc, char **argv)
{
	struct offsets_error error = { "out of memory" };
	struct offsets *db;
	int err;

	(void)argc, (void)argv;
	if (with_db(o, &db))
		return EXIT_FAILED;
	if (!o->json)
		puts("RELEASE\tMACHINE\tMODULE\tDISTRIBUTION\tSOURCE\tBUILD-ID\tVERSION");
	err = offsets_each(db, NULL, list_row, (void *)o, &error);
	offsets_close(db);
	return err ? report(&error) : EXIT_DONE;
}

static int find_named(struct offsets *db, const char *name, struct kernel_row **ret)
{
	struct offsets_query query = { .build_id = name, .release = name, .by_release = true };
	struct offsets_error error;
	enum offsets_match match;

	return offsets_find(db, &query, ret, &match, &error) ? report(&error) : EXIT_DONE;
}

struct shown {
	const struct options *options;
	size_t count;
};

static int show_row(const struct kernel_row *row, void *arg)
{
	struct shown *shown = arg;

	if (shown->options->json) {
		shown->count++;
		return print_json(row);
	}
	if (shown->count++)
		putchar('\n');
	offsets_row_print_text(row, stdout);
	return 0;
}

/* Every row of a release: a release may have several, and modules. */
static int run_show(const struct options *o, int argc, char **argv)
{
	struct shown shown = { .options = o };
	struct offsets_error error = { "out of memory" };
	struct kernel_row *row;
	struct offsets *db;
	int code = EXIT_DONE;

	(void)argc;
	if (with_db(o, &db))
		return EXIT_FAILED;
	if (offsets_each(db, argv[0], show_row, &shown, &error)) {
		code = report(&error);
	} else if (!shown.count) {
		code = find_named(db, argv[0], &row); /* a build-id, or no such row */
		if (code == EXIT_DONE) {
			show_row(row, &shown);
			offsets_row_free(row);
		}
	}
	offsets_close(db);
	return code;
}

static void diff_line(char sign, const struct fact *f)
{
	printf("%c%s.%s\t%u\t%u", sign, f->type, f->member, f->offset, f->size);
	if (f->bit_size)
		printf("\tbits %u-%u", f->bit_offset, f->bit_offset + f->bit_size - 1);
	putchar('\n');
}

static bool diff_rows(const struct kernel_row *a, const struct kernel_row *b)
{
	bool differ = false;
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		const struct fact *x = i < a->count ? &a->facts[i] : NULL;
		const struct fact *y = j < b->count ? &b->facts[j] : NULL;
		int c = !x ? 1 : !y ? -1 : strcmp(x->type, y->type);

		if (!c)
			c = strcmp(x->member, y->member);
		i += c <= 0;
		j += c >= 0;
		if (!c && offsets_fact_same(x, y))
			continue;
		differ = true;
		if (c <= 0)
			diff_line('-', x);
		if (c >= 0)
			diff_line('+', y);
	}
	return differ;
}

static int run_diff(const struct options *o, int argc, char **argv)
{
	struct kernel_row *a = NULL, *b = NULL;
	struct offsets *db;
	int code;

	(void)argc;
	if (with_db(o, &db))
		return EXIT_FAILED;
	code = find_named(db, argv[0], &a);
	if (code == EXIT_DONE)
		code = find_named(db, argv[1], &b);
	if (code == EXIT_DONE && diff_rows(a, b))
		code = EXIT_DIFFERENT;
	offsets_row_free(a);
	offsets_row_free(b);
	offsets_close(db);
	return code;
}

/* ---- import, export --------------------------------------------------- */

static int import_one(struct offsets *db, const char *path, size_t *count)
{
	CLEANUP(cleanup_file) FILE *in = fopen(path, "re");
	struct offsets_error error;

	if (!in) {
		offsets_fail(&error, -errno, "%s: %s; nothing was imported", path, strerror(errno));
		return report(&error);
	}
	return offsets_import(db, in, path, count, &error) ? report(&error) : EXIT_DONE;
}

static int run_import(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct offsets *db;
	size_t count, total = 0;
	int i, code = EXIT_DONE;

	if (offsets_open(o->db, OFFSETS_WRITE, &db, &error))
		return report(&error);
	for (i = 0; code == EXIT_DONE && i < argc; i++) {
		code = import_one(db, argv[i], &count);
		if (code == EXIT_DONE)
			total += count;
	}
	if (code == EXIT_DONE && offsets_commit(db, &error))
		code = report(&error);
	offsets_close(db);
	if (code == EXIT_DONE)
		printf("%s: %zu rows imported\n", o->db, total);
	return code;
}

static int run_export(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct offsets *db;
	int err;

	(void)argc, (void)argv;
	if (with_db(o, &db))
		return EXIT_FAILED;
	err = offsets_export(db, stdout, &error);
	offsets_close(db);
	return err ? report(&error) : EXIT_DONE;
}

/* ---- command line ----------------------------------------------------- */

static const struct command commands[] = {
	{ "add", run_add, 1, -1,
	  "PATH...   read packages, vmlinux, .ko or BTF files into the database" },
	{ "list", run_list, 0, 0, "          the rows, one a line" },
	{ "show", run_show, 1, 1, "RELEASE   all facts of a kernel, by release or build-id" },
	{ "diff", run_diff, 2, 2, "A B       facts in which two kernels differ (exit 3 if any)" },
	{ "import", run_import, 1, -1, "FILE...   rows from text, all or nothing" },
	{ "export", run_export, 0, 0, "          all rows as sorted text" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	size_t i;

	fputs("usage: lkccb COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-7s %s\n", commands[i].name, commands[i].help);
	fputs("\noptions:\n"
	      "  --db FILE        the database (default kernels.db); add and import make it if "
	      "missing\n"
	      "  --release R      add: uname -r of a file that does not say it (raw BTF)\n"
	      "  --machine M      add: uname -m of a file that does not say it\n"
	      "  --json           list, show: one JSON object a line\n"
	      "  -h, --help       this text\n"
	      "\nexit: 0 done, 1 failed (each failed input has a line on stderr; the others are "
	      "kept),\n"
	      "      2 wrong usage, 3 diff found differences\n"
	      "\nexamples:\n"
	      "  lkccb add --db fleet.db linux-image-6.1.0-56-cloud-amd64-dbg_6.1.192-2_amd64.deb\n"
	      "  lkccb show 3.10.0-1160.el7.x86_64 --json\n"
	      "  lkccb add --release $(uname -r) --machine $(uname -m) /sys/kernel/btf/vmlinux\n",
	      out);
}

static int misuse(const char *cause, const char *what)
{
	fprintf(stderr, "lkccb: %s%s; see 'lkccb --help'\n", cause, what);
	return EXIT_MISUSE;
}

/* False: an unknown option, which getopt has reported. */
static bool options_parse(int argc, char **argv, struct options *o, bool *help)
{
	static const struct option longs[] = {
		{ "db", required_argument, NULL, 'd' },
		{ "release", required_argument, NULL, 'r' },
		{ "machine", required_argument, NULL, 'm' },
		{ "all-units", no_argument, NULL, 'a' },
		{ "modules", no_argument, NULL, 'M' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (c) {
		case 'd':
			o->db = optarg;
			break;
		case 'r':
			o->add.release = optarg;
			break;
		case 'm':
			o->add.machine = optarg;
			break;
		case 'a':
			o->add.all_units = true;
			break;
		case 'M':
			o->add.modules = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			*help = true;
			break;
		default:
			return false;
		}
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { .db = "kernels.db", .add.threads = 2 };
	bool help = false;
	size_t i;

	if (!options_parse(argc, argv, &options, &help))
		return misuse("wrong option", "");
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
