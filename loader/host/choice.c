/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "loader/host/choice.h"
#include "offsets/kernel.h"
#include "offsets/util/cleanup.h"

const char *choice_how_text(enum choice_how how)
{
	static const char *const texts[] = {
		[CHOICE_OVERRIDE] = "--kernel-override",
		[CHOICE_BUILD_ID] = "build-id",
		[CHOICE_VERSION] = "release, version and machine",
		[CHOICE_BTF] = "live BTF",
	};

	return texts[how];
}

void choice_deinit(struct choice *choice)
{
	offsets_kernel_free(choice->row);
	choice->row = NULL;
}

/* Reads to the end: not every kernel says how long a file of sysfs is. */
static int file_read(const char *path, char **ret, size_t *ret_size)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_free) char *data = NULL;
	size_t size = 0, room = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		if (size == room) {
			char *more;

			room = room ? room * 2 : 1 << 20;
			more = realloc(data, room);
			if (!more)
				return -ENOMEM;
			data = more;
		}
		n = read(fd, data + size, room - size);
		if (n < 0)
			return -errno;
		size += n;
	} while (n);
	*ret = data;
	*ret_size = size;
	data = NULL;
	return 0;
}

int choice_kernel_identify(const struct host *host, const char *source, struct offsets_kernel *row)
{
	int err = offsets_kernel_set(row, OFFSETS_KEY_RELEASE, host->release);

	if (!err)
		err = offsets_kernel_set(row, OFFSETS_KEY_MACHINE, host->machine);
	if (!err)
		err = offsets_kernel_set(row, OFFSETS_KEY_VERSION, host->version);
	if (!err && *host->build_id)
		err = offsets_kernel_set(row, OFFSETS_KEY_BUILD_ID, host->build_id);
	return err ? err : offsets_kernel_set(row, OFFSETS_KEY_SOURCE, source);
}

/* -ENOENT: this kernel has no BTF. */
static int live_btf(const struct host *host, struct choice *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *data = NULL;
	struct offsets_kernel *row;
	size_t size = 0;
	int err = file_read(HOST_BTF_PATH, &data, &size);

	if (err)
		return err == -ENOENT
		               ? err
		               : offsets_fail(error, err, "%s: %s", HOST_BTF_PATH, strerror(-err));
	row = offsets_kernel_new();
	err = row ? choice_kernel_identify(host, "btf", row) : -ENOMEM;
	if (err)
		offsets_fail(error, err, "this kernel's name is malformed: %s", host->release);
	else
		err = offsets_btf_read(data, size, HOST_BTF_PATH, row, error);
	if (err) {
		offsets_kernel_free(row);
		return err;
	}
	*ret = (struct choice){ .row = row, .how = CHOICE_BTF };
	return 0;
}

static bool key_same(const struct offsets_kernel *a, const struct offsets_kernel *b,
                     enum offsets_key key)
{
	const char *one = offsets_kernel_key(a, key), *other = offsets_kernel_key(b, key);

	return one == other || (one && other && !strcmp(one, other));
}

/* Modules with offsets that the kernel's own entry lacks, and one of these offsets. */
static const struct {
	const char *name, *type, *member;
} modules[] = {
	{ "btrfs", "btrfs_root", "anon_dev" },
	{ "overlay", "ovl_inode", "__upperdentry" },
};

#define MODULES (sizeof(modules) / sizeof(modules[0]))

/* Modules have no version of their own: they are found by release, and must be of the same package.
 */
static int modules_add(struct offsets *db, struct offsets_kernel *row, struct offsets_error *error)
{
	struct offsets_query query = { .release = offsets_kernel_key(row, OFFSETS_KEY_RELEASE),
		                       .machine = offsets_kernel_key(row, OFFSETS_KEY_MACHINE),
		                       .by_release = true };
	size_t i;

	for (i = 0; i < MODULES; i++) {
		struct offsets_kernel *module;
		enum offsets_match match;
		int err;

		query.module = modules[i].name;
		err = offsets_find(db, &query, &module, &match, error);
		if (err == -ENOENT || err == -ENOTUNIQ)
			continue;
		if (err)
			return err;
		if (key_same(row, module, OFFSETS_KEY_PACKAGE_VERSION) &&
		    key_same(row, module, OFFSETS_KEY_PACKAGE))
			err = offsets_kernel_copy_facts(row, module);
		offsets_kernel_free(module);
		if (err)
			return offsets_fail(error, err, "out of memory");
	}
	offsets_kernel_sort(row);
	return 0;
}

