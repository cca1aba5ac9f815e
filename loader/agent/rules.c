/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/rules.h"
#include "loader/rules/watch_rules.h"
#include "loader/util/log.h"
#include "offsets/util/cleanup.h"

/* Of init, as the sensor may be in a mount namespace of its own. */
#define MOUNTINFO "/proc/1/mountinfo"
#define ROOT      "/proc/1/root"

#define SECOND_NS 1000000000ULL

/* Where there is no room for it, files are not tested. */
static void canary_watch(struct rules *r)
{
	if (r->canary)
		watch_rules_add_name(r->filter, r->canary);
}

int rules_init(struct rules *r, const struct config *config, struct offsets_error *error)
{
	int err;

	reload_init(&r->reload, config);
	r->filter = calloc(1, sizeof(*r->filter));
	r->in_force = calloc(1, sizeof(*r->in_force));
	r->mounts_fd = open(MOUNTINFO, O_RDONLY | O_CLOEXEC);
	r->has_new_mounts = true;
	if (!r->filter || !r->in_force)
		return offsets_fail(error, -ENOMEM, "out of memory");
	err = filter_read(&config->rules, r->filter, error);
	if (!err)
		canary_watch(r);
	return err;
}

void rules_deinit(struct rules *r)
{
	if (r->in_force && r->mounts_fd >= 0) /* else rules_init() was not called */
		close(r->mounts_fd);
	mount_table_free(r->mounts);
	free(r->in_force);
	free(r->filter);
	reload_deinit(&r->reload);
}

int rules_mounts_fd(const struct rules *r)
{
	return r->mounts_fd;
}

void rules_mounts_changed(struct rules *r)
{
	r->has_new_mounts = true;
}

/* ---- places ------------------------------------------------------------ */

static void mounts_read(struct rules *r)
{
	struct mount_table *mounts = NULL;

	r->has_new_mounts = false;
	if (mount_table_read(MOUNTINFO, access(ROOT "/", F_OK) ? "" : ROOT, &mounts))
		return;
	mount_table_free(r->mounts);
	r->mounts = mounts;
}

/* *ret: the rules with the places that their paths have now. */
static void places_find(struct rules *r, struct filter *ret)
{
	unsigned int failed = 0;

	if (r->has_new_mounts)
		mounts_read(r);
	if (r->mounts)
		failed = places_add(r->filter, r->mounts, ret);
	else
		*ret = *r->filter;
	if (failed > r->no_place)
		log_line(
			LEVEL_WARNING,
			"%u paths of watch rules are matched by their names alone, as their places "
			"are not found or have more than 8 names",
			failed);
	r->no_place = failed;
}

static void no_room_say(struct rules *r, unsigned int lost)
{
	if (lost > r->no_room)
		log_line(LEVEL_WARNING,
		         "%u files with several names (hard links) are matched by their watched "
		         "names alone, as the kernel side has room for %u",
		         lost, LINKED_FILES);
	r->no_room = lost;
}

struct link_use {
	struct probes *probes;
	unsigned int lost;
};

static void link_found(void *arg, const struct linked_file *file)
{
	struct offsets_error error;
	struct link_use *use = arg;

	use->lost += probes_link(use->probes, file, &error) != 0;
}

/* Files that have several names already. */
static void links_find(struct rules *r, struct probes *probes)
{
	struct link_use use = { .probes = probes };

	if (!r->mounts || !(r->classes & 1U << EVENT_FILE))
		return;
	places_links(r->filter, r->mounts, ROOT "/etc/passwd", link_found, &use);
	no_room_say(r, use.lost);
}

static bool rules_equal(const struct filter *a, const struct filter *b)
{
	return a->count == b->count &&
	       !memcmp(a->rules, b->rules, a->count * sizeof(a->rules[0])) &&
	       !memcmp(a->begins, b->begins, sizeof(a->begins));
}

/* While the rules are exchanged, all events are reported. */
static int rules_exchange(struct rules *r, struct programs *programs, struct offsets_error *error)
{
	struct settings *settings = &programs->settings;
	int err;

	settings->filters = settings->only = 0;
	settings->classes = r->classes;
	settings->watched |= WATCH_ALL;
	err = programs_set(programs, error);
	if (!err)
		err = probes_filter(programs->probes, r->in_force, error);
	if (err)
		return err;
	settings->classes = r->classes & r->in_force->classes;
	filter_settings(r->in_force, &programs->layout, settings);
	return programs_set(programs, error);
}

