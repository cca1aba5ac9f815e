/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/site/model.h"
#include "offsets/facts.h"
#include "offsets/kernel.h"
#include "offsets/release.h"
#include "offsets/util/cleanup.h"

const char *model_key(const struct model_kernel *kernel, enum offsets_key key)
{
	return kernel->keys[key];
}

/* ---- reading ------------------------------------------------------------------- */

struct reading {
	struct model *model;
	void *layouts; /* tsearch() by id */
	const char *name;
	struct offsets_error *error;
};

static int no_memory(const struct reading *r)
{
	return offsets_fail(r->error, -ENOMEM, "%s: out of memory", r->name);
}

/* Makes room for one more pointer, by doubling. */
static bool room_make(void *list, size_t count)
{
	void **pointers = list, *more;

	if (count & (count - 1))
		return true;
	more = realloc(*pointers, (count ? 2 * count : 1) * sizeof(void *));
	if (more)
		*pointers = more;
	return more;
}

static int digest_of(const char *text, size_t size, size_t chars, char *ret)
{
	char hex[SHA256_HEX + 1];
	int err = digest_bytes(text, size, hex);

	if (!err)
		memcpy(ret, hex, chars);
	ret[chars] = '\0';
	return err;
}

static int layout_id_of(const struct offsets_kernel *kernel, char ret[MODEL_ID_CHARS + 1])
{
	CLEANUP(cleanup_free) char *text = NULL;
	const struct offsets_fact *f;
	size_t size = 0, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	for (i = 0; (f = offsets_kernel_fact_at(kernel, i)); i++)
		fprintf(out, "%s\t%s\t%u\t%u\t%u\t%u\n", f->type, f->member, f->offset, f->size,
		        f->bit_offset, f->bit_size);
	return fclose(out) ? -ENOMEM : digest_of(text, size, MODEL_ID_CHARS, ret);
}

static int layout_compare(const void *a, const void *b)
{
	return strcmp(((const struct model_layout *)a)->id, ((const struct model_layout *)b)->id);
}

static void layout_free(struct model_layout *layout)
{
	offsets_kernel_free(layout->facts);
	free(layout);
}

static struct model_layout *layout_new(const struct offsets_kernel *kernel, const char *id)
{
	struct model_layout *layout = calloc(1, sizeof(*layout));

	if (!layout)
		return NULL;
	strcpy(layout->id, id);
	layout->facts = offsets_kernel_new();
	if (!layout->facts || offsets_kernel_copy_facts(layout->facts, kernel)) {
		layout_free(layout);
		return NULL;
	}
	offsets_kernel_sort(layout->facts);
	offsets_kernel_layout(layout->facts, &layout->numbers);
	return layout;
}

static int layout_add(struct reading *r, struct model_layout *layout)
{
	struct model *m = r->model;

	if (!room_make(&m->layouts, m->layout_count) ||
	    !tsearch(layout, &r->layouts, layout_compare)) {
		layout_free(layout);
		return no_memory(r);
	}
	m->layouts[m->layout_count++] = layout;
	return 0;
}

/* The one that is there already, or a new one. */
static int layout_of(struct reading *r, const struct offsets_kernel *kernel,
                     struct model_layout **ret)
{
	struct model_layout wanted = { .facts = NULL }, **found;
	int err = layout_id_of(kernel, wanted.id);

	if (err)
		return err == -ENOMEM
		               ? no_memory(r)
		               : offsets_fail(r->error, err, "%s: cannot compute SHA-256", r->name);
	found = tfind(&wanted, &r->layouts, layout_compare);
	if (found) {
		*ret = *found;
		return offsets_kernel_same_facts((*found)->facts, kernel)
		               ? 0
		               : offsets_fail(r->error, -EBADMSG,
		                              "%s: two layouts have the name %s; the database is "
		                              "hostile",
		                              r->name, wanted.id);
	}
	*ret = layout_new(kernel, wanted.id);
	return *ret ? layout_add(r, *ret) : no_memory(r);
}

static void kernel_free(struct model_kernel *kernel)
{
	size_t i;

	for (i = 0; i < KERNEL_KEYS; i++)
		free(kernel->keys[i]);
	free(kernel);
}

