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
 * What is behind the last character is below the container.
 */
static const char *const places[] = {
	"^/docker-@.scope",
	"^/cri-containerd-@.scope",
	"^/crio-@.scope",
	"^/libpod-@.scope",
	"^/nerdctl-@.scope",
	"/docker/@",
	"/default/@",
	"/k8s.io/@",
	"/libpod_parent/libpod-@",
	"/kubepods/burstable/pod*/@",
	"/kubepods/besteffort/pod*/@",
	"/kubepods/pod*/@",
	"/kubepods/burstable/pod*/crio-@",
	"/kubepods/besteffort/pod*/crio-@",
	"/kubepods/pod*/crio-@",
	"/kubepods*.slice:cri-containerd:@",
	"/system.slice/containerd.service/kubepods*.slice:cri-containerd:@",
	"/ecs/*/@",
	"/ecs/*/#",
	"/ecs/#",
};

/* The rest of a path. */
struct rest {
	const char *text;
	size_t size;
};

static size_t name_size(struct rest at)
{
	const char *slash = memchr(at.text, '/', at.size);

	return slash ? (size_t)(slash - at.text) : at.size;
}

static void skip(struct rest *at, size_t size)
{
	at->text += size;
	at->size -= size;
}

static size_t count_of(struct rest at, const char *set)
{
	size_t i = 0;

	while (i < at.size && at.text[i] && strchr(set, at.text[i]))
		i++;
	return i;
}

static void skip_slices(struct rest *at)
{
	static const char ending[] = ".slice";
	const size_t size = sizeof(ending) - 1;
	struct rest name = *at;
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

#define HEX "0123456789abcdef"

/* The size of an id that the path goes on with; 0: it does not. */
static size_t id_size(struct rest at)
{
	return count_of(at, HEX) == CONTAINER_ID_BYTES ? CONTAINER_ID_BYTES : 0;
}

static size_t fargate_id_size(struct rest at)
{
	size_t digits = count_of(at, HEX), number;

	if (digits != 32 || at.size == digits || at.text[digits] != '-')
		return 0;
	skip(&at, digits + 1);
	number = count_of(at, "0123456789");
	return number && digits + 1 + number <= CONTAINER_ID_BYTES ? digits + 1 + number : 0;
}

static bool place_matches(const char *place, struct rest at, struct container_id *ret)
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
			*ret = (struct container_id){ at.text, size, true };
		} else if (!at.size || *at.text != *place) {
			size = 0;
		}
		if (!size)
			return false;
		skip(&at, size);
	}
	return !at.size || *at.text == '/';
}

struct container_id container_id(const char *path, size_t size)
{
	struct container_id id = { 0 };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (place_matches(places[i], (struct rest){ path, size }, &id))
			return id;
	return (struct container_id){ 0 };
}

/* ---- of a process ------------------------------------------------------- */

/* True: the list of a line of /proc/PID/cgroup, "memory" or "cpu,cpuacct", has this one. */
static bool list_has(struct rest list, const char *controller)
{
	size_t size = strlen(controller), length;

	for (; list.size; skip(&list, length < list.size ? length + 1 : length)) {
		length = strcspn(list.text, ",:");
		if (length == size && !memcmp(list.text, controller, size))
			return true;
	}
	return false;
}

/* The path of one hierarchy: "N:CONTROLLERS:PATH"; of version 2 there is no controller. */
static struct rest line_find(const char *lines, const char *controller)
{
	const char *list, *path;

	for (; *lines; lines += strcspn(lines, "\n"), lines += *lines == '\n') {
		list = lines + strcspn(lines, ":\n");
		path = *list == ':' ? list + 1 + strcspn(list + 1, ":\n") : list;
		if (*path != ':')
			continue;
		list++;
		if (*controller ? list_has((struct rest){ list, path - list }, controller)
		                : list == path)
			return (struct rest){ path + 1, strcspn(path + 1, "\n") };
	}
	return (struct rest){ lines, 0 };
}

/* What the probes take: cgroup_v1() in probes/core/cgroup.bpf.h. */
struct container_id container_of_lines(const char *lines)
{
	struct rest path = line_find(lines, "memory");
	struct container_id id;

	if (!path.size)
		path = line_find(lines, "cpu");
	id = container_id(path.text, path.size);
	id.is_known = true;
	if (id.text)
		return id;
	path = line_find(lines, "");
	id = container_id(path.text, path.size);
	id.is_known = true;
	return id;
}

struct container_id container_of_exec(const struct event *ev)
{
	static const enum event_text texts[] = { TEXT_CGROUP_V1, TEXT_CGROUP };
	struct container_id id = { 0 };
	bool is_known = false;
	size_t i;

	for (i = 0; !id.text && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!event_unread(ev, FIELD_TEXTS + texts[i]) &&
		    !event_truncated(ev, FIELD_TEXTS + texts[i])) {
			id = container_id(ev->texts[texts[i]].text, ev->texts[texts[i]].size);
			is_known = true;
		}
	id.is_known = is_known;
	return id;
}