/* First the new ones, at last the old ones go, if there is room for both. */
static int places_apply(struct rules *r, struct filter *found, struct programs *programs,
                        struct offsets_error *error)
{
	int err;

	if (probes_filter_add(programs->probes, found, error)) {
		*r->in_force = *found;
		return rules_exchange(r, programs, error);
	}
	filter_settings(found, &programs->layout, &programs->settings);
	err = programs_set(programs, error);
	if (err)
		return err;
	probes_filter_drop(programs->probes, r->in_force, found);
	*r->in_force = *found;
	return 0;
}

static int places_look(struct rules *r, struct programs *programs, uint64_t now_ns,
                       struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct filter *found = NULL;

	if (!(r->classes & 1U << EVENT_FILE))
		return 0;
	if (!r->has_new_mounts && now_ns - r->places_ns < SECOND_NS)
		return 0;
	r->places_ns = now_ns;
	no_room_say(r, probes_links_lost(programs->probes));
	found = malloc(sizeof(*found));
	if (!found)
		return offsets_fail(error, -ENOMEM, "out of memory");
	places_find(r, found);
	return rules_equal(r->in_force, found) ? 0 : places_apply(r, found, programs, error);
}

/* ---- executables ------------------------------------------------------- */

/* False: there are none, or they are the files that they were. */
static bool executables_find(struct rules *r)
{
	if (!event_rules_name_files(&r->filter->events))
		return false;
	if (!r->mounts || (r->has_new_mounts && !(r->classes & 1U << EVENT_FILE)))
		mounts_read(r);
	return r->mounts && places_executables(&r->filter->events, r->mounts);
}

static bool executables_look(struct rules *r, uint64_t now_ns)
{
	if (now_ns - r->executables_ns < SECOND_NS)
		return false;
	r->executables_ns = now_ns;
	return executables_find(r);
}

/* ----------------------------------------------------------------------- */

int rules_apply(struct rules *r, struct programs *programs, struct offsets_error *error)
{
	int err;

	executables_find(r);
	places_find(r, r->in_force);
	err = rules_exchange(r, programs, error);
	if (!err)
		links_find(r, programs->probes);
	return err;
}

/* True, once: the files are to be read, and do not change any more. */
static bool files_settled(struct rules *r, uint64_t now_ns, bool is_asked)
{
	const struct config *config = r->reload.config;
	const char *path = config->rules.path;

	if (is_asked) {
		if (config->file)
			settled_await(config->file, now_ns, &r->config_file);
		if (path)
			settled_await(path, now_ns, &r->file);
	}
	r->is_due |= config->file && settled_now(config->file, now_ns, &r->config_file);
	r->is_due |= path && settled_now(path, now_ns, &r->file);
	if (!r->is_due || r->config_file.since_ns || r->file.since_ns)
		return false;
	r->is_due = false;
	return true;
}

static const char *rules_name(const struct config *config)
{
	return config->rules.path ? config->rules.path : config->file;
}

static int files_apply(struct rules *r, struct programs *programs, enum rules_found *ret,
                       struct offsets_error *error)
{
	struct offsets_error cause;
	int err;

	if (reload_read(&r->reload, r->filter, &cause)) {
		log_line(LEVEL_WARNING, "%s; the rules stay as they were", cause.text);
		*ret = RULES_REFUSED;
		return 0;
	}
	canary_watch(r);
	err = rules_apply(r, programs, error);
	if (err)
		return err;
	*ret = RULES_NEW;
	log_line(LEVEL_INFO, "%s: %zu rules in force", rules_name(r->reload.config),
	         r->filter->given);
	return 0;
}

int rules_look(struct rules *r, struct programs *programs, uint64_t now_ns, bool is_asked,
               enum rules_found *ret, struct offsets_error *error)
{
	int err = places_look(r, programs, now_ns, error);

	*ret = RULES_AS_BEFORE;
	if (!rules_name(r->reload.config))
		*ret = RULES_NONE;
	if (executables_look(r, now_ns))
		*ret = RULES_FILES;
	if (err || !files_settled(r, now_ns, is_asked))
		return err;
	return files_apply(r, programs, ret, error);
}
