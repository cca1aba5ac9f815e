/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer of the process is "kernels", the number of skipped entries, and a line for
 * each kernel: release, machine, build and package version, "-" where there is none,
 * with a tab between them; or "failed", and a line that says why.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/input/crawler.h"
#include "lkccb/io/jsonread.h"
#include "lkccb/io/textfile.h"
#include "offsets/util/cleanup.h"

#define BYTES_MAX   (512ull << 20)
#define TOKEN_MAX   (16u << 20) /* the longest are kernelconfigdata, of some 300 KB */
#define DEPTH_MAX   16
#define NAME_BYTES  128
#define KERNELS_MAX 100000
#define DEBS_MAX    256 /* with headers, of an entry */

/* ---- names ------------------------------------------------------------- */

struct name {
	char text[NAME_BYTES + 1]; /* "": none */
};

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+~:-"

static bool name_valid(const char *text, size_t size)
{
	char name[NAME_BYTES + 1];

	if (!size || size > NAME_BYTES || memchr(text, '\0', size))
		return false;
	memcpy(name, text, size);
	name[size] = '\0';
	return strspn(name, NAME_CHARS) == size;
}

static bool name_set(struct name *ret, const void *text, size_t size)
{
	if (!name_valid(text, size))
		return false;
	memcpy(ret->text, text, size);
	ret->text[size] = '\0';
	return true;
}

/* ---- packages with headers ---------------------------------------------- */

struct deb_name {
	struct name release, version;
	const char *machine;
};

static const char *const machines[][2] = {
	{ "amd64", "x86_64" },
	{ "arm64", "aarch64" },
	{ NULL, NULL },
};

static const char *deb_machine(const char *architecture, size_t size)
{
	size_t i;

	for (i = 0; machines[i][0]; i++)
		if (strlen(machines[i][0]) == size && !memcmp(machines[i][0], architecture, size))
			return machines[i][1];
	return NULL;
}

/* A name that ends with what all kernels of a version share is none of a kernel. */
static bool is_shared(const char *release)
{
	return strstr(release, "-common") || strstr(release, "-all");
}

#define HEADERS "linux-headers-"

/* "http://.../linux-headers-RELEASE_VERSION_ARCHITECTURE.deb". False: no kernel's. */
static bool deb_parse(const char *url, size_t size, struct deb_name *ret)
{
	const char *name = memrchr(url, '/', size), *version, *machine, *end;
	size_t prefix = strlen(HEADERS);

	name = name ? name + 1 : url;
	size -= name - url;
	if (size < prefix + 4 || memcmp(name, HEADERS, prefix) ||
	    memcmp(name + size - 4, ".deb", 4))
		return false;
	end = name + size - 4;
	name += prefix;
	version = memchr(name, '_', end - name);
	machine = version ? memchr(version + 1, '_', end - version - 1) : NULL;
	if (!machine || !name_set(&ret->release, name, version - name) ||
	    !name_set(&ret->version, version + 1, machine - version - 1))
		return false;
	ret->machine = deb_machine(machine + 1, end - machine - 1);
	return ret->machine && !is_shared(ret->release.text);
}

/* ---- in the process ------------------------------------------------------ */

enum member { OTHER, RELEASE, VERSION, HEADERS_LIST };

struct crawl {
	struct jsonread json;
	const char *path, *default_machine;
	FILE *file;
	unsigned int depth;      /* of the objects and arrays that are open */
	unsigned int list_depth; /* of the array of entries; 0: in none */
	struct name key;         /* of the architecture, if there is one */
	/* The entry at hand. */
	enum member member;
	struct name release, build;
	bool has_deb; /* a package of .deb, of a kernel or not */
	struct deb_name debs[DEBS_MAX];
	size_t deb_count;
	/* The answer. */
	char **lines;
	size_t count, room, entries, skipped;
	struct offsets_error error;
};

/* Ends the parsing. */
static int bad(struct crawl *c, const char *why)
{
	offsets_fail(&c->error, -EBADMSG, "%s: %s; give a list.json of falco's kernel-crawler",
	             c->path, why);
	return 0;
}

static int bad_entry(struct crawl *c, const char *why)
{
	char text[128];

	snprintf(text, sizeof(text), "entry %zu: %s", c->entries + 1, why);
	return bad(c, text);
}

static bool line_room(struct crawl *c)
{
	size_t room = c->room ? 2 * c->room : 1024;
	void *lines;

	if (c->count < c->room)
		return true;
	lines = realloc(c->lines, room * sizeof(*c->lines));
	if (!lines)
		return false;
	c->lines = lines;
	c->room = room;
	return true;
}

