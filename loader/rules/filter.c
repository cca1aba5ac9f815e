/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "loader/stream/fields.h"
#include "loader/rules/filter.h"
#include "offsets/util/safefile.h"

__u64 filter_name_value(const char *name, size_t limit)
{
	char bytes[FILTER_NAME_BYTES] = { 0 };
	__u64 hash = 0, word;
	size_t at;

	memcpy(bytes, name, strnlen(name, limit));
	for (at = 0; at < limit; at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		hash = filter_hash(hash, word);
	}
	return hash;
}

/* Where none is told: what decides who may do what, and what is started by itself. */
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

/* A line on its way. */
struct parse {
	const char *path;
	unsigned int line;
	struct filter *filter;
	unsigned int classes_allowed;
	struct offsets_error *error;
};

static int wrong(const struct parse *p, const char *what, const char *value)
{
	return offsets_fail(
		p->error, -EBADMSG,
		"%s:%u: %s%s; a rule is: allow|deny uid|comm|cgroup|event VALUE, or watch PATH",
		p->path, p->line, what, value);
}

static int rule_add(struct parse *p, enum filter_kind kind, __u64 value,
                    enum filter_verdict verdict)
{
	struct filter *f = p->filter;
	size_t i;

	for (i = 0; i < f->count; i++) {
		const struct filter_rule *r = &f->rules[i];

		if (r->key.kind != kind || r->key.value != value)
			continue;
		return r->verdict == verdict ? 0 : wrong(p, "allowed and denied at once", "");
	}
	if (f->count == FILTERS_MAX)
		return wrong(p, "more rules than a kernel map has room for", "");
	f->rules[f->count++] = (struct filter_rule){ { kind, 0, value }, verdict };
	if (kind >= FILTER_KINDS) {
		f->bloom[bloom_bit(value) / 64] |= 1ULL << bloom_bit(value) % 64;
		return 0;
	}
	f->kinds |= 1U << kind;
	if (verdict == FILTER_ALLOW)
		f->only |= 1U << kind;
	return 0;
}

static int rule_uid(struct parse *p, const char *value, enum filter_verdict verdict)
{
	unsigned long uid;
	char *end;

	errno = 0;
	uid = strtoul(value, &end, 10);
	if (errno || !isdigit((unsigned char)*value) || *end || uid > UINT32_MAX)
		return wrong(p, "no user id: ", value);
	return rule_add(p, FILTER_UID, uid, verdict);
}

static int rule_comm(struct parse *p, const char *value, enum filter_verdict verdict)
{
	if (strlen(value) >= EVENTS_COMM_BYTES)
		return wrong(p, "longer than the kernel's 15 bytes of a process name: ", value);
	return rule_add(p, FILTER_COMM, filter_name_value(value, EVENTS_COMM_BYTES), verdict);
}

static int rule_cgroup(struct parse *p, const char *value, enum filter_verdict verdict)
{
	if (strchr(value, '/'))
		return wrong(p, "a path; the name of the cgroup itself is wanted: ", value);
	return rule_add(p, FILTER_CGROUP, filter_name_value(value, FILTER_NAME_BYTES), verdict);
}

static int rule_event(struct parse *p, const char *value, enum filter_verdict verdict)
{
	unsigned int classes = event_types_parse(value);

	if (!classes)
		return wrong(p, "no such event class: ", value);
	if (verdict == FILTER_ALLOW)
		p->classes_allowed |= classes;
	else
		p->filter->classes &= ~classes;
	return 0;
}

/* ---- files ------------------------------------------------------------ */

__u64 filter_path_name_value(const char *name, size_t size)
{
	char bytes[WATCH_NAME_BYTES] = { 0 };

	if (size > sizeof(bytes))
		size = sizeof(bytes);
	memcpy(bytes, name, size);
	return filter_name_value(bytes, (size + 7) / 8 * 8);
}

/* The value of the next name of a path, which moves on behind it. */
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

/* A last name; longer ones than are compared are not dismissed by it. */
static void begin_tail(struct filter *f, const char *name, size_t size)
{
	size_t bytes = size < sizeof(__u64) ? size : sizeof(__u64);
	__u64 last = 0;

	memcpy((char *)&last + sizeof(last) - bytes, name + size - bytes, bytes);
	begin_add(f, BEGIN_TAIL, last);
	begin_add(f, BEGIN_LAST, last >> 48);
}

static int watch_below(struct parse *p, const char *path)
{
	const char *at = path + strspn(path, "/");
	unsigned int count = 0;
	__u64 hash = 0, one = 0, two = 0;

	if (!*at) {
		p->filter->watched |= WATCH_ALL;
		return 0;
	}
	for (; *at; count++) {
		hash = filter_hash(hash, name_next(&at));
		if (!count)
			one = hash;
		if (count < 2)
			two = hash;
	}
	begin_add(p->filter, BEGIN_FIRST, one);
	begin_add(p->filter, count == 1 ? BEGIN_ONE : BEGIN_TWO, two);
	if (count > WATCH_BELOW_MAX)
		return wrong(p, "a path of more than eight names: ", path);
	p->filter->watched |= 1U << (WATCH_BELOW_SHIFT + count);
	return rule_add(p, WATCH_BELOW, hash, FILTER_ALLOW);
}

