/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb list, show, diff. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lkccb/cmd/lkccb.h"

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

int lkccb_list(const struct options *o, int argc, char **argv)
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
int lkccb_show(const struct options *o, int argc, char **argv)
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

int lkccb_diff(const struct options *o, int argc, char **argv)
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
