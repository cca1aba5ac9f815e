/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb list, show, diff. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "offsets/facts.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"

static const char *or_dash(const char *s)
{
	return s ? s : "-";
}

/* finish() reports a failed write; only a lack of memory ends the listing. */
static int print_json(const struct offsets_kernel *kernel)
{
	return offsets_kernel_print_json(kernel, stdout) == -ENOMEM ? -ENOMEM : 0;
}

static int list_kernel(const struct offsets_kernel *kernel, void *arg)
{
	const struct options *o = arg;

	if (o->json)
		return print_json(kernel);
	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE),
	       offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE),
	       or_dash(offsets_kernel_key(kernel, OFFSETS_KEY_MODULE)),
	       or_dash(offsets_kernel_key(kernel, OFFSETS_KEY_DISTRIBUTION)),
	       or_dash(offsets_kernel_key(kernel, OFFSETS_KEY_SOURCE)),
	       or_dash(offsets_kernel_key(kernel, OFFSETS_KEY_BUILD_ID)),
	       or_dash(offsets_kernel_key(kernel, OFFSETS_KEY_VERSION)));
	return 0;
}

int lkccb_list(const struct options *o, int argc, char **argv)
{
	struct offsets_error error = { "out of memory" };
	struct offsets *db;
	int err;

	(void)argc, (void)argv;
	if (reading_open(o, &db))
		return EXIT_FAILED;
	if (!o->json)
		puts("RELEASE\tMACHINE\tMODULE\tDISTRIBUTION\tSOURCE\tBUILD-ID\tVERSION");
	err = offsets_each(db, NULL, list_kernel, (void *)o, &error);
	offsets_close(db);
	return err ? report(&error) : EXIT_DONE;
}

static int find_named(struct offsets *db, const char *name, struct offsets_kernel **ret)
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

static int show_kernel(const struct offsets_kernel *kernel, void *arg)
{
	struct shown *shown = arg;

	if (shown->options->json) {
		shown->count++;
		return print_json(kernel);
	}
	if (shown->count++)
		putchar('\n');
	offsets_kernel_print_text(kernel, stdout);
	return 0;
}

/* A release may have several kernels, and modules: all are shown. */
int lkccb_show(const struct options *o, int argc, char **argv)
{
	struct shown shown = { .options = o };
	struct offsets_error error = { "out of memory" };
	struct offsets_kernel *kernel;
	struct offsets *db;
	int code = EXIT_DONE;

	(void)argc;
	if (reading_open(o, &db))
		return EXIT_FAILED;
	if (offsets_each(db, argv[0], show_kernel, &shown, &error)) {
		code = report(&error);
	} else if (!shown.count) {
		code = find_named(db, argv[0], &kernel); /* it may be a build-id */
		if (code == EXIT_DONE) {
			show_kernel(kernel, &shown);
			offsets_kernel_free(kernel);
		}
	}
	offsets_close(db);
	return code;
}

static void diff_line(char sign, const struct offsets_fact *f)
{
	printf("%c%s.%s\t%u\t%u", sign, f->type, f->member, f->offset, f->size);
	if (f->bit_size)
		printf("\tbits %u-%u", f->bit_offset, f->bit_offset + f->bit_size - 1);
	putchar('\n');
}

static void diff_lines(const struct offsets_fact *a, const struct offsets_fact *b, void *arg)
{
	(void)arg;
	if (a)
		diff_line('-', a);
	if (b)
		diff_line('+', b);
}

int lkccb_diff(const struct options *o, int argc, char **argv)
{
	struct offsets_kernel *a = NULL, *b = NULL;
	struct offsets *db;
	int code;

	(void)argc;
	if (reading_open(o, &db))
		return EXIT_FAILED;
	code = find_named(db, argv[0], &a);
	if (code == EXIT_DONE)
		code = find_named(db, argv[1], &b);
	if (code == EXIT_DONE && offsets_kernel_differences(a, b, diff_lines, NULL))
		code = EXIT_DIFFERENT;
	offsets_kernel_free(a);
	offsets_kernel_free(b);
	offsets_close(db);
	return code;
}