/* The hash begins with the last name. */
static int watch_tail(struct parse *p, const char *path)
{
	const char *at = path + strspn(path, "/"), *last = at;
	__u64 names[WATCH_TAIL_MAX], hash = 0;
	unsigned int count = 0, i;

	while (*at && count < WATCH_TAIL_MAX) {
		last = at;
		names[count++] = name_next(&at);
	}
	if (*at || !count)
		return wrong(p, "behind .../ one to three names are wanted: ", path);
	for (i = count; i-- > 0;)
		hash = filter_hash(hash, names[i]);
	begin_tail(p->filter, last, strcspn(last, "/"));
	p->filter->watched |= 1U << (WATCH_TAIL_SHIFT + count);
	return rule_add(p, WATCH_TAIL, hash, FILTER_ALLOW);
}

static int watch_ending(struct parse *p, const char *ending)
{
	size_t size = strlen(ending);
	unsigned int before;
	__u64 value = 0;

	if (!size || size > WATCH_ENDING_MAX || strchr(ending, '/'))
		return wrong(p, "behind * one to eight bytes of a name are wanted: ", ending);
	memcpy(&value, ending, size);
	for (before = 0; before < 256; before++) /* any, where the ending does not say */
		if (size == 1 || before == (unsigned char)ending[size - 2])
			begin_add(p->filter, BEGIN_LAST | BEGIN_ENDING,
			          (unsigned char)ending[size - 1] << 8 | before);
	p->filter->watched |= 1U << (WATCH_ENDING_SHIFT + size);
	return rule_add(p, WATCH_ENDING, value, FILTER_ALLOW);
}

static int watch_parse(struct parse *p, const char *path)
{
	if (*path == '/')
		return watch_below(p, path);
	if (!strncmp(path, ".../", 4))
		return watch_tail(p, path + 4);
	if (*path == '*')
		return watch_ending(p, path + 1);
	return wrong(p, "neither /PATH nor .../NAME nor *ENDING: ", path);
}

static int watch_defaults(struct parse *p)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(watched_by_default) / sizeof(watched_by_default[0]); i++)
		err = watch_parse(p, watched_by_default[i]);
	return err;
}

/* ---- lines ------------------------------------------------------------ */

#define LINE_BYTES_MAX 512

/* Cuts a line into its first two words and the rest; names may have blanks in them. */
static char *word_cut(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");

	*rest = word + strcspn(word, " \t");
	if (**rest)
		*(*rest)++ = '\0';
	*rest += strspn(*rest, " \t");
	return word;
}

static int line_parse(struct parse *p, char *line)
{
	static const struct {
		const char *name;
		int (*parse)(struct parse *, const char *, enum filter_verdict);
	} kinds[] = {
		{ "uid", rule_uid },
		{ "comm", rule_comm },
		{ "cgroup", rule_cgroup },
		{ "event", rule_event },
	};
	const char *verdict, *kind;
	size_t i, size = strcspn(line, "#\n");

	while (size && isspace((unsigned char)line[size - 1]))
		size--;
	line[size] = '\0';
	if (!*line)
		return 0;
	verdict = word_cut(&line);
	if (!strcmp(verdict, "watch"))
		return watch_parse(p, line);
	kind = word_cut(&line);
	if (strcmp(verdict, "allow") && strcmp(verdict, "deny"))
		return wrong(p, "neither allow nor deny nor watch: ", verdict);
	if (!*line)
		return wrong(p, "no value", "");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i].name))
			return kinds[i].parse(p, line,
			                      *verdict == 'a' ? FILTER_ALLOW : FILTER_DENY);
	return wrong(p, "no such kind of rule: ", kind);
}

/* More than rules that a kernel map has room for need. */
#define FILE_BYTES_MAX (1 << 20)

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int unusable(const char *path, int err, const char *why, struct offsets_error *error)
{
	return offsets_fail(error, err, "%s: %s; --filter wants a file of rules, see sextant(8)",
	                    path, why);
}

/* The whole file; the caller frees it. */
static int file_read(const char *path, char **ret, size_t *ret_size, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) char *text = NULL;
	struct stat before, after;
	int err = safefile_open(path, SAFEFILE_TRUSTED, &fd, error);

	if (err)
		return err;
	if (fstat(fd, &before))
		return unusable(path, -errno, strerror(errno), error);
	err = safefile_read(fd, path, FILE_BYTES_MAX, (void **)&text, ret_size, error);
	if (err)
		return err;
	if (fstat(fd, &after) || !same_file(&before, &after))
		return unusable(path, -EAGAIN, "it was written meanwhile", error);
	*ret = text;
	text = NULL;
	return 0;
}

