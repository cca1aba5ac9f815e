/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/rules/event_rule_parse.h"
#include "loader/rules/filter_file.h"
#include "loader/rules/settled.h"
#include "loader/rules/watch_rules.h"
#include "loader/stream/fields.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/random.h"
#include "offsets/util/safefile.h"

#define LINE_BYTES_MAX 512

/* ---- rules ------------------------------------------------------------ */

/* The rule applies when the event has been read; else the kernel side drops events by it. */
static bool is_engines(const struct ruleset *p, bool is_try)
{
	return is_try || p->output;
}

static int rule_uid(struct ruleset *p, const char *value, enum filter_verdict verdict, bool is_try)
{
	unsigned long uid;
	char *end;

	errno = 0;
	uid = strtoul(value, &end, 10);
	if (errno || !isdigit((unsigned char)*value) || *end || uid > UINT32_MAX)
		return ruleset_wrong(p, "not a user id: ", value);
	return is_engines(p, is_try) ? event_rule_uid(p, uid, verdict, is_try)
	                             : ruleset_add(p, FILTER_UID, uid, verdict);
}

static int rule_comm(struct ruleset *p, const char *value, enum filter_verdict verdict, bool is_try)
{
	if (strlen(value) >= EVENTS_COMM_BYTES)
		return ruleset_wrong(p, "a process name has at most 15 bytes: ", value);
	if (is_engines(p, is_try))
		return event_rule_comm(p, value, verdict, is_try);
	return ruleset_add(p, FILTER_COMM, filter_name_value(value, EVENTS_COMM_BYTES), verdict);
}

/* word: cgroup or unit, of which the rule has value; path: that of the cgroup. */
static int cgroup_rule(struct ruleset *p, const char *word, const char *value, const char *path,
                       enum filter_verdict verdict, bool is_try)
{
	__u64 hash = p->filter->seed;
	char names[LINE_BYTES_MAX + 1] = "";
	size_t size, used = 0, count = 0;

	if (*path != '/' || strlen(path) >= sizeof(names))
		return ruleset_wrong(
			p,
			"expected the path of a cgroup, as /system.slice/NAME.service (a user can "
			"make a cgroup of any name below their own): ",
			path);
	for (; path += strspn(path, "/"), *path; path += size) {
		size = strcspn(path, "/");
		hash = filter_cgroup_value(hash, path, size);
		used += snprintf(names + used, sizeof(names) - used, "/%.*s", (int)size, path);
		count++;
	}
	if (!count || count > CGROUP_NAMES)
		return ruleset_wrong(p, "the path of a cgroup has one to three components", "");
	return is_engines(p, is_try) ? event_rule_cgroup(p, word, value, names, verdict, is_try)
	                             : ruleset_add(p, FILTER_CGROUP, hash, verdict);
}

static int rule_cgroup(struct ruleset *p, const char *value, enum filter_verdict verdict,
                       bool is_try)
{
	return cgroup_rule(p, "cgroup", value, value, verdict, is_try);
}

/* systemd.slice(5): "-" is a level of slices, so that one in a name is written as \x2d. */
static void slice_of_template(const char *unit, char *ret, size_t size)
{
	size_t used = snprintf(ret, size, "system-");

	for (; *unit != '@' && used < size; unit++)
		used += snprintf(ret + used, size - used, "%s%.*s", *unit == '-' ? "\\x2d" : "",
		                 *unit != '-', unit);
	if (used < size)
		snprintf(ret + used, size - used, ".slice/");
}

/* A service of systemd, where it is by default: below system.slice. */
static int rule_unit(struct ruleset *p, const char *value, enum filter_verdict verdict, bool is_try)
{
	size_t size = strlen(value), suffix = strlen(".service");
	char slice[1100] = "", path[2048];

	if (strchr(value, '/') || size <= suffix || strcmp(value + size - suffix, ".service"))
		return ruleset_wrong(p, "expected the name of a service, as NAME.service: ", value);
	if (strchr(value, '@'))
		slice_of_template(value, slice, sizeof(slice));
	snprintf(path, sizeof(path), "/system.slice/%s%s", slice, value);
	return cgroup_rule(p, "unit", value, path, verdict, is_try);
}

static int rule_event(struct ruleset *p, const char *value, enum filter_verdict verdict,
                      bool is_try)
{
	unsigned int classes = event_types_parse(value);

	if (!classes)
		return ruleset_wrong(p, "unknown event class: ", value);
	if (is_engines(p, is_try))
		return event_rule_class(p, value, classes, verdict, is_try);
	if (verdict == FILTER_ALLOW)
		p->classes_allowed |= classes;
	else
		p->filter->classes &= ~classes;
	return 0;
}

/* ---- lines ------------------------------------------------------------ */

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

/* The output of that name is the one that the rule is for. */
static int output_choose(struct ruleset *p, const char *name)
{
	const struct rule_source *source = p->source;
	size_t i;

	for (i = 0; i < source->output_count; i++)
		if (*name && !strcmp(source->outputs[i], name)) {
			p->output = i + 1;
			p->output_name = source->outputs[i];
			return 0;
		}
	return ruleset_wrong(p, "no output has the option name=", name);
}

