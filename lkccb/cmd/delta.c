/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb delta: what changes one database into another. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/content.h"
#include "lkccb/cmd/delta.h"
#include "lkccb/cmd/lkccb.h"
#include "lkccb/cmd/report.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "offsets/util/safefile.h"

struct digests {
	char (*list)[SHA256_HEX + 1]; /* sorted by digests_read() */
	size_t count, room;
};

struct side {
	const char *path;
	struct offsets *db;
	char content[SHA256_HEX + 1];
	struct digests entries, identities;
};

/* New entries with equal offsets: a stanza, as in what 'lkccb export' prints. */
struct stanza {
	uint64_t hash; /* of members */
	char *kernels, *members;
	size_t kernels_size, members_size, count;
};

#define STANZA_KERNELS_MAX 4096 /* as offsets/db/import.c reads */

struct delta {
	struct side old, new;
	struct stanza *stanzas;
	size_t stanza_count, stanza_room;
	FILE *out; /* in memory: a file is written at the end */
	size_t added, removed, replaced;
	struct offsets_error *error;
};

/* ---- what a database has -------------------------------------------------- */

static char *digest_next(struct digests *d)
{
	if (d->count == d->room) {
		size_t room = d->room ? 2 * d->room : 256;
		void *list = realloc(d->list, room * sizeof(*d->list));

		if (!list)
			return NULL;
		d->list = list;
		d->room = room;
	}
	return d->list[d->count++];
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool digests_have(const struct digests *d, const char *digest)
{
	return d->count && bsearch(digest, d->list, d->count, sizeof(*d->list), compare);
}

static int entry_note(const struct offsets_kernel *kernel, void *arg)
{
	struct side *side = arg;
	char *entry = digest_next(&side->entries), *identity = digest_next(&side->identities);
	int err = entry && identity ? content_entry(kernel, entry) : -ENOMEM;

	return err ? err : content_identity(kernel, identity);
}

static void digests_sort(struct digests *d)
{
	if (d->count)
		qsort(d->list, d->count, sizeof(*d->list), compare);
}

static int side_read(struct side *side, const char *path, struct offsets_error *error)
{
	int err;

	side->path = path;
	err = offsets_open(path, OFFSETS_READ, &side->db, error);
	if (!err)
		err = content_digest(side->db, side->content, error);
	if (err)
		return err;
	snprintf(error->text, sizeof(error->text), "out of memory");
	err = offsets_each(side->db, NULL, entry_note, side, error);
	digests_sort(&side->entries);
	digests_sort(&side->identities);
	return err;
}

static void side_close(struct side *side)
{
	offsets_close(side->db);
	free(side->entries.list);
	free(side->identities.list);
}

/* ---- what changes --------------------------------------------------------- */

static int old_print(const struct offsets_kernel *kernel, void *arg)
{
	struct delta *d = arg;
	char entry[SHA256_HEX + 1], identity[SHA256_HEX + 1];
	bool replaced;
	int err = content_entry(kernel, entry);

	if (!err)
		err = content_identity(kernel, identity);
	if (err || digests_have(&d->new.entries, entry))
		return err;
	replaced = digests_have(&d->new.identities, identity);
	d->removed += !replaced;
	d->replaced += replaced;
	fprintf(d->out, "%s%s %s\n", replaced ? DELTA_REPLACE : DELTA_REMOVE, entry,
	        offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE));
	return 0;
}

/* FNV-1a: it only saves comparisons. */
static uint64_t hash_of(const char *text, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	while (size--)
		hash = (hash ^ (unsigned char)*text++) * 0x100000001b3ULL;
	return hash;
}

/* The stanza with these members, or a new one; NULL: no memory. */
static struct stanza *stanza_for(struct delta *d, const char *members, size_t size)
{
	uint64_t hash = hash_of(members, size);
	struct stanza *s = d->stanzas;
	size_t i;