static int text_check(const char *path, const char *text, size_t size, struct offsets_error *error)
{
	if (!size)
		return unusable(path, -EBADMSG,
		                "empty, or half-written; a file without rules has a comment",
		                error);
	if (memchr(text, '\0', size))
		return unusable(path, -EBADMSG, "has NUL bytes in it, and is no text", error);
	if (text[size - 1] != '\n')
		return unusable(path, -EBADMSG,
		                "its last line has no end, so it may be half-written", error);
	return 0;
}

static int lines_read(struct parse *p)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char *line, *end;
	size_t size = 0;
	int err = file_read(p->path, &text, &size, p->error);

	if (!err)
		err = text_check(p->path, text, size, p->error);
	for (line = text; !err && line < text + size; line = end + 1) {
		end = memchr(line, '\n', text + size - line);
		*end = '\0';
		p->line++;
		err = end - line < LINE_BYTES_MAX ? line_parse(p, line)
		                                  : wrong(p, "the line is too long", "");
	}
	return err;
}

int filter_read(const char *path, struct filter *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct filter *filter = calloc(1, sizeof(*filter));
	struct parse p = { .path = path, .filter = filter, .error = error };
	int err = 0;

	if (!filter)
		return offsets_fail(error, -ENOMEM, "out of memory");
	filter->classes = ~0U;
	if (path)
		err = lines_read(&p);
	filter->given = filter->count;
	if (!err && !filter->watched)
		err = watch_defaults(&p);
	if (err)
		return err;
	if (p.classes_allowed)
		filter->classes &= p.classes_allowed;
	*ret = *filter;
	return 0;
}

/* ---- reading again ---------------------------------------------------- */

/* Whoever writes a file writes on within that time. */
#define SETTLED_NS 300000000ULL

static struct stat file_stat(const char *path)
{
	struct stat st = { 0 };

	stat(path, &st);
	return st;
}

void filter_changes(const char *path, uint64_t now_ns, struct rules_file *file)
{
	if (file->since_ns)
		return; /* it is awaited already */
	file->since_ns = now_ns;
	file->seen = file_stat(path);
}

bool filter_is_settled(const char *path, uint64_t now_ns, struct rules_file *file)
{
	struct stat st;

	if (!file->since_ns)
		return false;
	st = file_stat(path);
	if (!same_file(&st, &file->seen)) {
		file->since_ns = now_ns;
		file->seen = st;
		return false;
	}
	if (now_ns - file->since_ns < SETTLED_NS)
		return false;
	file->since_ns = 0;
	return true;
}

/* ---- what the probes get ---------------------------------------------- */

void filter_watch_name(const char *name, struct filter *ret)
{
	__u64 value = filter_path_name_value(name, strlen(name));

	memset(ret, 0, sizeof(*ret));
	ret->classes = ~0U;
	ret->watched = 1U << (WATCH_TAIL_SHIFT + 1);
	begin_tail(ret, name, strlen(name));
	rule_add(&(struct parse){ .filter = ret }, WATCH_TAIL, filter_hash(0, value), FILTER_ALLOW);
}

#define AT(layout, id) ((layout)->facts[LAYOUT_##id].offset)

/* As struct dentry_part, mount_part and path_part have them. What is absent is nowhere. */
bool filter_fits(const struct layout *layout)
{
	return AT(layout, DENTRY_NAME) == AT(layout, DENTRY_PARENT) + 8 &&
	       AT(layout, QSTR_NAME) == 8 && AT(layout, PATH_MNT) == 0 &&
	       AT(layout, PATH_DENTRY) == 8 &&
	       AT(layout, MOUNT_MOUNTPOINT) == AT(layout, MOUNT_PARENT) + 8 &&
	       AT(layout, MOUNT_MNT) + AT(layout, VFSMOUNT_ROOT) == AT(layout, MOUNT_PARENT) + 16;
}

void filter_settings(const struct filter *filter, const struct layout *layout,
                     struct settings *settings)
{
	settings->filters = filter->kinds;
	settings->only = filter->only;
	settings->watched = filter->watched;
	memcpy(settings->bloom, filter->bloom, sizeof(settings->bloom));
	memcpy(settings->begins, filter->begins, sizeof(settings->begins));
	settings->dentry_part = layout->facts[LAYOUT_DENTRY_PARENT].offset;
	settings->mount_part = layout->facts[LAYOUT_MOUNT_PARENT].offset;
	settings->file_mode = AT(layout, FILE_MODE) == LAYOUT_ABSENT ? 0 : AT(layout, FILE_MODE);
	settings->file_path = AT(layout, FILE_PATH);
	settings->mount_mnt = AT(layout, MOUNT_MNT);
}
