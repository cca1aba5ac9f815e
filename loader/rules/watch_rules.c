/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "loader/rules/watch_rules.h"

/* Without a watch rule: files that decide who may do what, and what is started by itself. */
static const char *const watched_by_default[] = {
	"/etc",
	"/boot",
	"/bin",
	"/sbin",
	"/usr/bin",
	"/usr/sbin",
	"/usr/local/bin",
	"/usr/local/sbin",
	"/lib/modules",
	"/usr/lib/modules",
	"/lib/systemd",
	"/usr/lib/systemd",
	"/var/spool/cron",
	"/var/spool/at",
	".../.ssh/authorized_keys",
	".../.ssh/authorized_keys2",
	".../.ssh/config",
	".../.ssh/rc",
	".../.ssh/environment",
	".../.bashrc",
	".../.bash_profile",
	".../.bash_login",
	".../.bash_logout",
	".../.profile",
	".../.zshrc",
	".../.zshenv",
	".../.zprofile",
	".../.config/autostart",
	"*.service",
	"*.timer",
	"*.ko",
	"*.ko.xz",
};

/* The value of the next component of a path; moves the path behind it. */
static __u64 name_next(const char **path)
{
	size_t size = strcspn(*path, "/");
	__u64 value = filter_path_name_value(*path, size);

	*path += size;
	*path += strspn(*path, "/");
	return value;
}

static void begin_add(struct filter *f, unsigned int begin, __u64 value)
{
	f->begins[begin_index(value)] |= begin;
}

/* A last name: the fast check lets paths pass that end so; names are longer than it compares. */
static void begin_tail(struct filter *f, const char *name, size_t size)
{
	size_t bytes = size < sizeof(__u64) ? size : sizeof(__u64);
	__u64 last = 0;

	memcpy((char *)&last + sizeof(last) - bytes, name + size - bytes, bytes);
	begin_add(f, BEGIN_TAIL, last);
	begin_add(f, BEGIN_LAST, last >> 48);
}

/* What the fast check has of a path: its first two names. */
static void begin_path(struct filter *f, const __u64 *names, unsigned int count)
{
	__u64 one = filter_hash(0, names[0]);

	begin_add(f, BEGIN_FIRST, one);
	if (count == 1) {
		begin_add(f, BEGIN_ONE, one);
		return;
	}
	begin_add(f, BEGIN_TWO, filter_hash(one, names[1]));
	begin_add(f, BEGIN_TWO, filter_hash(one, 0)); /* the directory above it */
}

/* The values of the names of a path. Returns their number; more than there is room for: -1. */
static int names_read(const char *path, __u64 names[WATCH_BELOW_MAX])
{
	const char *at = path + strspn(path, "/");
	int count = 0;

	while (*at && count < WATCH_BELOW_MAX)
		names[count++] = name_next(&at);
	return *at ? -1 : count;
}

/*
 * Adds a path and the directories above it. The hash begins with seed. *lengths: of
 * settings.watched or settings.places, at these shifts.
 */
static int path_add(struct ruleset *p, __u64 hash, const __u64 *names, int count,
                    unsigned int *lengths, unsigned int below, unsigned int above)
{
	int err = 0, i;

	for (i = 1; !err && i < count; i++) {
		hash = filter_hash(hash, names[i - 1]);
		*lengths |= 1U << (above + i);
		err = ruleset_add(p, WATCH_ABOVE, hash, FILTER_ALLOW);
	}
	*lengths |= 1U << (below + count);
	if (count)
		hash = filter_hash(hash, names[count - 1]);
	return err ? err : ruleset_add(p, WATCH_BELOW, hash, FILTER_ALLOW);
}

/* Keeps the path, of which places_add() finds the place. */
static int path_keep(struct ruleset *p, const char *path)
{
	struct filter *f = p->filter;
	size_t size = strlen(path) + 1;

	if (size > sizeof(f->paths) - f->paths_size)
		return ruleset_wrong(p, "the paths of all rules have more than 128 KiB: ", path);
	memcpy(f->paths + f->paths_size, path, size);
	f->paths_size += size;
	return 0;
}