	for (i = 0; i < d->stanza_count; i++, s++)
		if (s->hash == hash && s->members_size == size && s->count < STANZA_KERNELS_MAX &&
		    !memcmp(s->members, members, size))
			return s;
	if (d->stanza_count == d->stanza_room) {
		size_t room = d->stanza_room ? 2 * d->stanza_room : 64;

		s = realloc(d->stanzas, room * sizeof(*s));
		if (!s)
			return NULL;
		d->stanzas = s;
		d->stanza_room = room;
	}
	s = &d->stanzas[d->stanza_count];
	*s = (struct stanza){ .hash = hash, .members = malloc(size), .members_size = size };
	if (!s->members)
		return NULL;
	memcpy(s->members, members, size);
	d->stanza_count++;
	return s;
}

/* The first line of its text is the kernel, the rest are its members. */
static int stanza_add(struct delta *d, const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);
	size_t line = end ? end + 1 - text : 0;
	struct stanza *s = stanza_for(d, text + line, size - line);
	char *kernels = s ? realloc(s->kernels, s->kernels_size + line) : NULL;

	if (!kernels)
		return -ENOMEM;
	memcpy(kernels + s->kernels_size, text, line);
	s->kernels = kernels;
	s->kernels_size += line;
	s->count++;
	return 0;
}

static void stanzas_print(const struct delta *d)
{
	size_t i;

	for (i = 0; i < d->stanza_count; i++) {
		fwrite(d->stanzas[i].kernels, 1, d->stanzas[i].kernels_size, d->out);
		fwrite(d->stanzas[i].members, 1, d->stanzas[i].members_size, d->out);
	}
}

static void stanzas_free(struct delta *d)
{
	size_t i;

	for (i = 0; i < d->stanza_count; i++) {
		free(d->stanzas[i].kernels);
		free(d->stanzas[i].members);
	}
	free(d->stanzas);
}

static int new_collect(const struct offsets_kernel *kernel, void *arg)
{
	struct delta *d = arg;
	CLEANUP(cleanup_free) char *text = NULL;
	char entry[SHA256_HEX + 1];
	size_t size = 0;
	FILE *file;
	int err = content_entry(kernel, entry);

	if (err || digests_have(&d->old.entries, entry))
		return err;
	d->added++;
	file = open_memstream(&text, &size);
	if (!file)
		return -ENOMEM;
	offsets_kernel_write(kernel, file);
	return fclose(file) ? -ENOMEM : stanza_add(d, text, size);
}

static int delta_print(struct delta *d)
{
	int err;

	fprintf(d->out, DELTA_HEAD DELTA_OLD "%s\n" DELTA_NEW "%s\n", d->old.content,
	        d->new.content);
	err = offsets_each(d->old.db, NULL, old_print, d, d->error);
	if (err)
		return err;
	fputc('\n', d->out);
	err = offsets_each(d->new.db, NULL, new_collect, d, d->error);
	stanzas_print(d);
	return err;
}

/* The caller frees *ret. */
static int delta_make(struct delta *d, char **ret, size_t *ret_size)
{
	int err;

	snprintf(d->error->text, sizeof(d->error->text), "out of memory");
	d->out = open_memstream(ret, ret_size);
	if (!d->out)
		return -ENOMEM;
	err = delta_print(d);
	d->added -= d->replaced; /* their new entries were counted, too */
	return fclose(d->out) && !err ? offsets_fail(d->error, -ENOMEM, "out of memory") : err;
}

/* ---- the command ---------------------------------------------------------- */

static int delta_write(struct delta *d, const struct options *o)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t size = 0;
	int err = delta_make(d, &text, &size);

	if (!err && o->output)
		err = safefile_replace(o->output, 0644, text, size, d->error);
	if (err)
		return err;
	if (!o->output)
		fwrite(text, 1, size, stdout); /* finish() reports a failed write */
	else
		escape_print(stdout, "%s: %zu added, %zu removed, %zu replaced\n", o->output,
		             d->added, d->removed, d->replaced);
	return 0;
}

int lkccb_delta(const struct options *o, int argc, char **argv)
{
	struct offsets_error error;
	struct delta d = { .error = &error };
	int err = side_read(&d.old, argv[0], &error);

	(void)argc;
	if (!err)
		err = side_read(&d.new, argv[1], &error);
	if (!err)
		err = delta_write(&d, o);
	side_close(&d.old);
	side_close(&d.new);
	stanzas_free(&d);
	return err ? report(&error) : EXIT_DONE;
}
