/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb merge, slim: kernels from one database into another. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "offsets/util/escape.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/reading.h"
#include "lkccb/cmd/report.h"

/* ---- merge ------------------------------------------------------------ */

struct merge {
	struct offsets *to;
	const char *from;
	size_t added, same, conflicts;
	struct offsets_error error;
};

static const char *of(const struct offsets_kernel *kernel, enum offsets_key key)
{
	return offsets_kernel_key(kernel, key) ? offsets_kernel_key(kernel, key) : "-";
}

/* The old entry is kept: a person must decide. */
static void conflict_report(struct merge *m, const struct offsets_kernel *kernel)
{
	m->conflicts++;
	escape_print(stderr,
	             "lkccb: %s: conflict: %s %s (build-id %s) is in the database with other "
	             "offsets or another name; that entry was kept\n",
	             m->from, of(kernel, OFFSETS_KEY_RELEASE), of(kernel, OFFSETS_KEY_MODULE),
	             of(kernel, OFFSETS_KEY_BUILD_ID));
}

static int merge_kernel(const struct offsets_kernel *kernel, void *arg)
{
	struct merge *m = arg;
	enum offsets_change change;
	int err = offsets_add_new(m->to, (struct offsets_kernel *)kernel, &change, &m->error);

	if (err == -EEXIST) {
		conflict_report(m, kernel);
		return 0;
	}
	m->added += change == OFFSETS_ADDED;
	m->same += change == OFFSETS_UNCHANGED;
	return err;
}

static int merge_file(struct merge *m, const char *path)
{
	struct offsets *from;
	int err = offsets_open(path, OFFSETS_READ, &from, &m->error);

	if (err)
		return err;
	m->from = path;
	err = offsets_each(from, NULL, merge_kernel, m, &m->error);
	offsets_close(from);
	return err;
}

/* All or nothing; conflicts are skipped and reported. */
int lkccb_merge(const struct options *o, int argc, char **argv)
{
	struct merge m = { .error = { "out of memory" } };
	int i, err = offsets_open(o->db, OFFSETS_WRITE, &m.to, &m.error);

	if (err)
		return report(&m.error);
	for (i = 0; !err && i < argc; i++)
		err = merge_file(&m, argv[i]);
	if (!err)
		err = offsets_finish(m.to, &m.error);
	offsets_close(m.to);
	if (err)
		return report(&m.error);
	escape_print(stdout, "%s: %zu kernel%s added, %zu unchanged, %zu conflict%s\n", o->db,
	             m.added, PLURAL(m.added), m.same, m.conflicts, PLURAL(m.conflicts));
	return m.conflicts ? EXIT_DIFFERENT : EXIT_DONE;
}

/* ---- slim ------------------------------------------------------------- */

struct slim {
	const struct options *o;
	struct offsets *to;
	size_t count;
	struct offsets_error error;
};

static int slim_kernel(const struct offsets_kernel *kernel, void *arg)
{
	struct slim *s = arg;
	enum offsets_change change;

	s->count++;
	return offsets_add(s->to, (struct offsets_kernel *)kernel, &change, &s->error);
}

static int slim_copy(struct slim *s, struct offsets *from)
{
	size_t i, before;
	int err = 0;

	for (i = 0; !err && i < s->o->release_count; i++) {
		before = s->count;
		err = offsets_each(from, s->o->releases[i], slim_kernel, s, &s->error);
		if (!err && s->count == before)
			err = offsets_fail(&s->error, -ENOENT,
			                   "%s: no kernel of release %s; see 'lkccb list'",
			                   s->o->db, s->o->releases[i]);
	}
	return err ? err : offsets_finish(s->to, &s->error);
}

int lkccb_slim(const struct options *o, int argc, char **argv)
{
	struct slim s = { .o = o, .error = { "out of memory" } };
	struct offsets *from;
	struct stat st;
	int err;

	(void)argc;
	if (!o->release_count)
		return report_misuse("slim: give --release");
	if (!stat(argv[0], &st)) {
		escape_print(stderr, "lkccb: %s: exists; name a new file\n", argv[0]);
		return EXIT_FAILED;
	}
	if (reading_open(o, &from))
		return EXIT_FAILED;
	err = offsets_open(argv[0], OFFSETS_WRITE, &s.to, &s.error);
	if (!err)
		err = slim_copy(&s, from);
	offsets_close(s.to);
	offsets_close(from);
	if (err)
		return report(&s.error);
	escape_print(stdout, "%s: %zu kernel%s\n", argv[0], s.count, PLURAL(s.count));
	return EXIT_DONE;
}