static struct model_kernel *kernel_new(const struct offsets_kernel *from)
{
	struct model_kernel *kernel = calloc(1, sizeof(*kernel));
	const char *value;
	size_t i;

	for (i = 0; kernel && i < KERNEL_KEYS; i++) {
		value = offsets_kernel_key(from, i);
		kernel->keys[i] = value ? strdup(value) : NULL;
		if (value && !kernel->keys[i]) {
			kernel_free(kernel);
			return NULL;
		}
	}
	return kernel;
}

/* ---- names of pages -------------------------------------------------------------- */

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

/* The words with commas between them. Returns whether they are as they were. */
static bool slug(const char *const *words, size_t count, char *ret, size_t size)
{
	size_t used = 0, i;
	bool same = true;
	const char *at;

	for (i = 0; i < count; i++) {
		for (at = words[i]; *at && used + 1 < size; at++) {
			bool plain = strchr(PLAIN, *at) && (used || *at != '.');

			ret[used++] = plain ? *at : '_';
			same &= plain;
		}
		same &= !*at;
		if (i + 1 < count && used + 1 < size)
			ret[used++] = ',';
	}
	ret[used] = '\0';
	return same;
}

#define SLUG_BYTES 129
#define HASH_CHARS 10

/* What makes two entries different is hashed; the release stands before it for people. */
static int kernel_name(struct model_kernel *kernel)
{
	CLEANUP(cleanup_free) char *text = NULL;
	const char *release = kernel->keys[OFFSETS_KEY_RELEASE];
	char name[SLUG_BYTES], hash[HASH_CHARS + 1];
	size_t size = 0, i;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return -ENOMEM;
	for (i = 0; i < KERNEL_KEYS; i++)
		fprintf(out, "%s\n", kernel->keys[i] ? kernel->keys[i] : "");
	if (fclose(out))
		return -ENOMEM;
	err = digest_of(text, size, HASH_CHARS, hash);
	slug(&release, 1, name, sizeof(name));
	snprintf(kernel->file, sizeof(kernel->file), "%s,%s", name, hash);
	return err;
}

static int stream_name(struct model_stream *s)
{
	const char *const words[] = { s->distribution, s->series, s->flavour, s->machine };
	CLEANUP(cleanup_free) char *text = NULL;
	char name[SLUG_BYTES], hash[HASH_CHARS + 1];
	int size, err;

	if (slug(words, 4, name, sizeof(name))) {
		strcpy(s->file, name);
		return 0;
	}
	size = asprintf(&text, "%s\n%s\n%s\n%s", s->distribution, s->series, s->flavour,
	                s->machine);
	if (size < 0)
		return -ENOMEM;
	err = digest_of(text, size, HASH_CHARS, hash);
	snprintf(s->file, sizeof(s->file), "%s,%s", name, hash);
	return err;
}

/* ---- streams ----------------------------------------------------------------------- */

