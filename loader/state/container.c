/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "loader/state/container.h"

/*
 * Where container runtimes put their containers, from the root of the hierarchy on.
 * tests/unit/test_container.c names the source of each.
 *
 *	@	the id: 64 hexadecimal digits
 *	#	the id of a container of Fargate: 32 hexadecimal digits, "-", a number
 *	*	a part of a name
 *	^	any number of slices, at the beginning. Only the system's systemd makes units
 *		in them; a user's one makes its own below user@UID.service
 *
 * What is behind the last character is below the container. With each stands the runtime
 * that has the place; NULL: there are several.
 */
static const struct {
	const char *path, *runtime;
} places[] = {
	{ "^/docker-@.scope", "docker" },
	{ "^/cri-containerd-@.scope", "containerd" },
	{ "^/crio-@.scope", "cri-o" },
	{ "^/libpod-@.scope", "podman" },
	{ "^/nerdctl-@.scope", "containerd" },
	{ "/docker/@", "docker" },
	{ "/default/@", "containerd" },
	{ "/k8s.io/@", "containerd" },
	{ "/libpod_parent/libpod-@", "podman" },
	{ "/kubepods/burstable/pod*/@", NULL },
	{ "/kubepods/besteffort/pod*/@", NULL },
	{ "/kubepods/pod*/@", NULL },
	{ "/kubepods/burstable/pod*/crio-@", "cri-o" },
	{ "/kubepods/besteffort/pod*/crio-@", "cri-o" },
	{ "/kubepods/pod*/crio-@", "cri-o" },
	{ "/kubepods*.slice:cri-containerd:@", "containerd" },
	{ "/system.slice/containerd.service/kubepods*.slice:cri-containerd:@", "containerd" },
	{ "/ecs/*/@", NULL },
	{ "/ecs/*/#", NULL },
	{ "/ecs/#", NULL },
};

static size_t name_size(struct span at)
{
	const char *slash = memchr(at.text, '/', at.size);

	return slash ? (size_t)(slash - at.text) : at.size;
}

static void skip(struct span *at, size_t size)
{
	at->text += size;
	at->size -= size;
}

static size_t count_of(struct span at, const char *set)
{
	size_t i = 0;

	while (i < at.size && at.text[i] && strchr(set, at.text[i]))
		i++;
	return i;
}

static void skip_slices(struct span *at)
{
	static const char ending[] = ".slice";
	const size_t size = sizeof(ending) - 1;
	struct span name = *at;
	size_t length;

	while (name.size && *name.text == '/') {
		skip(&name, 1);
		length = name_size(name);
		if (length <= size || memcmp(name.text + length - size, ending, size))
			return;
		skip(&name, length);
		*at = name;
	}
}

#define HEX            "0123456789abcdef"
#define FARGATE_DIGITS 32

/* The size of an id that the path goes on with; 0: it does not. */
static size_t id_size(struct span at)
{
	return count_of(at, HEX) == CONTAINER_ID_BYTES ? CONTAINER_ID_BYTES : 0;
}

static size_t fargate_id_size(struct span at)
{
	size_t digits = count_of(at, HEX), number;

	if (digits != FARGATE_DIGITS || at.size == digits || at.text[digits] != '-')
		return 0;
	skip(&at, digits + 1);
	number = count_of(at, "0123456789");
	return number && digits + 1 + number <= CONTAINER_ID_BYTES ? digits + 1 + number : 0;
}

static bool place_matches(const char *place, struct span at, struct container_id *ret)
{
	size_t size;

	for (; *place; place++) {
		size = 1;
		if (*place == '^') {
			skip_slices(&at);
			continue;
		}
		if (*place == '*') {
			for (size = name_size(at); size; size--, skip(&at, 1))
				if (place_matches(place + 1, at, ret))
					return true;
			return place_matches(place + 1, at, ret);
		}
		if (*place == '@' || *place == '#') {
			size = *place == '@' ? id_size(at) : fargate_id_size(at);
			*ret = (struct container_id){ at.text, size, NULL, true };
		} else if (!at.size || *at.text != *place) {
			size = 0;
		}
		if (!size)
			return false;
		skip(&at, size);
	}
	return !at.size || *at.text == '/';
}

/* What most processes have not: as many digits in a row as an id has. */
static bool has_digits(const char *path, size_t size)
{
	size_t i, row = 0;

	for (i = 0; i < size && row < FARGATE_DIGITS; i++)
		row = (path[i] >= '0' && path[i] <= '9') || (path[i] >= 'a' && path[i] <= 'f')
		              ? row + 1
		              : 0;
	return row == FARGATE_DIGITS;
}

struct container_id container_id(const char *path, size_t size)
{
	struct container_id id = { 0 };
	size_t i;

	if (!has_digits(path, size))
		return id;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (place_matches(places[i].path, (struct span){ path, size }, &id)) {
			id.runtime = places[i].runtime;
			return id;
		}
	return (struct container_id){ 0 };
}

/* ---- of a process ------------------------------------------------------- */

struct container_id container_of(const struct cgroups *cgroups)
{
	const struct span paths[] = { cgroups->v1, cgroups->v2 };
	struct container_id id = { 0 };
	bool is_known = false;
	size_t i;

	for (i = 0; !id.text && i < sizeof(paths) / sizeof(paths[0]); i++)
		if (paths[i].text) {
			id = container_id(paths[i].text, paths[i].size);
			is_known = true;
		}
	id.is_known = is_known;
	return id;
}