static int watch_below(struct ruleset *p, const char *path)
{
	struct filter *f = p->filter;
	__u64 names[WATCH_BELOW_MAX];
	int count = names_read(path, names), err;

	if (!count) {
		f->watched |= WATCH_ALL;
		return 0;
	}
	if (count < 0)
		return ruleset_wrong(p, "a path of more than 8 components: ", path);
	begin_path(f, names, count);
	err = path_add(p, 0, names, count, &f->watched, WATCH_BELOW_SHIFT, WATCH_ABOVE_SHIFT);
	return err ? err : path_keep(p, path);
}

int watch_rules_add_place(struct filter *f, unsigned int device, const char *path)
{
	struct offsets_error error;
	struct ruleset p = { .path = "", .filter = f, .error = &error };
	__u64 names[WATCH_BELOW_MAX], seed = place_seed(device);
	int count = names_read(path, names);

	if (count < 0)
		return -EBADMSG;
	if (count)
		begin_path(f, names, count);
	else
		begin_add(f, BEGIN_DEVICE, seed);
	return path_add(&p, seed, names, count, &f->places, WATCH_PLACE_SHIFT,
	                WATCH_PLACE_ABOVE_SHIFT);
}

/* The names of a tail, or of the directories above it. The hash begins with the last name. */
static int tail_add(struct ruleset *p, enum filter_kind kind, const __u64 *names,
                    unsigned int count)
{
	unsigned int shift = kind == WATCH_TAIL ? WATCH_TAIL_SHIFT : WATCH_ABOVE_TAIL_SHIFT;
	__u64 hash = 0;

	p->filter->watched |= 1U << (shift + count);
	while (count-- > 0)
		hash = filter_hash(hash, names[count]);
	return ruleset_add(p, kind, hash, FILTER_ALLOW);
}

static int watch_tail(struct ruleset *p, const char *path)
{
	const char *at = path + strspn(path, "/"), *last;
	__u64 names[WATCH_TAIL_MAX];
	unsigned int count = 0;
	int err = path_keep(p, at);

	while (!err && *at && count < WATCH_TAIL_MAX) {
		last = at;
		names[count++] = name_next(&at);
		begin_tail(p->filter, last, strcspn(last, "/"));
		err = tail_add(p, *at ? WATCH_ABOVE_TAIL : WATCH_TAIL, names, count);
	}
	if (!err && (*at || !count))
		return ruleset_wrong(p, "'.../' takes 1 to 3 path components: ", path);
	return err;
}

static int watch_ending(struct ruleset *p, const char *ending)
{
	size_t size = strlen(ending);
	unsigned int before;
	__u64 value = 0;

	if (!size || size > WATCH_ENDING_MAX || strchr(ending, '/'))
		return ruleset_wrong(p, "'*' takes 1 to 8 bytes of a name: ", ending);
	memcpy(&value, ending, size);
	for (before = 0; before < 256; before++) /* any, where the ending does not say */
		if (size == 1 || before == (unsigned char)ending[size - 2])
			begin_add(p->filter, BEGIN_LAST | BEGIN_ENDING,
			          (unsigned char)ending[size - 1] << 8 | before);
	p->filter->watched |= 1U << (WATCH_ENDING_SHIFT + size);
	return ruleset_add(p, WATCH_ENDING, value, FILTER_ALLOW);
}

int watch_rules_add(struct ruleset *p, const char *path)
{
	if (*path == '/')
		return watch_below(p, path);
	if (!strncmp(path, ".../", 4))
		return watch_tail(p, path + 4);
	if (*path == '*')
		return watch_ending(p, path + 1);
	return ruleset_wrong(p, "expected /PATH, .../NAMES or *ENDING: ", path);
}

int watch_rules_add_defaults(struct ruleset *p)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(watched_by_default) / sizeof(watched_by_default[0]); i++)
		err = watch_rules_add(p, watched_by_default[i]);
	return err;
}

int watch_rules_add_name(struct filter *filter, const char *name)
{
	__u64 value = filter_path_name_value(name, strlen(name));
	struct offsets_error error;

	filter->watched |= 1U << (WATCH_TAIL_SHIFT + 1);
	begin_tail(filter, name, strlen(name));
	return ruleset_add(&(struct ruleset){ .filter = filter, .error = &error }, WATCH_TAIL,
	                   filter_hash(0, value), FILTER_ALLOW);
}

void watch_rules_of_name(const char *name, struct filter *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->classes = ~0U;
	watch_rules_add_name(ret, name);
}