static const char *distribution_of(const struct model_kernel *kernel)
{
	const char *distribution = kernel->keys[OFFSETS_KEY_DISTRIBUTION];

	return distribution ? distribution : "unknown";
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* By what makes a stream. */
static int stream_compare(const struct model_kernel *a, const struct model_kernel *b)
{
	const char *x = a->keys[OFFSETS_KEY_RELEASE], *y = b->keys[OFFSETS_KEY_RELEASE];
	int c = strcmp(distribution_of(a), distribution_of(b));

	if (!c)
		c = offsets_release_compare_stream(x, y);
	return c ? c : strcmp(a->keys[OFFSETS_KEY_MACHINE], b->keys[OFFSETS_KEY_MACHINE]);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compares two numbers of any length and steps behind them. */
static int number_compare(const char **a, const char **b)
{
	size_t x, y;
	int c;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	x = strspn(*a, "0123456789");
	y = strspn(*b, "0123456789");
	c = x != y ? (x < y ? -1 : 1) : memcmp(*a, *b, x);
	*a += x;
	*b += y;
	return c;
}

/* By numbers; a word is before a number: 3.10.0-1160.el7 is older than 3.10.0-1160.2.1.el7. */
static int release_compare(const char *a, const char *b)
{
	int c = 0;

	while (!c && *a && *b) {
		if (is_digit(*a) && is_digit(*b))
			c = number_compare(&a, &b);
		else if (is_digit(*a) != is_digit(*b))
			c = is_digit(*a) ? 1 : -1;
		else
			c = (unsigned char)*a++ - (unsigned char)*b++;
	}
	return c ? c : (unsigned char)*a - (unsigned char)*b;
}

static int kernel_compare(const void *a, const void *b)
{
	const struct model_kernel *x = *(struct model_kernel *const *)a;
	const struct model_kernel *y = *(struct model_kernel *const *)b;
	int c = stream_compare(x, y);
	size_t i;

	if (!c)
		c = release_compare(x->keys[OFFSETS_KEY_RELEASE], y->keys[OFFSETS_KEY_RELEASE]);
	if (!c)
		c = compare_text(x->keys[OFFSETS_KEY_MODULE], y->keys[OFFSETS_KEY_MODULE]);
	for (i = 0; !c && i < KERNEL_KEYS; i++)
		c = compare_text(x->keys[i], y->keys[i]);
	return c;
}

static int stream_begin(struct model_stream *s, struct model_kernel **at)
{
	const char *release = (*at)->keys[OFFSETS_KEY_RELEASE];

	s->kernels = at;
	s->distribution = strdup(distribution_of(*at));
	s->machine = strdup((*at)->keys[OFFSETS_KEY_MACHINE]);
	s->series = strndup(release, offsets_release_series(release));
	s->flavour = strdup(offsets_release_flavour(release));
	if (!s->distribution || !s->machine || !s->series || !s->flavour)
		return -ENOMEM;
	return stream_name(s);
}

static void layout_before(struct model_layout *layout, const struct model_layout *before,
                          const struct model_stream *stream)
{
	size_t i, kept = layout->before_count < MODEL_BEFORE_MAX ? layout->before_count
	                                                         : MODEL_BEFORE_MAX;

	for (i = 0; i < kept; i++)
		if (layout->before[i].layout == before)
			return;
	if (kept < MODEL_BEFORE_MAX)
		layout->before[kept] = (struct model_before){ before, stream };
	layout->before_count++;
}

/* Where a layout first comes in a stream, it is compared with the one before. */
static void stream_add(struct model_stream *s, struct model_kernel *kernel)
{
	struct model_kernel *before = s->count ? s->kernels[s->count - 1] : NULL;
	struct model_layout *layout = kernel->layout;

	kernel->stream = s;
	s->count++;
	if (layout->seen == s)
		return;
	layout->seen = s;
	s->layouts++;
	if (before && !kernel->keys[OFFSETS_KEY_MODULE] && !before->keys[OFFSETS_KEY_MODULE])
		layout_before(layout, before->layout, s);
}

static int streams_make(struct model *m)
{
	size_t i, count = 0;
	int err = 0;

	for (i = 0; i < m->count; i++)
		count += !i || stream_compare(m->kernels[i - 1], m->kernels[i]);
	m->streams = calloc(count ? count : 1, sizeof(*m->streams));
	if (!m->streams)
		return -ENOMEM;
	for (i = 0; !err && i < m->count; i++) {
		if (!i || stream_compare(m->kernels[i - 1], m->kernels[i]))
			err = stream_begin(&m->streams[m->stream_count++], &m->kernels[i]);
		if (!err)
			stream_add(&m->streams[m->stream_count - 1], m->kernels[i]);
	}
	return err;
}

/* ---- modules, and kernels of layouts ------------------------------------------------ */

static bool key_same(const struct model_kernel *a, const struct model_kernel *b,
                     enum offsets_key key)
{
	return !compare_text(a->keys[key], b->keys[key]);
}

/* As the sensor does it: of the same package. */
static bool is_module_of(const struct model_kernel *module, const struct model_kernel *kernel)
{
	return module->keys[OFFSETS_KEY_MODULE] && !kernel->keys[OFFSETS_KEY_MODULE] &&
	       key_same(module, kernel, OFFSETS_KEY_RELEASE) &&
	       key_same(module, kernel, OFFSETS_KEY_MACHINE) &&
	       key_same(module, kernel, OFFSETS_KEY_PACKAGE) &&
	       key_same(module, kernel, OFFSETS_KEY_PACKAGE_VERSION);
}

/* A module stands behind its kernel, so near: no release has more builds with modules. */
#define NEAR 1000

static void kernel_link(struct model *m, size_t at)
{
	struct model_kernel *kernel = m->kernels[at];
	struct model_layout *layout = kernel->layout;
	size_t i;

	if (layout->last)
		layout->last->next = kernel;
	else
		layout->first = kernel;
	layout->last = kernel;
	layout->kernels++;
	kernel->at = at;
	for (i = at; kernel->keys[OFFSETS_KEY_MODULE] && i > 0 && at - i < NEAR; i--)
		if (is_module_of(kernel, m->kernels[i - 1])) {
			kernel->main = m->kernels[i - 1];
			return;
		}
}

static void layout_complete(struct layout *layout, const struct model_layout *more)
{
	size_t i;

	for (i = 0; i < LAYOUT_MAX; i++)
		if (layout->facts[i].offset == LAYOUT_ABSENT)
			layout->facts[i] = more->numbers.facts[i];
}

void model_kernel_layout(const struct model *m, const struct model_kernel *kernel,
                         struct layout *ret)
{
	size_t i, end = kernel->at + NEAR < m->count ? kernel->at + NEAR : m->count;

	*ret = kernel->layout->numbers;
	for (i = kernel->at; i < end && key_same(m->kernels[i], kernel, OFFSETS_KEY_RELEASE); i++)
		if (m->kernels[i]->main == kernel)
			layout_complete(ret, m->kernels[i]->layout);
}

/* ---- all -------------------------------------------------------------------------------- */

static int kernel_take(const struct offsets_kernel *from, void *arg)
{
	struct reading *r = arg;
	struct model *m = r->model;
	struct model_kernel *kernel;
	int err;

	if (m->count == MODEL_KERNELS_MAX)
		return offsets_fail(r->error, -EFBIG,
		                    "%s: more than %d kernels; make a site of a part ('lkccb "
		                    "slim')",
		                    r->name, MODEL_KERNELS_MAX);
	kernel = room_make(&m->kernels, m->count) ? kernel_new(from) : NULL;
	if (!kernel)
		return no_memory(r);
	m->kernels[m->count++] = kernel;
	kernel->inferred = offsets_kernel_inferred(from);
	kernel->gives =
		gives_kernel(kernel->keys[OFFSETS_KEY_RELEASE], kernel->keys[OFFSETS_KEY_MACHINE],
	                     kernel->keys[OFFSETS_KEY_VERSION_CODE]);
	err = kernel_name(kernel);
	return err ? no_memory(r) : layout_of(r, from, &kernel->layout);
}

static int layout_order(const void *a, const void *b)
{
	return layout_compare(*(void *const *)a, *(void *const *)b);
}

static void nothing_free(void *node)
{
	(void)node;
}

int model_read(struct offsets *db, const char *name, struct model *ret, struct offsets_error *error)
{
	struct reading r = { .model = ret, .name = name, .error = error };
	size_t i;
	int err;

	*ret = (struct model){ .kernels = NULL };
	err = offsets_each(db, NULL, kernel_take, &r, error);
	tdestroy(r.layouts, nothing_free);
	if (err)
		return err;
	qsort(ret->kernels, ret->count, sizeof(*ret->kernels), kernel_compare);
	qsort(ret->layouts, ret->layout_count, sizeof(*ret->layouts), layout_order);
	if (streams_make(ret))
		return no_memory(&r);
	for (i = 0; i < ret->count; i++)
		kernel_link(ret, i);
	return 0;
}

void model_free(struct model *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		kernel_free(m->kernels[i]);
	for (i = 0; i < m->layout_count; i++)
		layout_free(m->layouts[i]);
	for (i = 0; i < m->stream_count; i++) {
		free(m->streams[i].distribution);
		free(m->streams[i].machine);
		free(m->streams[i].series);
		free(m->streams[i].flavour);
	}
	free(m->streams);
	free(m->layouts);
	free(m->kernels);
	*m = (struct model){ .kernels = NULL };
}