static int facts_complete(struct offsets_kernel *row, const struct offsets_kernel *from)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < offsets_kernel_count(from); i++) {
		const struct offsets_fact *fact = offsets_kernel_fact_at(from, i);

		if (offsets_kernel_fact(row, fact->type, fact->member))
			continue;
		err = offsets_kernel_add_fact(row, fact);
		offsets_kernel_sort(row);
	}
	return err;
}

/*
 * Completes the entry by the BTF of the kernel itself: an entry that an earlier
 * version of lkccb made lacks the facts that were added to the catalogue since.
 * Where there is no BTF the fields that need them are null.
 */
static void kernel_add_live(struct offsets_kernel *row)
{
	CLEANUP(cleanup_free) char *data = NULL;
	struct offsets_kernel *live;
	struct offsets_error error;
	size_t size = 0;

	if (file_read(HOST_BTF_PATH, &data, &size))
		return;
	live = offsets_kernel_new();
	if (live && !offsets_btf_read(data, size, HOST_BTF_PATH, live, &error))
		facts_complete(row, live);
	offsets_kernel_free(live);
}

static int module_add_live(const char *name, struct offsets_kernel *row)
{
	CLEANUP(cleanup_free) char *kernel = NULL;
	CLEANUP(cleanup_free) char *data = NULL;
	struct offsets_kernel *module;
	struct offsets_error error;
	size_t size = 0, kernel_size = 0;
	char path[64];
	int err;

	snprintf(path, sizeof(path), HOST_BTF_DIRECTORY "%s", name);
	err = file_read(path, &data, &size);
	if (!err)
		err = file_read(HOST_BTF_PATH, &kernel, &kernel_size);
	if (err)
		return err;
	module = offsets_kernel_new();
	if (!module)
		return -ENOMEM;
	err = offsets_btf_read_module(kernel, kernel_size, data, size, path, module, &error);
	if (!err)
		err = facts_complete(row, module);
	offsets_kernel_free(module);
	return err;
}

/*
 * Completes the entry by the BTF of modules that this kernel has loaded. Where
 * that cannot be read the fields that need the offsets are null.
 */
static void modules_add_live(struct offsets_kernel *row)
{
	size_t i;

	for (i = 0; i < MODULES; i++)
		if (!offsets_kernel_fact(row, modules[i].type, modules[i].member))
			module_add_live(modules[i].name, row);
}

/* of: the number of the database. */
static int from_database(const struct host *host, const struct databases *databases, size_t of,
                         const char *override, struct choice *ret, struct offsets_error *error)
{
	static const enum choice_how hows[] = {
		[OFFSETS_MATCH_BUILD_ID] = CHOICE_BUILD_ID,
		[OFFSETS_MATCH_VERSION] = CHOICE_VERSION,
		[OFFSETS_MATCH_RELEASE] = CHOICE_OVERRIDE,
	};
	struct offsets_query named = { .build_id = override,
		                       .release = override,
		                       .by_release = true };
	struct offsets_query own = { .build_id = *host->build_id ? host->build_id : NULL,
		                     .release = host->release,
		                     .version = host->version,
		                     .machine = host->machine };
	enum offsets_match match;
	struct choice choice = { 0 };
	struct offsets *db;
	int err = databases_open(databases, of, &db, &choice.serial, error);

	if (err)
		return err;
	err = offsets_find(db, override ? &named : &own, &choice.row, &match, error);
	if (!err)
		err = modules_add(db, choice.row, error);
	if (err)
		choice_deinit(&choice);
	if (!err) {
		choice.how = override ? CHOICE_OVERRIDE : hows[match];
		*ret = choice;
	}
	offsets_close(db);
	return err;
}

/* ---- several databases ------------------------------------------------- */

/* An entry of this release and version whose build-id is known, and is not this kernel's. */
static bool is_other_build(const struct host *host, const struct choice *choice)
{
	const char *build_id = offsets_kernel_key(choice->row, OFFSETS_KEY_BUILD_ID);

	return choice->how == CHOICE_VERSION && *host->build_id && build_id &&
	       strcmp(build_id, host->build_id) != 0;
}

