/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb apply: changes a database by a delta, if it is the one that the delta is of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/content.h"
#include "lkccb/cmd/delta.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/report.h"
#include "lkccb/io/textfile.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"

#define GONE_MAX 1000000

struct apply {
	const struct options *o;
	const char *path; /* of the delta */
	FILE *file;
	struct offsets *db;
	char old[SHA256_HEX + 1], new[SHA256_HEX + 1];
	/* Entries that are removed or replaced, by digest: sorted; then these kernels, without
	 * facts. */
	char (*gone)[SHA256_HEX + 1];
	size_t gone_count, gone_room;
	struct offsets_kernel **kernels;
	size_t kernel_count, added;
	struct offsets_error *error;
};

static int memory_fail(struct apply *a)
{
	return offsets_fail(a->error, -ENOMEM, "%s: out of memory", a->path);
}

/* ---- the head of the delta ------------------------------------------------ */

static int malformed(struct apply *a)
{
	return offsets_fail(a->error, -EBADMSG,
	                    "%s: not a delta of this version of lkccb, or damaged; make it again "
	                    "with 'lkccb delta'",
	                    a->path);
}

/* A whole line without its newline. */
static bool line_read(struct apply *a, char *ret, size_t size)
{
	size_t length;

	if (!fgets(ret, size, a->file))
		return false;
	length = strlen(ret);
	if (!length || ret[length - 1] != '\n')
		return false;
	ret[length - 1] = '\0';
	return true;
}

/* WORD SHA256, then the end or a blank. */
static bool digest_parse(const char *line, const char *word, char ret[SHA256_HEX + 1])
{
	size_t size = strlen(word);

	if (strncmp(line, word, size) || strlen(line + size) < SHA256_HEX)
		return false;
	memcpy(ret, line + size, SHA256_HEX);
	ret[SHA256_HEX] = '\0';
	line += size + SHA256_HEX;
	return digest_valid(ret) && (!*line || *line == ' ');
}

