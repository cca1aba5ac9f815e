/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/doubts.h"
#include "offsets/facts.h"
#include "offsets/kernel.h"

/* Kernels of one version and distribution, as "3.10.0 rhel", and the layouts that were read. */
struct stream {
	char name[64];
	struct layout *layouts;
	size_t count;
};

struct doubts {
	struct stream *streams;
	size_t count;
};

struct doubts *doubts_new(void)
{
	return calloc(1, sizeof(struct doubts));
}

void doubts_free(struct doubts *d)
{
	size_t i;

	for (i = 0; d && i < d->count; i++)
		free(d->streams[i].layouts);
	if (d)
		free(d->streams);
	free(d);
}

/* CentOS's kernels are rebuilt from RHEL's sources with their configuration. */
static void stream_name(const struct offsets_kernel *kernel, char *ret, size_t size)
{
	const char *release = offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE),
		   *distribution = offsets_kernel_key(kernel, OFFSETS_KEY_DISTRIBUTION);

	if (distribution && !strcmp(distribution, "centos"))
		distribution = "rhel";
	snprintf(ret, size, "%.*s %s", (int)strcspn(release, "-"), release,
	         distribution ? distribution : "");
}

static struct stream *stream_find(const struct doubts *d, const struct offsets_kernel *kernel)
{
	char name[sizeof(((struct stream *)0)->name)];
	size_t i;

	stream_name(kernel, name, sizeof(name));
	for (i = 0; i < d->count; i++)
		if (!strcmp(d->streams[i].name, name))
			return &d->streams[i];
	return NULL;
}

static struct stream *stream_add(struct doubts *d, const struct offsets_kernel *kernel)
{
	struct stream *streams = reallocarray(d->streams, d->count + 1, sizeof(*streams));

	if (!streams)
		return NULL;
	d->streams = streams;
	streams[d->count] = (struct stream){ .count = 0 };
	stream_name(kernel, streams[d->count].name, sizeof(streams[0].name));
	return &streams[d->count++];
}

static int layout_add(struct stream *s, const struct layout *layout)
{
	struct layout *layouts;
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!memcmp(&s->layouts[i], layout, sizeof(*layout)))
			return 0;
	layouts = reallocarray(s->layouts, s->count + 1, sizeof(*layouts));
	if (!layouts)
		return -ENOMEM;
	s->layouts = layouts;
	layouts[s->count++] = *layout;
	return 0;
}

int doubts_learn(struct doubts *d, const struct offsets_kernel *kernel)
{
	struct layout layout;
	struct stream *s;

	if (offsets_kernel_inferred(kernel) || offsets_kernel_key(kernel, OFFSETS_KEY_MODULE))
		return 0;
	s = stream_find(d, kernel);
	if (!s)
		s = stream_add(d, kernel);
	if (!s)
		return -ENOMEM;
	offsets_kernel_layout(kernel, &layout);
	return layout_add(s, &layout);
}

/* Does a kernel of the stream have the fact, and none has this number? */
static bool is_doubted(const struct stream *s, unsigned int id, unsigned int offset,
                       uint32_t *ret_other)
{
	bool is_known = false;
	size_t i;

	for (i = 0; i < s->count; i++) {
		if (s->layouts[i].facts[id].offset == offset)
			return false;
		if (s->layouts[i].facts[id].offset == LAYOUT_ABSENT)
			continue;
		*ret_other = s->layouts[i].facts[id].offset;
		is_known = true;
	}
	return is_known;
}

size_t doubts_of(const struct doubts *d, const struct offsets_kernel *kernel, doubt_fn found,
                 void *arg)
{
	const struct stream *s = offsets_kernel_inferred(kernel) ? stream_find(d, kernel) : NULL;
	struct doubt doubt = { .count = 0 };
	struct layout layout;
	unsigned int id;
	size_t all = 0;

	offsets_kernel_layout(kernel, &layout);
	for (id = 0; s && id < LAYOUT_MAX; id++) {
		size_t at = 0;
		const struct offsets_fact *fact = offsets_kernel_alternative(kernel, id, &at);
		uint32_t other;

		if (!fact || !is_doubted(s, id, layout.facts[id].offset, &other))
			continue;
		all++;
		if (doubt.count && strcmp(doubt.type, fact->type) != 0) {
			found(kernel, &doubt, arg);
			doubt.count = 0;
		}
		if (!doubt.count++)
			doubt = (struct doubt){ fact->type, fact, other, 1 };
	}
	if (doubt.count)
		found(kernel, &doubt, arg);
	return all;
}