static int kernel_add(struct crawl *c, const char *release, const char *machine,
                      const char *package_version)
{
	if (c->count == KERNELS_MAX)
		return bad(c, "more than 100,000 kernels");
	if (!line_room(c) || asprintf(&c->lines[c->count], "%s\t%s\t%s\t%s\n", release, machine,
	                              *c->build.text ? c->build.text : "-",
	                              package_version ? package_version : "-") < 0)
		return bad(c, "out of memory");
	c->count++;
	return 1;
}

/* "3.10.0-957.el7.x86_64", else that of the list. */
static const char *machine_of(const struct crawl *c, const char *release)
{
	const char *dot = strrchr(release, '.');
	size_t i;

	for (i = 0; dot && machines[i][1]; i++)
		if (!strcmp(dot + 1, machines[i][1]))
			return machines[i][1];
	return *c->key.text ? c->key.text : c->default_machine;
}

static int entry_end(struct crawl *c)
{
	size_t i;

	if (!*c->release.text)
		return bad_entry(c, "it has no kernelrelease");
	c->entries++;
	if (!c->has_deb)
		return kernel_add(c, c->release.text, machine_of(c, c->release.text), NULL);
	c->skipped += !c->deb_count;
	for (i = 0; i < c->deb_count; i++)
		if (!kernel_add(c, c->debs[i].release.text, c->debs[i].machine,
		                c->debs[i].version.text))
			return 0;
	return 1;
}

static int header_take(struct crawl *c, const char *url, size_t size)
{
	c->has_deb |= size > 4 && !memcmp(url + size - 4, ".deb", 4);
	if (c->deb_count == DEBS_MAX)
		return bad_entry(c, "more than 256 packages with headers");
	c->deb_count += deb_parse(url, size, &c->debs[c->deb_count]);
	return 1;
}

static bool in_entry(const struct crawl *c)
{
	return c->list_depth && c->depth == c->list_depth + 1;
}

/* A string, or the text of a number: kernelversion was a number once. */
static int on_text(void *arg, const void *text, size_t size)
{
	struct crawl *c = arg;

	jsonread_said(&c->json);
	if (c->list_depth && c->depth == c->list_depth + 2 && c->member == HEADERS_LIST)
		return header_take(c, text, size);
	if (!in_entry(c))
		return 1;
	if (c->member == RELEASE && !name_set(&c->release, text, size))
		return bad_entry(c, "its kernelrelease is no name of a kernel");
	if (c->member == VERSION && !name_set(&c->build, text, size))
		return bad_entry(c, "its kernelversion is no number of a build");
	return 1;
}

static int on_string(void *arg, const unsigned char *text, size_t size)
{
	return on_text(arg, text, size);
}

static int on_number(void *arg, const char *text, size_t size)
{
	return on_text(arg, text, size);
}

static int deeper(struct crawl *c)
{
	jsonread_said(&c->json);
	return ++c->depth <= DEPTH_MAX ? 1 : bad(c, "nested too deeply");
}

static int on_object(void *arg)
{
	struct crawl *c = arg;

	if (c->list_depth && c->depth == c->list_depth) {
		c->release.text[0] = c->build.text[0] = '\0';
		c->has_deb = false;
		c->deb_count = 0;
		c->member = OTHER;
	}
	return deeper(c);
}

static int on_object_end(void *arg)
{
	struct crawl *c = arg;
	bool is_entry = in_entry(c);

	jsonread_said(&c->json);
	c->depth--;
	if (c->depth == 1 && !c->list_depth)
		c->key.text[0] = '\0';
	return is_entry ? entry_end(c) : 1;
}

static int on_array(void *arg)
{
	struct crawl *c = arg;

	if (!c->depth)
		return bad(c, "it does not begin with {");
	if (!c->list_depth && c->depth <= 2)
		c->list_depth = c->depth + 1;
	return deeper(c);
}

static int on_array_end(void *arg)
{
	struct crawl *c = arg;

	jsonread_said(&c->json);
	if (c->depth == c->list_depth)
		c->list_depth = 0;
	c->depth--;
	if (c->depth == 1)
		c->key.text[0] = '\0';
	return 1;
}

static bool equals(const void *key, size_t size, const char *word)
{
	return strlen(word) == size && !memcmp(key, word, size);
}