/* Takes "for NAME" off. */
static int output_take(struct ruleset *p, char **line)
{
	char *rest = *line + strspn(*line, " \t");

	p->output = 0;
	if (strncmp(rest, "for", 3) || !strchr(" \t", rest[3]))
		return 0;
	*line = rest + 3;
	return output_choose(p, word_cut(line));
}

/* "KIND VALUE" */
static int rule_parse(struct ruleset *p, char *rest, enum filter_verdict verdict, bool is_try)
{
	static const struct {
		const char *name;
		int (*parse)(struct ruleset *, const char *, enum filter_verdict, bool is_try);
	} kinds[] = {
		{ "uid", rule_uid },         { "comm", rule_comm },
		{ "cgroup", rule_cgroup },   { "unit", rule_unit },
		{ "event", rule_event },     { "network", event_rule_network },
		{ "port", event_rule_port }, { "container", event_rule_container },
		{ "exe", event_rule_exe },   { "tree", event_rule_tree },
	};
	const char *kind = word_cut(&rest);
	size_t i;

	if (!*rest)
		return ruleset_wrong(p, "the value is missing", "");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i].name))
			return kinds[i].parse(p, rest, verdict, is_try);
	return ruleset_wrong(p, "unknown kind of rule: ", kind);
}

static void comment_cut(char *line)
{
	size_t size = strcspn(line, "#\n");

	while (size && isspace((unsigned char)line[size - 1]))
		size--;
	line[size] = '\0';
}

static int line_parse(struct ruleset *p, char *line)
{
	const char *verdict;
	bool is_try;
	int err;

	comment_cut(line);
	if (!*line)
		return 0;
	p->filter->given++;
	err = output_take(p, &line);
	if (err)
		return err;
	verdict = word_cut(&line);
	if (!strcmp(verdict, "watch"))
		return p->output ? ruleset_wrong(p, "watch rules are of all outputs", "")
		                 : watch_rules_add(p, line);
	is_try = !strcmp(verdict, "try");
	if (is_try)
		verdict = word_cut(&line);
	if (is_try && strcmp(verdict, "deny"))
		return ruleset_wrong(p, "behind try there is deny, not: ", verdict);
	if (strcmp(verdict, "allow") && strcmp(verdict, "deny"))
		return ruleset_wrong(p, "expected allow, deny, try deny, watch or for: ", verdict);
	return rule_parse(p, line, *verdict == 'a' ? FILTER_ALLOW : FILTER_DENY, is_try);
}

/* ---- the file --------------------------------------------------------- */

/* More than the rules need that a kernel map has room for. */
#define FILE_BYTES_MAX (1 << 20)

static int unusable(const char *path, int err, const char *why, struct offsets_error *error)
{
	return offsets_fail(error, err, "%s: %s; --filter takes a file of rules, see sextant(8)",
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
	if (fstat(fd, &after) || !settled_same_file(&before, &after))
		return unusable(path, -EAGAIN, "it changed while it was read", error);
	*ret = text;
	text = NULL;
	return 0;
}

static int text_check(const char *path, const char *text, size_t size, struct offsets_error *error)
{
	if (!size)
		return unusable(path, -EBADMSG,
		                "is empty, or half-written; a file without rules needs a comment",
		                error);
	if (memchr(text, '\0', size))
		return unusable(path, -EBADMSG, "contains NUL bytes, and is no text", error);
	if (text[size - 1] != '\n')
		return unusable(path, -EBADMSG,
		                "its last line has no newline, so it may be half-written", error);
	return 0;
}

static int lines_read(struct ruleset *p)
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
		                                  : ruleset_wrong(p, "the line is too long", "");
	}
	return err;
}

static int texts_read(struct ruleset *p, const struct rule_source *source)
{
	char line[LINE_BYTES_MAX];
	int err = 0;
	size_t i;

	for (i = 0; i < source->count && !err; i++) {
		const struct rule_text *text = &source->texts[i];

		p->path = text->path ? text->path : "--rule";
		p->line = text->line;
		if (strlen(text->text) >= sizeof(line))
			return ruleset_wrong(p, "the line is too long", "");
		err = line_parse(p, strcpy(line, text->text));
	}
	return err;
}

int filter_read(const struct rule_source *source, struct filter *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct filter *filter = calloc(1, sizeof(*filter));
	struct ruleset p = { .source = source, .filter = filter, .error = error };
	int err = 0;

	if (!filter)
		return offsets_fail(error, -ENOMEM, "out of memory");
	err = random_fill(&filter->seed, sizeof(filter->seed));
	if (err)
		return offsets_fail(error, err, "no random number: %s", strerror(-err));
	filter->classes = ~0U;
	err = texts_read(&p, source);
	if (!err && source->path) {
		p.path = source->path;
		p.line = 0;
		err = lines_read(&p);
	}
	if (!err && !filter->watched)
		err = watch_rules_add_defaults(&p);
	if (err)
		return err;
	if (p.classes_allowed)
		filter->classes &= p.classes_allowed;
	*ret = *filter;
	return 0;
}
