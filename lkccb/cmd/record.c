/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lkccb/cmd/epoch.h"
#include "lkccb/cmd/record.h"
#include "lkccb/io/servers.h"
#include "offsets/util/cleanup.h"

const char *record_role_name(enum record_role role)
{
	static const char *const names[] = {
		[RECORD_INPUT] = "input",       [RECORD_EARLIER] = "earlier",
		[RECORD_BANNERS] = "banners",   [RECORD_KEYRING] = "keyring",
		[RECORD_DATABASE] = "database",
	};

	return names[role];
}

/* ---- items --------------------------------------------------------------- */

const char *record_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static int item_add(struct record *r, enum record_role role, const char *name, const char *version,
                    const char *sha256)
{
	struct record_item *item;

	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		void *items = realloc(r->items, room * sizeof(*r->items));

		if (!items)
			return -ENOMEM;
		r->items = items;
		r->room = room;
	}
	item = &r->items[r->count];
	*item = (struct record_item){ .role = role, .name = strdup(name) };
	item->version = version ? strdup(version) : NULL;
	snprintf(item->sha256, sizeof(item->sha256), "%s", sha256);
	r->count++;
	return item->name && (!version || item->version) ? 0 : -ENOMEM;
}

static void item_free(struct record_item *item)
{
	free(item->name);
	free(item->version);
}

/* Of what has one digest, the input is before the entry. */
static int item_compare(const void *a, const void *b)
{
	const struct record_item *x = a, *y = b;
	int c = strcmp(x->sha256, y->sha256);

	if (!c && x->role != y->role)
		c = x->role < y->role ? -1 : 1;
	return c ? c : strcmp(x->name, y->name);
}

/* The same file twice, and an entry whose package was read. */
static bool is_same(const struct record_item *a, const struct record_item *b)
{
	if (strcmp(a->sha256, b->sha256))
		return false;
	if (!*a->sha256)
		return !strcmp(a->name, b->name);
	return a->role == b->role || (a->role == RECORD_INPUT && b->role == RECORD_EARLIER);
}

static void items_sort(struct record *r)
{
	size_t i, kept = 0;

	if (!r->count)
		return;
	qsort(r->items, r->count, sizeof(*r->items), item_compare);
	for (i = 1; i < r->count; i++) {
		struct record_item *item = &r->items[i], *last = &r->items[kept];

		if (!is_same(last, item)) {
			r->items[++kept] = *item;
			continue;
		}
		if (!last->version) {
			last->version = item->version;
			item->version = NULL;
		}
		item_free(item);
	}
	r->count = kept + 1;
}

static int file_add(struct record *r, enum record_role role, const char *path,
                    struct offsets_error *error)
{
	char sha256[SHA256_HEX + 1];
	int err = record_digest(path, sha256, error);

	if (!err && item_add(r, role, record_base_name(path), NULL, sha256))
		err = offsets_fail(error, -ENOMEM, "out of memory");
	return err;
}

/* ---- a run --------------------------------------------------------------- */

int record_digest(const char *path, char ret[SHA256_HEX + 1], struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int err;

	*ret = '\0';
	if (servers_build_id(path))
		return 0;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	err = fd < 0 ? -errno : digest_file(fd, 0, SHA256_HEX, ret);
	return err ? offsets_fail(error, err, "%s: %s", path, strerror(-err)) : 0;
}

void record_input(struct record *r, const char *path, const char *sha256)
{
	const char *id = servers_build_id(path);

	if (item_add(r, RECORD_INPUT, id ? path : record_base_name(path), NULL, sha256))
		r->failed = true;
}

static int options_check(const struct options *o, struct offsets_error *error)
{
	return o->input.ranges
	               ? offsets_fail(error, -EINVAL,
	                              "--ranges: parts of a package have no digest to write down; "
	                              "omit it, or --provenance and --spdx")
	               : 0;
}

/* The database may not exist yet. */
static int before_note(struct record *r, struct offsets_error *error)
{
	int err = file_add(r, RECORD_DATABASE, r->o->db, error);

	return err == -ENOENT ? 0 : err;
}

static int files_note(struct record *r, struct offsets_error *error)
{
	int err = before_note(r, error);

	if (!err && r->o->banners)
		err = file_add(r, RECORD_BANNERS, r->o->banners, error);
	if (!err && r->o->keyring)
		err = file_add(r, RECORD_KEYRING, r->o->keyring, error);
	return err;
}

int record_begin(const struct options *o, const char *command, struct record **ret,
                 struct offsets_error *error)
{
	struct record *r;
	int err;

	*ret = NULL;
	if ((!o->provenance && !o->spdx) || o->dry_run)
		return 0;
	err = options_check(o, error);
	if (err)
		return err;
	r = calloc(1, sizeof(*r));
	if (!r)
		return offsets_fail(error, -ENOMEM, "out of memory");
	*r = (struct record){ .o = o, .command = command };
	err = epoch_read(&r->time_s, error);
	if (!r->time_s)
		r->time_s = time(NULL);
	if (!err)
		err = files_note(r, error);
	if (err)
		record_free(r);
	else
		*ret = r;
	return err;
}

void record_free(struct record *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->count; i++)
		item_free(&r->items[i]);
	free(r->items);
	free(r);
}

/* ---- the end -------------------------------------------------------------- */

static int entry_note(const struct offsets_kernel *kernel, void *arg)
{
	const char *sha256 = offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE_SHA256),
		   *name = offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE);

	if (!sha256 || strlen(sha256) != SHA256_HEX)
		return 0;
	return item_add(arg, RECORD_EARLIER, name ? name : "package",
	                offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE_VERSION), sha256);
}

static int entries_note(struct record *r, struct offsets_error *error)
{
	struct offsets *db;
	int err = offsets_open(r->o->db, OFFSETS_READ, &db, error);

	if (err)
		return err;
	snprintf(error->text, sizeof(error->text), "out of memory");
	err = offsets_each(db, NULL, entry_note, r, error);
	offsets_close(db);
	return err;
}

int record_finish(struct record *r, struct offsets_error *error)
{
	int err = r->failed ? offsets_fail(error, -ENOMEM, "out of memory") : 0;

	if (!err)
		err = record_digest(r->o->db, r->database, error);
	if (!err)
		err = entries_note(r, error);
	if (!err)
		items_sort(r);
	return err;
}