static int on_key(void *arg, const unsigned char *key, size_t size)
{
	struct crawl *c = arg;

	jsonread_said(&c->json);
	if (c->depth == 1)
		c->key.text[0] = '\0';
	if (c->depth == 1 && (equals(key, size, "x86_64") || equals(key, size, "aarch64")))
		name_set(&c->key, key, size);
	if (in_entry(c))
		c->member = equals(key, size, "kernelrelease")   ? RELEASE
		            : equals(key, size, "kernelversion") ? VERSION
		            : equals(key, size, "headers")       ? HEADERS_LIST
		                                                 : OTHER;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_object_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

static int feed(struct crawl *c, const void *data, size_t size)
{
	struct offsets_error why = { "out of memory" };
	int err = jsonread_feed(&c->json, data, size, &why);

	if (err && err != -ECANCELED)
		bad(c, why.text);
	return err;
}

static int parse(struct crawl *c)
{
	char chunk[1 << 16];
	size_t size;
	int err = jsonread_init(&c->json, &callbacks, c, BYTES_MAX, TOKEN_MAX);

	while (!err && (size = fread(chunk, 1, sizeof(chunk), c->file)) > 0)
		err = feed(c, chunk, size);
	if (!err && !ferror(c->file))
		err = feed(c, NULL, 0);
	jsonread_deinit(&c->json);
	if (err)
		return err;
	if (ferror(c->file))
		bad(c, "it cannot be read");
	else if (!c->entries)
		bad(c, "it has no list of kernels");
	return *c->error.text ? -EBADMSG : 0;
}

static int lines_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void lines_free(struct crawl *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		free(c->lines[i]);
	free(c->lines);
}

static void crawl_work(void *arg, FILE *answer)
{
	struct crawl *c = arg;
	size_t i;

	if (parse(c)) {
		fprintf(answer, "failed\n%s", c->error.text);
		return;
	}
	qsort(c->lines, c->count, sizeof(*c->lines), lines_compare);
	fprintf(answer, "kernels\n%zu\n", c->skipped);
	for (i = 0; i < c->count; i++)
		if (!i || strcmp(c->lines[i], c->lines[i - 1]))
			fputs(c->lines[i], answer);
	lines_free(c);
}

static int crawl_open(void *arg, struct isolate_opened *ret, struct offsets_error *error)
{
	struct crawl *c = arg;
	int err = textfile_open(strcmp(c->path, "-") ? c->path : "/dev/stdin", &c->file, error);

	if (!err)
		ret->keep[ret->count++] = fileno(c->file);
	return err;
}

/* ---- outside -------------------------------------------------------------- */

static int answer_bad(const char *path, struct offsets_error *error)
{
	return offsets_fail(error, -EBADMSG, "%s: the process that read it gave a wrong answer",
	                    path);
}

/* The next word of a line; NULL: it is no name. "-" is none. */
static const char *word_next(char **line)
{
	const char *word = strsep(line, "\t");

	return word && name_valid(word, strlen(word)) ? word : NULL;
}

static int line_take(char *line, const char *path, crawler_fn fn, void *arg,
                     struct offsets_error *error)
{
	const char *words[4];
	size_t i;

	for (i = 0; i < 4; i++) {
		words[i] = word_next(&line);
		if (!words[i])
			return answer_bad(path, error);
		if (i > 1 && !strcmp(words[i], "-"))
			words[i] = NULL;
	}
	return fn(&(struct crawled){ words[0], words[1], words[2], words[3] }, arg, error);
}

static int answer_take(const char *path, const char *text, crawler_fn fn, void *arg,
                       size_t *ret_skipped, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *copy = strdup(text);
	char *rest = copy, *line;
	int err = copy ? 0 : offsets_fail(error, -ENOMEM, "%s: out of memory", path);

	if (err)
		return err;
	line = strsep(&rest, "\n");
	if (!rest || strcmp(line, "kernels"))
		return answer_bad(path, error);
	*ret_skipped = strtoul(strsep(&rest, "\n"), NULL, 10);
	while (!err && rest && *rest)
		err = line_take(strsep(&rest, "\n"), path, fn, arg, error);
	return err;
}

int crawler_read(const char *path, const char *machine, const struct isolate_limits *limits,
                 crawler_fn fn, void *arg, size_t *ret_skipped, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct crawl *c = calloc(1, sizeof(*c));
	const struct isolate_job job = { path, crawl_open, crawl_work, c };
	struct isolated process = { 0 };
	const char *text;
	size_t size;
	int err;

	if (!c)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	c->path = path;
	c->default_machine = machine;
	err = isolate_run(&process, &job, limits, &text, &size, error);
	if (!err)
		err = answer_take(path, text, fn, arg, ret_skipped, error);
	isolate_free(&process);
	return err;
}
