/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/config/config_file.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

#define FILE_BYTES_MAX (1 << 20)
#define LINE_BYTES_MAX 197 /* of an inih as it is by default */
#define FILES_MAX      256
#define FOLDER         "conf.d"

/* A file while it is parsed. inih hands out values, and asks for lines. */
struct reading {
	const char *path, *text, *end;
	unsigned int line; /* that was handed out the last time */
	bool is_more;      /* it continues the value of the one before */
	struct setting_list *settings;
	int err;
	struct offsets_error *error;
};

static int wrong(struct reading *r, const char *what, const char *value, const char *hint)
{
	if (!r->err)
		r->err = offsets_fail(r->error, -EINVAL, "%s:%u: %s%s%s", r->path, r->line, what,
		                      value, hint);
	return 0;
}

static int unknown(struct reading *r, const char *name)
{
	const struct option_row *nearest = option_nearest(name);
	char hint[64] = "; see sextant.conf(5)";

	if (option_find(name))
		snprintf(hint, sizeof(hint), "; it is an option of the command line alone");
	else if (nearest)
		snprintf(hint, sizeof(hint), "; did you mean %s?", nearest->name);
	return wrong(r, "unknown key: ", name, hint);
}

/* Up to a comment, which inih leaves in such a line. */
static int more_take(struct reading *r, const char *value)
{
	char words[LINE_BYTES_MAX + 1];
	size_t size = 0;

	while (value[size] && size < LINE_BYTES_MAX &&
	       !(value[size] == ';' && size && isspace((unsigned char)value[size - 1])))
		size++;
	while (size && isspace((unsigned char)value[size - 1]))
		size--;
	memcpy(words, value, size);
	words[size] = '\0';
	r->err = setting_list_continue(r->settings, words, r->error);
	return !r->err;
}

/* For inih: 0 is an error. */
static int value_take(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;
	const struct option_row *option = option_find(name);
	const struct setting setting = { option, value, r->path, r->line };

	if (r->err)
		return 0;
	if (r->is_more)
		return more_take(r, value);
	if (*section)
		return wrong(r, "there are no sections", "", "");
	if (!option || !option->in_files)
		return unknown(r, name);
	if (!*value && option->takes != TAKES_LIST)
		return wrong(r, "no value for ", name, "");
	if (option->takes == TAKES_NOTHING && strcmp(value, "yes") && strcmp(value, "no"))
		return wrong(r, "expected yes or no: ", value, "");
	r->err = setting_list_add(r->settings, &setting, r->error);
	return !r->err;
}

/*
 * Gives inih the next line, as fgets() does. Two kinds of lines are errors here which inih takes
 * for something else: a line that does not fit its buffer, and an indented one below a line that
 * has no value to continue.
 */
static char *line_give(char *ret, int size, void *arg)
{
	struct reading *r = arg;
	const char *end;
	size_t length;

	if (r->err || r->text == r->end)
		return NULL;
	end = memchr(r->text, '\n', r->end - r->text);
	length = end + 1 - r->text;
	r->line++;
	if (length > LINE_BYTES_MAX + 1 || length >= (size_t)size)
		return wrong(r, "the line is too long", "", ""), NULL;
	if (*r->text == '[')
		return wrong(r, "there are no sections", "", ""), NULL;
	r->is_more =
		isspace((unsigned char)*r->text) && r->text[strspn(r->text, " \t\r\f\v")] != '\n';
	if (r->is_more && !setting_list_continues(r->settings, r->path))
		return wrong(r, "a key stands at the beginning of its line", "", ""), NULL;
	memcpy(ret, r->text, length);
	ret[length] = '\0';
	r->text = end + 1;
	return ret;
}

static int text_check(const char *path, const char *text, size_t size, struct offsets_error *error)
{
	if (memchr(text, '\0', size))
		return offsets_fail(error, -EINVAL,
		                    "%s: contains NUL bytes, and is no text; see sextant.conf(5)",
		                    path);
	if (text[size - 1] != '\n')
		return offsets_fail(error, -EINVAL,
		                    "%s: its last line has no newline, so it may be half-written",
		                    path);
	return 0;
}

static int file_read(const char *path, struct setting_list *settings, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct reading r = { .path = path, .settings = settings, .error = error };
	size_t size = 0;
	int line, err = safefile_contents(path, SAFEFILE_TRUSTED, FILE_BYTES_MAX, (void **)&text,
	                                  &size, error);

	if (!err)
		err = text_check(path, text, size, error);
	if (err)
		return err;
	r.text = text;
	r.end = text + size;
	line = ini_parse_stream(line_give, &r, value_take, &r);
	if (!r.err && line > 0) {
		r.line = line;
		wrong(&r, "expected KEY = VALUE", "", "");
	}
	return r.err;
}

/* ---- conf.d ------------------------------------------------------------ */

static int is_conf(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && end && !strcmp(end, ".conf");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int folder_read(const char *folder, struct dirent **entries, int count,
                       struct setting_list *settings, struct offsets_error *error)
{
	char path[PATH_MAX];
	int i, err = 0;

	if (count > FILES_MAX)
		return offsets_fail(error, -E2BIG, "%s: more than %d files; merge some", folder,
		                    FILES_MAX);
	for (i = 0; i < count && !err; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name) >=
		    sizeof(path))
			return offsets_fail(error, -ENAMETOOLONG, "%s: the path is too long",
			                    folder);
		err = file_read(path, settings, error);
	}
	return err;
}

int config_file_read(const char *path, struct setting_list *settings, struct offsets_error *error)
{
	const char *slash = strrchr(path, '/');
	struct dirent **entries = NULL;
	char folder[PATH_MAX];
	int i, count, err = file_read(path, settings, error);

	if (err)
		return err;
	if ((size_t)snprintf(folder, sizeof(folder), "%.*s" FOLDER,
	                     slash ? (int)(slash + 1 - path) : 0, path) >= sizeof(folder))
		return offsets_fail(error, -ENAMETOOLONG, "%s: the path is too long", path);
	count = scandir(folder, &entries, is_conf, by_name);
	if (count < 0)
		return errno == ENOENT
		               ? 0
		               : offsets_fail(error, -errno, "%s: %s; it has to be a directory",
		                              folder, strerror(errno));
	err = folder_read(folder, entries, count, settings, error);
	for (i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return err;
}
