/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/host/candidates.h"
#include "offsets/facts.h"
#include "offsets/kernel.h"
#include "offsets/release.h"

struct reading {
	struct candidates *candidates;
	const struct host *host;
	bool only_stream;
	const char *path; /* of the database */
	struct offsets_error *error;
};

static int no_memory(const struct reading *r)
{
	return offsets_fail(r->error, -ENOMEM, "%s: out of memory", r->path);
}

static bool key_is(const struct offsets_kernel *kernel, enum offsets_key key, const char *value)
{
	const char *text = offsets_kernel_key(kernel, key);

	return text && !strcmp(text, value);
}

/* What was proven for this kernel before follows from other layouts, and says nothing new. */
static bool is_own_proof(const struct reading *r, const struct offsets_kernel *kernel)
{
	return key_is(kernel, OFFSETS_KEY_SOURCE, "proven") &&
	       key_is(kernel, OFFSETS_KEY_RELEASE, r->host->release) &&
	       key_is(kernel, OFFSETS_KEY_VERSION, r->host->version);
}

static bool is_possible(const struct reading *r, const struct offsets_kernel *kernel)
{
	const char *release = offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE);

	return !offsets_kernel_key(kernel, OFFSETS_KEY_MODULE) && !is_own_proof(r, kernel) &&
	       key_is(kernel, OFFSETS_KEY_MACHINE, r->host->machine) &&
	       (!r->only_stream || !offsets_release_compare_stream(release, r->host->release));
}

/* With keys and facts. NULL: out of memory. */
static struct offsets_kernel *kernel_copy(const struct offsets_kernel *from)
{
	struct offsets_kernel *kernel = offsets_kernel_new();
	int key, err = kernel ? offsets_kernel_copy_facts(kernel, from) : -ENOMEM;

	for (key = 0; !err && offsets_key_name(key); key++)
		if (offsets_kernel_key(from, key))
			err = offsets_kernel_set(kernel, key, offsets_kernel_key(from, key));
	if (err) {
		offsets_kernel_free(kernel);
		return NULL;
	}
	offsets_kernel_sort(kernel);
	return kernel;
}

/* One more kernel that has the layout. */
static int candidate_join(const struct reading *r, struct candidate *candidate,
                          const struct offsets_kernel *kernel)
{
	struct offsets_kernel *copy;

	candidate->kernels++;
	if (offsets_kernel_rank(candidate->kernel) <= offsets_kernel_rank(kernel))
		return 0;
	copy = kernel_copy(kernel);
	if (!copy)
		return no_memory(r);
	offsets_kernel_free(candidate->kernel);
	candidate->kernel = copy;
	return 0;
}

static int candidate_add(const struct reading *r, const struct layout *layout,
                         const struct offsets_kernel *kernel)
{
	struct candidates *c = r->candidates;
	struct candidate *list;

	if (c->count == CANDIDATES_MAX)
		return offsets_fail(r->error, -EFBIG,
		                    "%s: more than %d layouts; try those of this kernel's stream "
		                    "(--stream), or a part of the database ('lkccb slim')",
		                    r->path, CANDIDATES_MAX);
	list = reallocarray(c->list, c->count + 1, sizeof(*list));
	if (!list)
		return no_memory(r);
	c->list = list;
	list[c->count] = (struct candidate){ kernel_copy(kernel), *layout, 1 };
	if (!list[c->count].kernel)
		return no_memory(r);
	c->count++;
	return 0;
}

static int kernel_take(const struct offsets_kernel *kernel, void *arg)
{
	struct reading *r = arg;
	struct layout layout;
	size_t i;

	if (!is_possible(r, kernel))
		return 0;
	r->candidates->kernels++;
	offsets_kernel_layout(kernel, &layout);
	for (i = 0; i < r->candidates->count; i++)
		if (!memcmp(&r->candidates->list[i].layout, &layout, sizeof(layout)))
			return candidate_join(r, &r->candidates->list[i], kernel);
	return candidate_add(r, &layout, kernel);
}

/* -ENXIO: the database is missing. */
static int database_read(struct reading *r, const struct databases *databases, size_t number)
{
	struct offsets *db;
	uint64_t serial;
	int err = databases_open(databases, number, &db, &serial, r->error);

	if (err)
		return err;
	err = offsets_each(db, NULL, kernel_take, r, r->error);
	offsets_close(db);
	return err;
}

static int nothing(const struct databases *databases, const struct reading *r)
{
	char names[256];

	databases_names(databases, names, sizeof(names));
	return offsets_fail(r->error, -ENOENT, "%s: no kernel of %s%s%s to try; %s", names,
	                    r->host->machine, r->only_stream ? " of the stream of " : "",
	                    r->only_stream ? r->host->release : "",
	                    r->only_stream ? "try without --stream" : "name another with --db");
}

int candidates_read(const struct databases *databases, const struct host *host, bool only_stream,
                    struct candidates *ret, struct offsets_error *error)
{
	struct reading r = {
		.candidates = ret, .host = host, .only_stream = only_stream, .error = error
	};
	size_t i, missing = 0;
	int err = 0;

	*ret = (struct candidates){ .count = 0 };
	for (i = 0; !err && i < databases->count; i++) {
		r.path = databases->paths[i];
		err = database_read(&r, databases, i);
		if (err == -ENXIO) {
			missing++;
			err = 0;
		}
	}
	if (!err && missing == databases->count)
		return -ENXIO; /* databases_open() has said which */
	if (!err && !ret->count)
		return nothing(databases, &r);
	if (err)
		candidates_free(ret);
	return err;
}

void candidates_free(struct candidates *c)
{
	while (c->count)
		offsets_kernel_free(c->list[--c->count].kernel);
	free(c->list);
	*c = (struct candidates){ .count = 0 };
}

void candidate_name(const struct candidate *candidate, char *ret, size_t ret_size)
{
	const char *release = offsets_kernel_key(candidate->kernel, OFFSETS_KEY_RELEASE),
		   *source = offsets_kernel_key(candidate->kernel, OFFSETS_KEY_SOURCE);

	snprintf(ret, ret_size, "%s (%s)", release, source ? source : "unknown source");
}