/* Below 0: a is to be preferred. 0: nothing says which. */
static int compare(const struct host *host, const struct choice *a, const struct choice *b)
{
	size_t x = offsets_kernel_rank(a->row), y = offsets_kernel_rank(b->row);

	if (is_other_build(host, a) != is_other_build(host, b))
		return is_other_build(host, a) ? 1 : -1;
	return x != y ? (x < y ? -1 : 1) : (int)a->how - (int)b->how;
}

/* Keeps in *best the one to be preferred, and frees the other. */
static int prefer(const struct host *host, struct choice *best, struct choice *one,
                  struct offsets_error *error)
{
	bool is_clear;

	if (!best->row || compare(host, one, best) < 0) {
		struct choice before = *best;

		*best = *one;
		*one = before;
	}
	is_clear = !one->row || (best->how != CHOICE_OVERRIDE && compare(host, best, one) < 0) ||
	           offsets_kernel_prevails(best->row, one->row, best->how == CHOICE_OVERRIDE);
	if (!is_clear)
		offsets_fail(error, -ENOTUNIQ,
		             "two databases have offsets of %s that differ, and none is trusted "
		             "more than the other; name only one with --db",
		             offsets_kernel_key(best->row, OFFSETS_KEY_RELEASE));
	choice_deinit(one);
	return is_clear ? 0 : -ENOTUNIQ;
}

static int nowhere(const struct databases *databases, const char *wanted,
                   struct offsets_error *error)
{
	char names[256];

	databases_names(databases, names, sizeof(names));
	return offsets_fail(error, -ENOENT,
	                    "no offsets for %s in %s; add them with 'lkccb add PACKAGE'", wanted,
	                    names);
}

/* -ENOENT: none of them has it. -ENXIO: all are missing. */
static int from_databases(const struct host *host, const struct databases *databases,
                          const char *override, struct choice *ret, struct offsets_error *error)
{
	struct choice best = { 0 }, one = { 0 };
	size_t i, missing = 0;
	int err = 0;

	for (i = 0; i < databases->count && (!err || err == -ENOENT || err == -ENXIO); i++) {
		err = from_database(host, databases, i, override, &one, error);
		missing += err == -ENXIO;
		if (!err)
			err = prefer(host, &best, &one, error);
	}
	if (err && err != -ENOENT && err != -ENXIO) {
		choice_deinit(&best);
		return err;
	}
	if (best.row)
		*ret = best;
	else if (missing < databases->count)
		return nowhere(databases, override ? override : host->release, error);
	return best.row ? 0 : -ENXIO;
}

/* Is there an entry that a user could name: of the same release, if not of this kernel? */
static bool override_would_help(const struct host *host, const struct databases *databases)
{
	struct offsets_error ignored;
	struct choice choice = { 0 };
	bool found = !from_databases(host, databases, host->release, &choice, &ignored);

	choice_deinit(&choice);
	return found;
}

int choice_make(const struct host *host, const struct databases *databases, const char *override,
                struct choice *ret, struct offsets_error *error)
{
	struct offsets_error btf_error;
	int err = from_databases(host, databases, override, ret, error), btf_err;
	char names[256];

	if (!err && !override) {
		kernel_add_live(ret->row);
		modules_add_live(ret->row);
	}
	if (override || (err != -ENOENT && err != -ENXIO))
		return err;
	btf_err = live_btf(host, ret, &btf_error);
	if (!btf_err)
		modules_add_live(ret->row);
	if (btf_err != -ENOENT) {
		*error = btf_error;
		return btf_err;
	}
	if (err == -ENXIO)
		return err;
	databases_names(databases, names, sizeof(names));
	if (override_would_help(host, databases))
		return offsets_fail(
			error, -ENOENT,
			"%s has an entry for release %s, but its build-id and version do not match "
			"this kernel (%s), which has no BTF; '--kernel-override %s' uses it all "
			"the "
			"same",
			names, host->release, host->version, host->release);
	return offsets_fail(
		error, -ENOENT,
		"no offsets for %s (%s) in %s, and no BTF; add them with 'lkccb add PACKAGE', or "
		"try those of other kernels with 'sextant check --try'",
		host->release, host->version, names);
}