static int gone_add(struct apply *a, const char *line)
{
	if (a->gone_count == GONE_MAX)
		return malformed(a);
	if (a->gone_count == a->gone_room) {
		size_t room = a->gone_room ? 2 * a->gone_room : 64;
		void *gone = realloc(a->gone, room * sizeof(*a->gone));

		if (!gone)
			return memory_fail(a);
		a->gone = gone;
		a->gone_room = room;
	}
	if (!digest_parse(line, DELTA_REMOVE, a->gone[a->gone_count]) &&
	    !digest_parse(line, DELTA_REPLACE, a->gone[a->gone_count]))
		return malformed(a);
	a->gone_count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int head_read(struct apply *a)
{
	char line[DELTA_LINE_MAX];
	int err = 0;

	if (!fgets(line, sizeof(line), a->file) || strcmp(line, DELTA_HEAD) ||
	    !line_read(a, line, sizeof(line)) || !digest_parse(line, DELTA_OLD, a->old) ||
	    !line_read(a, line, sizeof(line)) || !digest_parse(line, DELTA_NEW, a->new))
		return malformed(a);
	while (!err) {
		if (!line_read(a, line, sizeof(line)))
			return malformed(a);
		if (!*line)
			break;
		err = gone_add(a, line);
	}
	if (a->gone_count)
		qsort(a->gone, a->gone_count, sizeof(*a->gone), compare);
	return err;
}

/* ---- the change ----------------------------------------------------------- */

/* The keys by which the database finds it. */
static int kernel_keep(struct apply *a, const struct offsets_kernel *kernel)
{
	struct offsets_kernel *copy = offsets_kernel_new();
	const char *value;
	int key, err = 0;

	if (!copy)
		return memory_fail(a);
	a->kernels[a->kernel_count++] = copy;
	for (key = 0; !err && offsets_key_name(key); key++) {
		value = offsets_kernel_key(kernel, key);
		if (value)
			err = offsets_kernel_set(copy, key, value);
	}
	return err ? memory_fail(a) : 0;
}

static int gone_find(const struct offsets_kernel *kernel, void *arg)
{
	struct apply *a = arg;
	char entry[SHA256_HEX + 1];

	if (content_entry(kernel, entry))
		return memory_fail(a);
	if (!bsearch(entry, a->gone, a->gone_count, sizeof(*a->gone), compare))
		return 0;
	/* More than the delta names: two of its lines, or two entries, are alike. */
	return a->kernel_count < a->gone_count ? kernel_keep(a, kernel) : malformed(a);
}

static int gone_remove(struct apply *a)
{
	size_t i;
	int err = 0;

	if (!a->gone_count)
		return 0;
	a->kernels = calloc(a->gone_count, sizeof(*a->kernels));
	if (!a->kernels)
		return memory_fail(a);
	err = offsets_each(a->db, NULL, gone_find, a, a->error);
	if (!err && a->kernel_count != a->gone_count)
		err = malformed(a);
	for (i = 0; !err && i < a->kernel_count; i++)
		err = offsets_remove(a->db, a->kernels[i], a->error);
	return err;
}

static int kernel_add(struct offsets_kernel *kernel, void *arg, struct offsets_error *error)
{
	struct apply *a = arg;
	enum offsets_change change;
	int err = offsets_add(a->db, kernel, &change, error);

	if (!err && change != OFFSETS_ADDED)
		err = malformed(a);
	a->added++;
	return err;
}

/* A delta may only remove. */
static int new_add(struct apply *a)
{
	int c = fgetc(a->file);

	if (c == EOF)
		return 0;
	ungetc(c, a->file);
	return offsets_text_read(a->file, a->path, kernel_add, a, a->error);
}

/* *ret_done: the database is the new one already. */
static int old_check(struct apply *a, bool *ret_done)
{
	char content[SHA256_HEX + 1];
	int err = content_digest(a->db, content, a->error);

	*ret_done = !err && !strcmp(content, a->new);
	if (err || *ret_done || !strcmp(content, a->old))
		return err;
	return offsets_fail(
		a->error, -ESTALE,
		"%s: not the database that %s changes: its content is %s, and should be "
		"%s; make a delta from this database",
		a->o->db, a->path, content, a->old);
}

static int new_check(struct apply *a)
{
	char content[SHA256_HEX + 1];
	int err = content_digest(a->db, content, a->error);

	if (err || !strcmp(content, a->new))
		return err;
	return offsets_fail(
		a->error, -EBADMSG,
		"%s: damaged: it would not give the database that it names; nothing was "
		"changed, make it again with 'lkccb delta'",
		a->path);
}

static int change(struct apply *a, bool *ret_done)
{
	int err = head_read(a);

	if (!err)
		err = old_check(a, ret_done);
	if (err || *ret_done)
		return err;
	err = gone_remove(a);
	if (!err)
		err = new_add(a);
	if (!err)
		err = new_check(a);
	return err ? err : offsets_finish(a->db, a->error);
}

/* ---- the command ---------------------------------------------------------- */

static void apply_free(struct apply *a)
{
	size_t i;

	for (i = 0; i < a->kernel_count; i++)
		offsets_kernel_free(a->kernels[i]);
	free(a->kernels);
	free(a->gone);
	offsets_close(a->db);
}

int lkccb_apply(const struct options *o, int argc, char **argv)
{
	CLEANUP(cleanup_file) FILE *file = NULL;
	struct offsets_error error;
	struct apply a = { .o = o, .path = argv[0], .error = &error };
	bool done = false;
	int err = textfile_open(a.path, &file, &error);

	(void)argc;
	a.file = file;
	if (!err)
		err = offsets_open(o->db, OFFSETS_WRITE, &a.db, &error);
	if (!err)
		err = change(&a, &done);
	apply_free(&a);
	if (err)
		return report(&error);
	if (done)
		escape_print(stdout, "%s: is the new database already\n", o->db);
	else
		escape_print(stdout, "%s: %zu entries removed or replaced, %zu written\n", o->db,
		             a.gone_count, a.added);
	return EXIT_DONE;
}
